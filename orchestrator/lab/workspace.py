"""The learner's folder: made, brought back, solved. What the learner wrote is never lost, only set aside."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from orchestrator import resources
from orchestrator.errors import Unavailable, UsageError
from orchestrator.lab.values import Lab, Step

MOST_FILES = 500
MOST_BYTES = 10 * 1024 * 1024
KEPT = 9


def make(lab: Lab, step: Step, folder: Path) -> None:
    """The files of the lab as they are when a step begins: the start, and the solutions of the steps before.

    Raises UsageError where the folder holds something already, Unavailable where it cannot be written.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is there already and not empty", hint="isolate lab start NAME --in ANOTHER")
    for name in lab.gallery:
        lay(resources.apps() / name, folder / Path(name).name)
    lay(lab.folder / "files", folder)
    for earlier in lab.steps[: lab.steps.index(step)]:
        solve(earlier, folder)


def solve(step: Step, folder: Path) -> None:
    """Lay the files of a step's solution over the learner's; its commands are not run."""
    lay(step.folder / "solution", folder)


def bring_back(lab: Lab, step: Step, folder: Path) -> Path | None:
    """The folder as it is when the step begins; where what was in it is now, if anything was."""
    aside = set_aside(folder)
    if folder.is_dir():
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    make(lab, step, folder)
    return aside


def set_aside(folder: Path) -> Path | None:
    """A copy of the folder beside it, `NAME.before-1`; the oldest makes room for the tenth."""
    if not (folder.is_dir() and any(folder.iterdir())):
        return None
    copies = [folder.with_name(f"{folder.name}.before-{number}") for number in range(1, KEPT + 1)]
    free = next((path for path in copies if not path.exists()), None) or min(copies, key=lambda p: p.stat().st_mtime)
    shutil.rmtree(free, ignore_errors=True)
    shutil.copytree(folder, free, symlinks=True)
    free.touch()
    return free


def lay(source: Path, target: Path) -> None:
    """Copy files over what is there; nothing where there is no source. Of links and devices none is copied.

    Raises UsageError for those, and for more than MOST_FILES or MOST_BYTES.
    """
    files = list(_files(source)) if source.is_dir() else []
    if len(files) > MOST_FILES or sum(path.lstat().st_size for path in files) > MOST_BYTES:
        raise UsageError(f"{source} holds more than {MOST_FILES} files or {MOST_BYTES // 2**20} MiB")
    try:
        for path in files:
            to = target / path.relative_to(source)
            _refuse_link(target, to)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
            to.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"the files cannot be written: {error.strerror}", where=str(target)) from None


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name == "__pycache__":
            continue
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise UsageError(f"{path} is neither a file nor a folder; a lab has nothing else")
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _refuse_link(root: Path, path: Path) -> None:
    """A learner's link, followed, would have us write outside the folder."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{path} leads out of {root}", hint="remove the link")
