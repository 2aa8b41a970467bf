"""What only the Docker engine can get wrong: environments, interruptions, deadlines, what it refuses."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tarfile import open as opened
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import docker
import pytest
from test_contract import LABELS, NETWORK, PROJECT, THEIRS, box, ending, image, server, until_ended

from orchestrator.cli import main
from orchestrator.engines import Sighting, building, buildx
from orchestrator.engines.docker import DockerEngine
from orchestrator.errors import Unavailable
from orchestrator.model import Box, ContextFile, Image, Launch

__all__ = ["image"]
real = pytest.mark.docker
SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
MINE = {"name": "n", "run": "r", "result": "7", "out": "o", "2FAST_URL": "u", "LC_ALL": "POSIX", "LINES": "a\nb"}


@pytest.fixture
def engine(engine_url: str) -> Iterator[DockerEngine]:
    yield DockerEngine(engine_url)
    DockerEngine(engine_url).sweep({"io.isolate.project": PROJECT})


@pytest.fixture
def api(engine_url: str) -> Iterator[Any]:
    with closing(docker.APIClient(base_url=engine_url)) as client:
        yield client


def until(engine: DockerEngine, of: Box, holds: Callable[[Sighting], object]) -> Sighting:
    for _ in range(200):
        if holds(seen := engine.look(of)):
            return seen
        sleep(0.05)
    return pytest.fail(f"it did not come to that: {seen}")


def sleeping(environment: Mapping[str, str] | None = None) -> Launch:
    return Launch("solo", ("/usr/local/bin/python", "-c", SLEEPS), "/tmp", environment or {})


def is_up(seen: Sighting) -> bool:
    return seen.stdout.get("solo") == ("up",)


# --- environments --------------------------------------------------------------------------------------------


@real
@pytest.mark.parametrize("arm", ["isolated", "shared"])
def test_an_app_finds_every_variable_as_it_was_given(engine: DockerEngine, image: str, arm: str) -> None:
    script = "import json, os; print(json.dumps(dict(os.environ)))"
    mine = box("vars", Launch("solo", ("python", "-c", script), "/tmp", MINE), image=image, arm=arm)
    engine.start(mine)
    until_ended(engine, mine)
    found = json.loads(engine.look(mine).said["solo"][0])
    assert {name: found.get(name) for name in MINE} == MINE
    assert found["HOME"] == "/tmp"


@real
def test_no_variable_of_an_app_reaches_the_launcher(engine: DockerEngine, image: str) -> None:
    mine = box("launcher", sleeping({"PATH": "/nowhere", "LD_PRELOAD": "/no.so"}), image=image, arm="isolated")
    engine.start(mine)
    seen = until(engine, mine, is_up)
    assert "LD_PRELOAD" not in " ".join(seen.stderr.get("launch", ()))
    engine.ready(mine, "solo")


@real
def test_exec_gives_a_command_the_apps_environment(
    engine: DockerEngine, image: str, engine_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    labels = {**LABELS, "io.isolate.arm": "isolated", "io.isolate.app": "solo"}
    engine.start(box("exec", sleeping(MINE), image=image, arm="isolated", labels=labels))
    monkeypatch.setenv("DOCKER_HOST", engine_url)
    capsys.readouterr()
    assert main(["exec", "--json", PROJECT, "solo", "--", "python", "-c", "import os; print(dict(os.environ))"]) == 0
    found = eval(json.loads(capsys.readouterr().out)["stdout"])
    assert {name: found.get(name) for name in MINE} == MINE


# --- how apps end --------------------------------------------------------------------------------------------


@real
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_app_whose_box_was_stopped_or_killed_did_not_end_by_itself(
    engine: DockerEngine, image: str, api: Any, how: str
) -> None:
    mine = box(how, ending("quick", 3), sleeping(), image=image)
    engine.start(mine)
    until(engine, mine, is_up)
    getattr(api, how)(mine.name)
    seen = until(engine, mine, lambda seen: not seen.running)
    assert seen.stopped == {"solo"}
    assert seen.exits["quick"] == 3


@real
def test_all_of_a_long_output_is_there_to_be_matched(engine: DockerEngine, image: str) -> None:
    script = "print('first'); print('x' * 20000); [print(n) for n in range(50000)]"
    mine = box("long", Launch("solo", ("python", "-c", script), "/tmp", {}), image=image)
    engine.start(mine)
    until_ended(engine, mine)
    said = engine.look(mine).said["solo"][0]
    assert said == "first\n" + "x" * 20000 + "\n" + "".join(f"{n}\n" for n in range(50000))


# --- giving up -----------------------------------------------------------------------------------------------


def given_up(engine: DockerEngine, call: Callable[[], object], begun: threading.Event) -> float:
    """Seconds until a call that is under way has ended, after `cancel`."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(call)
        assert begun.wait(20)
        began = monotonic()
        engine.cancel()
        with pytest.raises(Unavailable):
            running.result(20)
    return monotonic() - began


