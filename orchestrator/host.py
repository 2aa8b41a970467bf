"""What the user's machine knows that a build needs: its CA bundle, its proxies, its package index."""

from __future__ import annotations

import configparser
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "timeout", "retries")


@dataclass(frozen=True, slots=True)
class Host:
    """files: for build steps only, never for an image. arguments: proxies, predefined, so in no image's history.

    secret: names the setting that holds credentials, empty where there is none.
    """

    files: Mapping[str, bytes]
    arguments: Mapping[str, str]
    secret: str = ""


def settings() -> Host:
    """Ask the environment and pip's own configuration."""
    pip = _pip()
    files = {"ca.pem": _ca(), "pip.conf": _pip_conf(pip)}
    arguments = {name: os.environ[name] for upper in PROXIES for name in (upper, upper.lower()) if name in os.environ}
    secret = next((name for name, value in {**pip, **arguments}.items() if _credentials(value)), "")
    return Host({name: content for name, content in files.items() if content}, arguments, secret)


def _ca() -> bytes:
    """The bundle the machine's variables name; without one the base image's own serves."""
    named = (Path(os.environ[name]) for name in CA_VARIABLES if os.environ.get(name))
    return next((path.read_bytes() for path in named if path.is_file()), b"")


def _pip() -> dict[str, str]:
    """`pip config list` of the interpreter that runs us, variables included; local folders mean nothing in a build."""
    ran = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    for line in ran.stdout.splitlines():
        key, _, value = line.partition("=")
        name = key.rsplit(".", 1)[-1]
        words = [word for word in value.strip("'\"").replace("\\n", " ").split() if not word.startswith("file:")]
        if name in PIP_SETTINGS and words:
            found[name] = " ".join(words)
    return {"timeout" if name == "default-timeout" else name: value for name, value in found.items()}


def _pip_conf(pip: Mapping[str, str]) -> bytes:
    if not pip:
        return b""
    config = configparser.RawConfigParser()
    config["global"] = {name: value.replace(" ", "\n") for name, value in pip.items()}
    text = io.StringIO()
    config.write(text)
    return text.getvalue().encode()


def _credentials(value: str) -> bool:
    return any(urlsplit(word).password is not None or urlsplit(word).username is not None for word in value.split())
