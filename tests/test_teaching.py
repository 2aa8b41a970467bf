"""docs/teaching.md: its timetable is that of the labs, its script reads what isolate tells."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from isolate import isolate
from orchestrator.lab.library import labs

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/teaching.md").read_text()
ROWS = re.findall(r"^\| (\d+:\d\d) \| (\d+) \| (.*) \|$", PAGE, re.MULTILINE)


def test_the_timetable_has_every_lab_in_order_with_its_minutes() -> None:
    told = [(name, int(minutes)) for _, minutes, what in ROWS if (name := what.partition("**:")[0].removeprefix("**"))]
    known = labs()
    assert [one for one in told if one[0] in known] == [(lab.name, lab.minutes) for lab in known.values()]


def test_the_timetable_adds_up_to_half_a_day() -> None:
    at = datetime.strptime("9:00", "%H:%M")  # noqa: DTZ007
    for began, minutes, _ in ROWS:
        assert began == f"{at.hour}:{at:%M}"
        at += timedelta(minutes=int(minutes))
    assert f"{at:%H:%M}" == "13:00"


def test_the_overview_of_a_class_is_drawn_from_what_each_of_them_tells(tmp_path: Path) -> None:
    (script,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "overview.py").write_text(script)
    ada = {"XDG_STATE_HOME": str(tmp_path / "ada"), "HOME": str(tmp_path)}
    bob = {"XDG_STATE_HOME": str(tmp_path / "bob"), "HOME": str(tmp_path)}
    assert isolate("lab", "start", "one-server", url="unix:///nowhere", environment=ada).returncode == 0
    for name, whose in (("ada", ada), ("bob", bob)):
        ran = isolate("lab", "status", "--json", url="unix:///nowhere", environment=whose)
        (tmp_path / f"{name}.json").write_text(ran.stdout)
    (tmp_path / "eve.json").write_text("")
    words = [sys.executable, "overview.py", "ada.json", "bob.json", "eve.json"]
    told = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == [
        "ada\tone-server\t0 of 3 steps\tnow: declare",
        "bob\thas not begun",
        "eve\tno answer",
    ]


def test_every_picture_of_the_page_is_there() -> None:
    pictures = re.findall(r"^!\[.+\]\((\S+)\)$", PAGE, re.MULTILINE)
    assert len(pictures) == 4
    assert [one for one in pictures if not (ROOT / "docs" / one).is_file()] == []
