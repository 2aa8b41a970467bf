"""Whatever a manifest or its folder holds: a quick, small answer with a place in it, and no engine is called.

Time is that of the processor, over the whole process, the interpreter's start included. Memory is the process's own
high water mark. Of the four verbs each is asked everything under fire, and else the one that goes on to an engine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from measured import Counter, Measured, counter, measured

HOSTILE = Path(__file__).parents[1] / "hostile"
FILES = sorted(HOSTILE.glob("*.yaml"))
VERBS = (("validate",), ("up",), ("test",), ("render", "-o", "out"))
EACH = [pytest.param(verb, id=verb[0], marks=[] if verb == ("up",) else [pytest.mark.torture]) for verb in VERBS]
SECONDS = 0.5
BYTES = 100 << 20
PLACE = re.compile(r"^error: .*?\S+\.yaml:\d+:\d+: ", re.MULTILINE)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Counter]:
    with counter(tmp_path) as made:
        yield made


def answered(engine: Counter, verb: tuple[str, ...], manifest: Path, folder: Path) -> Measured:
    """The answer, which has to keep to all that is promised."""
    words = (*verb[:-1], str(folder / verb[-1])) if len(verb) > 1 else verb
    state = {"XDG_STATE_HOME": str(folder / "state")}
    ran = measured(words[0], str(manifest), *words[1:], url=engine.url, **state)
    assert ran.seconds <= SECONDS
    assert ran.code == 2, ran.stderr
    assert PLACE.search(ran.stderr), ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.peak <= BYTES
    assert len(ran.stderr) < 25_000
    assert engine.connections == 0
    assert not (folder / "out").exists()
    return ran


@pytest.mark.parametrize("number", range(0, len(FILES), 8), ids=lambda number: FILES[number].stem)
def test_a_hostile_manifest_is_answered_before_the_engine(number: int, engine: Counter, tmp_path: Path) -> None:
    answered(engine, VERBS[number // 8 % len(VERBS)], FILES[number], tmp_path)


@pytest.mark.torture
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_hostile_manifest_is_answered_before_the_engine_by_every_verb(
    path: Path, verb: tuple[str, ...], engine: Counter, tmp_path: Path
) -> None:
    answered(engine, verb, path, tmp_path)


def test_a_good_manifest_is_counted_at_the_engine(engine: Counter, tmp_path: Path) -> None:
    """Without this the zeros above would prove nothing."""
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(GOOD)
    (tmp_path / "context").mkdir()
    ran = measured("up", str(manifest), url=engine.url, XDG_STATE_HOME=str(tmp_path))
    assert ran.code == 75
    assert engine.connections > 0


GOOD = "name: good\napps:\n  one:\n    runtime: python@3.12\n    build: ./context\n    command: [python, -V]\n"
LEAD = GOOD.partition("    build")[0]


def fifo(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def text(content: str | bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content) and None


def sparse(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.touch()
        os.truncate(path, size)

    return make


def link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def chain(count: int) -> str:
    """Apps that wait for each other, in short."""
    apps = (f"  a{n}: {{runtime: python@3.12, command: [x], depends_on: [a{n + 1}]}}\n" for n in range(count))
    return f"name: chain\napps:\n{''.join(apps)}  a{count}: {{runtime: python@3.12, command: [x]}}\n"


MANIFESTS: dict[str, Callable[[Path], None]] = {
    "a fifo": fifo,
    "a socket": listening,
    "a folder": lambda path: path.mkdir(),
    "/dev/zero": link("/dev/zero"),
    "/dev/random": link("/dev/random"),
    "/dev/tty": link("/dev/tty"),
    "a link to itself": link("manifest.yaml"),
    "a scalar of 20 MB": text("description: " + "x" * 20_000_000),
    "a quoted scalar of 20 MB": text('description: "' + "\\u0041" * 3_400_000 + '"'),
    "a scalar of 250 KB in a string": text(LEAD.replace("good", "x" * 250_000)),
    "a word of a command of 200 KB": text(f"{LEAD}    command: [python, '{'x' * 200_000}']\n"),
    "a command of 61 KB": text(f"{LEAD}    command: [python{', x' * 9}, '{'x' * 61_000}']\n"),
    "a variable of 200 KB": text(f"{LEAD}    command: [python]\n    environment: {{A: '{'x' * 200_000}'}}\n"),
    "a key of 250 KB": text(f"{LEAD}    {'k' * 250_000}: x\n"),
    "50,000 keys": text("name: x\n" + "".join(f"k{n}: 1\n" for n in range(50_000))),
    "20,000 keys": text("name: x\n" + "".join(f"k{n}: 1\n" for n in range(20_000))),
    "9,000 unknown keys": text("name: x\n" + "".join(f"k{n}: 1\n" for n in range(9_000))),
    "9,000 apps of nothing": text("name: x\napps:\n" + "".join(f"  a{n}:\n" for n in range(4_900))),
    "900 apps that wait": text(chain(900)),
    "200,000 brackets": text("a: " + "[" * 200_000),
    "200,000 braces": text("a: " + "{" * 200_000),
    "a list of 60,000 lists": text("- " * 60_000),
    "200,000 question marks": text("? " * 100_000),
    "aliases of aliases": text("a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a]\n" for n in range(9_000))),
    "250 KB of anchors": text("&a " * 80_000),
    "an anchor of 250 KB": text("a: &" + "a" * 250_000 + " x"),
    "an alias of 250 KB": text("a: *" + "a" * 250_000),
    "a tag of 250 KB": text("a: !" + "a" * 250_000 + " x"),
    "a number of 200 KB": text("name: " + "9" * 200_000),
    "a comment of 250 KB": text("#" * 250_000),
    "250 KB of newlines": text("\n" * 250_000),
    "250 KB of spaces": text(" " * 250_000),
    "250 KB of tabs": text("\t" * 250_000),
    "250 KB of dashes": text("-" * 250_000),
    "60,000 documents": text("---\n" * 60_000),
    "60,000 directives": text("%A b\n" * 50_000),
    "nothing": text(""),
    "UTF-16": text("name: x\n".encode("utf-16")),
    "UTF-32": text("name: x\n".encode("utf-32")),
    "Latin-1": text("name: \xe9\n".encode("latin-1")),
    "NULs": text(b"\0" * 1000),
    "half a character": text(b"name: \xf0\x9f\x98"),
    "an encoded surrogate": text(b"name: \xed\xa0\x80"),
    "an overlong slash": text(b"name: \xc0\xaf"),
    "all bytes": text(bytes(range(256)) * 900),
    "ELF": text(b"\x7fELF\x02\x01\x01" + b"\0" * 500),
    "more than 256 KiB": sparse(300 * 1024),
    "a terabyte": sparse(1 << 40),
}


@pytest.mark.parametrize("verb", EACH)
@pytest.mark.parametrize("make", MANIFESTS.values(), ids=MANIFESTS)
def test_a_file_that_is_no_manifest_is_answered_before_the_engine(
    make: Callable[[Path], None], verb: tuple[str, ...], engine: Counter, tmp_path: Path
) -> None:
    make(tmp_path / "manifest.yaml")
    answered(engine, verb, tmp_path / "manifest.yaml", tmp_path)


def deep(context: Path) -> None:
    """Deeper than a path may be long."""
    above = os.open(context, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("folder", dir_fd=above)
        below = os.open("folder", os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(above)


def inside(name: str | bytes, make: Callable[[Path], None]) -> Callable[[Path], None]:
    def made(context: Path) -> None:
        path = context / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)

    return made


def both(*makers: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda context: [make(context) for make in makers] and None


CONTEXTS: dict[str, Callable[[Path], None]] = {
    "a link to /": inside("all", link("/")),
    "a link to a file outside": inside("passwd", link("/etc/passwd")),
    "a link that climbs": inside("a/b/up", link("../../../outside")),
    "a link by a link": both(inside("one", link("two")), inside("two", link("/etc/shadow"))),
    "a link to the engine's socket": inside("docker.sock", link("/var/run/docker.sock")),
    "a link into /proc": inside("environ", link("/proc/self/environ")),
    "a link to itself": inside("ring", link("ring")),
    "links in a ring": both(inside("one", link("two")), inside("two", link("one"))),
    "a fifo": inside("fifo", fifo),
    "a socket": inside("socket", listening),
    "a fifo for a list of packages": inside("requirements.txt", fifo),
    "a name that is not UTF-8": inside(b"caf\xe9", text("x")),
    "a deep folder": deep,
    "200 folders in each other": lambda context: (context / "/".join("f" * 200)).mkdir(parents=True),
    "600 MB": inside("large", sparse(600 << 20)),
    "a terabyte": inside("large", sparse(1 << 40)),
    "a .dockerignore that is a link out": inside(".dockerignore", link("/etc/passwd")),
    "a .dockerignore of 300 MB": inside(".dockerignore", sparse(300 << 20)),
    "a .dockerignore of 100,000 lines": inside(".dockerignore", text("a*b\n" * 100_000)),
    "the user's SSH key": inside(".ssh/id_rsa", text("-----BEGIN")),
    "the user's keys of a cloud": inside("home/.aws/credentials", text("[default]")),
    "the user's passwords": inside(".netrc", text("machine x")),
    "the user's registries": inside(".docker/config.json", text("{}")),
    "the user's clusters": inside(".kube/config", text("x")),
    "101 files that name a runtime": lambda context: (
        [(context / f"{n}.csproj").write_text("<Project/>") for n in range(101)] and None
    ),
}
if os.geteuid() == 0:
    CONTEXTS["a device"] = inside("zero", lambda path: os.mknod(path, 0o20666, os.makedev(1, 5)))
    CONTEXTS["a disk"] = inside("disk", lambda path: os.mknod(path, 0o60666, os.makedev(7, 99)))


@pytest.mark.parametrize("verb", EACH)
@pytest.mark.parametrize("make", CONTEXTS.values(), ids=CONTEXTS)
def test_a_folder_that_must_not_be_sent_is_answered_before_the_engine(
    make: Callable[[Path], None], verb: tuple[str, ...], engine: Counter, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(GOOD)
    (tmp_path / "context").mkdir()
    make(tmp_path / "context")
    try:
        answered(engine, verb, manifest, tmp_path)
    finally:
        _remove(tmp_path / "context")


def _remove(folder: Path) -> None:
    """Folders deeper than a path is long, from above: each that is below is moved up first."""
    below = folder / "folder"
    while (below / "folder").exists():
        (below / "folder").rename(folder / "next")
        below.rmdir()
        (folder / "next").rename(below)
    shutil.rmtree(folder)


KEYS = (HOSTILE / "compose-keys.txt").read_text().split()


@pytest.mark.parametrize("verb", VERBS[:1] + VERBS[1:2], ids=lambda verb: verb[0])
def test_every_key_that_compose_knows_and_isolate_does_not_is_named(
    verb: tuple[str, ...], engine: Counter, tmp_path: Path
) -> None:
    for some in (KEYS[at : at + 19] for at in range(0, len(KEYS), 19)):
        manifest = tmp_path / "manifest.yaml"
        one = {"runtime": "python@3.12", "command": ["x"], **dict.fromkeys(some, True)}
        manifest.write_text(json.dumps({"name": "keys", "apps": {"one": one}}, indent=1))
        ran = answered(engine, verb, manifest, tmp_path)
        assert [key for key in some if f"`{key}`" not in ran.stderr and f"'{key}'" not in ran.stderr] == []
