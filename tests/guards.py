"""Takes one guard away at a time: against hostile input, of boxes, of builds; a test that is named for it has to fail.

In a copy of the checkout; the one that is edited stays as it is. `make mutants` runs it.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
MOST_MEMORY = 2 << 30
EXPERIMENT, FENCE = "tests/test_experiment.py", "tests/engines/test_fence.py"
ENGINE, FOLDER = "tests/input/test_before_the_engine.py", "a_folder_that_must_not_be_sent"
GUARDS = (
    ("running/conduct.py", "needed(of), contexts(of)", "needed(of), {}", ENGINE, f"{FOLDER} and climbs"),
    ("contexts.py", "not _inside(root / name, root)", "False", ENGINE, f"{FOLDER} and climbs"),
    ("contexts.py", "    except RuntimeError:\n", "    except ZeroDivisionError:\n", ENGINE, f"{FOLDER} and ring"),
    ("contexts.py", '        if above.count("/") > DEEPEST:', "        if False:", ENGINE, f"{FOLDER} and 200"),
    ("contexts.py", "or file.stat().st_size > LARGEST_LIST", "", ENGINE, f"{FOLDER} and 300"),
    ("contexts.py", '    if f"/{name}".endswith(', "    if False and (", ENGINE, f"{FOLDER} and SSH"),
    ("files.py", "    if len(named) > MOST_DECLARATIONS:", "    if False:", ENGINE, f"{FOLDER} and 101"),
    ("files.py", "file.read(largest + 1)", "file.read()", ENGINE, "no_manifest and terabyte"),
    ("manifest/merge.py", "        if len(apps) > MOST_APPS:", "        if False:", ENGINE, "no_manifest and 900"),
    ("manifest/apps.py", " > LONGEST_COMMAND:", " < 0:", ENGINE, "no_manifest and 61"),
    ("manifest/meanings.py", " > LARGEST_EXPRESSION:", " < 0:", "tests/manifest/test_hostile.py", "expression-bomb"),
    (
        "manifest/meanings.py",
        '    if repository.startswith("sha256:"):',
        "    if False:",
        "tests/manifest/test_hostile.py",
        "image-number",
    ),
    (
        "manifest/meanings.py",
        '    if re.fullmatch("[0-9]+|0x[0-9a-f]+", text):',
        "    if False:",
        "tests/manifest/test_hostile.py",
        "app-name",
    ),
    (
        "manifest/reader.py",
        '    if not shape.lines and re.search(r"[\\n\\t]", text):',
        "    if False:",
        "tests/input/test_every_field.py",
        "labels",
    ),
    (
        "runtimes/ruby.py",
        "ruby[ \\t(]++((?:\\[?[ \\t]*+",
        "ruby[ \\t(]+((?:\\[?[ \\t]*",
        "tests/fuzz/test_fuzz.py",
        "declares and ruby",
    ),
    (
        "runtimes/python.py",
        "[ \\t]*+(?:\\.|-(?!-hash",
        "[ \\t]*(?:\\.|-(?!-hash",
        "tests/fuzz/test_fuzz.py",
        "list_beside and requirements",
    ),
    (
        "dockerignore.py",
        "fnmatchcase(names[name], wanted[at])",
        "__import__('re').fullmatch(wanted[at].replace('*', '.*').replace('[', '.'), names[name])",
        "tests/test_dockerignore.py",
        "takes_long",
    ),
    (
        "signs.py",
        "    return tuple(line[:LONGEST] for line in lines)",
        "    return tuple(lines)",
        "tests/input/test_what_apps_say.py",
        "",
    ),
    (
        "cli/render.py",
        "path.parent.resolve().is_relative_to(output.resolve())",
        "True",
        "tests/input/test_render_output.py",
        "",
    ),
    (
        "cli/render.py",
        "    except (OSError, ValueError, RecursionError):",
        "    except OSError:",
        "tests/input/test_render_output.py",
        "",
    ),
    *(
        ("engines/container.py", text, "", "tests/exports/test_compose.py", "confined")
        for text in (
            '        "cap_drop": list(confinement.DROPPED),\n',
            '        "security_opt": list(confinement.SECURITY),\n',
            '        "read_only": True,\n',
            '        "pids_limit": box.limits.pids,\n',
            '        "memswap_limit": box.limits.memory,\n',
        )
    ),
    (
        "observe/fate.py",
        "_with_caps(seen.note or told, seen, box)",
        "(seen.note or told)",
        EXPERIMENT,
        "cap_that_was_met",
    ),
    (
        "observe/seen.py",
        'sighting.met.get(app, frozenset()) | ({"memory"} if sighting.out_of_memory else frozenset())',
        'frozenset({"memory"} if sighting.out_of_memory else ())',
        EXPERIMENT,
        "cap_that_was_met",
    ),
    ("engines/building.py", 'self.network if image.network else "none"', "self.network", FENCE, "told_its_network"),
    (
        "engines/building.py",
        '{} if self.network_of(image) == "none" else self.arguments',
        "self.arguments",
        FENCE,
        "proxy_is_told",
    ),
    ("matching.py", "_PIECES.sub(_plain, expression)", "expression", "tests/test_matching.py", "python_means"),
    ("engines/building.py", '        "memory": confinement.BUILD_MEMORY,\n', "", FENCE, "told_its_network"),
    ("engines/private/fence.py", '"memory.memsw.limit_in_bytes", ', "", FENCE, "version_1"),
    ("engines/private/fence.py", '    yield "pids.max", str(confinement.BUILD_PROCESSES)\n', "", FENCE, "version"),
    ("engines/private/fence.py", "found if found < _machine() else None", "found", FENCE, "no_limit"),
    ("signs.py", "exit code: -9$|", "", "tests/test_signs.py", "killed"),
    ("engines/deadlines.py", "not over.wait(seconds)", "False", "tests/engines/test_deadlines.py", ""),
    ("manifest/scalars.py", "\\u2028-\\u202e", "\\u2029-\\u202e", "tests/input/test_every_field.py", "labels"),
)
"""File, what stands there once, what instead, and which test minds."""


def within_memory() -> None:
    """Without its guard a bomb goes off: it is to fail the test, and not to take the machine's memory."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))


def minds(copy: Path, tests: str, only: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not docker and not torture"]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    try:
        ran = subprocess.run(
            [*command, tests, "-k", only],
            cwd=copy,
            env=environment,
            capture_output=True,
            timeout=300,
            check=False,
            preexec_fn=within_memory,
        )
    except subprocess.TimeoutExpired:
        return True
    if ran.returncode not in {0, 1}:
        sys.exit(f"{tests} -k {only!r}: {ran.stdout.decode()[-2000:]}")
    return ran.returncode == 1


def main() -> int:
    left = []
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "isolate"
        shutil.copytree(
            ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", ".hypothesis", "*_cache", "__pycache__")
        )
        for name, guard, instead, tests, only in GUARDS:
            file = copy / "orchestrator" / name
            text = file.read_text()
            if text.count(guard) != 1:
                sys.exit(f"{name} has not once {guard!r}")
            file.write_text(text.replace(guard, instead))
            what = f"{name}:{text[: text.index(guard)].count(chr(10)) + 1}: without {guard.strip()!r}"
            told = minds(copy, tests, only)
            print("minded  " if told else "survives", what, f"({tests} -k {only!r})", flush=True)
            left += [] if told else [what]
            file.write_text(text)
    print(f"{len(GUARDS)} guards, {len(left)} survive")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
