"""The web page in a real browser against a real server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from corpus.sources import Source, file_source
from retrieval.assemble import open_service
from retrieval.settings import Settings
from tests.api.browser import (
    NARROW,
    NEEDS_BROWSER,
    WIDE,
    console_problems,
    resize,
    served,
    text_of,
    wait_for,
    wait_until,
)

pytestmark = NEEDS_BROWSER

LEAFLET = Path(__file__).resolve().parents[2] / "corpus" / "sample" / "reserve-visitor-leaflet.pdf"

CAT = "The cat of the lighthouse keeper is called Biscuit 🐈‍⬛."
CAT_QUESTION = "What is the cat of the lighthouse keeper called?"
# Begins with U+FEFF; emoji with skin tones, ZWJ sequences, flags and stacked combining marks stand before the evidence.
CAT_TEXT = (
    "\ufeffNotes from Nübel 👩🏽‍🚀\n\nThe flag 🏳️‍🌈 and the family 👨‍👩‍👧‍👦 came by, Z\u0351\u0343\u0321algo "
    f"and cafe\u0301 too 🇺🇳. {CAT} It sleeps on the stairs 🪜 all day."
)

ATTACK = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"
VILLAIN = 'The password of the villain is "<script>window.pwned=1</script>" and <img src=x onerror=window.pwned=1>.'
VILLAIN_QUESTION = "What is the password of the villain?"

LONG_FILLER = "Nothing of note happened on day {} of the voyage, and the crew mended nets as before.\n"
LONG_FACT = "On the last day a walrus 🦭 boarded the ship and took the captain's hat.\n"
LONG_QUESTION = "Who took the captain's hat?"

FULMAR_QUESTION = "What should I do if a fulmar opens its beak at me?"
FULMAR_QUOTE = "If a fulmar opens its beak at you, step back two metres."


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sources() -> list[Source]:
    html = f"<title>{_escaped(ATTACK)}</title><h1>{_escaped(ATTACK)}</h1><p>{_escaped(VILLAIN)}</p>"
    days = "".join(LONG_FILLER.format(day) for day in range(500))
    middle = len(days) // 2
    voyage = days[:middle].rsplit("\n", 1)[0] + "\n" + LONG_FACT + days[middle:].split("\n", 1)[1]
    return [
        Source("text:cat", "cat.txt", CAT_TEXT, title="Nübel 👩🏽‍🚀"),
        Source("text:voyage", "voyage.txt", voyage, title="The voyage"),
        Source("upload:attack", f"{ATTACK}.html", html.encode()),
        file_source(LEAFLET),
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    many = [Source(f"text:{n}", f"note-{n}.txt", f"Note number {n}.", title=f"Note {n}") for n in range(60)]
    with open_service(Settings(home=home)) as service:
        assert {result.reason for result in service.ingest(_sources())} == {None}
        service.ingest(many, "many")
    with served(home) as address:
        yield address


def asked(question: str, more: str = "") -> str:
    return f"/?{urlencode({'q': question})}{more}"


def query(server: str, question: str) -> Any:
    return httpx.post(f"{server}/v1/query", json={"question": question}, timeout=30).raise_for_status().json()


def opened_mark(driver: Chrome, question_url: str) -> str:
    """Open the first citation of the answer; gives the marked text in the source."""
    driver.get(question_url)
    wait_for(driver, ".marker").click()
    return text_of(wait_for(driver, "#source mark"))


def test_typed_question_shows_answer_with_evidence_behind_emoji_and_combining_marks(
    server: str, driver: Chrome
) -> None:
    driver.get(server)
    wait_for(driver, ".welcome", containing="4 documents")
    wait_for(driver, "#question").send_keys(CAT_QUESTION, Keys.ENTER)
    assert CAT in text_of(wait_for(driver, ".answer-text"))
    assert text_of(wait_for(driver, ".answer-text mark")) == "Biscuit"
    assert text_of(wait_for(driver, ".passage mark")) == CAT
    assert text_of(wait_for(driver, ".verified")) == "✓ verified"
    assert "logistic on 6 sets" in text_of(wait_for(driver, ".confidence"))
    assert driver.current_url == server + asked(CAT_QUESTION)


def test_opened_source_marks_the_quote_of_the_citation(server: str, driver: Chrome) -> None:
    citation = query(server, CAT_QUESTION)["citations"][0]
    assert citation["quote"] == CAT == CAT_TEXT[citation["start"] : citation["end"]]
    assert opened_mark(driver, server + asked(CAT_QUESTION)) == CAT
    assert text_of(wait_for(driver, "#source .document-text")) == CAT_TEXT
    assert text_of(wait_for(driver, "#source h2")) == "Nübel 👩🏽‍🚀"


def test_markup_in_documents_is_shown_and_never_run(server: str, driver: Chrome) -> None:
    driver.get(server + asked(VILLAIN_QUESTION))
    assert VILLAIN in text_of(wait_for(driver, ".answer-text"))
    assert text_of(wait_for(driver, ".passage h3", containing="onerror")) == ATTACK
    wait_for(driver, ".marker").click()
    assert VILLAIN in text_of(wait_for(driver, "#source mark"))
    assert f"{ATTACK}.html" in text_of(wait_for(driver, "#source .quiet"))
    driver.get(f"{server}/?view=documents")
    assert text_of(wait_for(driver, ".document-list a", containing="onerror")) == ATTACK
    wait_for(driver, f'.remove[aria-label*="{ATTACK}"]').click()
    assert text_of(wait_for(driver, "dialog strong")) == ATTACK
    assert driver.execute_script("return window.pwned") is None
    assert driver.execute_script("return document.querySelectorAll('img[onerror], body script').length") == 0


def test_markup_in_question_and_address_is_shown_and_never_run(server: str, driver: Chrome) -> None:
    driver.get(server + asked(ATTACK))
    wait_for(driver, ".passages")
    assert wait_for(driver, "#question").get_property("value") == ATTACK
    assert driver.title == f"{ATTACK} – Pincite"
    assert driver.execute_script("return window.pwned") is None


def test_pdf_citation_opens_the_image_of_its_page_beside_the_text(server: str, driver: Chrome) -> None:
    mark = opened_mark(driver, server + asked(FULMAR_QUESTION))
    assert mark == query(server, FULMAR_QUESTION)["citations"][0]["quote"]
    assert FULMAR_QUOTE in " ".join(mark.split())
    image = wait_for(driver, ".page-image")
    assert "/pages/2.png?version=" in str(image.get_property("src"))
    wait_until(driver, "document.querySelector('.page-image').naturalWidth > 500")
    wait_for(driver, ".page-steps button", containing="Previous").click()
    assert "/pages/1.png" in str(image.get_property("src"))
    loaded = "(image => image.complete && image.naturalWidth > 500)(document.querySelector('.page-image'))"
    wait_until(driver, loaded)
    assert not wait_for(driver, ".page-steps button", containing="Previous").is_enabled()


def test_text_beside_a_page_image_is_that_of_the_page(server: str, driver: Chrome) -> None:
    citation = query(server, FULMAR_QUESTION)["citations"][0]
    url = f"{server}/v1/documents/{citation['document_id']}"
    starts = httpx.get(url).json()["page_starts"]
    text = httpx.get(f"{url}/text").text
    opened_mark(driver, server + asked(FULMAR_QUESTION))
    assert text_of(wait_for(driver, ".document-text")) == text[starts[1] :]
    wait_for(driver, ".page-steps button", containing="Previous").click()
    assert text_of(wait_for(driver, ".document-text")) == text[: starts[1]]
    assert driver.find_elements(By.CSS_SELECTOR, "#source mark") == []


def test_source_offers_the_original_and_the_quote_with_its_reference(server: str, driver: Chrome) -> None:
    permissions = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": server}
    driver.execute_cdp_cmd("Browser.grantPermissions", permissions)
    opened_mark(driver, server + asked(FULMAR_QUESTION))
    original = httpx.get(str(wait_for(driver, ".source-tools a").get_property("href")))
    assert original.content == LEAFLET.read_bytes()
    assert original.headers["content-disposition"].startswith("attachment")
    wait_for(driver, ".source-tools button").click()
    wait_for(driver, ".source-tools [role=status]", containing="Copied")
    copied = driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert "step back two metres" in copied
    assert "page 2" in copied
    assert copied.endswith(driver.current_url)


def test_long_document_shows_what_surrounds_the_evidence_and_more_on_demand(server: str, driver: Chrome) -> None:
    assert opened_mark(driver, server + asked(LONG_QUESTION)) == LONG_FACT.rstrip()
    shown = "document.querySelector('.document-text').textContent.length"
    top = "document.querySelector('#source mark').getBoundingClientRect().top"
    assert 10_000 < driver.execute_script(f"return {shown}") < 14_000
    before = driver.execute_script(f"return {top}")
    assert 0 < before < WIDE[1]
    earlier = wait_for(driver, ".text-pane button", containing="earlier")
    driver.execute_script("arguments[0].click()", earlier)
    assert driver.execute_script(f"return {shown}") > 25_000
    assert driver.execute_script(f"return {top}") == pytest.approx(before, abs=2)
    assert LONG_FILLER.format(0) in text_of(wait_for(driver, ".document-text"))


def test_abstaining_gives_the_reason_and_the_closest_passages(server: str, driver: Chrome) -> None:
    question = "Which chemical element has the atomic number 79?"
    reason = query(server, question)["abstain_reason"]
    driver.get(server + asked(question))
    assert reason[1:] in text_of(wait_for(driver, ".abstained"))
    wait_for(driver, ".passages h2", containing="Closest passages")
    assert driver.find_elements(By.CSS_SELECTOR, ".answer, .marker") == []


def test_address_leads_back_and_forth_between_questions_and_sources(server: str, driver: Chrome) -> None:
    driver.get(server + asked(CAT_QUESTION))
    wait_for(driver, ".answer-text", containing=CAT)
    wait_for(driver, ".passage h3 a").click()
    wait_for(driver, "#source mark")
    link = driver.current_url
    driver.back()
    wait_until(driver, "document.querySelector('#source').hidden")
    field = wait_for(driver, "#question")
    field.clear()
    field.send_keys(LONG_QUESTION, Keys.ENTER)
    wait_for(driver, ".answer-text", containing="walrus")
    driver.back()
    wait_for(driver, ".answer-text", containing=CAT)
    driver.get(link)  # what somebody sees who is sent the link
    assert text_of(wait_for(driver, "#source mark")) == CAT
    wait_for(driver, ".answer-text", containing=CAT)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_source_is_closed_by_keyboard_and_gives_the_focus_back(
    server: str, driver: Chrome, size: tuple[int, int]
) -> None:
    resize(driver, *size)
    driver.get(server + asked(CAT_QUESTION))
    wait_for(driver, ".marker").send_keys(Keys.ENTER)
    panel = wait_for(driver, "#source:has(mark)")
    covers_page = panel.rect["width"] == size[0]
    assert covers_page == (size == NARROW)
    assert driver.execute_script("return document.getElementById('page').inert") == covers_page
    assert driver.execute_script("return document.querySelector('#source').contains(document.activeElement)")
    driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    wait_until(driver, "document.querySelector('#source').hidden")
    wait_until(driver, "document.activeElement.classList.contains('marker')")
    assert driver.current_url == server + asked(CAT_QUESTION)


def test_uploaded_file_becomes_answerable(server: str, driver: Chrome, tmp_path: Path) -> None:
    good, bad = tmp_path / "gøøse 🪿.md", tmp_path / "torn.pdf"
    good.write_text("# Gander\n\nThe goose of the harbour master is named Archibald.", encoding="utf-8")
    bad.write_bytes(b"%PDF-1.4 and no more")
    driver.get(f"{server}/?view=documents")
    wait_for(driver, ".documents-head", containing="4 documents")
    driver.find_element(By.ID, "files").send_keys(f"{good}\n{bad}")
    wait_for(driver, ".uploads .failed", containing="'torn.pdf' is damaged")
    wait_for(driver, ".uploads .done", containing="gøøse 🪿.mdAdded")
    wait_for(driver, ".documents-head", containing="5 documents")
    wait_for(driver, ".document-list a", containing="Gander")
    wait_for(driver, "nav a", containing="Ask").click()
    wait_for(driver, "#question").send_keys("What is the goose of the harbour master named?", Keys.ENTER)
    wait_for(driver, ".answer-text", containing="Archibald")


def test_dropped_file_is_replaced_and_removed_on_confirmation(server: str, driver: Chrome) -> None:
    drop = """
        const files = new DataTransfer();
        files.items.add(new File([arguments[0]], "dropped.txt"));
        dispatchEvent(new DragEvent("drop", { dataTransfer: files, cancelable: true }));
    """
    driver.get(f"{server}/?collection=drops")
    wait_for(driver, ".welcome", containing="no documents here yet")
    driver.execute_script(drop, "First of its name.")
    wait_for(driver, ".uploads .done", containing="Added")
    driver.execute_script(drop, "Second of its name.")
    wait_for(driver, ".uploads .done", containing="Replaced its earlier version")
    wait_for(driver, ".documents-head", containing="1 document,")
    press_remove = "document.querySelector('.remove').click()"  # in one step: the list is read again meanwhile
    driver.execute_script(press_remove)
    wait_for(driver, "dialog button", containing="Keep").click()
    assert httpx.get(f"{server}/v1/documents?collection=drops").json()["data"]
    driver.execute_script(press_remove)
    wait_for(driver, "dialog .danger").click()
    wait_for(driver, ".documents-head", containing="0 documents")
    assert httpx.get(f"{server}/v1/documents?collection=drops").json()["data"] == []


def test_collection_is_chosen_and_its_documents_are_listed_page_by_page(server: str, driver: Chrome) -> None:
    driver.get(f"{server}/?view=documents")
    wait_for(driver, ".collection select").send_keys("many")
    wait_for(driver, ".documents-head", containing="60 documents")
    assert len(driver.find_elements(By.CSS_SELECTOR, ".document-list li")) == 50
    wait_for(driver, "#documents > button", containing="Show more").click()
    wait_until(driver, "document.querySelectorAll('.document-list li').length === 60")
    titles = {text_of(link) for link in driver.find_elements(By.CSS_SELECTOR, ".document-list a")}
    assert titles == {f"Note {n}" for n in range(60)}
    assert not driver.find_element(By.CSS_SELECTOR, "#documents > button").is_displayed()
    wait_for(driver, "nav a", containing="Ask").click()
    wait_for(driver, ".welcome", containing="60 documents")


def test_refusals_are_shown_in_words(server: str, driver: Chrome) -> None:
    driver.get(server + asked(CAT_QUESTION, "&collection=nowhere"))
    wait_for(driver, ".problem", containing="there is no collection 'nowhere'")
    driver.get(f"{server}/?doc=doc_gone")
    wait_for(driver, "#source .problem", containing="doc_gone")
    assert all("404" in problem for problem in console_problems(driver))


@pytest.mark.parametrize("size", [WIDE, NARROW, (360, 640)])
def test_nothing_reaches_beyond_the_sides(server: str, driver: Chrome, size: tuple[int, int]) -> None:
    resize(driver, *size)
    for path in ("/", asked(VILLAIN_QUESTION), asked(FULMAR_QUESTION), "/?view=documents"):
        driver.get(server + path)
        wait_for(driver, ".welcome, .answer, .document-list li")
        assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth"), path
        for marker in driver.find_elements(By.CSS_SELECTOR, ".marker")[:1]:
            marker.click()
            wait_for(driver, "#source mark")
            assert driver.execute_script("return document.documentElement.scrollWidth <= innerWidth"), path
            assert driver.execute_script(
                "const s = document.querySelector('#source'); return s.scrollWidth <= innerWidth"
            )


def test_a_conversation_is_kept_shown_and_started_anew(server: str, driver: Chrome) -> None:
    driver.get(server)
    wait_for(driver, ".welcome")
    field = wait_for(driver, "#question")
    field.send_keys(CAT_QUESTION, Keys.ENTER)
    wait_for(driver, ".answer-text", containing=CAT)
    assert driver.find_elements(By.CSS_SELECTOR, ".earlier, .searched") == []
    follow_up = "Where does it sleep?"
    field.clear()
    field.send_keys(follow_up, Keys.ENTER)
    assert text_of(wait_for(driver, ".searched q")) == f"{follow_up} cat lighthouse keeper called Biscuit"
    assert [text_of(link) for link in driver.find_elements(By.CSS_SELECTOR, ".earlier a")] == [CAT_QUESTION]
    assert CAT_TEXT in text_of(wait_for(driver, ".passage-text"))
    driver.back()
    wait_for(driver, ".answer-text", containing=CAT)
    wait_until(driver, "document.querySelector('.earlier') === null")
    driver.forward()
    wait_for(driver, ".searched button", containing="Ask it alone").click()
    wait_until(driver, "document.querySelector('.searched, .earlier') === null")
    assert wait_for(driver, "#question").get_property("value") == follow_up
    field.clear()
    field.send_keys(CAT_QUESTION, Keys.ENTER)
    wait_for(driver, ".earlier button", containing="Start anew").click()
    wait_for(driver, ".welcome")
    field.send_keys("Is it asleep?", Keys.ENTER)
    wait_for(driver, ".passages")
    assert driver.find_elements(By.CSS_SELECTOR, ".earlier, .searched") == []


def test_how_passages_and_confidence_came_about_can_be_opened(server: str, driver: Chrome) -> None:
    driver.get(server + asked(CAT_QUESTION))
    wait_for(driver, ".passage summary", containing="How this was found").click()
    rows = text_of(wait_for(driver, ".passage .explanation table"))
    assert all(stage in rows for stage in ("Meaning (cosine)", "Words (BM25)", "Cross-encoder", "Final"))
    sentences = driver.find_elements(By.CSS_SELECTOR, ".passage:first-child .explanation table + table td:first-child")
    assert CAT in [text_of(cell) for cell in sentences]
    assert driver.find_elements(By.CSS_SELECTOR, "#source:not([hidden])") == []
    wait_for(driver, ".answer summary", containing="How this was found").click()
    assert "coverage" in text_of(wait_for(driver, ".answer .explanation table"))
