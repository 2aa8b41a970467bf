"""What DOCKER_HOST names is no engine: every verb says so soon, with exit 75 and one JSON document."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from isolate import COMMAND, document, isolate, write
from torture.pair import apps

SOON_SECONDS = 15.0
"""Two to ask whether it answers, four answers, a cold start; the rest is a busy machine's."""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
PING = OK % (2, b"OK")
STRANGERS: dict[str, tuple[bytes, bytes]] = {
    "a web page": (OK % (6, b"<html>"), OK % (6, b"<html>")),
    "an empty object": (PING, OK % (2, b"{}")),
    "null": (PING, OK % (4, b"null")),
    "a list": (PING, OK % (2, b"[]")),
    "half a document": (PING, OK % (100, b"{")),
    "no text": (PING, OK % (4, b"\xff\xfe\xff\xfe")),
    "not found": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", b""),
    "another protocol": (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", b""),
    "nothing": (b"", b""),
}
"""To a ping, and to everything else."""


@contextmanager
def stranger(path: Path, ping: bytes, rest: bytes, *, silent: bool = False) -> Iterator[None]:
    """Listens there and answers so; or accepts, and never says a word."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)
        kept: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client = listener.accept()[0]
                    kept.append(client)
                    if silent:
                        continue
                    with client, suppress(OSError):
                        client.sendall(ping if b"_ping" in client.recv(65536) else rest)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for one in kept:
                one.close()


def refused(tmp_path: Path, url: str, *verbs: str) -> list[str]:
    """What is wrong with how the verbs end."""
    manifest, found = write(tmp_path, "t-none", apps()), []
    for words in ((verb, manifest) if verb != "ps" else ("ps",) for verb in verbs or ("up", "down")):
        began = time.monotonic()
        ran = isolate(*words, "--json", url=url, environment={"XDG_STATE_HOME": str(tmp_path / "state")}, seconds=60)
        if time.monotonic() - began > SOON_SECONDS:
            found.append(f"{words[0]}: late, {time.monotonic() - began:.1f} s")
        if ran.returncode != 75 or not document(ran)["error"]["hint"] or "Traceback" in ran.stderr:
            found.append(f"{words[0]}: {ran.returncode} {ran.stdout} {ran.stderr}")
    return found


def test_an_engine_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    """One of each kind."""
    (tmp_path / "file").touch()
    assert refused(tmp_path, f"unix://{tmp_path}/file", "up") == []
    with stranger(tmp_path / "s", *STRANGERS["a list"]):
        assert refused(tmp_path, f"unix://{tmp_path}/s", "up", "test", "ps") == []


@pytest.mark.torture
@pytest.mark.parametrize("kind", STRANGERS)
def test_somebody_elses_socket_is_no_engine(kind: str, tmp_path: Path) -> None:
    with stranger(tmp_path / "s", *STRANGERS[kind]):
        assert refused(tmp_path, f"unix://{tmp_path}/s") == []


@pytest.mark.torture
def test_a_socket_whose_owner_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with stranger(tmp_path / "s", b"", b"", silent=True):
        assert refused(tmp_path, f"unix://{tmp_path}/s") == []


@pytest.mark.torture
@pytest.mark.parametrize("kind", ["gone", "nobody's", "a file", "a folder", "a port", "a scheme", "no host"])
def test_what_is_no_socket_is_no_engine(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "s"
    match kind:
        case "nobody's":
            with socket.socket(socket.AF_UNIX) as left:
                left.bind(str(path))
        case "a file":
            path.write_text("text")
        case "a folder":
            path.mkdir()
    url = {"a port": "tcp://127.0.0.1:1", "a scheme": "gopher://x", "no host": "tcp://no-such-host.invalid:2375"}
    assert refused(tmp_path, url.get(kind, f"unix://{path}")) == []


@pytest.mark.parametrize("words", [["version"], ["schema", "--json"], ["validate"]], ids=" ".join)
def test_output_that_finds_no_room_is_told_and_is_no_bug(words: list[str], tmp_path: Path) -> None:
    """`isolate version >file` on a full disk."""
    if words == ["validate"]:
        words = ["validate", write(tmp_path, "t-none", apps()), "--json"]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, "No space left on device" in ran.stderr) == (75, True), ran.stderr
    assert "bug" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
