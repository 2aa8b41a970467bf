"""Debian's Chromium, headless, with what it has to say about a page: requests, violations, errors."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.ui import WebDriverWait

QUIET = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")


@dataclass(frozen=True)
class Browser:
    driver: webdriver.Chrome

    def show(self, page: str | Path, width: int = 1366, **media: str) -> None:
        """Opens the page of a file at a width, in CSS pixels; `media` are features such as prefers_color_scheme."""
        self.open(Path(page).as_uri(), width, **media)

    def open(self, address: str, width: int = 1366, **media: str) -> None:
        """The same of an address."""
        self.look(width, **media)
        self.said()
        self.driver.get(address)

    def look(self, width: int, **media: str) -> None:
        """From now on."""
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self.tell("Emulation.setEmulatedMedia", media="screen", features=features)
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        self.tell("Emulation.setDeviceMetricsOverride", **size)

    def until(self, condition: str, seconds: float = 20) -> Any:
        """What the expression comes to, as soon as that is true of the page."""
        waiting = WebDriverWait(self.driver, seconds, 0.05)
        return waiting.until(lambda _: self.ask(f"return {condition}"), f"not in {seconds} s: {condition}")

    def press(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def tell(self, command: str, **facts: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, facts)

    def ask(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def said(self) -> list[str]:
        """Console lines and violations since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> list[str]:
        """What was fetched since the last time."""
        told = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [one["params"]["request"]["url"] for one in told if one["method"] == "Network.requestWillBeSent"]

    def printed(self) -> bytes:
        return b64decode(self.tell("Page.printToPDF", printBackground=True)["data"])


@contextmanager
def chromium() -> Iterator[Browser]:
    """Fails where it is not installed: a page that nobody has opened is not tested."""
    found, drives = shutil.which("chromium"), shutil.which("chromedriver")
    if not found or not drives:
        pytest.fail("Chromium or its driver is not installed; as root: make browser")
    options = webdriver.ChromeOptions()
    options.binary_location = found
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.set_capability("unhandledPromptBehavior", "ignore")
    for word in QUIET:
        options.add_argument(word)
    driver = webdriver.Chrome(options, Service(drives))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
