"""The learner's folder: made, brought back, solved. What the learner wrote is never lost, only set aside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG, S_IXUSR

from orchestrator import resources
from orchestrator.errors import Unavailable, UsageError
from orchestrator.lab.values import Lab, Step

MOST_FILES = 500
MOST_BYTES = 10 * 1024 * 1024


def begin(lab: Lab, step: Step, folder: Path) -> None:
    """`make` in a folder of its own, the whole or none: what ends half-way is begun anew the next time.

    Raises UsageError where the folder holds something already.
    """
    if _holds(folder):
        raise UsageError(f"{folder} is there already and not empty", hint=f"isolate lab start {lab.name} --in ANOTHER")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    make(lab, step, part)
    try:
        part.rename(folder)
    except OSError as error:
        raise Unavailable(f"the folder cannot be made: {_reason(error)}", where=str(folder)) from None


def make(lab: Lab, step: Step, folder: Path) -> None:
    """The files of the lab as they are when a step begins: the start, and the solutions of the steps before.

    Raises UsageError for a lab that holds what none may, Unavailable where the folder cannot be written.
    """
    for name in lab.gallery:
        lay(resources.apps() / name, folder / Path(name).name)
    lay(lab.folder / "files", folder)
    for earlier in lab.steps[: lab.steps.index(step)]:
        solve(earlier, folder)


def solve(step: Step, folder: Path) -> None:
    """Lay the files of a step's solution over the learner's; its commands are not run."""
    lay(step.folder / "solution", folder)


def bring_back(lab: Lab, step: Step, folder: Path) -> Path | None:
    """The folder as it is when the step begins; where what was in it is now, if anything was. Raises Unavailable."""
    aside = set_aside(folder)
    try:
        for path in folder.iterdir() if folder.is_dir() else ():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    except OSError as error:
        raise Unavailable(f"the files cannot be brought back: {_reason(error)}", where=str(folder)) from None
    make(lab, step, folder)
    return aside


def set_aside(folder: Path) -> Path | None:
    """A copy of the folder beside it, `NAME.before-1` or the next number that is free. Raises Unavailable."""
    if not _holds(folder):
        return None
    for number in count(1):
        aside = folder.with_name(f"{folder.name}.before-{number}")
        try:
            aside.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise Unavailable(f"the files cannot be set aside: {_reason(error)}", where=str(aside)) from None
        break
    try:
        copy(folder, aside)
    except Unavailable:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return aside


def copy(source: Path, target: Path) -> None:
    """All that a learner has in a folder, but for pipes and devices, which hold nothing. Raises Unavailable."""
    try:
        shutil.copytree(source, target, symlinks=True, ignore=_special, dirs_exist_ok=True)
    except OSError as error:
        raise Unavailable(f"the files cannot be copied: {_reason(error)}", where=str(source)) from None


def _holds(folder: Path) -> bool:
    """Whether there is anything in it."""
    try:
        return folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        raise Unavailable(f"the folder cannot be read: {_reason(error)}", where=str(folder)) from None


def _special(folder: str, names: list[str]) -> list[str]:
    modes = {name: Path(folder, name).lstat().st_mode for name in names}
    return [name for name, mode in modes.items() if not any(is_(mode) for is_ in (S_ISREG, S_ISDIR, S_ISLNK))]


def _reason(error: OSError) -> str:
    """In one line; of many files the first one's."""
    many = error.args[0] if isinstance(error, shutil.Error) and error.args else ()
    return str(many[0][-1] if isinstance(many, list) and many else error.strerror or error)


def lay(source: Path, target: Path) -> None:
    """Copy files over what is there; nothing where there is no source. Of links and devices none is copied.

    Raises UsageError for those, and for more than MOST_FILES or MOST_BYTES.
    """
    try:
        files = list(_files(source)) if source.is_dir() else []
        if len(files) > MOST_FILES or sum(path.lstat().st_size for path in files) > MOST_BYTES:
            raise UsageError(f"{source} holds more than {MOST_FILES} files or {MOST_BYTES // 2**20} MiB")
        for path in files:
            to = target / path.relative_to(source)
            _refuse_link(target, to)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
            to.chmod(0o755 if path.stat().st_mode & S_IXUSR else 0o644)
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"the files cannot be written: {_reason(error)}", where=str(target)) from None


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
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except RuntimeError:  # a link that leads to itself
        inside = False
    if not inside:
        raise UsageError(f"{path} leads out of {root}", hint="remove the link")
