"""A real server process and a real browser, for the tests of the web page."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service as DriverService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM = Path("/usr/bin/chromium")
CHROMEDRIVER = Path("/usr/bin/chromedriver")
NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM.exists() and CHROMEDRIVER.exists()), reason="Debian's chromium and chromium-driver are needed"
    ),
]
WIDE, NARROW = (1400, 900), (390, 844)  # a screen and a telephone

_ROOT = Path(__file__).resolve().parents[2]
_PINCITE = "from api.cli.main import run; run()"
_READY = re.compile(r"ready on (http://\S+)")
_PATIENCE = 20.0  # seconds; an upload waits for its worker process to start
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """`pincite serve` as a process of its own on a free port; gives its address."""
    command = [sys.executable, "-c", _PINCITE, "--home", str(home), "serve", "--port", "0"]
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(command, cwd=_ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _address(process)
        finally:
            process.send_signal(signal.SIGINT)  # as Ctrl+C does
            process.communicate(timeout=30)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if match := _READY.search(line):
            return match[1]
    raise AssertionError(f"the server ended: {said}")


@contextmanager
def opened_browser(profile: Path) -> Iterator[Chrome]:
    """Chromium without a window; `profile` is a folder for it alone."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=DriverService(str(CHROMEDRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


def resize(driver: Chrome, width: int, height: int) -> None:
    """Give the page a viewport of exactly this size; windows cannot be as narrow as telephones."""
    metrics: dict[str, Any] = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def console_problems(driver: Chrome) -> list[str]:
    """What the browser complained about since the last call: script errors, refused content, failed requests."""
    entries = driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium has no types for it
    return [entry["message"] for entry in entries if entry["level"] in ("WARNING", "SEVERE")]


def wait_for(driver: Chrome, selector: str, containing: str = "") -> WebElement:
    """The first visible element that `selector` finds and whose text holds `containing`."""

    def found(_driver: Chrome) -> WebElement | Literal[False]:
        matching = (node for node in driver.find_elements(By.CSS_SELECTOR, selector) if containing in text_of(node))
        return next((node for node in matching if node.is_displayed()), False)

    ignored = [StaleElementReferenceException]
    return WebDriverWait(driver, _PATIENCE, 0.05, ignored).until(found, f"no {selector!r} with {containing!r}")


def wait_until(driver: Chrome, script: str) -> None:
    """Wait until an expression of JavaScript is true."""
    WebDriverWait(driver, _PATIENCE, 0.05).until(lambda _: driver.execute_script(f"return {script}"), script)


def text_of(node: WebElement) -> str:
    """The text as the document holds it; selenium's own `text` is what white space is left to see."""
    return str(node.get_property("textContent"))
