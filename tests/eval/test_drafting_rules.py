from hypothesis import given
from hypothesis import strategies as st

from corpus.types import ParsedDocument, Section, page_at
from eval.drafting.documents import ReadDocument
from eval.drafting.rules import draft_by_rules
from eval.drafting.types import Draft
from eval.evidence import SqueezedText
from tests.hostile_text import canonical_texts

TOWER = "The tower of the museum has 142 steps and no lift."
GUIDE = "A guide through the museum costs 350 crowns for an hour."
CLOZE = "Visitors are asked to come early: the ferry takes 25 minutes to the island."


def read(name: str, text: str, sections: tuple[Section, ...] = (), pages: tuple[int, ...] = ()) -> ReadDocument:
    return ReadDocument(name, ParsedDocument(text, "text/plain", title="Rules", page_starts=pages, sections=sections))


def drafts(*found: ReadDocument, count: int = 50, seed: int = 0) -> list[Draft]:
    return draft_by_rules(found, count, seed)


def test_a_fact_becomes_a_question_with_its_evidence() -> None:
    made = drafts(read("museum", f"{GUIDE}\n\n{TOWER}", pages=(0, len(GUIDE) + 2)))
    assert sorted(made, key=lambda draft: draft.page or 0) == [
        Draft("museum", "How much does a guide through the museum cost for an hour?", "350 crowns", GUIDE, 1, "amount"),
        Draft("museum", "How many steps does the tower of the museum have?", "142 steps", TOWER, 2, "quantity"),
    ]


def test_where_no_question_can_be_made_there_is_a_gap() -> None:
    (draft,) = drafts(read("museum", CLOZE))
    assert draft.text == "Complete: Visitors are asked to come early: the ferry takes ____ minutes to the island."
    assert (draft.kind, draft.answer) == ("cloze", "25 minutes")


def test_questions_come_before_gaps() -> None:
    both = read("museum", f"{CLOZE} {TOWER}")
    assert [draft.kind for draft in drafts(both)] == ["quantity", "cloze"]
    assert [draft.kind for draft in drafts(both, count=1)] == ["quantity"]


def test_a_sentence_that_stands_twice_is_left_out() -> None:
    assert drafts(read("museum", f"{TOWER}\n\n{TOWER}")) == []
    assert drafts(read("museum", f"{TOWER}\n\n“Quote: {TOWER}")) == []
    assert drafts(read("old", TOWER), read("new", TOWER)) == []


def test_sentences_that_differ_in_the_fact_alone_are_left_out() -> None:
    """The question would have two answers."""
    assert drafts(read("old", GUIDE), read("new", GUIDE.replace("350", "300"))) == []
    assert len(drafts(read("old", GUIDE), read("new", TOWER))) == 2


def test_a_fact_that_is_said_twice_is_not_asked_for() -> None:
    assert drafts(read("museum", "The notice to the museum is always given within thirty (30) days.")) == []


def test_terms_that_a_contract_defines_are_no_names() -> None:
    text = "The seller may return the Laboratory Kit within reason. A laboratory may also use a kit of others."
    assert drafts(read("contract", text)) == []


def test_rows_of_two_cells() -> None:
    text = "| Visitor | Crowns |\n|---|---|\n| Adults with a **card** | 65 |\n| Children | free |\n| a | b | 7 |\n"
    (draft,) = drafts(read("museum", text, sections=(Section(0, ("1 Museum", "2.1 Admission")),)))
    assert draft == Draft(
        "museum",
        "What is given for “Adults with a card” under “Admission”?",
        "65",
        "Adults with a **card** | 65",
        None,
        "row",
    )


def test_rows_need_a_heading_or_a_title() -> None:
    bare = ParsedDocument("| Adults | 65 |\n", "text/plain")
    assert drafts(ReadDocument("museum", bare)) == []


def test_another_seed_chooses_others_and_the_same_one_the_same() -> None:
    lines = [f"The {name} house on the island has {number} windows." for number, name in enumerate("abcdefghij", 20)]
    document = read("houses", "\n\n".join(lines))
    chosen = {seed: tuple(draft.text for draft in drafts(document, count=3, seed=seed)) for seed in range(4)}
    assert len(set(chosen.values())) > 1
    assert tuple(draft.text for draft in drafts(document, count=3, seed=2)) == chosen[2]


@given(
    st.lists(st.one_of(canonical_texts, st.sampled_from([TOWER, GUIDE, CLOZE, " ", "\n\n"])), max_size=8).map("".join)
)
def test_every_draft_has_its_answer_in_a_quote_that_stands_once(text: str) -> None:
    document = read("any", text, pages=(0, len(text) // 2))
    for draft in drafts(document):
        (place,) = SqueezedText.of(text).find(draft.quote)
        assert SqueezedText.of(draft.quote).find(draft.answer)
        assert draft.page == page_at(document.parsed.page_starts, place.start)
        assert draft.text.strip()
