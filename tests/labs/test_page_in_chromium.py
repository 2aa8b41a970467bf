"""A learner in a real browser: with the mouse, with the keyboard alone, and with a lab that means harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import paged
import pytest
from asked import Open
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from test_page_prose import HOSTILE

from browser import Browser, chromium
from orchestrator.lab import course
from orchestrator.lab.page.server import serving

CONTRAST = (Path(__file__).parents[1] / "reports" / "contrast.js").read_text()
WIDTHS = (320, 390, 1366, 1920)
BUSY = "document.querySelector('.doing') !== null"
FOCUSED = "document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


def says(words: str) -> str:
    return f"document.body.innerText.includes({words!r})"


def click(browser: Browser, name: str) -> None:
    browser.driver.find_element(By.CSS_SELECTOR, f".toolbar button[value={name}], .labs button[value={name}]").click()


def tab_to(browser: Browser, words: str) -> None:
    """As somebody without a mouse does, from where they are; every stop on the way can be seen."""
    for _ in range(40):
        browser.press(Keys.TAB)
        assert browser.ask("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if browser.ask(f"return {FOCUSED}").startswith(words):
            return
    pytest.fail(f"the keyboard does not reach {words}")


def begin(browser: Browser, opened: Open, width: int = 1366, **media: str) -> None:
    course.start("first", opened.workshop.source)
    browser.open(opened.site.address, width, **media)


def test_a_learner_with_a_mouse(browser: Browser, opened: Open) -> None:
    browser.open(opened.site.address)
    click(browser, "first")
    browser.until(says("Look at manifest.yaml."))
    click(browser, "check")
    browser.until(says("Not yet."))
    assert browser.ask(f"return {says('No matching distribution found for Django==5.0.6')}")
    (opened.files / "manifest.yaml").write_text(paged.SOLUTION)
    click(browser, "check")
    browser.until(says("Step 1 of 2 is done."))
    assert browser.ask(f"return {says('No runtime serves both.')}")
    assert browser.ask(f"return {says('conflict (runtime)')}")
    click(browser, "next")
    browser.until(says("Write done into notes.md."))
    (opened.files / "notes.md").write_text("done")
    click(browser, "check")
    browser.until(says("It is written down."))
    click(browser, "next")
    browser.until(says("The second lab"))
    assert browser.said() == []


def test_a_learner_with_a_keyboard_alone(browser: Browser, opened: Open) -> None:
    browser.open(opened.site.address)
    tab_to(browser, "Start with The first lab")
    browser.press(Keys.ENTER)
    browser.until("document.activeElement.id === 'title' && document.body.dataset.step === 'first/declare'")
    tab_to(browser, "Check")
    browser.press(Keys.SPACE)
    browser.until(says("Not yet."))
    assert browser.ask(f"return {FOCUSED}").startswith("Check")
    browser.press("h")
    browser.until(says("Look at the first lines."))
    (opened.files / "manifest.yaml").write_text(paged.SOLUTION)
    browser.press("c")
    browser.until(says("No runtime serves both."))
    browser.press("n")
    browser.until("document.activeElement.id === 'title' && document.body.dataset.step === 'first/note'")
    (opened.files / "notes.md").write_text("done")
    tab_to(browser, "Check")
    browser.press(Keys.ENTER)
    browser.until(says("It is written down."))
    tab_to(browser, "Next")
    browser.press(Keys.ENTER)
    browser.until("document.body.dataset.step === 'second/declare'")
    assert browser.said() == []


def test_single_keys_do_nothing_with_others_in_a_field_or_where_they_are_not_wanted(
    browser: Browser, opened: Open
) -> None:
    begin(browser, opened)
    posts: list[str] = []

    def pressed(*keys: str) -> None:
        browser.press(*keys)
        posts.extend(url for url in browser.requested() if "/do/" in url)

    browser.requested()
    browser.ask("document.querySelector('main').append(document.createElement('input'))")
    browser.ask("document.querySelector('main > input').focus()")
    pressed("c", "h", "r", "n")
    assert browser.ask("return document.activeElement.value") == "chrn"
    browser.ask("document.activeElement.remove()")
    ActionChains(browser.driver).key_down(Keys.ALT).send_keys("h").key_up(Keys.ALT).perform()
    browser.driver.find_element(By.ID, "keys").click()
    pressed("c", "h", "r", "n")
    assert posts == []
    browser.driver.find_element(By.ID, "keys").click()
    browser.press("h")
    browser.until(says("Hint 1 of 3."))


def test_while_a_check_goes_on_the_page_shows_it_and_shows_the_same_when_loaded_again(
    browser: Browser, opened: Open
) -> None:
    begin(browser, opened)
    with paged.held(opened.folder):
        click(browser, "check")
        browser.until(says("No matching distribution"))
        lanes = browser.ask("return document.getElementById('lanes').innerText")
        browser.driver.refresh()
        browser.until(f"{BUSY} && document.getElementById('seconds').textContent !== ''")
        assert browser.ask("return document.getElementById('lanes').innerText") == lanes
        click(browser, "hint")
        browser.until(says("A check is under way."))
    browser.until(says("Not yet."))


def test_stop_ends_a_check(browser: Browser, opened: Open) -> None:
    begin(browser, opened)
    with paged.held(opened.folder):
        click(browser, "check")
        browser.until(says("No matching distribution"))
        click(browser, "stop")
        browser.until(says("was ended before it was done"))
    assert (opened.folder / "cleaned").exists()


def test_what_a_terminal_does_shows_by_itself(browser: Browser, opened: Open) -> None:
    begin(browser, opened)
    course.hint(course.standing())
    browser.until(says("Hint 1 of 3."))
    (opened.files / "manifest.yaml").write_text(paged.SOLUTION)
    course.check(course.standing(), lambda _: None)
    browser.until(says("No runtime serves both."))
    course.advance(course.standing())
    browser.until("document.body.dataset.step === 'first/note'")


def test_a_server_that_has_ended_is_said(browser: Browser, opened: Open) -> None:
    course.start("first", opened.workshop.source)
    with serving(opened.workshop) as site:
        browser.open(site.address)
        browser.until("document.querySelector('#lost').hidden && document.readyState === 'complete'")
    browser.until(says("isolate lab serve does not answer"))


def test_a_lab_that_means_harm_does_none(browser: Browser, page: Callable[..., Open]) -> None:
    """Nothing leaves, nothing runs, nothing asks; what was meant to is text."""
    opened = page({f"steps/declare/{name}.md": HOSTILE for name in ("text", "after")})
    begin(browser, opened)
    (opened.files / "manifest.yaml").write_text(paged.SOLUTION)
    browser.requested()
    browser.driver.refresh()
    click(browser, "check")
    browser.until(says("Step 1 of 2 is done."))
    assert browser.ask(f"return {says('javascript:alert(3)')}")
    assert all(url.startswith(opened.site.address) for url in browser.requested())
    assert browser.ask("return document.images.length") == 0
    assert browser.ask("return document.scripts.length") == 1
    assert browser.ask("return document.title") == "1/2 Say what they need - The first lab"
    assert browser.said() == []
    with pytest.raises(NoAlertPresentException):
        _ = browser.driver.switch_to.alert.text


def test_what_got_into_the_page_after_all_would_be_stopped_by_the_policy(browser: Browser, opened: Open) -> None:
    begin(browser, opened)
    put = "document.getElementById('text').innerHTML = "
    browser.ask(put + '\'<img src=x onerror="document.title=1"><p style="a:b">\'')
    browser.ask("const s = document.createElement('script'); s.text = 'document.title = 2'; document.body.append(s)")
    refused = [line for line in browser.said() if "Content Security Policy" in line]
    assert len(refused) >= 2
    assert browser.ask("return document.title") == "1/2 Say what they need - The first lab"


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_small_screen_the_buttons_are_one_row_and_what_comes_of_them_is_seen(
    browser: Browser, opened: Open, width: int
) -> None:
    shown = "['.toolbar button:not([hidden])'].flatMap(one => [...document.querySelectorAll(one)])"
    seen = "(r => r.top >= 0 && r.bottom <= innerHeight - 70)(document.querySelector('%s').getBoundingClientRect())"
    (opened.workshop.source / "first/steps/declare/text.md").write_text("Look at **manifest.yaml**.\n\n" * 60)
    begin(browser, opened, width)
    assert browser.ask(f"return new Set({shown}.map(one => one.offsetTop)).size") == 1
    assert browser.ask(f"return {shown}.every(one => one.scrollWidth <= one.clientWidth)")
    click(browser, "check")
    browser.until(says("Not yet."))
    browser.until(seen % "#result h2")
    click(browser, "hint")
    browser.until(says("Hint 1 of 3."))
    browser.until(seen % ".hints li:last-child")
    click(browser, "reset")
    browser.until(says("Reset once more"))
    browser.until(seen % "#told .said")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_can_be_read_and_fits(browser: Browser, opened: Open, scheme: str) -> None:
    def readable() -> None:
        found = browser.ask(CONTRAST)
        assert found["bad"] == []
        assert found["looked"] > 10
        for width in WIDTHS:
            browser.look(width, prefers_color_scheme=scheme)
            assert browser.ask("return document.documentElement.scrollWidth") <= width
        browser.look(1366, prefers_color_scheme=scheme)

    browser.open(opened.site.address, prefers_color_scheme=scheme)
    readable()
    click(browser, "first")
    browser.until("document.body.dataset.step === 'first/declare'")
    readable()
    with paged.held(opened.folder):
        click(browser, "check")
        browser.until(says("No matching distribution"))
        readable()
    browser.until(says("Not yet."))
    click(browser, "hint")
    browser.until(says("Hint 1 of 3."))
    readable()
    click(browser, "solve")
    browser.until(says("laid over your files"))
    readable()
    click(browser, "check")
    browser.until(says("No runtime serves both."))
    readable()


def test_a_screen_reader_is_told_what_comes_of_an_action(browser: Browser, opened: Open) -> None:
    begin(browser, opened)
    live = "['told', 'result', 'hints'].map(id => document.getElementById(id)).map(one => one.getAttribute('%s'))"
    assert browser.ask(f"return {live % 'role'}") == ["status", None, None]
    assert browser.ask(f"return {live % 'aria-live'}") == [None, "polite", "polite"]
    names = "[...document.querySelectorAll('button:not([hidden])')].every(one => one.innerText.trim())"
    assert browser.ask(f"return {names}")
    levels = "return [...document.querySelectorAll('h1, h2, h3')].map(one => one.tagName).join(' ')"
    assert browser.ask(levels).startswith("H1 H2")


def test_without_the_network_nothing_is_missing(browser: Browser, opened: Open) -> None:
    begin(browser, opened)
    browser.requested()
    browser.driver.refresh()
    browser.until("document.readyState === 'complete'")
    names = {url.removeprefix(opened.site.address) for url in browser.requested()}
    assert names <= {"", "page.css", "page.js", "events"}
    assert browser.ask("return getComputedStyle(document.querySelector('.lanes')).display") == "grid"
