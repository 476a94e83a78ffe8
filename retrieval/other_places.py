"""Where else a passage or a quote stands: in the copies of its passage."""

from corpus.types import Span
from retrieval.evidence import Evidence
from retrieval.passages import FoundPassage
from retrieval.places import Places, place_fields
from retrieval.sentence_bodies import shown_sentences
from retrieval.types import OtherPlace
from retrieval.wording import wording


def places_of_passage(found: FoundPassage, places: Places) -> tuple[OtherPlace, ...]:
    """The places of the passage's copies."""
    return tuple(_other_place(copy, copy.passage.span, places) for copy in found.copies)


def places_of_quote(item: Evidence, places: Places) -> tuple[OtherPlace, ...]:
    """Where the copies of the passage have the quote; a copy that holds only another piece of it has none."""
    quote = item.span.of(item.found.document_text)
    spans = [(copy, sentences_like(copy, quote)) for copy in item.found.copies]
    return tuple(_other_place(copy, span, places) for copy, span in spans if span is not None)


def sentences_like(found: FoundPassage, quote: str) -> Span | None:
    """The first run of sentences of the passage that has the words of the quote."""
    wanted = wording(quote).words
    sentences = shown_sentences(found.document_text, found.passage.span)
    for first in range(len(sentences)):
        for last in range(first, len(sentences)):
            span = Span(sentences[first].start, sentences[last].end)
            words = wording(span.of(found.document_text)).words
            if words == wanted:
                return span
            if words != wanted[: len(words)]:
                break
    return None


def _other_place(found: FoundPassage, span: Span, places: Places) -> OtherPlace:
    place = places.of(found.version, span)
    return OtherPlace(passage_id=found.passage.id, **place_fields(found.version, span, place))
