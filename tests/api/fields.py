"""The fields of the interface, the same behind every door."""

RESULT = {
    "id",
    "question",
    "collection",
    "index_version",
    "answer",
    "citations",
    "passages",
    "confidence",
    "confidence_calibration",
    "abstained",
    "abstain_reason",
    "timings_ms",
    "signals",
    "searched_question",
    "warnings",
    "explanation",
    "conflicts",
}
CITATION = {
    "id",
    "document_id",
    "document_title",
    "document_uri",
    "document_version",
    "document_date",
    "media_type",
    "passage_id",
    "quote",
    "start",
    "end",
    "page_start",
    "page_end",
    "page_label_start",
    "page_label_end",
    "cells",
    "section_path",
    "verified",
    "prefix",
    "suffix",
    "also_in",
}
PASSAGE = {
    "id",
    "rank",
    "score",
    "scores",
    "text",
    "document_id",
    "document_title",
    "document_uri",
    "document_version",
    "document_date",
    "media_type",
    "start",
    "end",
    "page_start",
    "page_end",
    "page_label_start",
    "page_label_end",
    "cells",
    "section_path",
    "metadata",
    "highlights",
    "also_in",
}
OTHER_PLACE = CITATION - {"id", "quote", "verified", "prefix", "suffix", "also_in"}
DOCUMENT = {
    "id",
    "collection",
    "uri",
    "external_id",
    "version",
    "name",
    "title",
    "media_type",
    "metadata",
    "pages",
    "parent_id",
    "losses",
    "created_at",
    "seq",
}
FILE = {"path", "document_id", "status", "reason", "seq", "losses", "near_duplicates"}
FILE |= {"pages_total", "pages_with_text", "pages_empty", "pages_failed"}
JOB = {"id", "kind", "status", "done", "total", "results", "errors", "seq", "created_at", "updated_at"}
STATUS = {"home", "documents", "passages", "index_version", "models"}


def assert_result_fields(result: dict[str, object]) -> None:
    """The object of a question, with answer and citations, has exactly these fields."""
    assert result.keys() == RESULT
    answer, citations, passages = result["answer"], result["citations"], result["passages"]
    assert isinstance(answer, dict)
    assert isinstance(citations, list)
    assert isinstance(passages, list)
    assert answer.keys() == {"type", "text", "spans", "exact"}
    assert answer["spans"][0].keys() == {"start", "end", "citations"}
    assert citations
    assert all(citation.keys() == CITATION for citation in citations)
    assert all(passage.keys() == PASSAGE for passage in passages)
    assert all(passage["scores"].keys() == {"dense", "lexical", "fused", "rerank"} for passage in passages)
    assert passages[0]["highlights"][0].keys() == {"start", "end"}
