"""Which engine is found, asked of real sockets that answer, refuse or stay silent."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer

import pytest

from orchestrator import places
from orchestrator.cli import main
from orchestrator.engines import locate as module
from orchestrator.engines.locate import Endpoint, answers, connected, locate
from orchestrator.errors import Unavailable


class Ping(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = (
            b"OK" if self.path.endswith("/_ping") else b'{"ApiVersion": "1.45", "Version": "26.1.5", "message": "no"}'
        )
        self.send_response(500 if self.path.endswith("/info") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return "unix"


@contextmanager
def engine(path: Path) -> Iterator[str]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ThreadingUnixStreamServer(str(path), Ping) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"unix://{path}"
        finally:
            server.shutdown()
            thread.join()
            path.unlink()


@pytest.fixture
def short() -> Iterator[Path]:
    """A socket's path has 107 bytes, pytest's own folders are longer."""
    with tempfile.TemporaryDirectory(prefix="isl") as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def bare(short: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without any engine."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    for name in ("DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(short / name.lower()[-8:]))
    monkeypatch.setattr(module, "DEFAULT_SOCKET", str(short / "default.sock"))
    yield
    shutil.rmtree(places.runtime(), ignore_errors=True)


def context(short: Path, name: str, url: str, *, current: bool) -> None:
    config = short / "r_config"
    meta = config / "contexts/meta" / hashlib.sha256(name.encode()).hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": url}}}))
    if current:
        (config / "config.json").write_text(json.dumps({"currentContext": name}))


def test_where_nothing_answers_there_is_none() -> None:
    assert locate() is None


def test_unnamed_engines_are_tried_in_order_and_isolates_own_is_the_last(short: Path) -> None:
    paths = [short / "default.sock", short / "time_dir" / "docker.sock", places.engine_socket()]
    with ExitStack() as default, ExitStack() as rootless, ExitStack() as own:
        for stack, path in zip((default, rootless, own), paths, strict=True):
            stack.enter_context(engine(path))
        found = [locate()]
        default.close()
        found.append(locate())
        rootless.close()
        found.append(locate())
    assert [one.found_by for one in found if one] == ["default socket", "rootless socket", "private engine"]
    assert [one.url for one in found if one] == [f"unix://{path}" for path in paths]


def test_docker_host_wins_over_context_and_socket(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine(short / "named") as url, engine(short / "default.sock"), engine(short / "other") as other:
        context(short, "elsewhere", other, current=True)
        monkeypatch.setenv("DOCKER_HOST", url)
        assert locate() == Endpoint(url, "DOCKER_HOST")


def test_a_docker_host_that_does_not_answer_is_an_error_whatever_else_answers(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{short}/gone")
    with engine(short / "default.sock"), pytest.raises(Unavailable, match="/gone") as error:
        locate()
    assert error.value.where == "DOCKER_HOST"


def test_an_engine_behind_ssh_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@far")
    monkeypatch.setattr("orchestrator.engines.locate.answers", lambda _: True)  # as where docker-py could
    with pytest.raises(Unavailable, match="no engine over ssh") as caught:
        locate()
    assert "on the machine that the engine is on" in caught.value.hint


def test_isolates_own_engine_named_and_stopped_is_answered_with_the_command_that_starts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{places.engine_socket()}")
    with pytest.raises(Unavailable) as error:
        locate()
    assert error.value.hint == "isolate engine start"


def test_the_current_context_wins_over_the_default_socket(short: Path) -> None:
    with engine(short / "other") as url, engine(short / "default.sock"):
        context(short, "elsewhere", url, current=True)
        assert locate() == Endpoint(url, "Docker context elsewhere")


def test_docker_context_names_another_than_the_current_one(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine(short / "one") as one, engine(short / "two") as two:
        context(short, "current", one, current=True)
        context(short, "chosen", two, current=False)
        monkeypatch.setenv("DOCKER_CONTEXT", "chosen")
        assert locate() == Endpoint(two, "Docker context chosen")


def test_the_context_called_default_is_no_choice(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    with engine(short / "default.sock") as url:
        assert locate() == Endpoint(url, "default socket")


def test_a_context_that_nobody_made_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    with pytest.raises(Unavailable, match="`nowhere`") as error:
        locate()
    assert error.value.hint == "docker context use default"


def test_a_configuration_that_is_no_json_chooses_nothing(short: Path) -> None:
    (short / "r_config").mkdir()
    (short / "r_config/config.json").write_text("{")
    assert locate() is None


def test_an_engine_that_accepts_and_stays_silent_does_not_answer(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PING_SECONDS", 0.2)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(short / "silent"))
        silent.listen()
        assert not answers(Endpoint(f"unix://{short}/silent", "test"))


def test_a_socket_that_its_engine_left_behind_does_not_answer(short: Path) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(short / "stale"))
    assert not answers(Endpoint(f"unix://{short}/stale", "test"))


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "nonsense://", "unix:///no/such/socket", "ssh://127.0.0.1:1"])
def test_addresses_that_lead_nowhere_do_not_answer(url: str) -> None:
    assert not answers(Endpoint(url, "test"))


def test_certificates_that_are_missing_do_not_answer(short: Path) -> None:
    assert not answers(Endpoint("tcp://127.0.0.1:1", "test", certificates=short))


def test_tls_is_asked_for_by_dockers_variables(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(short))
    with pytest.raises(Unavailable):
        locate()


def test_connect_speaks_to_the_engine_that_was_found(short: Path) -> None:
    with engine(short / "default.sock") as url, connected(Endpoint(url, "test")) as client:
        assert client.version()["Version"] == "26.1.5"


def test_what_the_sdk_raises_leaves_as_unavailable(short: Path) -> None:
    with engine(short / "default.sock") as url:
        with pytest.raises(Unavailable) as error, connected(Endpoint(url, "test")) as client:
            client.info()
        assert error.value.where == url


def test_engine_env_prints_the_one_line_that_other_tools_read(
    short: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine(short / "it's") as url:
        monkeypatch.setenv("DOCKER_HOST", url)
        assert (main(["engine", "env"]), capsys.readouterr().out) == (0, f"DOCKER_HOST={url}\n")
        assert (main(["engine", "env", "--shell"]), capsys.readouterr().out) == (
            0,
            f"export DOCKER_HOST={shlex.quote(url)}\n",
        )


def test_json_may_be_asked_for_before_and_after_the_action(short: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with engine(short / "default.sock") as url:
        for words in (["engine", "--json", "start"], ["engine", "start", "--json"]):
            assert main(words) == 0
            assert json.loads(capsys.readouterr().out)["engine"] == {"url": url, "found_by": "default socket"}


def test_where_no_engine_answers_env_fails_with_the_command_that_starts_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["engine", "env"]) == Unavailable.exit_code
    assert "hint: isolate engine start" in capsys.readouterr().err
