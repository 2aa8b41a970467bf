"""What every engine promises. The same tests run on the engine in memory and on Docker."""

from __future__ import annotations

from collections.abc import Iterator
from time import sleep

import pytest

from orchestrator import resources
from orchestrator.engines import Answer, Engine
from orchestrator.engines.docker import DockerEngine
from orchestrator.engines.memory import Fate, MemoryEngine
from orchestrator.errors import Unavailable
from orchestrator.model import Box, ContextFile, Image, Launch, Limits

PROJECT = "contract-of-engines"
LABELS = {"io.isolate.project": PROJECT, "io.isolate.owner": "tests", "io.isolate.run": "r1"}
THEIRS = {**LABELS, "io.isolate.owner": "others"}
NETWORK = f"isolate-{PROJECT}"
SERVER = "import http.server as h; h.ThreadingHTTPServer(('', 8080), h.SimpleHTTPRequestHandler).serve_forever()"
PYTHON = {"python": ("python", "-V")}


def box(name: str, *launches: Launch, image: str, **facts: object) -> Box:
    made = {"arm": "shared", "limits": Limits(), "asks": PYTHON, "labels": LABELS, **facts}
    return Box(f"{NETWORK}-{name}", image, launches=launches, network=NETWORK, families=("python",), **made)  # type: ignore[arg-type]


def server(name: str, port: int = 8080) -> Launch:
    return Launch(name, ("python", "-c", SERVER.replace("8080", str(port))), "/tmp", {"WHO": "me"}, (port,))


def ending(name: str, code: int) -> Launch:
    words = f"import sys; print('out of {name}'); print('err of {name}', file=sys.stderr); sys.exit({code})"
    return Launch(name, ("python", "-c", words), "/tmp", {})


def in_memory() -> MemoryEngine:
    def fate(of: Box, app: str) -> Fate:
        launch = next(one for one in of.launches if one.app == app)
        if launch.ports:
            return Fate(answers={"/": Answer(200, "Directory listing"), "sh -c echo $WHO": Answer(0, "me\n")})
        return Fate(int(launch.command[2].split("(")[-1].rstrip(")")), (f"out of {app}",), (f"err of {app}",))

    return MemoryEngine(fate, lambda _: {"python": "Python 3.12.1\n"}, images=["isolate/base"])


