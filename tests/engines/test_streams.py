"""A command in a box whose end the engine does not tell proves nothing about the app."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from orchestrator import labels
from orchestrator.engines import streams, upkeep
from orchestrator.engines.streams import spoken
from orchestrator.engines.under_way import UnderWay
from orchestrator.errors import Unavailable, UsageError


class Api:
    """Answers `exec_inspect` with these, the last one for ever."""

    def __init__(self, *told: dict[str, Any]) -> None:
        self._told: Iterator[dict[str, Any]] = iter(told)
        self._last = told[-1]

    def exec_inspect(self, _: str) -> dict[str, Any]:
        return next(self._told, self._last)


RUNNING: dict[str, Any] = {"Running": True, "ExitCode": None}
NEVER: dict[str, Any] = {"Running": False, "ExitCode": None}


def test_what_a_command_printed_may_come_together_with_the_head_of_the_answer(tmp_path: Path) -> None:
    """As it does on a machine under load, where the client is late to read."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        def answer() -> None:
            with listener.accept()[0] as client:
                client.recv(65536)
                client.sendall(head + b"\x01\0\0\0\0\0\0\x02" + b"7\n" + b"\x02\0\0\0\0\0\0\x01" + b"!")

        engine = threading.Thread(target=answer)
        engine.start()
        with closing(docker.APIClient(base_url=f"unix://{tmp_path}/s", version="1.41")) as api:
            assert list(spoken(api, "x")) == [("stdout", b"7\n"), ("stderr", b"!")]
        engine.join()


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SETTLED_SECONDS", 0.2)
    for module in (streams, upkeep):
        monkeypatch.setattr(module, "spoken", lambda *_: iter(()))


@pytest.mark.usefixtures("_quick")
def test_the_exit_code_may_come_a_moment_after_the_last_word() -> None:
    found = streams.ran(Api(RUNNING, {"Running": False, "ExitCode": 3}), "x", UnderWay(), 1)
    assert found is not None
    assert found.exit_code == 3


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("told", [RUNNING, NEVER], ids=["cut-off", "never-began"])
def test_what_ended_without_an_exit_code_was_cut_off_by_the_engine(told: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="lost a command"):
        streams.ran(Api(told), "x", UnderWay(), 1)


@pytest.mark.usefixtures("_quick")
def test_a_command_that_still_runs_is_too_late_and_one_that_never_began_is_the_engine_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def late(*_: object) -> Iterator[tuple[str, bytes]]:
        raise TimeoutError
        yield

    monkeypatch.setattr(streams, "spoken", late)
    assert streams.ran(Api(RUNNING), "x", UnderWay(), 1) is None
    with pytest.raises(Unavailable, match="lost a command"):
        streams.ran(Api(NEVER), "x", UnderWay(), 1)


class Entered(Api):
    """A box whose label says these variables, and in which a command can be run."""

    def __init__(self, variables: str, *told: dict[str, Any]) -> None:
        super().__init__(*told)
        self._labels = {labels.ENVIRONMENT: variables}
        self.given: Any = None

    def inspect_container(self, _: str) -> dict[str, Any]:
        return {"Config": {"Labels": self._labels}}

    def exec_create(self, _: str, __: list[str], environment: Any) -> dict[str, str]:
        self.given = environment
        return {"Id": "x"}


@pytest.mark.usefixtures("_quick")
def test_a_command_by_a_boxs_name_is_waited_for_as_well() -> None:
    box = Entered('{"WHO": "me"}', RUNNING, {"Running": False, "ExitCode": 3})
    assert upkeep.execute(box, "box", ["true"], lambda *_: None) == 3
    assert box.given == {"WHO": "me"}
    with pytest.raises(Unavailable, match="lost a command"):
        upkeep.execute(Entered("{}", RUNNING), "box", ["true"], lambda *_: None)


@pytest.mark.parametrize("label", ["", "x", "[]", '{"WHO": 1}', "[" * 100_000])
def test_a_label_of_ours_that_isolate_did_not_write_is_no_bug_of_isolates(label: str) -> None:
    with pytest.raises(UsageError, match="is no box of isolate's"):
        upkeep.execute(Entered(label, NEVER), "box", ["true"], lambda *_: None)
