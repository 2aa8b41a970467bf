"""What the user's machine knows that a build needs: its CA bundle, proxies, how each family's registry is reached."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import UsageError
from orchestrator.runtimes import families

CA = "ca.pem"
CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Host:
    """files: for build steps only, never for an image: `ca.pem`, and a family's own in its name: `python/pip.conf`.

    arguments: proxies, predefined, so in no image's history. secret: the files that hold credentials.
    """

    files: Mapping[str, bytes]
    arguments: Mapping[str, str]
    secret: frozenset[str] = frozenset()


class Here:
    """The machine that we run on, for the families to ask."""

    @property
    def environ(self) -> Mapping[str, str]:
        return os.environ

    @property
    def home(self) -> Path:
        return Path.home()

    def text(self, path: Path) -> str | None:
        """Raises UsageError for a file that is not UTF-8."""
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UsageError("the file is not UTF-8", where=str(path), hint="save it as UTF-8") from None
        except OSError:
            return None


def settings(names: Collection[str] = ()) -> Host:
    """Ask the environment and these families, all where none is named; raises UsageError for what cannot be read."""
    asked = [family for family in families().values() if not names or family.name in names]
    found = {f"{family.name}/{name}": one for family in asked for name, one in family.settings(Here()).items()}
    bundle = _ca()
    files = {**({CA: bundle} if bundle else {}), **{name: one.content for name, one in found.items()}}
    arguments = {name: os.environ[name] for upper in PROXIES for name in (upper, upper.lower()) if name in os.environ}
    return Host(files, arguments, frozenset(name for name, one in found.items() if one.secret))


def _ca() -> bytes:
    """The bundle the machine's variables name; without one the base image's own serves."""
    named = (Path(os.environ[name]) for name in CA_VARIABLES if os.environ.get(name))
    return next((path.read_bytes() for path in named if path.is_file()), b"")
