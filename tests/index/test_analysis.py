from hypothesis import given
from hypothesis import strategies as st

from index.analysis import LANGUAGES, Analysis, analysis_of
from tests.hostile_text import canonical_texts

ANY_LANGUAGE = st.sampled_from([*LANGUAGES, "", "pl", "zh"])


def test_inflected_words_meet_by_the_rules_of_their_language():
    for language, one, other in (
        ("en", "The contracts were terminated", "terminating a contract"),
        ("de", "Verträge und Häuser", "Vertrag, Haus"),
        ("fr", "les activités générales", "activité générale"),
        ("es", "informaciones", "información"),
        ("ru", "договоры", "договора"),
        ("fi", "taloissa", "talo"),
        ("tr", "evlerinden", "ev"),
    ):
        ours, theirs = (set(analysis_of(language).question_terms(text).values()) for text in (one, other))
        assert ours == theirs, language


def test_words_of_other_languages_than_english_are_marked():
    assert analysis_of("de").terms("Vertrag 2024") == ["de:vertrag", "de:2024"]
    assert analysis_of("pl").terms("umowa") == analysis_of("").terms("umowa") == ["umowa"]


def test_stop_words_are_those_of_the_language():
    question = "Wie hoch ist die Strafe?"
    assert list(analysis_of("de").question_terms(question).values()) == ["de:hoch", "de:straf"]
    assert "die" in analysis_of("en").question_terms(question)
    assert list(analysis_of("de").question_terms("wie ist die").values()) == ["de:wie", "de:ist", "de:die"]


def test_scripts_without_spaces_are_cut_into_pairs_wherever_they_stand():
    for language, text, expected in (
        ("zh", "合同终止", ["合同", "同终", "终止"]),
        ("en", "Tokyo (東京) tower", ["tokyo", "東京", "tower"]),
        ("ja", "ｶﾅ水", ["カナ", "ナ水"]),
        ("ko", "서울은 크다", ["서울", "울은", "크다"]),
        ("th", "น้ำ", ["น้", "้ํ", "ํา"]),
        ("zh", "水", ["水"]),
    ):
        assert analysis_of(language).words(text) == expected


@given(canonical_texts, ANY_LANGUAGE)
def test_a_text_is_found_by_all_that_a_question_of_the_same_words_searches_for(text: str, language: str):
    analysis: Analysis = analysis_of(language)
    terms = analysis.terms(text)
    assert set(analysis.question_terms(text).values()) <= set(terms)
    assert all(term and not any(map(str.isspace, term)) for term in terms)


@given(canonical_texts, ANY_LANGUAGE)
def test_the_words_of_lines_are_those_of_the_text(text: str, language: str):
    analysis: Analysis = analysis_of(language)
    assert [word for line in text.split("\n") for word in analysis.words(line)] == analysis.words(text)
