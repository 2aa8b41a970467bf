"""Debian's mirrors are read from the machine's apt: here as `apt-get indextargets` names those of four vendors."""

from __future__ import annotations

import pytest

from orchestrator.errors import Unavailable
from orchestrator.recipes import mirror

TARGETS = """\
https://extra.example/debian/ bookworm contrib
https://mirror.example/debian/ bookworm main
https://mirror.example/debian/ bookworm main
https://mirror.example/debian/ bookworm-updates main
https://mirror.example/debian-security/ bookworm-security main
https://packages.example/apt/ cloud-sdk-bookworm main
https://node.example/node_20.x/ nodistro main
https://other.example/ubuntu/ jammy main
"""


def test_the_mirror_of_each_archive_is_found_and_other_vendors_are_left_out() -> None:
    assert mirror.mirrors(TARGETS) == {
        "": "https://mirror.example/debian/",
        "-updates": "https://mirror.example/debian/",
        "-security": "https://mirror.example/debian-security/",
    }


def test_the_same_mirrors_serve_any_suite() -> None:
    lines = mirror.lines(mirror.mirrors(TARGETS), "bullseye")
    assert [line.split("] ")[1] for line in lines] == [
        "https://mirror.example/debian/ bullseye main",
        "https://mirror.example/debian/ bullseye-updates main",
        "https://mirror.example/debian-security/ bullseye-security main",
    ]
    assert all(f"[signed-by={mirror.KEYRING}]" in line for line in lines)


def test_sid_has_no_archive_but_the_main_one() -> None:
    (line,) = mirror.lines(mirror.mirrors(TARGETS), "sid")
    assert line.endswith("] https://mirror.example/debian/ sid main")


def test_a_machine_on_sid_names_a_mirror_as_well() -> None:
    assert mirror.mirrors("https://mirror.example/debian/ sid main\n") == {"": "https://mirror.example/debian/"}


def test_an_archive_that_the_machine_does_not_use_is_not_used() -> None:
    assert len(mirror.lines({"": "https://mirror.example/debian/"}, "bookworm")) == 1


def test_a_machine_without_a_mirror_of_debian_is_told_so() -> None:
    with pytest.raises(Unavailable, match="name no mirror of Debian"):
        mirror.lines(mirror.mirrors("https://other.example/ubuntu/ jammy main\n"), "bookworm")


def test_a_password_in_a_mirror_never_ends_in_an_image() -> None:
    with pytest.raises(Unavailable) as caught:
        mirror.lines({"": "https://me:s3cret@mirror.example/debian/"}, "bookworm")
    assert "s3cret" not in str(caught.value)
    assert "apt_auth.conf" in caught.value.hint


def test_this_machine_names_its_mirrors() -> None:
    assert any(line.endswith(" bookworm main") for line in mirror.sources("bookworm"))
