"""Known-vulnerable parts of an engine are warned of; of a distribution's packages only their tracker knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from orchestrator.diagnosis import Finding, parts
from orchestrator.engines import Setup
from orchestrator.engines.memory import MemoryEngine

SETUP = Setup(api="1.45", root="/", storage="overlay2", cgroup="v2", security=())


class Made(MemoryEngine):
    """An engine of these parts."""

    def __init__(self, of: Mapping[str, str]) -> None:
        super().__init__()
        self.of = of

    def setup(self) -> Setup:
        return replace(SETUP, parts=self.of)


def look(**of: str) -> list[Finding]:
    return list(parts.look(Made(of)))


@pytest.mark.parametrize(
    ("part", "version", "names"),
    [
        ("runc", "1.0.0-rc95", "CVE-2024-21626"),
        ("runc", "1.1.11", "CVE-2024-21626"),
        ("runc", "1.1.12", "CVE-2025-31133"),
        ("runc", "1.1.12-0-g51d5e946", "CVE-2025-31133"),
        ("runc", "1.2.7", "CVE-2025-52565"),
        ("runc", "1.3.2", "CVE-2025-52881"),
        ("runc", "1.4.0-rc.2", "CVE-2025-52881"),
        ("runc", "1.2.8", ""),
        ("runc", "v1.3.3", ""),
        ("runc", "1.4.0-rc.3", ""),
        ("runc", "1.4.0", ""),
        ("runc", "1.5.0", ""),
        ("containerd", "v1.6.39", "CVE-2024-25621"),
        ("containerd", "v1.7.28", "CVE-2025-64329"),
        ("containerd", "2.1.4", "CVE-2024-25621"),
        ("containerd", "1.7.29", ""),
        ("containerd", "2.0.7", ""),
        ("containerd", "2.3.0", ""),
        ("Engine", "24.0.9", "CVE-2024-23652"),
        ("Engine", "25.0.2", ""),
        ("Engine", "28.1.0", ""),
    ],
)
def test_a_release_is_vulnerable_until_its_own_line_was_mended(part: str, version: str, names: str) -> None:
    (found,) = look(**{part: version})
    assert (found.state, names in found.detail) == ("warning" if names else "ok", True)
    assert found.fix == "", "no command does it everywhere"


def test_what_was_mended_already_is_not_held_against_a_release() -> None:
    (found,) = look(runc="1.1.12")
    assert "CVE-2024-21626" not in found.detail


@pytest.mark.parametrize(
    ("version", "whose"),
    [
        ("1.1.5+ds1-1+deb12u1", "Debian's"),
        ("1.1.5+ds1", "Debian's"),
        ("1.1.12-0ubuntu2~22.04.1", "Ubuntu's"),
        ("1.1.9-1.el9", "Red Hat's"),
        ("1.1.9-r3", "your distribution's"),
    ],
)
def test_of_a_distributions_package_its_tracker_is_named_and_nobody_cries_wolf(version: str, whose: str) -> None:
    (found,) = look(runc=version)
    by_apt = "apt-get update && apt-get install --only-upgrade runc"
    assert (found.state, found.fix) == ("unknown", by_apt if whose in {"Debian's", "Ubuntu's"} else "")
    assert f"{whose} security tracker" in found.detail


def test_of_the_private_engine_apt_would_upgrade_other_programs() -> None:
    (found,) = parts.look(Made({"runc": "1.1.5+ds1-1+deb12u1"}), own=True)
    assert (found.state, found.fix) == ("unknown", "")


def test_all_well_is_one_line_with_the_versions() -> None:
    assert look(Engine="28.5.1", containerd="v2.2.0", runc="1.3.3") == [
        Finding("engine parts", "ok", "runc 1.3.3, containerd v2.2.0, Engine 28.5.1")
    ]


def test_an_engine_that_tells_no_parts_or_no_numbers_is_not_accused() -> None:
    assert look() == []
    assert look(**{"Podman Engine": "4.9.0"}) == []
    assert [one.state for one in look(runc="unknown")] == ["ok"]


def test_every_entry_of_the_table_names_its_source_and_releases_that_have_it() -> None:
    for known in (one for entries in parts.KNOWN.values() for one in entries):
        assert known.source
        assert all(parts.has(release, known) for release in known.mended)
