"""From texts to the words that the index holds, by the rules of the text's language.

Words are cut at signs, lowered, stemmed by the Snowball stemmers of tantivy and freed of accents. Scripts without
spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese), and Korean, whose words carry their particles, are cut into
pairs of characters instead, in a text of any language. Texts of other languages, and those whose language is not
known, go by the English rules.

A word of another language than English is marked with it ("de:vertrag"). So each passage is searched for the words
that a question has by the rules of that passage's language, and a question needs no language of its own: it is
analysed by the rules of every language that is in the index.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

import tantivy

from index.compounds import further_forms
from index.stopwords import ENGLISH

DEFAULT_LANGUAGE: Final = "en"

_STEMMERS: Final = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
# For these tantivy has the stop words of the Snowball project.
_WITH_STOP_WORDS: Final = frozenset({"da", "de", "es", "fi", "fr", "hu", "it", "nl", "no", "pt", "ru", "sv"})
_POINT_IN_DECIMALS: Final = frozenset({"ar", "en", "ta"})
_LONGEST_WORD: Final = 80  # bytes

# Thai, Lao, Burmese, Hangul's letters, Khmer, Japanese, Han, Hangul, forms of half width; the higher planes of Han.
_UNSPACED: Final = re.compile(
    "([\u0e00-\u0e4e\u0e80-\u0ece\u1000-\u103f\u1050-\u108f\u1100-\u11ff\u1780-\u17d3\u3005-\u3007\u3041-\u3096\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff"
    "\uff66-\uffdc\U00020000-\U0003ffff]+)"
)

LANGUAGES: Final = (DEFAULT_LANGUAGE, *_STEMMERS)
"""The languages with rules of their own, by ISO 639-1 code."""


class Analysis:
    """The rules of one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        fold, stem = tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer(_STEMMERS.get(language, "english"))
        lower = tantivy.Filter.lowercase()
        # Other stemmers than the English one read accents.
        last = [fold, stem] if language == DEFAULT_LANGUAGE else [stem, fold]
        stop = [tantivy.Filter.stopword(_STEMMERS[language])] if language in _WITH_STOP_WORDS else []
        self._stems = _analyzer(tantivy.Tokenizer.whitespace(), [lower, *last])
        self._topical_stems = _analyzer(tantivy.Tokenizer.whitespace(), [lower, *stop, *last])

    def words(self, text: str) -> list[str]:
        """The words of a text, in order."""
        return self._marked(self._stems.analyze(" ".join(_cut(text))))

    def forms(self, text: str) -> list[str]:
        """What names of several parts and numbers are found by besides; see `index.compounds`."""
        return self._marked(self._stems.analyze(" ".join(self._further_forms(text))))

    def terms(self, text: str) -> list[str]:
        """All that a text is found by: its words, then the further forms."""
        return [*self.words(text), *self.forms(text)]

    def question_terms(self, question: str) -> dict[str, str]:
        """What is searched for, by the words and forms that a question has: no stop words, unless there are no others.

        The keys are the same whatever the language.
        """
        said = [*_cut(question), *self._further_forms(question)]
        return {word: self.term(word) for word in [word for word in said if self._is_topical(word)] or said}

    def term(self, word: str) -> str:
        """One of the words that `question_terms` names in the form in which the index holds it."""
        return " ".join(self._marked(self._stems.analyze(word)))

    def _is_topical(self, word: str) -> bool:
        left = self._topical_stems.analyze(word)
        return bool(left) and not (self._language == DEFAULT_LANGUAGE and left[0] in ENGLISH)

    def _further_forms(self, text: str) -> Iterable[str]:
        return further_forms(text, decimal_comma=self._language not in _POINT_IN_DECIMALS)

    def _marked(self, words: list[str]) -> list[str]:
        return words if self._language == DEFAULT_LANGUAGE else [f"{self._language}:{word}" for word in words]


@cache
def analysis_of(language: str) -> Analysis:
    """The rules of a language, given as ISO 639-1 code; those of English for one without rules, and for ""."""
    return Analysis(language) if language in _STEMMERS else _default()


@cache
def _default() -> Analysis:
    return Analysis(DEFAULT_LANGUAGE)


def _cut(text: str) -> list[str]:
    """The words of a text as they are written, and pairs of characters in scripts without spaces."""
    if text.isascii():
        return _at_signs(text)
    parts = _UNSPACED.split(text)
    return [word for place, part in enumerate(parts) for word in (_pairs(part) if place % 2 else _at_signs(part))]


def _pairs(run: str) -> list[str]:
    """Each two neighbours of a run of characters; the run itself if it is one."""
    run = unicodedata.normalize("NFKC", run)
    return [run[start : start + 2] for start in range(max(1, len(run) - 1))]


def _at_signs(text: str) -> list[str]:
    words: list[str] = _cutter().analyze(text)
    return words


@cache
def _cutter() -> tantivy.TextAnalyzer:
    return _analyzer(tantivy.Tokenizer.simple(), [tantivy.Filter.remove_long(_LONGEST_WORD)])


def _analyzer(tokenizer: tantivy.Tokenizer, steps: Iterable[tantivy.Filter]) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tokenizer)
    for step in steps:
        builder = builder.filter(step)
    return builder.build()
