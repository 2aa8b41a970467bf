"""What the user's machine knows that a build needs: its CA bundle, its proxies, its package index."""

from __future__ import annotations

import configparser
import io
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.errors import UsageError

CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
SILENT_SECONDS = 20
"""pip's own default is 15, and it tries five times more; 180 was seen on machines, and a silent mirror as well."""
PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "default-timeout", "timeout", "retries")


@dataclass(frozen=True, slots=True)
class Host:
    """files: for build steps only, never for an image. arguments: proxies, predefined, so in no image's history.

    secret: the files that hold credentials.
    """

    files: Mapping[str, bytes]
    arguments: Mapping[str, str]
    secret: frozenset[str] = frozenset()


def settings() -> Host:
    """Ask the environment and pip's own configuration; raises UsageError where that cannot be read."""
    pip = _pip()
    files = {"ca.pem": _ca(), "pip.conf": _pip_conf(pip)}
    arguments = {name: os.environ[name] for upper in PROXIES for name in (upper, upper.lower()) if name in os.environ}
    secret = frozenset({"pip.conf"} if any(_credentials(*setting) for setting in pip.items()) else ())
    return Host({name: content for name, content in files.items() if content}, arguments, secret)


def _ca() -> bytes:
    """The bundle the machine's variables name; without one the base image's own serves."""
    named = (Path(os.environ[name]) for name in CA_VARIABLES if os.environ.get(name))
    return next((path.read_bytes() for path in named if path.is_file()), b"")


def _pip() -> dict[str, str]:
    """Pip's settings as pip finds them: its files, later ones win, then PIP_ variables (pip's "Configuration" page).

    Local folders are left out: they mean nothing inside a build.
    """
    config = configparser.RawConfigParser(strict=False)
    for file in _pip_files():
        _take(config, file)
    sections = [dict(config[name]) for name in ("global", "install") if name in config]
    variables = {name: os.environ[key] for name in PIP_SETTINGS if (key := _variable(name)) in os.environ}
    merged = {**dict(item for section in sections for item in section.items()), **variables}
    found = {name: _remote(merged[name]) for name in PIP_SETTINGS if name in merged}
    found |= {name: _shortened(value) for name, value in found.items() if name.endswith("timeout")}
    return {name: value for name, value in found.items() if value}


def _shortened(seconds: str) -> str:
    """A connection that went silent is worth another try long before a patient machine would give it up."""
    return str(min(int(seconds), SILENT_SECONDS)) if seconds.isdecimal() else seconds


def _take(config: configparser.RawConfigParser, file: Path) -> None:
    try:
        config.read(file, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        hint = f"mend it: PIP_CONFIG_FILE={file} python -m pip config list tells what is wrong"
        raise UsageError("pip's configuration cannot be read", where=str(file), hint=hint) from None


def _pip_files() -> list[Path]:
    home, config = Path.home(), Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    folders = (Path("/etc"), home / ".pip", config / "pip", Path(sys.prefix))
    files = [folder / "pip.conf" for folder in folders]
    return [*files, Path(os.environ["PIP_CONFIG_FILE"])] if os.environ.get("PIP_CONFIG_FILE") else files


def _variable(name: str) -> str:
    return f"PIP_{name.upper().replace('-', '_')}"


def _remote(value: str) -> str:
    return " ".join(word for word in value.split() if not word.startswith("file:"))


def _pip_conf(pip: Mapping[str, str]) -> bytes:
    if not pip:
        return b""
    config = configparser.RawConfigParser()
    config["global"] = {name: value.replace(" ", "\n") for name, value in pip.items()}
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
