"""How a refusal reads, and what never becomes a manifest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.errors import ManifestError
from orchestrator.files import load
from orchestrator.manifest import Folder, Source, parse
from orchestrator.manifest.definition import APP
from orchestrator.model import Manifest
from orchestrator.runtimes import families

GOOD = (Path(__file__).parent / "good" / "everything.yaml").read_text("utf-8")
LARGEST = 256 * 1024
HEAD = "name: p\napps:\n"

HUGE = {
    "alias bomb": "a: &a [x]\n" + "".join(f"k{n}: &k{n} [*a, *a]\n" for n in range(9000)),
    "commas": "[" + ",a" * 131000 + "]",
    "dashes": "-\n" * 131072,
    "deep flow": "[" * LARGEST,
    "deep block": "- " * 131072,
    "deep keys": "{? " * 87000,
    "keys": "".join(f"k{n}: 1\n" for n in range(20000)),
    "one scalar": "name: " + "a" * 262000,
    "escapes": 'name: "' + "\\u0041" * 43000 + '"',
    "many apps": HEAD + "".join(f"  a{n}: {{runtime: python@3.12, command: [x]}}\n" for n in range(1400)),
    "many strangers": HEAD + "".join(f"  a{n}: {{runtime: python@3.12, depends_on: [b{n}]}}\n" for n in range(1200)),
    "many typing errors": "".join(f"runtimecommandenvironment{n}: 1\n" for n in range(4900)),
    "many entries": HEAD + "  a: {command: [x]}\nshared:\n" + "".join(f"- {{name: n{n}}}\n" for n in range(3300)),
    "long reference": HEAD + "  a: {runtime: {family: python, version: '1', image: '" + "a-" * 100000 + "!'}}\n",
    "long duration": HEAD + "  a: {runtime: python@3.8, healthcheck: {interval: " + "1m" * 100000 + "}}\n",
    "long package": HEAD + "  a: {runtime: python@3.8, command: [x], packages: ['" + "a" * 200000 + "!']}\n",
    "long path": HEAD + "  a: {runtime: python@3.8, command: [x], working_dir: " + "/.." * 80000 + "}\n",
    "long key": HEAD + "  a: {" + "runtime" * 30000 + ": x}\n",
    "long build": HEAD + "  a: {command: [x], build: " + "../" * 80000 + "}\n",
    "expression": HEAD
    + "  a: {runtime: python@3.8, command: [x], checks: [{stdout: {matches: '"
    + "(" * 245
    + ")" * 246
    + "'}}]}\n",
}


def refused(path: Path) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        load([path])
    return caught.value


def test_the_line_and_its_column_are_shown(loaded: Callable[..., Manifest]) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded("name: p\napps:\n  one: {runtime: python@3.12, command: [x], ports: [8080]}\n")
    line, caret = caught.value.excerpt
    assert line == "  one: {runtime: python@3.12, command: [x], ports: [8080]}"
    assert caret == " " * line.index("8080") + "^"


def test_a_long_line_is_cut_around_the_column(loaded: Callable[..., Manifest]) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded("name: p\napps: {one: {command: [x], environment: {" + "A: b, " * 200 + "}}}\n")
    line, caret = caught.value.excerpt
    assert len(line) < 120
    assert line[caret.index("^")] == "A"


def test_a_tab_does_not_shift_the_column(loaded: Callable[..., Manifest]) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded("name:\tP\napps: {one: {runtime: python@3.12, command: [x]}}\n")
    line, caret = caught.value.excerpt
    assert line == "name: P"
    assert line[caret.index("^")] == "P"


def test_every_problem_is_told_at_once_in_the_order_of_the_file(
    loaded: Callable[..., Manifest], tmp_path: Path
) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded("name: P\napps:\n  one:\n    runtime: 3.10\n    command: python\n    ports: [80]\n")
    assert caught.value.where == f"{tmp_path}/a.yaml:1:7"
    assert [other.where for other in caught.value.others] == [
        f"{tmp_path}/a.yaml:{place}" for place in ("4:14", "5:14", "6:13")
    ]


def test_no_more_than_twenty_problems_are_told(loaded: Callable[..., Manifest]) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded("name: p\napps: {}\n" + "".join(f"unknown{n}: 1\n" for n in range(50)))
    assert len(caught.value.others) == 19


def test_what_a_message_quotes_is_short_and_harmless(loaded: Callable[..., Manifest]) -> None:
    with pytest.raises(ManifestError) as caught:
        loaded("name: " + "Ä" * 5000 + "\napps: {}\n")
    assert len(caught.value.message) < 200


def test_windows_line_ends_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    text = "name: p\r\napps:\r\n  one: {runtime: python@3.12, command: [x]}\r\n"
    (tmp_path / "m.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load([tmp_path / "m.yaml"]).name == "p"


def test_a_file_that_is_not_there_gets_a_hint(tmp_path: Path) -> None:
    error = refused(tmp_path / "no.yaml")
    assert error.message == f"there is no file {tmp_path}/no.yaml"
    assert error.hint.startswith("isolate init")


def test_a_folder_gets_a_hint(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert "not a file" in error.message
    assert error.hint == f"name the manifest in it: {tmp_path}/manifest.yaml"


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a file" in refused(tmp_path / "pipe").message


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(device: str) -> None:
    assert refused(Path(device)).exit_code == 2


def test_a_file_of_256_kib_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    text = "name: p\napps: {one: {runtime: python@3.12, command: [x]}}\n"
    (tmp_path / "m.yaml").write_text(text + "#" * (LARGEST - len(text)))
    assert load([tmp_path / "m.yaml"]).name == "p"
    (tmp_path / "m.yaml").write_text(text + "#" * (LARGEST - len(text) + 1))
    assert "larger than 256 KiB" in refused(tmp_path / "m.yaml").message


def test_other_encodings_are_refused_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_bytes(b"name: p\ndescription: \xe9t\xe9\n")
    assert refused(tmp_path / "m.yaml").where == f"{tmp_path}/m.yaml:2:14"
    (tmp_path / "m.yaml").write_text("name: p\n", "utf-16")
    assert refused(tmp_path / "m.yaml").message == "this is not UTF-8"


def test_a_link_out_of_the_folder_is_no_build_context(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "out").symlink_to("/etc")
    (tmp_path / "in" / "loop").symlink_to("loop")
    for build in ("out", "loop"):
        (tmp_path / "in" / "m.yaml").write_text(
            f"name: p\napps: {{one: {{runtime: python@3.12, command: [x], build: {build}}}}}\n"
        )
        error = refused(tmp_path / "in" / "m.yaml")
        assert error.where.endswith("m.yaml:2:57")


def test_a_link_in_the_context_is_not_read_for_a_version(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("3.12\n")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / ".python-version").symlink_to(tmp_path / "secret")
    (tmp_path / "m.yaml").write_text("name: p\napps: {one: {build: code, command: [x]}}\n")
    assert "no file of its build context names one" in refused(tmp_path / "m.yaml").message


COSTS = """\
import pathlib, sys, time
from orchestrator.files import load
start = time.process_time()
try:
    load([pathlib.Path(path) for path in sys.argv[1:]])
