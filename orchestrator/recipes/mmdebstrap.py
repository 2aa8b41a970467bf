"""The tool that makes root filesystems: the machine's, or Debian's package of it, unpacked and never installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestrator.recipes import mirror
from orchestrator.recipes.command import run
from orchestrator.recipes.store import artefact

_SUITE = "bookworm"


@dataclass(frozen=True, slots=True)
class Tool:
    """An mmdebstrap under some folder, `/` where it is installed."""

    root: Path

    @property
    def program(self) -> Path:
        return self.root / "usr/bin/mmdebstrap"

    def hook(self, name: str) -> Path:
        """The folder of one of its hooks."""
        return self.root / "usr/share/mmdebstrap/hooks" / name


def tool() -> Tool:
    """Raises Unavailable where the machine has none and cannot fetch it."""
    installed = Tool(Path("/"))
    return installed if installed.program.exists() else Tool(artefact(f"mmdebstrap-{_SUITE}", _unpack))


def _unpack(target: Path) -> None:
    with TemporaryDirectory(dir=target.parent) as temporary:
        folder = Path(temporary)
        apt = _private_apt(folder)
        purpose = "mmdebstrap could not be fetched"
        for verb in (("update",), ("download", "mmdebstrap")):
            run((*apt, *verb), purpose, seconds=300, hint="apt-get install mmdebstrap", folder=folder)
        (package,) = folder.glob("mmdebstrap_*.deb")
        run(("dpkg-deb", "--extract", str(package), str(target)), purpose, seconds=60)


def _private_apt(folder: Path) -> tuple[str, ...]:
    """apt-get with sources and state of its own: nothing of the machine's apt is read or changed but the keyring."""
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "archives/partial").mkdir(parents=True)
    (folder / "sources.list").write_text("\n".join(mirror.sources(_SUITE)) + "\n", encoding="utf-8")
    settings = {
        "Dir::State": folder,
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": folder,
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    return ("apt-get", "-qq", *(word for key, value in settings.items() for word in ("-o", f"{key}={value}")))
