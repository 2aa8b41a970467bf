"""Reads an app's build context: what `.dockerignore` leaves, no link or device that leads out, and its hash."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from orchestrator.dockerignore import Pattern, ignored, patterns
from orchestrator.errors import ManifestError
from orchestrator.model import App, ContextFile
from orchestrator.plan import Context
from orchestrator.runtimes import families

LARGEST = 512 << 20
"""Bytes of one context; more is a forgotten data folder, not an app."""
MOST = 100_000
"""Files and folders of one."""
LARGEST_LIST = 1 << 20
"""Bytes of a list of packages, or of a .dockerignore."""
MOST_PATTERNS, LONGEST_PATTERN = 1000, 1000
DEEPEST = 100
"""Folders within folders."""
PIECE = 1 << 20
SECRETS = (
    *(".aws/credentials", ".docker/config.json", ".git-credentials", ".kube/config", ".netrc", ".pgpass", ".pypirc"),
    *("id_dsa", "id_ecdsa", "id_ed25519", "id_rsa"),
)
"""A user's own keys and passwords: no app needs them in an image, where everybody could read them."""
Found = tuple[str, os.stat_result]


def read(app: App) -> Context:
    """The files of an app's context, in a fixed order; raises ManifestError for what must not be sent."""
    if app.build is None:
        return Context((), hashlib.sha256().hexdigest())
    root = app.build.resolve()
    files, sum_ = [], hashlib.sha256()
    for name, kind in survey(app):
        path = root / name
        executable, size = bool(kind.st_mode & stat.S_IXUSR), _size(path, kind)
        sum_.update(f"{name}\0{stat.S_IFMT(kind.st_mode)}\0{executable}\0{size}\0".encode())
        own = hashlib.sha256()
        for piece in _content(app, path, kind):
            sum_.update(piece)
            own.update(piece)
        digest = own.hexdigest() if stat.S_ISREG(kind.st_mode) else ""
        files.append(ContextFile(name, source=path, executable=executable, digest=digest))
    return Context(tuple(files), sum_.hexdigest(), _self_contained(app, files))


def survey(app: App) -> tuple[Found, ...]:
    """What would be sent, sorted; of the files none is opened. Raises ManifestError for what must not be."""
    if app.build is None:
        return ()
    root = app.build.resolve()
    try:
        found = sorted(_kept(app, root), key=lambda one: one[0])
        for name, kind in found:
            _allowed(app, root, name, kind)
    except OSError as error:
        raise _refused(app, f"the context of {app.name} cannot be read: {error.strerror}") from None
    if sum(kind.st_size for _, kind in found if stat.S_ISREG(kind.st_mode)) > LARGEST:
        raise _refused(app, f"the context of {app.name} is larger than {LARGEST >> 20} MiB")
    return tuple(found)


def _refused(app: App, message: str, hint: str = "name what it does not need in a .dockerignore") -> ManifestError:
    return ManifestError(message, where=str(app.marks.get("build", app.mark)), hint=hint)


def _kept(app: App, root: Path) -> Iterator[Found]:
    given = _patterns(app, root)
    kept = [one for one in given if one.keeps]
    folders, seen = [""], 0
    while folders:
        above = folders.pop()
        if above.count("/") > DEEPEST:
            raise _refused(app, f"the context of {app.name} has folders within folders, more than {DEEPEST} deep")
        with os.scandir(f"{root}/{above}") as entries:
            for entry in entries:
                name, seen = f"{above}{entry.name}", seen + 1
                if seen > MOST:
                    raise _refused(app, f"the context of {app.name} holds more than {MOST} files")
                out = ignored(name, given)
                if not out and name != ".dockerignore":
                    yield name, entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False) and (kept or not out):
                    folders.append(f"{name}/")


def _patterns(app: App, root: Path) -> tuple[Pattern, ...]:
    file = root / ".dockerignore"
    if not file.is_file():
        return ()
    if not file.resolve().is_relative_to(root) or file.stat().st_size > LARGEST_LIST:
        raise _refused(app, "its .dockerignore is no list that isolate reads", "make it a small file of its own")
    lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if len(lines) > MOST_PATTERNS or any(len(line) > LONGEST_PATTERN for line in lines):
        message = f"its .dockerignore has more than {MOST_PATTERNS} lines, or one of {LONGEST_PATTERN} characters"
        raise _refused(app, message, "shorten it")
    return patterns(lines)


def _allowed(app: App, root: Path, name: str, kind: os.stat_result) -> None:
    """Raises ManifestError for a file that no image may hold."""
    hint = "remove it, or name it in a .dockerignore"
    try:
        os.fsencode(name).decode()
    except UnicodeDecodeError:
        # Elsewhere it would be another name; Python marks bytes that are none as surrogates.
        raise _refused(app, f"the file name {os.fsencode(name)!r} is not UTF-8", f"rename it, or {hint}") from None
    if f"/{name}".endswith(tuple(f"/{secret}" for secret in SECRETS)):
        raise _refused(app, f"{name} holds a user's own keys or passwords", hint)
    if stat.S_ISLNK(kind.st_mode) and not _inside(root / name, root):
        raise _refused(app, f"{name} is a link that leads out of the context", hint)
    if not (stat.S_ISREG(kind.st_mode) or stat.S_ISDIR(kind.st_mode) or stat.S_ISLNK(kind.st_mode)):
        raise _refused(app, f"{name} is neither a file nor a folder", hint)


def _inside(link: Path, root: Path) -> bool:
    """Whether all that it leads to is in the context; one that leads to itself is nowhere."""
    try:
        return link.resolve().is_relative_to(root)
    except RuntimeError:
        return False


def _size(path: Path, kind: os.stat_result) -> int:
    if stat.S_ISLNK(kind.st_mode):
        return len(os.fsencode(path.readlink()))
    return kind.st_size if stat.S_ISREG(kind.st_mode) else 0


def _content(app: App, path: Path, kind: os.stat_result) -> Iterator[bytes]:
    """What goes into the hash, piece by piece: a file's bytes, a link's target, nothing for a folder."""
    if stat.S_ISLNK(kind.st_mode):
        yield os.fsencode(path.readlink())
    if stat.S_ISREG(kind.st_mode):
        try:
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError as error:
            raise _refused(app, f"{path.name} of {app.name} cannot be read: {error.strerror}") from None


def _self_contained(app: App, files: Iterable[ContextFile]) -> bool:
    """Whether the app's lists of packages name no other file of its context."""
    family = families()[app.runtime.family]
    lists = [file.source for file in files if file.path in family.package_files and file.source]
    return not any(path.is_symlink() or _refers(path, family.refers) for path in lists if path.is_file())


def _refers(path: Path, pattern: re.Pattern[str]) -> bool:
    """One that is too long for a list is not looked into: it may name anything."""
    if path.stat().st_size > LARGEST_LIST:
        return True
    return pattern.search(path.read_text(encoding="utf-8-sig", errors="replace")) is not None