def slow(image: str, **facts: Any) -> Image:
    """A step that no cache holds."""
    text = f"FROM {image}\nRUN echo told {uuid4()}; sleep 60\n"
    return Image("isolate/contract:slow", "slow", text, (), "a test", **facts)


@real
@pytest.mark.parametrize("secrets", [{}, {"pip.conf": b"me:word"}], ids=["api", "buildx"])
def test_a_build_that_is_given_up_ends_within_a_second(
    engine: DockerEngine, image: str, secrets: dict[str, bytes]
) -> None:
    begun = threading.Event()
    emit = lambda line: begun.set() if "told" in line and "RUN" not in line else None  # noqa: E731
    assert given_up(engine, lambda: engine.build(slow(image, secrets=secrets), emit), begun) < 1


@real
def test_a_command_that_is_given_up_ends_within_a_second(engine: DockerEngine, image: str) -> None:
    mine = box("slow", sleeping(), image=image)
    engine.start(mine)
    until(engine, mine, is_up)
    begun = threading.Event()
    threading.Timer(0.5, begun.set).start()
    assert given_up(engine, lambda: engine.run(mine, "solo", ["sleep", "60"], 60), begun) < 1


@real
def test_a_pull_that_is_given_up_ends_within_a_second(engine: DockerEngine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = threading.Event()
        threading.Timer(0.5, begun.set).start()
        reference = f"127.0.0.1:{silent.getsockname()[1]}/nothing:1"
        assert given_up(engine, lambda: engine.pull(reference, lambda _: None), begun) < 1


@real
def test_nothing_begins_after_all_was_given_up(engine: DockerEngine, image: str) -> None:
    engine.cancel()
    began = monotonic()
    with pytest.raises(Unavailable, match="given up"):
        engine.build(slow(image), lambda _: None)
    assert monotonic() - began < 5


@real
@pytest.mark.parametrize("secrets", [{}, {"pip.conf": b"me:word"}], ids=["api", "buildx"])
def test_a_silent_build_ends_at_its_deadline(
    engine: DockerEngine, image: str, secrets: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "BUILD_SECONDS", 2.0)
    began = monotonic()
    with pytest.raises(Unavailable, match="ran out of time"):
        engine.build(slow(image, secrets=secrets), lambda _: None)
    assert monotonic() - began < 5


# --- what an engine refuses ----------------------------------------------------------------------------------


@pytest.fixture
def script() -> Iterator[dict[str, Any]]:
    """An engine of which only the answers matter: `METHOD /path` -> (status, document), or a list of them in turn.

    Bytes are sent as they are. What it has no answer to, it hangs up on.
    """
    answers: dict[str, Any] = {"GET /version": (200, {"ApiVersion": "1.45"})}

    class Engine(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.removeprefix("/v1.45").split("?")[0]
            found = answers.get(f"{self.command} {path}")
            if found is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, document = found.pop(0) if isinstance(found, list) else found
            body = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            if path in {"/build", "/images/create"}:
                self.send_header("Transfer-Encoding", "chunked")
                body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
            else:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Engine) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        answers["url"] = f"tcp://127.0.0.1:{serving.server_port}"
        yield answers
        serving.shutdown()


NET = {"Name": NETWORK, "Id": "1", "Labels": LABELS}


def test_a_network_that_somebody_else_just_made_for_the_project_is_there(script: dict[str, Any]) -> None:
    script["GET /networks"] = [(200, []), (200, [{**NET, "Name": f"{NETWORK}-2", "Labels": {}}, NET])]
    script["POST /networks/create"] = (409, {"message": f"network with name {NETWORK} already exists"})
    DockerEngine(script["url"]).network(NETWORK, NET["Labels"])


def test_a_network_that_cannot_be_made_is_infrastructure(script: dict[str, Any]) -> None:
    script["GET /networks"] = (200, [])
    script["POST /networks/create"] = (409, {"message": "no"})
    with pytest.raises(Unavailable):
        DockerEngine(script["url"]).network(NETWORK, NET["Labels"])


def test_a_network_of_another_owners_project_is_not_taken(script: dict[str, Any]) -> None:
    script["GET /networks"] = (200, [{**NET, "Labels": THEIRS}])
    with pytest.raises(Unavailable, match="not ours"):
        DockerEngine(script["url"]).network(NETWORK, LABELS)


def test_a_box_of_another_owners_project_is_neither_replaced_nor_removed(script: dict[str, Any]) -> None:
    """Whatever is asked to be removed here is answered with 501."""
    mine = box("taken", server("web"), image="any")
    script["GET /info"] = (200, {"NCPU": 2})
    script["POST /containers/create"] = (409, {"message": "in use"})
    theirs = {"Id": "1", "Config": {"Labels": THEIRS}, "State": {"Running": True}}
    script[f"GET /containers/{mine.name}/json"] = (200, theirs)
    engine = DockerEngine(script["url"])
    with pytest.raises(Unavailable, match="not ours"):
        engine.start(mine)
    engine.discard(mine)


@real
def test_networks_that_are_made_at_once_are_no_failure(engine: DockerEngine) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: engine.network(NETWORK, NET["Labels"]), range(6)))


