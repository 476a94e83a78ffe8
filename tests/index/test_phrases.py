from pathlib import Path

from index.phrases import quoted
from index.tantivy_words import TantivyWords
from index.vectors import Scope
from index.words import WordEntry


def test_double_quotation_marks_of_many_countries():
    assert quoted('who said "to be" and “not to be”?') == ["to be", "not to be"]
    assert quoted("„Zur Sonne“, «au soleil», »zum Mond«, 「東京タワー」") == [
        "Zur Sonne",
        "au soleil",
        "zum Mond",
        "東京タワー",
    ]
    assert quoted("it's 5\" long, isn't it") == []


def test_a_quoted_phrase_raises_passages_that_hold_it_and_keeps_others(tmp_path: Path):
    words = TantivyWords(tmp_path / "words")
    bodies = ["notice of the end, the end-date notice", "the notice of end of term", "a notice period; the end of term"]
    words.change([WordEntry(number, 1, 1, "", body) for number, body in enumerate(bodies, 1)], [], 1)
    snapshot = words.snapshot()
    found = snapshot.search('which "end of term" has a notice', 10, Scope(1))
    plain = snapshot.search("which end of term has a notice", 10, Scope(1))
    assert {hit.number for hit in found} == {hit.number for hit in plain} == {1, 2, 3}
    gains = {hit.number: hit.score - dict(plain)[hit.number] for hit in found}
    assert min(gains[2], gains[3]) > 0
    assert abs(gains[1]) < 1e-5


def test_phrases_are_held_by_the_rules_of_the_language(tmp_path: Path):
    words = TantivyWords(tmp_path / "words")
    words.change([WordEntry(1, 1, 1, "", "die Kündigung der Verträge", "de")], [], 1)
    (quoting,) = words.snapshot().search('"Kündigung der Verträge"', 10, Scope(1))
    (plain,) = words.snapshot().search("Kündigung der Verträge", 10, Scope(1))
    assert quoting.score > plain.score
