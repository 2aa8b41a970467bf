"""`isolate matrix` of two apps over six Pythons against the same twelve cells in virtual environments.

    .venv/bin/python benchmarks/matrix.py [--rounds 5]

`fresh`: the sources have changed, so isolate builds its images and every environment is made anew. `kept`: images
and virtual environments are there. Both download from warm caches, look at as many cells at once, and run a failing one
once. Rounds are interleaved; reported are medians, and the ratio of each round's pair, median with minimum and maximum.
Both have to come to the same twelve outcomes. A virtual environment isolates packages; a box also isolates the system.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from orchestrator.arms.trials import TRIALS
from orchestrator.engines.http import ask
from orchestrator.recipes.interpreter import find

VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
APPS = {"legacy": "/link/spring/42", "modern": "/circle/1"}
SOURCE = Path(__file__).parents[1] / "apps/python"
Outcomes = Mapping[tuple[str, str], bool]


def by_isolate(folder: Path) -> Outcomes:
    words = ("matrix", str(folder / "manifest.yaml"), "--versions", "3.8..3.13", "--repeat", "1", "--json")
    ran = subprocess.run(
        (sys.executable, "-m", "orchestrator", *words, "--progress", "quiet"), capture_output=True, check=True
    )
    rows = json.loads(ran.stdout)["matrix"]["rows"]
    return {(row["app"], c["environment"].split("@")[1]): c["outcome"] == "pass" for row in rows for c in row["cells"]}


def by_venvs(folder: Path) -> Outcomes:
    cells = [(app, version) for app in APPS for version in VERSIONS]
    with ThreadPoolExecutor(TRIALS) as pool:
        return dict(zip(cells, pool.map(lambda cell: _cell(folder, *cell), cells), strict=True))


def _cell(folder: Path, app: str, version: str) -> bool:
    """One app in a virtual environment of its own: installed, started, asked."""
    found = find(version)
    if found is None:
        sys.exit(f"no interpreter of Python {version} is here")
    place, sources = folder / "venvs" / f"{app}-{version}", folder / app
    python = str(place / "bin/python")
    if not place.exists():
        subprocess.run((str(found.prefix / "bin/python3"), "-m", "venv", str(place)), check=True, capture_output=True)
        if (sources / "requirements.txt").exists():
            install = (python, "-m", "pip", "install", "-q", "-r", str(sources / "requirements.txt"))
            if subprocess.run(install, capture_output=True, check=False).returncode:
                return False
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    silent = subprocess.DEVNULL
    with subprocess.Popen((python, "app.py"), cwd=sources, env=environment, stdout=silent, stderr=silent) as child:
        try:
            while child.poll() is None:
                answer = ask(f"http://127.0.0.1:{port}{APPS[app]}", "GET", 2)
                if answer:
                    return answer.status == 200
                time.sleep(0.02)
            return False
        finally:
            child.kill()


def change(folder: Path, number: int) -> None:
    """Other sources, that do the same."""
    shutil.rmtree(folder / "venvs", ignore_errors=True)
    for app in APPS:
        text = (SOURCE / app / "app.py").read_text()
        (folder / app / "app.py").write_text(f"{text}\n# round {number} of {os.getpid()}\n")


def timed(call: Callable[[Path], Outcomes], folder: Path) -> tuple[float, Outcomes]:
    began = time.monotonic()
    outcomes = call(folder)
    return time.monotonic() - began, outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    ways = {"isolate": by_isolate, "venvs": by_venvs}
    took: dict[str, dict[str, list[float]]] = {kind: {way: [] for way in ways} for kind in ("fresh", "kept")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "python"
        shutil.copytree(SOURCE, folder)
        for number in range(rounds):
            change(folder, number)
            for kind, taken in took.items():
                seen = {way: timed(call, folder) for way, call in ways.items()}
                if seen["isolate"][1] != seen["venvs"][1]:
                    sys.exit(f"the two disagree: {seen}")
                for way, (seconds, _) in seen.items():
                    taken[way].append(seconds)
                print(f"round {number + 1} {kind}: {', '.join(f'{w} {s:.1f} s' for w, (s, _) in seen.items())}")
    for kind, taken in took.items():
        pairs = [a / b for a, b in zip(taken["isolate"], taken["venvs"], strict=True)]
        medians = ", ".join(f"{way} {statistics.median(values):.1f} s" for way, values in taken.items())
        print(f"{kind}: {medians}, ratio {statistics.median(pairs):.2f} ({min(pairs):.2f} to {max(pairs):.2f})")


if __name__ == "__main__":
    main()
