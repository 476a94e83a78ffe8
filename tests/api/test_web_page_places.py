"""Where the web page shows evidence: drawn on page images, on sheets and slides, inside archives and mails."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from corpus.sources import Source
from retrieval.assemble import open_service
from retrieval.settings import Settings
from tests.api.browser import (
    NARROW,
    NEEDS_BROWSER,
    WIDE,
    resize,
    served,
    text_of,
    wait_for,
    wait_until,
)
from tests.corpus.office_files import pptx, slide_paragraph, slide_shape, xlsx
from tests.corpus.pdf_files import FONT_SIZE, Page, lines, placed_pdf

pytestmark = NEEDS_BROWSER

ATTACK = "<img src=x onerror=window.pwned=1>"

LEFT, TOP, STEP = 60, 720, 12  # where the lines of a page begin, in points from the bottom left
PAGE_WIDTH, PAGE_HEIGHT = 612, 792
ADVANCE = 0.6 * FONT_SIZE  # of every letter of Courier
ROPES = [f"Rope number {n} is kept dry, coiled and out of the sun all year." for n in range(1, 31)]
LAMP = "The lamp of the beacon burns with rape oil from Karn."
LAMP_LINE = 17
LAMP_QUESTION = "What does the lamp of the beacon burn with?"
BASIN = [
    "The harbour master closes the outer basin in a gale of force nine,",
    "and all boats must leave it within two hours.",
]
BASIN_QUESTION = "When does the harbour master close the outer basin?"
PUMP_QUESTION = "What is the price of the bronze pump?"
FERRY_QUESTION = "How often does the ferry to Holm leave?"

# The sides of what a selector finds as shares of the page image, left, top, right and bottom.
SHARES = """
    const image = document.querySelector(".page-image").getBoundingClientRect();
    return [...document.querySelectorAll(arguments[0])].map((node) => {
        const box = node.getBoundingClientRect();
        return [
            (box.left - image.left) / image.width, (box.top - image.top) / image.height,
            (box.right - image.left) / image.width, (box.bottom - image.top) / image.height,
        ];
    });
