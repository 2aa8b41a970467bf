"""pip's settings on the user's machine, as far as they mean something in a build."""

from __future__ import annotations

import configparser
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.errors import UsageError
from orchestrator.family import Machine, Setting

CONF = "pip.conf"
SILENT_SECONDS = 20
"""pip's own default is 15, and it tries five times more; 180 was seen on machines, and a silent mirror as well."""
KEPT = ("index-url", "extra-index-url", "trusted-host", "default-timeout", "timeout", "retries")


def settings(machine: Machine) -> Mapping[str, Setting]:
    """One file, or none where pip is left as it comes; raises UsageError for what cannot be read.

    As pip finds them: its files, later ones win, then PIP_ variables (pip's "Configuration" page). Local folders are
    left out: they mean nothing inside a build.
    """
    config = configparser.RawConfigParser(strict=False)
    for file in files(machine):
        _take(config, file, machine)
    sections = [dict(config[name]) for name in ("global", "install") if name in config]
    variables = {name: machine.environ[key] for name in KEPT if (key := _variable(name)) in machine.environ}
    merged = {**dict(item for section in sections for item in section.items()), **variables}
    found = {name: _remote(merged[name]) for name in KEPT if name in merged}
    found |= {name: _shortened(value) for name, value in found.items() if name.endswith("timeout")}
    kept = {name: value for name, value in found.items() if value}
    return {CONF: Setting(_text(kept), any(_credentials(*setting) for setting in kept.items()))} if kept else {}


def files(machine: Machine) -> list[Path]:
    """Where pip looks, in its order."""
    config = Path(machine.environ.get("XDG_CONFIG_HOME") or machine.home / ".config")
    folders = (Path("/etc"), machine.home / ".pip", config / "pip", Path(sys.prefix))
    named = machine.environ.get("PIP_CONFIG_FILE")
    return [*(folder / CONF for folder in folders), *([Path(named)] if named else [])]


def _take(config: configparser.RawConfigParser, file: Path, machine: Machine) -> None:
    try:
        config.read_string(machine.text(file) or "")
    except configparser.Error:
        hint = f"mend it: PIP_CONFIG_FILE={file} python -m pip config list tells what is wrong"
        raise UsageError("pip's configuration cannot be read", where=str(file), hint=hint) from None


def _shortened(seconds: str) -> str:
    """A connection that went silent is worth another try long before a patient machine would give it up."""
    return str(min(int(seconds), SILENT_SECONDS)) if seconds.isdecimal() else seconds


def _variable(name: str) -> str:
    return f"PIP_{name.upper().replace('-', '_')}"


def _remote(value: str) -> str:
    return " ".join(word for word in value.split() if not word.startswith("file:"))


def _text(kept: Mapping[str, str]) -> bytes:
    config = configparser.RawConfigParser()
    config["global"] = {name: value.replace(" ", "\n") for name, value in kept.items()}
    text = io.StringIO()
    config.write(text)
    return text.getvalue().encode()


def _credentials(name: str, value: str) -> bool:
    """Whether one of the setting's URLs holds a user or a password. A broken one may as well: it is not quoted."""
    try:
        return any("@" in urlsplit(word).netloc for word in value.split())
    except ValueError:
        hint = f"correct {_variable(name)}, or {name} in pip's configuration"
        raise UsageError(f"pip's setting {name} is not a URL", hint=hint) from None
