"""The names of the measures, in the order in which they are shown, and what is to be known about them."""

METRICS = (
    "span_mrr@10",
    "span_hit@1",
    "span_hit@5",
    "span_hit@10",
    "span_hit@3000c",
    "page_hit@1",
    "page_hit@5",
    "ndcg@10",
    "recall@10",
    "mrr@10",
    "map",
    "answer_hit@5",
    "token_recall@5",
    "token_precision@5",
    "token_iou@5",
    "quote_f1",
    "quote_iou",
    "exact_match",
    "f1",
    "abstain_f1",
    "answerability_auroc",
    "aurc",
    "ece",
    "coverage_at_risk_05",
    "citation_validity",
)

# What is shown first: each says something that the others do not.
PRIMARY = (
    "span_mrr@10",
    "span_hit@1",
    "page_hit@5",
    "ndcg@10",
    "answer_hit@5",
    "quote_f1",
    "abstain_f1",
    "answerability_auroc",
    "citation_validity",
)

# A question scores 0 or 1.
PROPORTIONS = frozenset(
    {
        "span_hit@1",
        "span_hit@5",
        "span_hit@10",
        "span_hit@3000c",
        "page_hit@1",
        "page_hit@5",
        "answer_hit@5",
        "exact_match",
    }
)

# Computed over all labelled questions at once: one question alone has no value.
OF_QUESTIONS_TOGETHER = frozenset({"abstain_f1", "answerability_auroc", "aurc", "ece", "coverage_at_risk_05"})

LOWER_IS_BETTER = frozenset({"aurc", "ece"})
