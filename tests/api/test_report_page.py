"""The report of a run in a real browser, from a file, with nothing beside it."""

from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from eval.records import QuestionResult, RunResult
from eval.report.marks import CITED, GOLD, marks
from eval.report.page import comparison_page, run_page
from tests.api.browser import (
    NARROW,
    NEEDS_BROWSER,
    resize,
    text_of,
    wait_for,
    wait_until,
)
from tests.eval.runs import HOSTILE, hostile_run, realistic_run

pytestmark = NEEDS_BROWSER

RUN = realistic_run(120)
_CLASSES = {"gold": GOLD, "cited": CITED, "gold cited": GOLD + CITED}


def opened(driver: Chrome, folder: Path, page: str) -> None:
    file = folder / "report.html"
    file.write_bytes(page.encode("utf-8", "replace"))
    driver.get(file.as_uri())
    wait_until(driver, "performance.getEntriesByName('ready').length === 1")


def rows(driver: Chrome) -> list[WebElement]:
    return driver.find_elements(By.CSS_SELECTOR, "#list .row")


def press(driver: Chrome, *keys: str) -> None:
    for key in keys:
        driver.switch_to.active_element.send_keys(key)


def focused_row(driver: Chrome) -> int:
    return int(driver.execute_script("return document.activeElement.dataset.index"))


def shown_question(driver: Chrome) -> str:
    return text_of(wait_for(driver, "#detail > h3"))


def choose(driver: Chrome, words: str) -> int:
    """Choose an outcome; gives the number that stands beside it."""
    label = next(one for one in driver.find_elements(By.CSS_SELECTOR, ".choice") if words in text_of(one))
    label.click()
    return int(text_of(label).split()[-1].replace(",", ""))


def search(driver: Chrome, words: str) -> None:
    field = driver.find_element(By.ID, "search")
    field.clear()
    field.send_keys(words)


def known(question_id: str, run: RunResult = RUN) -> QuestionResult:
    return next(question for question in run.questions if question.id == question_id)


def test_only_a_page_of_rows_exists_and_can_be_turned(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(RUN))
    assert len(rows(driver)) == 50
    driver.find_element(By.ID, "next").click()
    driver.find_element(By.ID, "next").click()
    assert len(rows(driver)) == 20
    assert text_of(wait_for(driver, "#shown")) == "101 to 120 of 120"
    assert not driver.find_element(By.ID, "next").is_enabled()
    assert focused_row(driver) == 100


def test_a_question_shows_expected_given_and_marked_texts(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(RUN))
    wanted = next(one for one in RUN.questions if one.correct and one.answer)
    search(driver, wanted.id)
    assert shown_question(driver) == wanted.text
    texts = [text_of(one) for one in driver.find_elements(By.CSS_SELECTOR, "#detail .passage-text")]
    assert texts == [passage.text for passage in wanted.passages[:3]]
    assert [text_of(one) for one in driver.find_elements(By.CSS_SELECTOR, "#detail .quote.gold")] == [
        gold.quote for gold in wanted.gold
    ]
    assert text_of(wait_for(driver, "#detail .result .answer")) == wanted.answer


@pytest.mark.parametrize("outcome", [True, False])
def test_marks_stand_where_the_offsets_say(driver: Chrome, tmp_path: Path, outcome: bool) -> None:
    opened(driver, tmp_path, run_page(RUN))
    wanted = next(one for one in RUN.questions if one.correct is outcome and one.answer and one.gold)
    search(driver, wanted.id)
    shown = driver.execute_script(
        "return [...document.querySelectorAll('#detail .passage-text')].map((node) =>"
        " [...node.querySelectorAll('mark')].map((mark) => [mark.className, mark.textContent]))"
    )
    for passage, found in zip(wanted.passages, shown, strict=False):
        units = (passage.text or "").encode("utf-16-le")
        expected = [
            (kind, units[2 * start : 2 * end].decode("utf-16-le"))
            for start, end, kind in marks(passage, wanted.gold, wanted.citations)
        ]
        assert [(_CLASSES[name], text) for name, text in found] == expected
    marked = "".join(text for found in shown for _, text in found)
    assert wanted.citations[0].quote in marked


def test_an_abstention_shows_what_was_held_back(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(RUN))
    wanted = next(one for one in RUN.questions if one.abstained)
    search(driver, wanted.id)
    wait_for(driver, "#detail h4", "Held back")
    assert text_of(wait_for(driver, "#detail .quote.cited")) == wanted.withheld[0].quote
    assert text_of(wait_for(driver, "#detail .result .quiet")).startswith("Abstained · confidence 0.")


def test_the_keyboard_is_enough(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(RUN))
    driver.execute_script("document.querySelector('#list .row').focus()")
    press(driver, "j", Keys.ARROW_DOWN, "j", "k")
    assert focused_row(driver) == 2
    assert rows(driver)[2].get_attribute("aria-current") == "true"
    second = shown_question(driver)
    assert second == text_of(rows(driver)[2].find_element(By.CSS_SELECTOR, ".question"))
    press(driver, Keys.ENTER)
    assert driver.switch_to.active_element.get_attribute("id") == "detail"
    press(driver, Keys.ESCAPE)
    assert focused_row(driver) == 2
    press(driver, Keys.END, "j")
    assert focused_row(driver) == 50, "the next page of rows"
    press(driver, "k")
    assert focused_row(driver) == 49
    press(driver, "/")
    assert driver.switch_to.active_element.get_attribute("id") == "search"
    press(driver, "j")
    assert driver.find_element(By.ID, "search").get_property("value") == "j", "letters in the field are text"


