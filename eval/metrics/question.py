"""All measures of one question, by the names of the result file."""

from collections.abc import Sequence

from eval.metrics.answers import answer_hit, exact_match, token_f1
from eval.metrics.documents import best_passage_scores, document_scores, trec_ranking
from eval.metrics.quotes import quote_f1, quote_iou
from eval.metrics.spans import first_characters, page_hit, span_hit, span_reciprocal_rank
from eval.metrics.tokens import token_iou, token_precision, token_recall
from eval.metrics.types import DocumentSpan, FoundPassage, Gold

Scores = dict[str, float | None]


def score_question(
    gold: Gold, passages: Sequence[FoundPassage], citations: Sequence[DocumentSpan], answer: str | None
) -> Scores:
    """Score what was returned for a question, passages in rank order; nothing returned scores 0.

    `answer` is "" where the question was declined, None where nothing came back at all.
    """
    places = [passage.place for passage in passages]
    pages = [passage.pages for passage in passages]
    ranking = trec_ranking(
        best_passage_scores((name, one.score) for one in passages for name in (one.place.document, *one.also_in))
    )
    return {
        **document_scores(ranking, gold.judgements),
        "span_hit@1": span_hit(places[:1], gold.spans),
        "span_hit@5": span_hit(places[:5], gold.spans),
        "span_hit@10": span_hit(places[:10], gold.spans),
        "span_mrr@10": span_reciprocal_rank(places[:10], gold.spans),
        "span_hit@3000c": span_hit(list(first_characters(places, 3000)), gold.spans),
        "page_hit@1": page_hit(pages[:1], gold.pages),
        "page_hit@5": page_hit(pages[:5], gold.pages),
        "answer_hit@5": answer_hit((passage.text for passage in passages[:5]), gold.answers),
        "token_recall@5": token_recall(places[:5], gold.spans),
        "token_precision@5": token_precision(places[:5], gold.spans),
        "token_iou@5": token_iou(places[:5], gold.spans),
        "quote_f1": quote_f1(citations, gold.spans),
        "quote_iou": quote_iou(citations, gold.spans),
        **_answer_scores(gold, answer),
    }


def _answer_scores(gold: Gold, answer: str | None) -> Scores:
    """Compare the whole answer with the gold answers; declining is the answer to a question that has none."""
    wanted = ("",) if gold.has_no_answer else gold.answers
    if not wanted:
        return {"exact_match": None, "f1": None}
    if answer is None:
        return {"exact_match": 0.0, "f1": 0.0}
    return {"exact_match": exact_match(answer, wanted), "f1": token_f1(answer, wanted)}
