"""`ps` shows the boxes as they are."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Isolate, Stage

pytestmark = pytest.mark.docker


def test_each_box_is_shown_with_app_arm_state_and_url(isolate: Isolate, stage: Stage) -> None:
    stage.box("web", ports={"8080/tcp": ("127.0.0.1", None)})
    stage.client.containers.get(stage.box("report", "exit 3", arm="control")).wait()
    boxes = {box["app"]: box for box in isolate("ps", stage.project, "--json").document["boxes"]}
    assert (boxes["web"]["arm"], boxes["web"]["state"]) == ("isolated", "running")
    assert boxes["web"]["url"].startswith("http://127.0.0.1:")
    assert (boxes["report"]["arm"], boxes["report"]["url"]) == ("control", None)
    assert boxes["report"]["status"].startswith("Exited (3)")


def test_the_table_has_headings_and_a_line_to_each_box(isolate: Isolate, stage: Stage) -> None:
    stage.box("web")
    head, line = isolate("ps", stage.project).out.splitlines()
    assert head.split() == ["PROJECT", "APP", "ARM", "RUNTIME", "STATUS", "URL"]
    assert line.startswith(f"{stage.project}  web  isolated  ")


def test_without_a_name_all_projects_are_shown(isolate: Isolate, stage: Stage) -> None:
    stage.box("web")
    assert stage.project in isolate("ps").out


def test_no_box_is_no_failure(isolate: Isolate, stage: Stage) -> None:
    assert isolate("ps", stage.project, "--json").document["boxes"] == []