@pytest.mark.parametrize("status", [404, 409])
def test_a_box_that_does_not_run_runs_no_command(script: dict[str, Any], status: int) -> None:
    mine = box("gone", server("web"), image="any")
    script[f"POST /containers/{mine.name}/exec"] = (status, {"message": "gone"})
    assert DockerEngine(script["url"]).run(mine, "web", ["true"], 5) is None


@pytest.mark.parametrize("answer", [None, (500, {"message": "out of order"})])
def test_an_engine_that_does_not_answer_is_not_a_command_that_failed(script: dict[str, Any], answer: Any) -> None:
    mine = box("dead", server("web"), image="any")
    script[f"POST /containers/{mine.name}/exec"] = answer
    with pytest.raises(Unavailable):
        DockerEngine(script["url"]).run(mine, "web", ["true"], 5)


@pytest.mark.parametrize("body", [b"<h1>502 Bad Gateway</h1>", b'["no"]', b""], ids=["html", "list", "nothing"])
def test_a_gateway_before_the_engine_that_answers_itself_is_told_of(script: dict[str, Any], body: bytes) -> None:
    script["GET /distribution/python:3.12/json"] = (502, body)
    assert DockerEngine(script["url"]).probe("python:3.12", 5).startswith("502 Bad Gateway")


def test_why_a_registry_refuses_is_told_in_the_engines_words(script: dict[str, Any]) -> None:
    script["GET /distribution/python:3.12/json"] = [(404, {"message": "manifest unknown"}), (200, {})]
    engine = DockerEngine(script["url"])
    assert [engine.probe("python:3.12", 5) for _ in range(2)] == ["manifest unknown", ""]