def test_only_one_row_is_reached_by_tab(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(RUN))
    driver.execute_script("document.querySelector('#list .row').focus()")
    press(driver, "j", "j")
    assert [row.get_attribute("tabindex") for row in rows(driver)].count("0") == 1


def test_filters_narrow_the_list(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(RUN))
    errors = sum(one.error is not None for one in RUN.questions)
    wrongly = sum(one.abstained is True and one.answerable is True for one in RUN.questions)
    assert choose(driver, "Abstained wrongly") == wrongly == len(rows(driver))
    if errors:
        assert choose(driver, "Failed with an error") == errors
    choose(driver, "All")
    kind, zero = (
        Select(driver.find_element(By.XPATH, f"//label[starts-with(., '{name}')]/select"))
        for name in ("kind", "Measure that is 0")
    )
    kind.select_by_value("table")
    zero.select_by_value("quote_f1")
    expected = [one for one in RUN.questions if one.slices["kind"] == "table" and one.metrics.get("quote_f1") == 0]
    assert len(rows(driver)) == len(expected) > 0
    search(driver, "no question has these words")
    assert "No question fits" in text_of(wait_for(driver, "#found"))
    assert not driver.find_element(By.ID, "browser").is_displayed()


def test_nothing_hostile_runs_and_all_of_it_is_shown(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(hostile_run()))
    shown = set()
    for index, row in enumerate(rows(driver)):
        row.click()
        wait_until(driver, f"document.querySelectorAll('#list .row')[{index}].ariaCurrent === 'true'")
        shown.add(shown_question(driver))
    assert shown == set(HOSTILE)
    assert driver.execute_script("return window.pwned") is None
    assert driver.find_elements(By.CSS_SELECTOR, "img, main script") == []


def test_long_words_do_not_widen_the_page(driver: Chrome, tmp_path: Path) -> None:
    resize(driver, *NARROW)
    long = "donaudampfschiff" * 20
    first = replace(RUN.questions[0], id=long, text=long, answer=long, slices={"kind": long, long: "x"})
    second = replace(RUN.questions[1], slices={"kind": "other", long: "y"})
    opened(driver, tmp_path, run_page(replace(RUN, dataset=long, questions=(first, second))))
    search(driver, long)
    rows(driver)[0].click()
    assert shown_question(driver) == long
    assert driver.execute_script("return document.documentElement.scrollWidth") <= NARROW[0]


def test_nothing_is_fetched(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(RUN))
    assert driver.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_on_a_telephone_a_question_opens_below_its_row(driver: Chrome, tmp_path: Path) -> None:
    resize(driver, *NARROW)
    opened(driver, tmp_path, run_page(RUN))
    assert driver.execute_script("return document.documentElement.scrollWidth") <= NARROW[0]
    assert [row.get_attribute("tabindex") for row in rows(driver)].count("0") == 1
    row = rows(driver)[3]
    assert row.get_attribute("aria-expanded") == "false"
    row.click()
    assert row.get_attribute("aria-expanded") == "true"
    inside = row.find_element(By.XPATH, "..").find_element(By.ID, "detail")
    assert text_of(inside.find_element(By.TAG_NAME, "h3")) == text_of(row.find_element(By.CSS_SELECTOR, ".question"))
    assert driver.execute_script("return document.documentElement.scrollWidth") <= NARROW[0]
    press(driver, Keys.ENTER)
    assert row.get_attribute("aria-expanded") == "false"
    assert not driver.find_element(By.ID, "detail").is_displayed()


def test_light_and_dark(driver: Chrome, tmp_path: Path) -> None:
    def ground() -> str:
        return str(driver.execute_script("return getComputedStyle(document.documentElement).backgroundColor"))

    scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    try:
        opened(driver, tmp_path, run_page(RUN))
        assert ground() == "rgb(20, 23, 26)"
        driver.find_element(By.ID, "theme").click()
        assert ground() == "rgb(251, 251, 250)"
        assert text_of(driver.find_element(By.ID, "theme")) == "Dark"
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_comparison_shows_both_systems_side_by_side(driver: Chrome, tmp_path: Path) -> None:
    other = realistic_run(120, skill=0.9, system="other")
    opened(driver, tmp_path, comparison_page([("before", RUN), ("after", other)]))
    worse = choose(driver, "Worse")
    assert len(rows(driver)) == worse > 0
    rows(driver)[0].click()
    question_id = text_of(wait_for(driver, "#detail .badge"))
    headings = driver.find_elements(By.CSS_SELECTOR, "#detail .result > h3")
    assert [text_of(one) for one in headings] == ["before", "after"]
    first, second = driver.find_elements(By.CSS_SELECTOR, "#detail .result")
    assert first.rect["y"] == second.rect["y"]
    for shown, run in ((first, RUN), (second, other)):
        texts = [text_of(one) for one in shown.find_elements(By.CSS_SELECTOR, ".passage-text")]
        assert texts == [one.text for one in known(question_id, run).passages if one.text]


def test_a_run_without_questions_is_a_page(driver: Chrome, tmp_path: Path) -> None:
    opened(driver, tmp_path, run_page(replace(RUN, questions=(), metrics={})))
    assert "No question fits" in text_of(wait_for(driver, "#found"))
