"""Questions as tantivy searches for them: words of every language in the index, phrases, and corrected words."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import tantivy

from index.analysis import DEFAULT_LANGUAGE, LANGUAGES, Analysis, analysis_of
from index.phrases import quoted
from index.typing_errors import distance, is_correctable, most_errors, one_error_away

CONTEXT_WEIGHT = 0.5
CORRECTED_WEIGHT = 0.5
_MOST_CORRECTED = 4  # words of one question
_MOST_UNKNOWN = 8  # words of one question that are looked for errors in
_RIGHT_LETTERS = 3  # with which a word with two errors begins


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term that is searched for.

    `same` is what its word is by the rules of each language; `weight` is 1, and less where the question has a word that
    no passage has, and for what may be meant by it.
    """

    same: frozenset[str]
    weight: float = 1.0


class WordQueries:
    """Queries by the statistics of one commit."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        self._schema = schema
        self._searcher = searcher
        marked = (code for code in LANGUAGES if code != DEFAULT_LANGUAGE and searcher.doc_freq("language", code))
        self._analyses = {code: analysis_of(code) for code in (DEFAULT_LANGUAGE, *marked)}

    def terms(self, question: str) -> dict[str, Wanted]:
        """What passages of all languages are searched for."""
        return self._wanted(question, self._analyses.values())

    def weights(self, question: str, language: str) -> dict[str, float]:
        """What passages of one language are searched for, each term with its inverse document frequency and weight."""
        wanted = self._wanted(question, [analysis_of(language)])
        return {term: one.weight * self._idf("body", one.same) for term, one in wanted.items()}

    def query(self, terms: Mapping[str, Wanted], question: str) -> tantivy.Query:
        """BM25 over texts and, with less weight, contexts; what the question quotes adds to it."""
        weighted = [
            self._weighted(field, term, wanted, wanted.weight * weight)
            for field, weight in (("body", 1.0), ("context", CONTEXT_WEIGHT))
            for term, wanted in terms.items()
        ]
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, query) for query in (*weighted, *self._phrases(question))]
        )

    def term_query(self, field: str, term: str) -> tantivy.Query:
        """Passages whose `field` has the term."""
        return tantivy.Query.term_query(self._schema, field, term, "freq")

    def _wanted(self, question: str, analyses: Iterable[Analysis]) -> dict[str, Wanted]:
        terms = [(analysis, analysis.question_terms(question)) for analysis in analyses]
        same_of = {word: self._same(word) for word in dict.fromkeys(word for _, own in terms for word in own)}
        unknown = set(islice((word for word, same in same_of.items() if self._is_unknown(word, same)), _MOST_UNKNOWN))
        wanted: dict[str, Wanted] = {}
        corrected: dict[str, Wanted] = {}
        for analysis, own in terms:
            for word, term in own.items():
                may_be_wrong = word in unknown and len(corrected) < _MOST_CORRECTED
                guess = self._guess(word, term, analysis) if may_be_wrong else {}
                # "café" and "cafe" are one word in English.
                same = same_of[word] | (wanted[term].same if term in wanted else frozenset())
                wanted[term] = Wanted(same, 1 - CORRECTED_WEIGHT if guess else 1.0)
                corrected |= guess
        return corrected | wanted  # what the question has itself is no guess

    def _same(self, word: str) -> frozenset[str]:
        return frozenset(analysis.term(word) for analysis in self._analyses.values())

    def _weighted(self, field: str, term: str, wanted: Wanted, weight: float) -> tantivy.Query:
        """A term weighed by how many passages have its word, be they of another language.

        Otherwise a few passages of a rare language would have nothing but rare words.
        """
        if len(wanted.same) > 1:
            weight *= self._idf(field, wanted.same) / self._idf(field, {term})
        query = self.term_query(field, term)
        return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)

    def _phrases(self, question: str) -> list[tantivy.Query]:
        """What the question quotes, by the rules of each language."""
        texts = quoted(question)
        phrases = [analysis.words(text) for analysis in self._analyses.values() for text in texts]
        return [tantivy.Query.phrase_query(self._schema, "body", [*words]) for words in phrases if len(words) > 1]

    def _idf(self, field: str, same: Iterable[str]) -> float:
        """The inverse document frequency of a word, as tantivy's BM25 has it."""
        passages = self._searcher.num_docs
        # Passages that were removed are counted for a word until their files are merged.
        having = min(self._frequency(field, same), passages)
        return math.log(1 + (passages - having + 0.5) / (having + 0.5))

    def _frequency(self, field: str, terms: Iterable[str]) -> int:
        """How many passages have any of these terms, no two of which are in one passage."""
        return sum(self._searcher.doc_freq(field, term) for term in terms)

    # --- typing errors -----------------------------------------------------------------------------------------------

    def _is_unknown(self, word: str, same: frozenset[str]) -> bool:
        """Whether no passage has a word that may be another one with errors."""
        return is_correctable(word) and not self._frequency("body", same) and not self._frequency("context", same)

    def _guess(self, word: str, term: str, analysis: Analysis) -> dict[str, Wanted]:
        """The term that is meant by a word that no passage has, if one is near: of the nearest the most frequent."""
        near = self._one_error_away(word, analysis) or self._two_errors_away(word, term)
        return {near: Wanted(frozenset({near}), CORRECTED_WEIGHT)} if near else {}

    def _one_error_away(self, word: str, analysis: Analysis) -> str | None:
        terms = analysis.words(" ".join(one_error_away(word)))
        found = {term: self._searcher.doc_freq("body", term) for term in set(terms)}
        best = max(found, key=lambda term: (found[term], term), default=None)
        return best if best is not None and found[best] else None

    def _two_errors_away(self, word: str, term: str) -> str | None:
        if most_errors(word) < 2:
            return None
        begin = term[: term.find(":") + 1 + _RIGHT_LETTERS]
        near = [
            (distance(term, other), -frequency, other)
            for other, frequency in self._searcher.terms_with_prefix("body", begin)
            if abs(len(other) - len(term)) <= 2
        ]
        errors, _, best = min(near, default=(3, 0, ""))
        return best if errors <= 2 else None
