"""`.dockerignore` means what Docker says it means, and takes the time that it may."""

from __future__ import annotations

import time

import pytest

from orchestrator.dockerignore import ignored, patterns


@pytest.mark.parametrize(
    ("lines", "out", "kept"),
    [
        ("node_modules", {"node_modules", "node_modules/a/b"}, {"src/node_modules", "node_modules2"}),
        ("/data/", {"data", "data/a"}, {"a/data"}),
        ("*.pyc", {"a.pyc"}, {"a/b.pyc", "a.py"}),
        ("**/*.pyc", {"a.pyc", "a/b/c.pyc"}, {"a.py"}),
        ("**/tmp/**", {"tmp/a", "a/tmp/b"}, {"tmp2/a"}),
        ("a/**/b", {"a/b", "a/c/d/b", "a/c/b/e"}, {"b", "a/c"}),
        ("*", {"a", "a/b"}, set()),
        ("*\n!src\nsrc/secret", {"a", "src/secret"}, {"src", "src/a"}),
        ("?a[0-9]", {"xa1"}, {"a1", "xab"}),
        ("[^a]b", {"cb"}, {"ab"}),
        (r"a\*b", {"a*b"}, {"axb"}),
        (r"\[a]", {"[a]"}, {"a"}),
        ("# a\n\n  b  \n", {"b"}, {"# a", "a"}),
        ("./a/../b", {"b"}, {"a"}),
        ("../a", {"a"}, {"b"}),
        ("[z-a]\n[\n!\n.\n/", set(), {"a", "z"}),
    ],
)
def test_what_is_left_out(lines: str, out: set[str], kept: set[str]) -> None:
    given = patterns(lines.split("\n"))
    assert {path for path in out if not ignored(path, given)} == set()
    assert {path for path in kept if ignored(path, given)} == set()


@pytest.mark.parametrize("line", ["*a" * 60 + "b", "**/" * 200 + "b", "a*" * 100 + "/" + "*a" * 100 + "b", "[" * 900])
def test_no_pattern_takes_long(line: str) -> None:
    given = patterns([line])
    began = time.process_time()
    ignored("/".join(["a" * 250] * 100), given)
    assert time.process_time() - began < 0.5
