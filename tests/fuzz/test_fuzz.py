"""Anything at all as a manifest, or as a file beside it: an answer in time, and never a traceback.

Inputs come from the apps' manifests, the hostile ones and `corpus/`, changed as trees, as texts and as bytes. An input
that once was answered wrongly is kept in `corpus/`.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator import running
from orchestrator.cli.render import rendered
from orchestrator.contexts import read
from orchestrator.errors import IsolateError
from orchestrator.files import load
from orchestrator.plan import needed
from orchestrator.runtimes import families
from worlds import job

ROOT = Path(__file__).parents[2]
HOSTILE = sorted((ROOT / "tests" / "hostile").glob("*.yaml"))
CORPUS = sorted(path for path in (Path(__file__).parent / "corpus").iterdir() if path.is_file())
APPS = sorted(ROOT.glob("apps/*/manifest.yaml"))
TEXTS = json.loads((ROOT / "tests" / "hostile" / "texts.json").read_text())
NASTY: list[Any] = [
    *(text for group in TEXTS.values() for text in group.values()),
    *(None, True, False, 0, -1, 65536, 10**30, 1.5, float("inf"), [], {}, [[]], {"": ""}, [None], "x" * 5000),
]
TOKENS = (
    *(
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ",",
        "'",
        '"',
        "|",
        ">",
        "|-\n",
        "&a ",
        "*a",
        "!!",
        "!",
        "%",
        "@",
    ),
    *(
        "<<: ",
        "? ",
        "# ",
        "---\n",
        "...\n",
        "~",
        "\\",
        "\x00",
        "\x1b",
        "\ufeff",
        "\u2028",
        "\u202e",
        "0x",
        "1e9",
        ".nan",
    ),
    *(
        "apps:",
        "runtime:",
        "python@",
        "command:",
        "checks:",
        "shared:",
        "packages:",
        "x-",
        "${A}",
        "{{ a }}",
        "<<EOF\n",
    ),
)
SECONDS = 1.0
"""Of processor, for one input through loading, planning and rendering; mostly it takes some hundredths."""
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Copies of the apps' folders, in which a manifest may be put that was changed."""
    made = []
    for path in APPS:
        folder = tmp_path_factory.mktemp("fuzz") / path.parent.name
        shutil.copytree(path.parent, folder)
        made.append(folder)
    return made


def answered(content: bytes, folder: Path) -> None:
    """Load, plan and render; whatever is raised but an error for the user comes out."""
    path = folder / "fuzz.yaml"
    path.write_bytes(content)
    began = time.process_time()
    with suppress(IsolateError):
        of = load([path])
        needed(of)
        rendered([path], folder / "out")
        if len(of.apps) < 5:
            running.draft(of)
    assert time.process_time() - began < SECONDS


def changed_tree(chance: random.Random, node: Any) -> Any:
    """One place of a document made into something else."""
    if isinstance(node, (dict, list)) and node and chance.random() < 0.85:
        copy = dict(node) if isinstance(node, dict) else list(node)
        key = chance.choice(list(copy)) if isinstance(copy, dict) else chance.randrange(len(copy))
        match chance.randrange(12):
            case 0:
                del copy[key]
            case 1 if isinstance(copy, dict):
                copy[str(chance.choice(NASTY))] = copy[key]
            case 2 if isinstance(copy, list):
                copy += copy
            case 3:
                copy[key] = [copy[key]]
            case _:
                copy[key] = changed_tree(chance, copy[key])
        return copy
    return chance.choice(NASTY)


def changed_text(chance: random.Random, text: bytes) -> bytes:
    """A piece of it cut, doubled, overwritten, or a token put in."""
    at = chance.randrange(len(text) + 1)
    size = chance.choice((0, 1, 1, 3, 20, 200))
    piece = chance.choice(TOKENS).encode() * chance.choice((1, 1, 1, 2, 50))
    with_ = chance.choice((b"", text[at : at + size] * 2, piece, piece, bytes([chance.randrange(256)])))
    return text[:at] + with_ + text[at + size :]