@pytest.fixture(params=["memory", pytest.param("docker", marks=pytest.mark.docker)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = in_memory() if request.param == "memory" else DockerEngine(request.getfixturevalue("engine_url"))
    yield made
    made.sweep({"io.isolate.project": PROJECT})


@pytest.fixture
def image(request: pytest.FixtureRequest, engine: Engine) -> str:
    """A small image of ours with the launcher in it."""
    base = "isolate/base" if isinstance(engine, MemoryEngine) else request.getfixturevalue("python_base")
    launch = ContextFile("launch", (resources.images() / "launch").read_bytes(), executable=True)
    text = f'FROM {base}\nLABEL io.isolate.image="contract"\nCOPY launch /isolate/launch\nUSER 10001:10001\n'
    text += 'ENTRYPOINT ["/isolate/launch", "--ask", "python", "2", "python", "-V", "--app", "solo", "/tmp", "*"]\n'
    made = Image("isolate/contract:1", "contract", text, (launch,), "the contract")
    assert engine.build(made, lambda _: None).ok
    engine.network(NETWORK, LABELS)
    return made.tag


def until_ended(engine: Engine, of: Box) -> None:
    for _ in range(200):
        if not engine.look(of).running:
            return
        sleep(0.05)
    pytest.fail("the box did not end")


def answer(engine: Engine, of: Box, app: str, port: int) -> Answer | None:
    for _ in range(200):
        if found := engine.ask(engine.look(of).urls[app, port] + "/", "GET", 2):
            return found
        sleep(0.05)
    return None


@pytest.mark.parametrize("engine", [pytest.param("docker", marks=pytest.mark.docker)], indirect=True)
def test_a_step_that_fails_is_a_result_with_its_code_and_last_lines(engine: Engine, image: str) -> None:
    broken = Image("isolate/contract:2", "x", f"FROM {image}\nRUN echo told; exit 7\n", (), "the contract")
    built = engine.build(broken, lambda _: None)
    assert (built.ok, built.exit_code) == (False, 7)
    assert any("told" in line for line in built.tail)
    assert any(line.startswith("FAILED: ") for line in built.tail)
    assert not any(line.startswith("ERROR: ") for line in built.tail), "that is how pip begins its own lines"
    assert "isolate/contract:2" not in engine.present(["isolate/contract:2"])


def test_an_image_that_was_built_is_present_and_another_is_not(engine: Engine, image: str) -> None:
    assert list(engine.present([image, "isolate/nobody:1"])) == [image]


def test_a_box_tells_versions_output_and_exit_of_each_app(engine: Engine, image: str) -> None:
    mine = box("ends", ending("one", 3), ending("two", 0), image=image)
    assert engine.start(mine)
    until_ended(engine, mine)
    seen = engine.look(mine)
    assert dict(seen.exits) == {"one": 3, "two": 0}
    assert (seen.stdout["one"], seen.stderr["two"]) == (("out of one",), ("err of two",))
    assert seen.versions["python"].startswith("Python 3.12")
    assert seen.said == {"one": ("out of one\n", "err of one\n"), "two": ("out of two\n", "err of two\n")}
    assert seen.stopped == frozenset()


def test_a_service_answers_from_outside_on_loopback_only(engine: Engine, image: str) -> None:
    mine = box("serves", server("web"), image=image)
    engine.start(mine)
    assert engine.look(mine).urls["web", 8080].startswith("http://127.0.0.1:")
    found = answer(engine, mine, "web", 8080)
    assert found
    assert (found.status, "Directory listing" in found.body) == (200, True)


def test_the_next_app_starts_only_once_the_one_before_is_ready_or_dead(engine: Engine, image: str) -> None:
    mine = box("order", ending("dead", 1), server("first"), server("second", 8081), image=image)
    engine.start(mine)
    assert answer(engine, mine, "first", 8080)
    assert engine.ask(engine.look(mine).urls["second", 8081] + "/", "GET", 0.5) is None
    engine.ready(mine, "first")
    assert answer(engine, mine, "second", 8081)
    assert engine.look(mine).exits["dead"] == 1


def test_a_running_box_of_the_same_make_is_kept_and_another_make_replaces_it(engine: Engine, image: str) -> None:
    mine = box("kept", server("solo"), image=image, arm="isolated")
    assert engine.start(mine)
    assert not engine.start(mine)
    other = box(
        "kept", Launch("solo", mine.launches[0].command, "/tmp", {"WHO": "you"}, (8080,)), image=image, arm="isolated"
    )
    assert engine.start(other)


def test_a_command_in_the_box_has_the_apps_environment(engine: Engine, image: str) -> None:
    mine = box("inside", server("web"), image=image)
    engine.start(mine)
    assert answer(engine, mine, "web", 8080)
    ran = engine.run(mine, "web", ["sh", "-c", "echo $WHO"], 10)
    assert ran
    assert (ran.exit_code, ran.stdout) == (0, "me\n")


def test_a_box_that_ended_or_is_gone_runs_no_command(engine: Engine, image: str) -> None:
    mine = box("over", ending("one", 0), image=image)
    engine.start(mine)
    until_ended(engine, mine)
    assert engine.run(mine, "one", ["true"], 10) is None


def test_a_command_by_the_boxs_name_has_the_only_apps_environment(engine: Engine, image: str) -> None:
    mine = box("entered", server("solo"), image=image, arm="isolated")
    engine.start(mine)
    heard: list[bytes] = []
    assert engine.execute(mine.name, ["sh", "-c", "echo $WHO"], lambda _, piece: heard.append(piece)) == 0
    assert b"".join(heard) == b"me\n"


def test_a_network_of_another_project_is_not_taken_for_ours(engine: Engine) -> None:
    engine.network(NETWORK, {"io.isolate.project": PROJECT})
    engine.network(NETWORK, {"io.isolate.project": PROJECT})
    with pytest.raises(Unavailable, match="not ours"):
        engine.network(NETWORK, {"io.isolate.project": "another"})


def test_a_network_of_another_owners_project_is_not_taken_for_ours(engine: Engine) -> None:
    engine.network(NETWORK, LABELS)
    with pytest.raises(Unavailable, match="not ours"):
        engine.network(NETWORK, THEIRS)


def test_a_box_of_another_owners_project_is_neither_replaced_nor_removed(engine: Engine, image: str) -> None:
    theirs = box("named", server("web"), image=image, labels=THEIRS)
    mine = box("named", server("web"), image=image)
    engine.start(theirs)
    with pytest.raises(Unavailable, match="not ours"):
        engine.start(mine)
    engine.discard(mine)
    assert [one.labels["io.isolate.owner"] for one in engine.found({"io.isolate.project": PROJECT})] == ["others"]
    engine.discard(theirs)
    assert not engine.found({"io.isolate.project": PROJECT})


def test_sweep_removes_what_carries_the_labels_and_nothing_else(engine: Engine, image: str) -> None:
    mine = box("mine", server("web"), image=image)
    other = box("other", server("web"), image=image, labels={**LABELS, "io.isolate.run": "r2"})
    engine.start(mine)
    engine.start(other)
    swept = engine.sweep({"io.isolate.project": PROJECT, "io.isolate.run": "r1"}, networks=False)
    assert swept.containers == (mine.name,)
    assert [found.name for found in engine.found({"io.isolate.project": PROJECT})] == [other.name]
    assert engine.sweep({"io.isolate.project": PROJECT}).networks == (NETWORK,)


def test_a_box_whose_image_is_not_there_is_infrastructure(engine: Engine, image: str) -> None:
    with pytest.raises(Unavailable):
        engine.start(box("nothing", server("web"), image=image.replace("contract:1", "nobody:9")))
