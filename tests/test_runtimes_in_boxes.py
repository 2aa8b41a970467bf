"""What apps find in boxes that the shared recipe has made: their own packages, their own runtime's variables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isolate import document, isolate

pytestmark = pytest.mark.docker


def verdicts(folder: Path, name: str, facts: dict[str, object], url: str) -> dict[str, tuple[str, list[str]]]:
    """Entry -> its verdict, and the OS bases of its shared boxes."""
    path = folder / "manifest.yaml"
    path.write_text(json.dumps({"name": name, **facts}))
    try:
        ran = isolate("up", str(path), "--json", "--progress", "quiet", url=url)
    finally:
        isolate("down", name, url=url)
    shared = document(ran)["shared"]
    bases = {one["name"]: [cell["base"] for cell in one["cells"] if cell["arm"] == "shared"] for one in shared}
    return {one["name"]: (one["verdict"], bases[one["name"]]) for one in shared}


def test_an_app_of_node_keeps_what_it_brought_and_its_scripts_run_once(tmp_path: Path, engine_url: str) -> None:
    """One has its packages in its sources; the other's `prepare` needs what production leaves out."""
    bundled, prepared = tmp_path / "bundled", tmp_path / "prepared"
    (bundled / "node_modules/answer").mkdir(parents=True)
    (bundled / "node_modules/answer/index.js").write_text("module.exports = 42;")
    prepared.mkdir()
    package = {"name": "p", "version": "1.0.0", "scripts": {"prepare": "node -e \"require('is-number')\""}}
    package |= {"dependencies": {"is-odd": "3.0.1"}, "devDependencies": {"left-pad": "1.3.0", "is-number": "7.0.0"}}
    (prepared / "package.json").write_text(json.dumps(package))
    tries = "try { require('left-pad'); console.log('development') } catch { console.log('production') }"
    apps = {
        "bundled": {
            "runtime": "node@22",
            "build": "./bundled",
            "command": ["node", "-p", "require('answer')"],
            "checks": [{"stdout": "42"}],
        },
        "prepared": {
            "runtime": "node@12",
            "build": "./prepared",
            "command": ["node", "-e", f"require('is-odd'); {tries}"],
            "checks": [{"stdout": "production"}],
        },
    }
    found = verdicts(tmp_path, "boxes-node", {"apps": apps}, engine_url)
    assert found["one-runtime"][0] == "no-conflict"


def test_javas_beside_each_other_and_beside_node_are_where_their_variable_says(tmp_path: Path, engine_url: str) -> None:
    asks = ["sh", "-c", '"$JAVA_HOME/bin/java" -version 2>&1; locale charmap']
    apps = {
        "old": {"runtime": "java@8", "command": asks, "checks": [{"stdout": '"1.8'}, {"stdout": "UTF-8"}]},
        "new": {"runtime": "java@21", "command": asks, "checks": [{"stdout": '"21'}, {"stdout": "UTF-8"}]},
        "web": {"runtime": "node@22", "command": ["node", "-p", "6 * 7"], "checks": [{"stdout": "42"}]},
    }
    entries = [
        {"name": "beside", "policy": "side-by-side", "apps": ["old", "new"]},
        {"name": "mixed", "apps": ["new", "web"]},
    ]
    found = verdicts(tmp_path, "boxes-java", {"apps": apps, "shared": entries}, engine_url)
    assert found["beside"] == ("no-conflict", [None, None])
    assert found["mixed"] == ("no-conflict", ["debian:trixie", "debian:trixie"])