def mutated(seed: int) -> tuple[bytes, int]:
    """An input, and in which app's folder it stands."""
    chance = random.Random(seed)
    place = chance.randrange(len(APPS))
    if chance.random() < 0.5:
        document = yaml.safe_load(APPS[place].read_text("utf-8"))
        for _ in range(chance.choice((1, 1, 2, 5))):
            document = changed_tree(chance, document)
        with suppress(yaml.YAMLError, ValueError):
            text = json.dumps(document, ensure_ascii=False) if chance.random() < 0.5 else yaml.safe_dump(document)
            return text.encode("utf-8", "surrogatepass"), place
    content = chance.choice([APPS[place], *HOSTILE, *CORPUS]).read_bytes()
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        content = changed_text(chance, content)
    return content, place


SEEDS = st.integers(0, (1 << 48) - 1)


@settings(max_examples=500, **SETTINGS)
@given(SEEDS)
def test_a_changed_manifest_is_answered_in_time(folders: list[Path], seed: int) -> None:
    content, place = mutated(seed)
    answered(content, folders[place])


@settings(max_examples=200, **SETTINGS)
@given(st.one_of(st.binary(max_size=400), st.lists(st.sampled_from(TOKENS), max_size=60).map("".join).map(str.encode)))
def test_any_bytes_are_answered_in_time(folders: list[Path], content: bytes) -> None:
    answered(content, folders[0])


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_was_once_answered_wrongly_is_answered_in_time(path: Path, folders: list[Path]) -> None:
    answered(path.read_bytes(), folders[0])


@pytest.mark.torture
@pytest.mark.parametrize("fifth", range(5))
def test_fifty_thousand_changed_manifests_are_answered_in_time(fifth: int, folders: list[Path]) -> None:
    for seed in range(fifth * 10_000, (fifth + 1) * 10_000):
        content, place = mutated(seed)
        try:
            answered(content, folders[place])
        except BaseException:
            print(f"seed {seed}")
            raise


RUNS = (
    *(
        " ",
        "\t",
        "\n",
        "a",
        "1",
        "1.",
        ".",
        ",",
        "=",
        ">=",
        "^1||",
        "x",
        "[",
        "(",
        "{",
        '"',
        "'",
        "\\",
        "#",
        "<",
        "<!--",
        "-->",
    ),
    *(
        '"a",',
        "'a' ,",
        "- ",
        "ruby ",
        "python ",
        "node ",
        "php ",
        "java ",
        "<TargetFramework>",
        '{"a":',
        "[[",
        "[a]\n",
        "*a",
        "**/",
    ),
)
HEADS = (
    *("", "ruby", "ruby(", "ruby '", "python ", "node ", "java ", "php ", "-r ", "*", "!"),
    *('{"engines":{"node":"', '{"require":{"php":"', '{"sdk":{"version":"', '[project]\nrequires-python="'),
    *("<TargetFramework>", "<maven.compiler.release>", "  "),
)
LONG = 20_000


def _declarations() -> dict[str, Callable[[str], Any]]:
    return {f"{one.name}:{name}": reads for one in families().values() for name, reads in one.declarations.items()}


@pytest.mark.parametrize("reads", _declarations().values(), ids=_declarations())
def test_what_a_file_declares_is_read_in_time_however_it_goes_on(reads: Callable[[str], Any]) -> None:
    for head in HEADS:
        for run in RUNS:
            began = time.process_time()
            reads(head + run * (LONG // len(run)))
            assert time.process_time() - began < SECONDS, (head, run)


@pytest.mark.parametrize("name", ["requirements.txt", ".dockerignore"])
def test_a_list_beside_an_app_is_read_in_time_however_it_goes_on(name: str, tmp_path: Path) -> None:
    (tmp_path / ("a" * 200)).touch()
    for head in HEADS:
        for run in RUNS:
            (tmp_path / name).write_text(head + run * (LONG // len(run)))
            began = time.process_time()
            with suppress(IsolateError):
                read(job("batch", "python@3.12", build=tmp_path))
            assert time.process_time() - began < SECONDS, (head, run)


@settings(max_examples=300, **SETTINGS)
@given(
    st.sampled_from(sorted(_declarations())),
    st.lists(st.sampled_from([*RUNS, *HEADS, *TOKENS]), max_size=30),
    st.text(),
)
def test_what_a_file_declares_is_never_an_error_of_ours(name: str, tokens: list[str], text: str) -> None:
    family = families()[name.partition(":")[0]]
    found = _declarations()[name]("".join(tokens) + text)
    if found:
        family.allows(found[0], "3.12")
