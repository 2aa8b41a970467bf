"""Takes one rule of the judge, or one guard, away at a time, and demands that a test fails. `make mutants`

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
GUARDED_BY = (
    "tests/running",
    "tests/test_runs.py",
    "tests/test_locks.py",
    "tests/test_bases.py",
    "tests/test_engine_parts.py",
    "tests/engines/test_streams.py",
    "tests/cli/test_down.py",
    "tests/cli/test_prune.py",
)
GUARDS = (
    ("__main__.py", "            signal.signal(number, lambda *_: os._exit(INTERRUPTED))", "            pass"),
    ("__main__.py", "        _end(code)\n", "        pass\n"),
    ("running/signals.py", "        if _asked.once:\n            interrupt()\n", ""),
    ("running/signals.py", "            os._exit(130)\n", "            return\n"),
    ("running/signals.py", " if n is not signal.SIGHUP or signal.getsignal(n) is not signal.SIG_IGN", ""),
    ("running/signals.py", "    with suppress(OSError):\n", "    if True:\n"),
    ("running/signals.py", "    with _handled(wait, advice):", "    with interruptible(wait, advice):"),
    ("running/signals.py", "    if came and not _asked.blocks:", "    if False:"),
    ("running/teller.py", "                self._stop()\n", ""),
    ("running/teller.py", "            if self.gone:\n                return\n", ""),
    ("running/conduct.py", "if not (stopping.is_set() or isinstance", "if not (isinstance"),
    ("running/conduct.py", "        removed_all(removed, of.name)\n    if emit.gone", "    if emit.gone"),
    ("running/conduct.py", "    if emit.gone:\n        raise emit.gone\n", ""),
    ("running/sweep.py", "            changed = time.monotonic()\n", "            pass\n"),
    ("runs.py", " for folder in runs[:-KEPT] if folder != begun", " for folder in runs[:-KEPT]"),
    ("locks.py", "BUSY_SECONDS = 1.5", "BUSY_SECONDS = 2.5"),
    ("locks.py", "held &= _locked(", "_locked("),
    ("locks.py", "held = bool(re.fullmatch(NAME, project))", "held = True"),
    ("running/lending.py", "    with locks.lent(of.name):", "    if True:"),
    (
        "diagnosis/leftovers.py",
        "if owner := one.labels.get(OWNER):",
        'if (owner := one.labels.get(OWNER, "")) is not None:',
    ),
    ("diagnosis/leftovers.py", "(run is None or runs.left_on_purpose(run))", "False"),
    ("diagnosis/leftovers.py", 'return "dead" if run else "strange"', 'return "dead"'),
    ("diagnosis/leftovers.py", "if not self.stays and not self.strange:", "if True:"),
    ("cli/prune.py", "args.images and (why := _images.wanted())", "False and (why := _images.wanted())"),
    ("cli/images.py", "removes and not args.dry_run and (why", "False and (why"),
    ("cli/_images.py", "wanted() or engine", "engine"),
    ("diagnosis/parts.py", "if tracker := distribution(version):", 'if tracker := "":'),
    ("runs.py", 'return (folder.name <= f"{_now()}~", folder.name)', "return (True, folder.name)"),
    ("runs.py", "                part.unlink(missing_ok=True)", "                pass"),
    ("bases.py", "if 0 <= time.time() - at", "if time.time() - at"),
    ("engines/streams.py", "        if late and told[", "        if told["),
    (
        "engines/streams.py",
        '            raise Unavailable("the engine lost',
        '            return None  # ("the engine lost',
    ),
    ("cli/down.py", "found))) else AFTER_A_DEATH_SECONDS", "found))) else QUIET_SECONDS"),
    ("cli/down.py", "        settle(engine, labels)\n", "        pass\n"),
    ("runs.py", "return bool(folders) and all(", "return all("),
)
"""File, what stands there once, and what instead: it still runs, but no longer minds."""


def mutants(text: str) -> Iterator[tuple[int, str]]:
    """Line number, and the whole text with that line changed."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        for pattern, instead in RULES:
            if re.search(pattern, line):
                changed = re.sub(pattern, instead, line)
                yield number + 1, "\n".join([*lines[:number], changed, *lines[number + 1 :]])


def without_guards(copy: Path) -> Iterator[tuple[str, Path, str, str]]:
    """What is taken away, the file, and its text before and after. Raises ValueError for a guard that is not there."""
    for name, guard, instead in GUARDS:
        file = copy / "orchestrator" / name
        text = file.read_text()
        if text.count(guard) != 1:
            raise ValueError(f"{name} has not once {guard!r}")
        line = text[: text.index(guard)].count("\n") + 1
        yield f"{name}:{line}: without {guard.strip()!r}", file, text, text.replace(guard, instead)


def survives(copy: Path, tests: tuple[str, ...] = TESTS) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not docker", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False).returncode == 0


def main() -> int:
    left, tried = [], 0
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "isolate"
        ignored = shutil.ignore_patterns(".git", ".venv", ".hypothesis", "*_cache", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=ignored)
        if not survives(copy, TESTS + GUARDED_BY):
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
        for what, file, text, mutant in without_guards(copy):
            tried += 1
            file.write_text(mutant)
            if survives(copy, GUARDED_BY):
                left.append(what)
            file.write_text(text)
    print("\n".join([*left, f"{tried} mutants, {len(left)} survive"]))
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
