"""What the machine's settings are, and what is said of those that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator import host, pip
from orchestrator.errors import UsageError


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that says nothing but what stands in the file returned."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "pip.conf"
    monkeypatch.setattr(pip, "files", lambda _: [file])
    return file


@pytest.mark.parametrize("content", [b"index-url = x\n", b"[global\n", b"[global]\nindex-url\n", b"[global]\na=\xe9\n"])
def test_a_malformed_file_of_pip_is_named(content: bytes, own_settings: Path) -> None:
    own_settings.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        host.settings()
    assert refused.value.where == str(own_settings)


def test_an_index_that_is_no_url_is_refused_and_never_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://me:word@[oops")
    with pytest.raises(UsageError, match="index-url is not a URL") as refused:
        host.settings()
    assert "word" not in refused.value.message + refused.value.hint


@pytest.mark.parametrize(
    ("url", "secret"), [("https://me:word@i.test/s", {"python/pip.conf"}), ("https://i.test/@s", set())]
)
def test_an_index_with_credentials_is_a_secret(url: str, secret: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", url)
    assert host.settings().secret == secret


@pytest.mark.parametrize(("given", "kept"), [("180", "20"), ("5", "5")])
def test_a_silent_connection_is_given_up_early(given: str, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", given)
    assert f"default-timeout = {kept}\n" in host.settings().files["python/pip.conf"].decode()


def test_what_another_familys_settings_hold_is_not_asked(own_settings: Path) -> None:
    own_settings.write_bytes(b"[global\n")
    assert not host.settings({"dotnet"}).secret
    with pytest.raises(UsageError):
        host.settings({"dotnet", "python"})
