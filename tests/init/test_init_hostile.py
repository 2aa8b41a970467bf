"""A folder is a stranger's: whatever it holds, the answer comes soon, and no word of it becomes YAML."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestrator.cli import parser
from orchestrator.cli.init import proposed, run
from orchestrator.errors import IsolateError, NothingSelected
from orchestrator.files import load
from shapes import ASP_NET, COMPOSER, EXPRESS, MAVEN, REPOSITORY, SHAPES, SINATRA, WEB_SHOP, put

NAMES = sorted({name for files in (*SHAPES.values(), REPOSITORY) for name in files if "node_modules" not in name})
NAMES += [
    "runtime.txt",
    "pyproject.toml",
    "setup.cfg",
    ".tool-versions",
    "Procfile",
    "docker-compose.yml",
    "A b.csproj",
]
BITS = [
    *(text for files in (WEB_SHOP, EXPRESS, ASP_NET, MAVEN, SINATRA, COMPOSER, REPOSITORY) for text in files.values()),
    *(
        "\n",
        "\r",
        "\r\n",
        "\t",
        " ",
        "\\",
        "\\n",
        '"',
        "'",
        "#",
        ": ",
        "- ",
        "&a ",
        "*a",
        "!!python/object:x ",
        "{{ 7 }}",
    ),
    *(
        "\u202e",
        "\u2028",
        "\x85",
        "\x1b[31m",
        "\0",
        "\ufeff",
        "\U0001f600",
        "\ud7ff",
        "$PORT",
        "${X:-y}",
        "<<: *common",
    ),
    *(
        "FROM python:3.8\n",
        "CMD ",
        "ENV A=",
        "EXPOSE ",
        '["a", "\\n    evil: yes"]',
        "services:\n",
        "  a:\n    build: .\n",
    ),
    *("\n    runtime: evil@1\n", "\nevil: yes\n", "3.8", ">=3.9", "x" * 3000, "[" * 2000, "{" * 2000, "web: a\n"),
]
TEXTS = st.lists(st.one_of(st.sampled_from(BITS), st.text(max_size=20)), max_size=6).map("".join)
KEYS = {"runtime", "build", "command", "environment", "ports", "depends_on", "checks"}


def init(folder: Path, *words: str) -> int:
    return run(parser().parse_args(["init", str(folder), "--json", *words]))


def told(folder: Path) -> int | None:
    """The exit code, or None where nothing in the folder names a runtime. What no manifest can say is left out."""
    try:
        return init(folder)
    except NothingSelected:
        return None


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(st.sampled_from(NAMES), TEXTS, min_size=1, max_size=5))
@example(files={"Dockerfile": 'FROM python:3.8\nENV A="\\u202e" B=": #"\nCMD ["a", "b\\n    evil: 1", "- x"]\n'})
@example(files={"package.json": '{"engines": {"node": "16\\n    evil: yes"}, "scripts": {"start": "node a\\n  b: c"}}'})
@example(
    files={"compose.yaml": 'services:\n  "a\\n  evil: 1":\n    build: .\n    command: ["\\u2028"]\n', "app.py": ""}
)
@example(files={"pyproject.toml": '[project]\nrequires-python = """>=3.8\n    evil: 1"""\n', "app.py": ""})
def test_any_content_gives_a_manifest_that_is_valid_or_waits_for_a_choice(files: dict[str, str], capsys) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = put(Path(name), {file: text.encode("utf-8", "replace").decode() for file, text in files.items()})
        code = told(folder)
        capsys.readouterr()
        if code is None:
            assert not (folder / "manifest.yaml").exists()
            return
        text = (folder / "manifest.yaml").read_text("utf-8")
        raw = yaml.load(text, yaml.BaseLoader)
        assert set(raw) <= {"name", "apps", "shared"}
        assert all(set(app) <= KEYS for app in raw["apps"].values())
        if code == 0:
            load([folder / "manifest.yaml"])
        else:
            with pytest.raises(IsolateError):
                load([folder / "manifest.yaml"])


def test_values_arrive_as_they_were_written_and_those_that_no_manifest_may_hold_are_left_out(
    tmp_path: Path, capsys
) -> None:
    values = {"A": ": # x", "B": "- [y, {z", "C": "'q' \"r\" \\ back", "D": "no", "E": "3.10", "F": "&a *b !c", "G": ""}
    service = {
        "build": ".",
        "command": ["python", "a: b #", "- c", "line\nbreak"],
        "environment": {**values, "H": "\u202e"},
    }
    put(tmp_path, {"compose.yaml": json.dumps({"services": {"one": service}}), "requirements.txt": ""})
    assert init(tmp_path) == 0
    (app,) = load([tmp_path / "manifest.yaml"]).apps.values()
    assert app.environment == values
    assert app.command == ("python", "a: b #", "- c", "line\nbreak")
    assert "written out: H" in capsys.readouterr().out


def test_what_a_file_says_cannot_leave_its_comment(tmp_path: Path, capsys) -> None:
    says = json.dumps({"engines": {"node": "16\n    evil: yes\u2028evil: 1\r\nevil: 2"}, "scripts": {"start": "x"}})
    put(tmp_path, {"package.json": says})
    assert init(tmp_path) == 2
    lines = (tmp_path / "manifest.yaml").read_text("utf-8").splitlines()
    assert [line for line in lines if "evil" in line]
    assert all(line.lstrip().startswith("#") for line in lines if "evil" in line)
    capsys.readouterr()


def test_names_of_files_and_folders_are_data_too(tmp_path: Path, capsys) -> None:
    for name in (
        "a: b #",
        "line\nbreak",
        "\u202ebidi",
        '"quoted"',
        "- x",
        b"\xff\xfe".decode("utf-8", "surrogateescape"),
    ):
        put(tmp_path / name, {"requirements.txt": "", "app.py": "", "evil: 1\n.csproj": "<OutputType>Exe<"})
        with contextlib.suppress(IsolateError):
            init(tmp_path / name)
            load([tmp_path / name / "manifest.yaml"])
    with contextlib.suppress(IsolateError):
        init(tmp_path)
        load([tmp_path / "manifest.yaml"])
    capsys.readouterr()


def test_fifos_loops_and_links_out_are_passed_by(tmp_path: Path) -> None:
    put(tmp_path / "outside", {"app/requirements.txt": "", "app/app.py": ""})
    folder = put(tmp_path / "shop", EXPRESS)
    os.mkfifo(folder / "Dockerfile")
    (folder / "loop").symlink_to(folder)
    (folder / "elsewhere").symlink_to(tmp_path / "outside")
    (folder / ".python-version").symlink_to(tmp_path / "outside/app/app.py")
    (folder / "pom.xml").symlink_to("/dev/zero")
    assert [one.chosen.runtime for one in proposed(folder).apps.values()] == ["node@22"]
    (folder / "package.json").unlink()
    (folder / "server.js").unlink()
    (folder / ".nvmrc").unlink()
    (folder / "Dockerfile").unlink()
    with pytest.raises(NothingSelected):
        proposed(folder)


def test_huge_files_and_deep_wide_trees_are_answered_soon(tmp_path: Path) -> None:
    folder = put(tmp_path, EXPRESS)
    (folder / "Dockerfile").write_bytes(b"FROM python:3.8\n" * 100_000)
    put(folder, {"/".join(["d"] * depth) + "/app.py": "" for depth in range(1, 100)})
    put(folder, {f"w{number}/requirements.txt": "" for number in range(600)})
    begun = time.monotonic()
    found = proposed(folder)
    assert time.monotonic() - begun < 10
    assert any("Dockerfile cannot be read, or is too large" in note for note in found.notes)
    assert any("only 400 folders" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", "ENV " + "A=b " * 60_000 + "\n" + "RUN x\n" * 1000),
        ("Dockerfile", f"ARG A={'x' * 3900}\nFROM python:3.8\n" + ("WORKDIR " + "$A" * 1900 + "\n") * 60),
        ("Dockerfile", "FROM a\n" + "RUN <<E\n" * 20_000),
        ("Dockerfile", "FROM a\nHEALTHCHECK CMD " + "http://" * 30_000),
        ("Dockerfile", "FROM python:3.8\n" + 'ENV A="' * 30_000),
        ("compose.yaml", "a0: &a0 {k: v}\n" + "".join(
            f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 15)}]}}\n" for n in range(1, 9)
        ) + "services: {x: {<<: *a8, build: .}}\n"),
        ("compose.yaml", "services: " + "[" * 100_000),
        ("compose.yaml", f"a0: &a0 {{{', '.join(f'k{n}: v' for n in range(9000))}}}\n" + "".join(
            f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 20)}]}}\n" for n in range(1, 3)
        ) + "services:\n" + "".join(f"  s{n}: {{<<: [{', '.join(['*a2'] * 20)}], build: .}}\n" for n in range(40))),
        ("compose.yaml", "&a [*a, *a]\n"),
        ("setup.cfg", "python_requires = x" + " " * 200_000 + "\0\n"),
        ("setup.py", "python_requires =" * 15_000),
        ("requirements.txt", "#" + " with Python" * 20_000),
        ("pyproject.toml", "a = " + "[" * 100_000),
        ("package.json", "[" * 100_000),
        ("pom.xml", "<!--" * 60_000),
        ("A.csproj", "<AssemblyName>" * 18_000),
        ("Gemfile", "ruby " + '"" ' * 60_000 + "x"),
        ("app.py", "port" + " " * 200_000 + "static final "),
        ("A.java", "static " * 36_000 + "package " * 1000),
        ("Procfile", "a" * 250_000),
    ],
)  # fmt: skip
def test_texts_made_to_be_slow_are_not(tmp_path: Path, name: str, text: str) -> None:
    put(tmp_path, {"requirements.txt": "", name: text})
    begun = time.monotonic()
    with contextlib.suppress(IsolateError):
        proposed(tmp_path)
    assert time.monotonic() - begun < 8
