"""Takes one rule of the judge away at a time, and demands that a test fails. `make mutants`

Each mutant is a line of the judge, or of how it compares with what is expected, that decides something, changed so that
it no longer does. The tests run in a copy of the checkout; the one that is edited stays as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
FILES = ("judge/verdict.py", "judge/kind.py", "judge/case.py", "expectation.py")
TESTS = ("tests/test_judge.py", "tests/test_experiment.py")
RULES = (
    (r"^( +)if (?!TYPE_CHECKING)(.*):$", r"\1if False and (\2):"),
    (r"^( +)if (?!TYPE_CHECKING)(.*):$", r"\1if True or (\2):"),
    (r"^ +or _.*$", ""),
    (r"^( +)return (.*) if (.*) else None$", r"\1return None"),
    (r"^( +and )\(?.*$", r"\1True"),
)


def mutants(text: str) -> Iterator[tuple[int, str]]:
    """Line number, and the whole text with that line changed."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        for pattern, instead in RULES:
            if re.search(pattern, line):
                changed = re.sub(pattern, instead, line)
                yield number + 1, "\n".join([*lines[:number], changed, *lines[number + 1 :]])


def survives(copy: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not docker", *TESTS]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False).returncode == 0


def main() -> int:
    left, tried = [], 0
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "isolate"
        ignored = shutil.ignore_patterns(".git", ".venv", ".hypothesis", "*_cache", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=ignored)
        if not survives(copy):
            sys.exit("the tests fail without any mutant")
        for name in FILES:
            file = copy / "orchestrator" / name
            text = file.read_text()
            for number, mutant in mutants(text):
                try:
                    compile(mutant, name, "exec")
                except SyntaxError:
                    continue
                tried += 1
                file.write_text(mutant)
                if survives(copy):
                    left.append(f"{name}:{number}: {mutant.splitlines()[number - 1].strip()}")
            file.write_text(text)
    print("\n".join([*left, f"{tried} mutants, {len(left)} survive"]))
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