except Exception as error:
    kind = type(error).__name__
else:
    kind = "Manifest"
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(kind, time.process_time() - start, peak)
"""


def costs(*paths: Path) -> tuple[str, float, int]:
    """How a process of its own ends that loads these: kind, CPU seconds, peak memory in KiB. Nothing traces it."""
    program = [sys.executable, "-c", COSTS, *map(str, paths)]
    root = Path(__file__).parents[2]
    kind, seconds, peak = subprocess.check_output(program, text=True, cwd=root).split()
    return kind, float(seconds), int(peak)


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_manifest_is_answered_at_once(name: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(HUGE[name][:LARGEST])
    _, seconds, _ = costs(tmp_path / "m.yaml")
    assert seconds < 0.5


def test_the_largest_manifest_takes_less_than_100_mb(tmp_path: Path) -> None:
    largest = max(HUGE, key=lambda name: len(HUGE[name]))
    (tmp_path / "m.yaml").write_text(HUGE["many apps"])
    (tmp_path / "n.yaml").write_text(HUGE[largest][:LARGEST])
    kind, _, peak = costs(tmp_path / "m.yaml", tmp_path / "n.yaml")
    assert kind == "ManifestError"
    assert peak < 100_000


def no_folder(build: str, patterns: object) -> Folder:
    return Folder(Path("/nowhere"), f"there is no folder {build!r}")


def answer(text: str) -> None:
    """A manifest, or a refusal that can be printed; all else is a traceback."""
    versions = {"python": ("3.8", "3.12"), "dotnet": ("2.2", "3.1")}
    try:
        parse([Source(Path("m.yaml"), text, no_folder)], families(), versions)
    except ManifestError as error:
        refusal = error
    else:
        return
    assert refusal.where.startswith("m.yaml:")
    assert "".join((refusal.message, refusal.hint, *refusal.excerpt)).encode()


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters()))
def test_no_text_gives_anything_but_a_manifest_or_its_refusal(text: str) -> None:
    answer(text)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_mutation_of_a_good_manifest_does_either(data: st.DataObject) -> None:
    text = GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 12))
        pieces = (
            "",
            "\n",
            "  ",
            "- ",
            ": ",
            "{",
            "}",
            "[",
            "]",
            '"',
            "*a",
            "&a ",
            "!!int ",
            "~",
            "1",
            ".nan",
            "<<: ",
            "\x00",
        )
        text = text[:start] + data.draw(st.sampled_from(pieces) | st.text(max_size=5)) + text[end:]
    answer(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from([*(field.key for field in APP.fields), "x-any", "other"]),
    VALUES,
)
def test_no_value_of_any_key_does_either(key: str, value: object) -> None:
    written = json.dumps(value, ensure_ascii=False)
    command = "" if key == "command" else "command: [x], "
    answer(f'name: p\napps: {{one: {{{command}"{key}": {written}}}}}\n')