@pytest.mark.parametrize("piece", [b"<h1>502</h1>", b'{"stream": "ST'], ids=["html", "cut"])
def test_a_stream_that_is_no_json_is_infrastructure(script: dict[str, Any], piece: bytes) -> None:
    script["GET /version"] = (200, {"ApiVersion": "1.45", "Version": "26.1.0"})
    script["GET /_ping"] = (200, {})
    script["POST /build"] = script["POST /images/create"] = (200, piece)
    with pytest.raises(Unavailable):
        DockerEngine(script["url"]).build(Image("isolate/x:1", "x", "FROM scratch\n", (), "a test"), lambda _: None)
    with pytest.raises(Unavailable):
        DockerEngine(script["url"]).pull("python:3.12", lambda _: None)


# --- what is sent --------------------------------------------------------------------------------------------


def sent(*files: ContextFile) -> dict[str, tuple[bytes, int, bytes]]:
    """The build context: name -> type, mode, content."""
    with (
        building.context(Image("i:1", "i", "FROM scratch\n", files, "a test")) as stream,
        opened(fileobj=stream) as tar,
    ):
        return {
            one.name: (one.type, one.mode, content.read() if (content := tar.extractfile(one)) else b"") for one in tar
        }


def test_hard_linked_files_are_sent_as_the_files_they_are(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("same")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    found = sent(ContextFile("a", source=tmp_path / "a"), ContextFile("b", source=tmp_path / "b"))
    assert found["a"] == found["b"] == (b"0", 0o644, b"same")


def test_links_folders_and_programs_keep_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("x")
    (tmp_path / "run").chmod(0o700)
    (tmp_path / "link").symlink_to("run")
    (tmp_path / "folder").mkdir()
    found = sent(*(ContextFile(name, source=tmp_path / name) for name in ("run", "link", "folder")))
    assert {name: one[:2] for name, one in found.items() if name != "Dockerfile"} == {
        "run": (b"0", 0o755),
        "link": (b"2", 0o755),
        "folder": (b"5", 0o755),
    }


@pytest.mark.parametrize("change", [lambda path: path.write_text("new"), os.unlink], ids=["changed", "gone"])
def test_a_file_that_changed_since_it_was_hashed_is_not_built(tmp_path: Path, change: Callable[[Path], object]) -> None:
    path = tmp_path / "app.py"
    path.write_text("old")
    file = ContextFile("app.py", source=path, digest=hashlib.sha256(b"old").hexdigest())
    assert sent(file)["app.py"][2] == b"old"
    change(path)
    with pytest.raises(Unavailable, match=r"app\.py changed while it was built"):
        sent(file)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("#5 0.412 ERROR: No matching distribution found for six", "ERROR: No matching distribution found for six"),
        ("0.412 ERROR: No matching distribution found for six", "ERROR: No matching distribution found for six"),
        ('#5 ERROR: process "/bin/sh -c pip" did not complete', 'FAILED: process "/bin/sh -c pip" did not complete'),
        ("ERROR: failed to solve: process", "FAILED: failed to solve: process"),
        ("#5 [2/2] RUN pip install", "#5 [2/2] RUN pip install"),
    ],
)
def test_the_client_tells_a_steps_own_lines_from_the_builders(line: str, said: str) -> None:
    assert buildx.said(line) == said


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ('process "/bin/sh -c echo exit code: 8; exit 7" did not complete successfully: exit code: 7', 7),
        ("executor failed running [/bin/sh -c pip]: exit code: 2", 2),
        ("The command '/bin/sh -c pip' returned a non-zero code: 137", 137),
        ('building at STEP "RUN pip": while running runtime: exit status 3', 3),
        ("failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF", None),
    ],
)
def test_the_builder_tells_how_a_step_ended(error: str, code: int | None) -> None:
    assert building.exit_code(error) == code
