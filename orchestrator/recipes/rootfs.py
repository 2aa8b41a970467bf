"""A minimal Debian as a tar: one suite and some packages, from the machine's mirror."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestrator import resources
from orchestrator.catalogue import Recipe
from orchestrator.recipes import mirror, mmdebstrap
from orchestrator.recipes.command import run
from orchestrator.recipes.store import artefact

OPTIONS = (
    "--variant=minbase",
    "--format=tar",
    "--dpkgopt=force-unsafe-io",
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::GzipIndexes "true"',
    '--aptopt=Apt::AutoRemove::SuggestsImportant "false"',
    '--aptopt=Dir::Cache::pkgcache ""',
    '--aptopt=Dir::Cache::srcpkgcache ""',
)
EPOCH = "1700000000"
"""Files newer than this get this time stamp: the same packages give the same tar."""


def make(recipe: Recipe, digest: str, emit: Callable[[str], None]) -> Path:
    """The tar of the suite with the recipe's packages; `digest` is the hash of all that goes in.

    Raises Unavailable where the mirror, the tools or the rights for it are missing.
    """
    return artefact(f"{recipe.suite}-{digest[:16]}.tar", lambda path: _bootstrap(recipe, path, emit))


def _bootstrap(recipe: Recipe, target: Path, emit: Callable[[str], None]) -> None:
    emit(f"making a root filesystem of Debian {recipe.suite}")
    tool = mmdebstrap.tool()
    tidy = f'sh {shlex.quote(str(resources.images() / "debian/tidy"))} "$1"'
    with TemporaryDirectory(dir=target.parent) as temporary:
        run(
            (
                str(tool.program),
                *OPTIONS,
                *(f"--aptopt={line}" for line in mirror.settings()),
                *(f"--hook-dir={tool.hook(name)}" for name in recipe.hooks),
                *([f"--include={','.join(recipe.packages)}"] if recipe.packages else []),
                f"--customize-hook={tidy}",
                recipe.suite,
                str(target),
                *mirror.sources(recipe.suite),
            ),
            f"Debian {recipe.suite} could not be unpacked",
            seconds=900,
            hint="it takes root (or uidmap), and the mirror of this machine's apt sources",
            environment={"SOURCE_DATE_EPOCH": EPOCH, "TMPDIR": temporary, **mirror.proxies()},
        )
