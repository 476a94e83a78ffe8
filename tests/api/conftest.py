"""The browser that the tests of pages share."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.api.browser import WIDE, console_problems, opened_browser, resize


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with opened_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def driver(browser: Chrome) -> Iterator[Chrome]:
    """The browser on an empty page.

    Whatever it complains about during a test (refused content, script errors) fails the test, and so does a script that
    came in with a document: those of the tests set `pwned`.
    """
    browser.get("about:blank")
    console_problems(browser)
    resize(browser, *WIDE)
    yield browser
    assert console_problems(browser) == []
    assert browser.execute_script("return window.pwned") is None
