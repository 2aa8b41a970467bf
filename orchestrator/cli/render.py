"""`isolate render`: Dockerfiles and a compose.yaml that run without isolate."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import UsageError

if TYPE_CHECKING:
    from orchestrator.model import ContextFile
    from orchestrator.plan import Plan

SUMMARY = "write Dockerfiles, build contexts and a compose.yaml that run without isolate; needs no engine"
EXAMPLE = "isolate render apps/dotnet/manifest.yaml -o out && docker compose -f out/compose.yaml up"
LIST = ".isolate-render"
"""A JSON list of what an earlier render of a whole folder wrote: that alone is removed by the next one."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What, where to, and on which base images."""
    parser.add_argument("manifests", nargs="+", type=Path, metavar="MANIFEST")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder to write to")
    parser.add_argument("-p", "--project", metavar="NAME", help="the project's name, instead of the manifest's")
    parser.add_argument("--base", choices=("official", "recipe"), default="official", help="what FROM names")
    parser.add_argument(
        "--in-place", action="store_true", help="compose.yaml alone, building from the sources where they are"
    )
    parser.add_argument("--force", action="store_true", help="write into a folder that holds other things")
    parser.add_argument("--dry-run", action="store_true", help="list the files; write nothing")


def run(args: argparse.Namespace) -> int:
    """Raises UsageError where the folder holds what an earlier render did not write."""
    from orchestrator.cli._answer import answer

    files = rendered(args.manifests, args.output, project=args.project, base=args.base, in_place=args.in_place)
    written = [str(args.output / file.path) for file in files]
    if not args.dry_run:
        if not args.force:
            _refuse_others(args.output, [file.path for file in files])
        write(files, args.output)
    return answer(args, {"folder": str(args.output), "files": written, "dry_run": args.dry_run}, written)


def rendered(
    manifests: Sequence[Path],
    output: Path,
    *,
    project: str | None = None,
    base: str = "official",
    in_place: bool = False,
) -> Sequence[ContextFile]:
    """The files, as paths below `output`."""
    from orchestrator.files import load
    from orchestrator.running import draft

    plan = draft(replace(load(manifests, project=project), shared=()), base)
    return _in_place(plan, output) if in_place else _copied(plan)


def _copied(plan: Plan) -> Sequence[ContextFile]:
    from orchestrator.exports.compose import copied
    from orchestrator.model import ContextFile

    files = copied(plan)
    names = [file.path for file in files]
    return (*files, ContextFile(LIST, json.dumps(names, indent=0).encode()))


def _in_place(plan: Plan, output: Path) -> Sequence[ContextFile]:
    from orchestrator import resources
    from orchestrator.exports.compose import in_place

    if bringing := [app.name for app in plan.manifest.apps.values() if app.packages]:
        raise UsageError(f"{bringing[0]} asks for packages in the manifest", hint="leave out --in-place")
    launcher = _seen_from(output, resources.images())
    folders = {
        name: _seen_from(output, app.build) if app.build else launcher for name, app in plan.manifest.apps.items()
    }
    return in_place(plan, folders, launcher)


def _seen_from(output: Path, folder: Path) -> str:
    return f"./{os.path.relpath(folder, output.resolve())}"


def _refuse_others(output: Path, ours: Sequence[str]) -> None:
    """A render of a whole folder wants it empty or its own; one of compose.yaml alone must not replace another's."""
    from orchestrator.exports.compose import HEADER

    if LIST in ours:
        foreign = output.is_dir() and any(output.iterdir()) and not (output / LIST).is_file()
    else:
        there = output / "compose.yaml"
        foreign = there.exists() and not there.read_text(encoding="utf-8", errors="replace").startswith(HEADER)
    if foreign:
        raise UsageError(f"{output} holds what isolate did not write", hint="name an empty folder, or add --force")


def write(files: Sequence[ContextFile], output: Path) -> None:
    """Write them; what an earlier render wrote is removed first."""
    if any(file.path == LIST for file in files):
        for name in _before(output):
            path = output / name
            if _lies_in(path, output) and (path.is_symlink() or path.is_file()):
                path.unlink()
    for file in files:
        if not _lies_in(output / file.path, output):
            raise UsageError(f"{output / file.path} leads out of {output}", hint="name an empty folder")
        _write(file, output / file.path)


def _before(output: Path) -> Sequence[str]:
    """What an earlier render has listed; nothing of a list that is none, whoever wrote it."""
    try:
        names = json.loads((output / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    return [name for name in names if isinstance(name, str) and "\0" not in name] if isinstance(names, list) else ()


def _lies_in(path: Path, output: Path) -> bool:
    """Whether its folder is below `output`, also where that holds links that somebody else has made."""
    try:
        return path.name not in ("", "..") and path.parent.resolve().is_relative_to(output.resolve())
    except (OSError, RuntimeError):
        return False


def _write(file: ContextFile, path: Path) -> None:
    """Links stay links; modes are those that builds get."""
    import shutil

    source = file.source
    if source and source.is_dir() and not source.is_symlink():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if source is None:
        path.write_bytes(file.content or b"")
    else:
        shutil.copyfile(source, path, follow_symlinks=False)
    if not path.is_symlink():
        path.chmod(0o755 if file.executable else 0o644)
