"""Every lab that isolate brings, from its first step to its last, by the buttons of the page and on a real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from browser import Browser, chromium
from orchestrator import places, resources
from orchestrator.lab import course, library
from orchestrator.lab.command import PATIENCE, run
from orchestrator.lab.page.app import Site
from orchestrator.lab.page.server import serving
from orchestrator.lab.page.workshop import Workshop
from orchestrator.lab.values import Lab

LABS = library.labs() if resources.labs().is_dir() else {}
ENDED = "return document.body.dataset.ended"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine_url: str) -> Iterator[Site]:
    """A learner who has done nothing yet, on the engine under test."""
    monkeypatch.setenv("DOCKER_HOST", engine_url)
    for name, place in (("XDG_CACHE_HOME", places.cache()), ("XDG_DATA_HOME", places.data())):
        monkeypatch.setenv(name, str(place.parent))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with serving(Workshop()) as found:
        yield found


def done(browser: Browser, name: str, seconds: float) -> str:
    """Presses a button, waits until that has ended, and returns what the page says of the step."""
    before = browser.ask(ENDED)
    browser.driver.find_element(By.CSS_SELECTOR, f"button[value={name}]:not([hidden])").click()
    browser.until(f"document.body.dataset.ended !== {before!r}", seconds * PATIENCE)
    return str(browser.ask("return document.getElementById('result').innerText"))


def tidy(lab: Lab, folder: Path) -> None:
    for manifest in dict.fromkeys(one for step in lab.steps for one in step.manifests):
        if (folder / manifest).is_file():
            run(("down", manifest), folder, 60, lambda _: None)


@pytest.mark.docker
@pytest.mark.workshop
@pytest.mark.parametrize("name", LABS)
def test_a_lab_can_be_done_by_the_page_alone(browser: Browser, site: Site, tmp_path: Path, name: str) -> None:
    browser.open(site.address)
    done(browser, name, 1)
    try:
        for number, step in enumerate(LABS[name].steps, 1):
            assert browser.ask("return document.body.dataset.step") == f"{name}/{step.name}"
            end = f"Step {number} of {len(LABS[name].steps)} is done."
            assert end not in done(browser, "check", step.seconds)
            done(browser, "solve", step.seconds)
            told = done(browser, "check", step.seconds)
            assert end in told, told
            assert browser.ask("return document.querySelector('.after').innerText.trim()")
            if number < len(LABS[name].steps):
                done(browser, "next", 1)
    finally:
        tidy(LABS[name], tmp_path / "isolate-labs" / name)
    assert course.standing(name).finished
