"""Where the templates, the example apps and the labs are: inside the wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def images() -> Path:
    """The folder with one sub-folder per runtime family."""
    return _folder("images")


def apps() -> Path:
    """The folder with one sub-folder per example."""
    return _folder("apps")


def labs() -> Path:
    """The folder with one sub-folder per lab."""
    return _folder("labs")


def _folder(name: str) -> Path:
    packed = _PACKAGE / name
    return packed if packed.is_dir() else _PACKAGE.parent / name
