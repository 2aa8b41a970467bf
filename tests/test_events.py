"""What docs/events.md promises of `--progress json` and of a run's record."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import scenarios
from orchestrator import console, record
from orchestrator.events import BuildLine
from orchestrator.reports import schemas
from orchestrator.running.teller import Teller
from orchestrator.runs import RunFolder

PAGE = (Path(__file__).parents[1] / "docs/events.md").read_text("utf-8")


def fields() -> dict[str, list[str]]:
    """Event -> its fields beside `at` and `event`, as the schema has them."""
    defs = schemas.events()["$defs"]
    return {name: list(defs[kind.__name__]["properties"])[2:] for name, kind in record.kinds().items()}


def test_the_page_has_every_event_with_all_its_fields_in_order() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| (.*) \|$", PAGE, re.MULTILINE)
    assert {name: re.findall(r"`(\w+)`", cell) for name, cell in rows} == fields()
    assert [name for name, _ in rows] == list(fields())


def test_the_program_of_the_page_reads_a_run() -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    told = [record.line(at, event) for at, event in scenarios.searched()[1]]
    said = "\n".join([*told[:3], "not an event", *told[3:]])
    ran = subprocess.run([sys.executable, "-c", program], input=said, capture_output=True, text=True, check=True)
    assert "telemetry shared at dotnet@2.2: fail, 1.2 s" in ran.stdout
    assert ran.stdout.endswith("conflict, 15.1 s\n")


def test_events_of_several_threads_have_one_order_and_times_that_never_decrease(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    folder = RunFolder("project", "run", tmp_path)
    try:
        with console.progress("json") as show:
            emit = Teller(folder.take, show, lambda: None)
            threads = [
                threading.Thread(target=lambda name=name: [emit(BuildLine(name, str(n))) for n in range(200)])
                for name in "abcdefgh"
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(before)
    folder.close()
    recorded = [json.loads(line) for line in (folder.path / "events.jsonl").read_text("ascii").splitlines()]
    shown = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    for told in (recorded, shown):
        assert [(one["image"], one["text"]) for one in told] == [(event.image, event.text) for event in emit.events]
        assert [one["at"] for one in told] == sorted(one["at"] for one in told)
    assert len(emit.events) == 8 * 200