"""


def _rules() -> bytes:
    """Two pages of rules and one with the lamp, called i, ii and iii; a sentence begins on the first and ends below."""
    pages = [[*ROPES, BASIN[0]], [BASIN[1], *ROPES], [*ROPES[:LAMP_LINE], LAMP, *ROPES[LAMP_LINE:]]]
    labels = "/PageLabels << /Nums [0 << /S /r >>] >>"
    return placed_pdf([Page(lines(page, LEFT, TOP, STEP)) for page in pages], labels, {"Title": "Rules of the yard"})


def _sources() -> list[Source]:
    prices = {
        "Notes": [["What the yard sells"]],
        f"Prices {ATTACK}"[:31]: [["Product", "Price"], ["Iron pump", 310], ["Bronze pump", 475], ["Oak bucket", 12]],
    }
    shapes = [("Plans of the company", "The board met in Karn."), ("Timetable", "The ferry to Holm leaves every hour.")]
    slides = [
        slide_shape(slide_paragraph(title), kind="title") + slide_shape(slide_paragraph(text)) for title, text in shapes
    ]
    return [
        Source("upload:rules.pdf", "rules.pdf", _rules()),
        Source("upload:prices.xlsx", "prices.xlsx", xlsx(prices, title="Price list")),
        Source("upload:plans.pptx", "plans.pptx", pptx(slides)),
    ]


def _archive(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with open_service(Settings(home=home)) as service:
        assert {result.reason for result in service.ingest(_sources())} == {None}
    with served(home) as address:
        yield address


def asked(question: str) -> str:
    return f"/?{urlencode({'q': question})}"


def query(server: str, question: str) -> Any:
    return httpx.post(f"{server}/v1/query", json={"question": question}, timeout=30).raise_for_status().json()


def open_citation(driver: Chrome, address: str) -> None:
    driver.get(address)
    wait_for(driver, ".marker").click()
    wait_for(driver, "#source .page-bar")


def shares(driver: Chrome, selector: str) -> list[list[float]]:
    """Where rectangles on the page image are, once they are drawn."""
    wait_until(driver, f"document.querySelector('{selector}')?.getBoundingClientRect().height > 0")
    found: list[list[float]] = driver.execute_script(SHARES, selector)
    return found


def assert_on_line(box: list[float], number: int, text: str) -> None:
    """The rectangle is around `text`, which is the line of that number on its page."""
    left, top, right, bottom = box
    baseline = (PAGE_HEIGHT - TOP + STEP * number) / PAGE_HEIGHT
    assert left == pytest.approx(LEFT / PAGE_WIDTH, abs=0.004)
    assert right == pytest.approx((LEFT + ADVANCE * len(text)) / PAGE_WIDTH, abs=0.004)
    assert top < baseline - 5 / PAGE_HEIGHT
    assert baseline < bottom < baseline + 4 / PAGE_HEIGHT
    assert bottom - top < 1.2 * STEP / PAGE_HEIGHT


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_rectangle_lies_over_the_quote_at_any_size(server: str, driver: Chrome, size: tuple[int, int]) -> None:
    assert query(server, LAMP_QUESTION)["citations"][0]["quote"] == LAMP
    resize(driver, *size)
    open_citation(driver, server + asked(LAMP_QUESTION))
    if size == NARROW:
        wait_for(driver, ".side-switch button", containing="Page image").click()
    (box,) = shares(driver, ".quote-marks div")
    assert_on_line(box, LAMP_LINE, LAMP)
    width = driver.find_element(By.CSS_SELECTOR, ".page-image").rect["width"]
    wait_for(driver, ".enlarge").send_keys(Keys.ENTER)
    wait_until(driver, f"document.querySelector('.page-image').getBoundingClientRect().width > 1.4 * {width}")
    (larger,) = shares(driver, ".quote-marks div")
    assert larger == pytest.approx(box, abs=0.001)


def test_rectangle_is_scrolled_into_view(server: str, driver: Chrome) -> None:
    resize(driver, WIDE[0], 400)
    open_citation(driver, server + asked(LAMP_QUESTION))
    shares(driver, ".quote-marks div")
    inside = """(() => {
        const [mark, pane] = [".quote-marks div", ".image-pane"].map((selector) =>
            document.querySelector(selector).getBoundingClientRect());
        return mark.top > pane.top && mark.bottom < pane.bottom;
    })()"""
    wait_until(driver, inside)
    wait_until(driver, "document.querySelector('.image-pane').scrollTop > 0")


def test_passage_is_drawn_around_the_quote_on_the_image_and_in_the_text(server: str, driver: Chrome) -> None:
    result = query(server, LAMP_QUESTION)
    citation = result["citations"][0]
    passage = next(passage for passage in result["passages"] if passage["id"] == citation["passage_id"])
    drawn = len(passage["text"].strip().split("\n"))
    open_citation(driver, server + asked(LAMP_QUESTION))
    assert len(shares(driver, ".passage-marks div")) == drawn > 1
    assert text_of(wait_for(driver, ".cited-passage")) == passage["text"]
    assert text_of(wait_for(driver, ".cited-passage mark")) == LAMP


def test_words_stand_for_the_rectangle_where_the_image_is_not_seen(server: str, driver: Chrome) -> None:
    open_citation(driver, server + asked(LAMP_QUESTION))
    shares(driver, ".quote-marks div")
    marks = driver.find_element(By.CSS_SELECTOR, ".quote-marks")
    assert (marks.aria_role, marks.accessible_name) == ("image", f"Marked on the image: “{LAMP}”")
    image = driver.find_element(By.CSS_SELECTOR, ".page-image")
    assert image.accessible_name == "The image of page 3 of Rules of the yard"


def test_quote_over_two_pages_is_drawn_on_both(server: str, driver: Chrome) -> None:
    open_citation(driver, server + asked(BASIN_QUESTION))
    (box,) = shares(driver, ".quote-marks div")
    assert_on_line(box, len(ROPES), BASIN[0])
    wait_for(driver, ".page-bar > button", containing="Continues on page 2").send_keys(Keys.ENTER)
    wait_until(driver, "document.querySelector('.quote-marks').ariaLabel.includes('two hours')")
    (box,) = shares(driver, ".quote-marks div")
    assert_on_line(box, 0, BASIN[1])
    assert text_of(wait_for(driver, "#source mark")).strip() == BASIN[1]
    wait_for(driver, ".page-steps button", containing="Next").send_keys(Keys.ENTER)
    wait_until(driver, "document.querySelector('.page-sheet').ariaBusy === null")
    assert not driver.find_element(By.CSS_SELECTOR, ".quote-marks").is_displayed()
    wait_for(driver, ".page-bar > button", containing="Back to the quote, page 1").click()
    assert_on_line(shares(driver, ".quote-marks div")[0], len(ROPES), BASIN[0])


def test_passage_opens_on_the_page_of_its_evidence_with_the_printed_label(server: str, driver: Chrome) -> None:
    driver.get(server + asked(LAMP_QUESTION))
    assert "page 3 (printed iii)" in text_of(wait_for(driver, ".citations .place"))
    wait_for(driver, ".passage h3 a").click()
    assert wait_for(driver, ".page-bar input").get_property("value") == "3"
    assert text_of(wait_for(driver, ".page-label")) == "(printed iii)"
    assert text_of(wait_for(driver, "#source .where")).startswith("page 3 (printed iii) · characters ")
    assert text_of(wait_for(driver, "#source mark")) == LAMP


def test_sheets_and_slides_are_called_so_and_have_no_images(server: str, driver: Chrome) -> None:
    sheet = f"Prices {ATTACK}"[:31]
    open_citation(driver, server + asked(PUMP_QUESTION))
    assert text_of(wait_for(driver, ".citations .place")) == f"sheet {sheet}, A3:B3 · 2024-02-04"
    assert text_of(wait_for(driver, "#source .where")).startswith(f"sheet {sheet}, A3:B3 · characters ")
    assert text_of(wait_for(driver, ".page-steps span")) == f"Sheet  of 2 {sheet}"
    assert "Bronze pump" in text_of(wait_for(driver, "#source mark"))
    open_citation(driver, server + asked(FERRY_QUESTION))
    assert text_of(wait_for(driver, ".citations .place")) == "slide 2 · Timetable"
    assert text_of(wait_for(driver, "#source .quiet")) == "plans.pptx · PowerPoint · 2 slides"
    wait_for(driver, ".page-steps button", containing="Previous").click()
    assert "The board met in Karn." in text_of(wait_for(driver, ".document-text"))
    assert driver.find_elements(By.CSS_SELECTOR, ".page-image, .enlarge") == []


def test_archive_shows_what_became_of_its_members_and_they_are_listed_below_it(
    server: str, driver: Chrome, tmp_path: Path
) -> None:
    inner = _archive({"deep.txt": b"The well has nine steps."})
    members = {f"{ATTACK}.txt": b"The cat is grey.", "broken.pdf": b"%PDF-1.4 no more", "inner.zip": inner}
    file = tmp_path / "box.zip"
    file.write_bytes(_archive(members))
    driver.get(f"{server}/?view=documents&collection=boxes")
    wait_for(driver, ".documents-head", containing="0 documents")
    driver.find_element(By.ID, "files").send_keys(str(file))
    wait_for(driver, ".uploads .members summary", containing="4 files inside, 1 of them not read")
    rows = [text_of(row) for row in driver.find_elements(By.CSS_SELECTOR, ".uploads .members li")]
    assert rows[0].startswith("broken.pdf'broken.pdf' is damaged")
    assert sorted(rows[1:]) == [f"{ATTACK}.txtAdded", "inner.zip#deep.txtAdded", "inner.zipAdded"]
    wait_for(driver, ".uploads > li > .losses", containing="1 of the files inside could not be read")
    wait_for(driver, ".document-list > li > .losses", containing="1 of the files inside could not be read")
    (outermost,) = driver.find_elements(By.CSS_SELECTOR, ".document-list > li")
    assert len(outermost.find_elements(By.CSS_SELECTOR, ":scope > .inside > ul > li")) == 2
    deep = wait_for(driver, ".inside .inside li > a", containing="deep")
    deep.click()
    wait_for(driver, "#source .source-head a", containing="inner").click()
    wait_for(driver, "#source h2", containing="inner")
    driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    wait_for(driver, ".document-list > li > .remove").click()
    wait_for(driver, "dialog", containing="nor what is inside it").find_element(By.CSS_SELECTOR, ".danger").click()
    wait_for(driver, ".documents-head", containing="0 documents")


def test_document_inside_one_of_another_page_of_the_list_is_shown_below_it(server: str, driver: Chrome) -> None:
    """Ids are random, so among so many documents some come before the archive that they are in."""
    archive = _archive({f"note-{n}.txt": f"Note {n}.".encode() for n in range(70)})
    url = f"{server}/v1/documents?collection=notes&wait=60"
    httpx.post(url, files={"file": ("notes.zip", archive)}, timeout=90).raise_for_status()
    driver.get(f"{server}/?view=documents&collection=notes")
    wait_for(driver, ".documents-head", containing="71 documents")
    assert len(driver.find_elements(By.CSS_SELECTOR, ".document-list > li")) == 1
    summary = wait_for(driver, ".inside summary")
    assert 49 <= len(driver.find_elements(By.CSS_SELECTOR, ".inside li")) <= 50
    summary.click()
    wait_for(driver, "#documents > button", containing="Show more").click()
    wait_for(driver, ".inside summary", containing="70 documents inside")
    names = [text_of(row).split(" · ")[0] for row in driver.find_elements(By.CSS_SELECTOR, ".inside li > .quiet")]
    assert names == [f"note-{n}.txt" for n in range(70)]
    assert wait_for(driver, ".inside").get_property("open")
