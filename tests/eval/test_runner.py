import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from corpus.errors import BadInputError, LockedError, ModelError, NotFoundError
from corpus.text import canonical
from eval.datasets import load
from eval.records import FORMAT, RunSettings
from eval.run_file import read_run, run_json, write_run
from eval.runner import run
from retrieval.profile import DEFAULT_PROFILE, Profile
from retrieval.types import Answer, Citation, QueryResult, RankedPassage, Scores, Turn

FERRY = "The ferry to Karn sails at noon.\n\nDogs travel free of charge on deck."
LIGHT = "Karn Light was lit in 1887.\r\n\r\nIts lamp burns paraffin. Nobody lives there."
CORPUS = [
    {"_id": "ferry", "title": "Ferry", "text": FERRY},
    {"_id": "light", "title": "Light", "text": LIGHT},
    {"_id": "blank", "title": "Blank", "text": " "},
]


def span(document, text, quote):
    start = text.index(quote)
    return {"doc_id": document, "start": start, "end": start + len(quote), "quote": quote}


QUESTIONS = [
    {
        "_id": "noon",
        "text": "When sails the ferry?",
        "answers": ["Noon"],
        "answerable": True,
        # A page of some original says nothing about a text without pages.
        "evidence": [{**span("ferry", FERRY, "The ferry to Karn sails at noon."), "page": 3}],
    },
    {
        "_id": "lamp",
        "text": "What lamp burns there?",
        "answers": ["paraffin"],
        "answerable": True,
        "evidence": [span("light", LIGHT, "Its lamp burns paraffin.")],
    },
    {"_id": "fare", "text": "xylophone", "answers": ["none"], "answerable": False},
    {"_id": "blank", "text": "deck", "answerable": True},
]
QRELS = "query-id\tcorpus-id\tscore\nnoon\tferry\t1\nlamp\tlight\t2\nblank\tblank\t1\n"

DOCUMENT_METRICS = {"ndcg@10", "recall@10", "mrr@10", "map"}
SPAN_METRICS = {
    *("span_hit@1", "span_hit@5", "span_hit@10", "span_mrr@10", "span_hit@3000c", "quote_f1", "quote_iou"),
    *("token_recall@5", "token_precision@5", "token_iou@5"),
}
ABSTENTION_METRICS = {"abstain_f1", "answerability_auroc", "aurc", "ece", "coverage_at_risk_05"}


# --- a service of a few lines: paragraphs are passages, ranked by the words they share with the question ------------


@dataclass
class Outcome:
    path: str
    document_id: str | None
    status: str
    reason: str | None = None


@dataclass
class Status:
    documents: int
    passages: int
    index_version: int
    models: dict[str, str]


def words(text):
    return set(re.findall(r"\w+", text.lower()))


class ToyService:
    """Keeps its documents in one JSON file of the home; a form feed begins a page."""

    def __init__(self, home, journal):
        self._file = home / "documents.json"
        home.mkdir(exist_ok=True)
        self._documents = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._journal = journal

    def ingest(self, sources, collection="default", on_result=None):
        results = []
        for source in sources:
            results.append(self._ingest(source))
            self._journal.append((results[-1].status, source.external_id))
            self._file.write_text(json.dumps(self._documents))
            if on_result:
                on_result(results[-1])
        return results

    def _ingest(self, source):
        content = source.content.read_text() if isinstance(source.content, Path) else source.content
        if not content.strip():
            return Outcome(source.name, None, "failed", "the text is empty")
        document_id = "doc_" + hashlib.sha256(source.uri.encode()).hexdigest()[:8]
        known = document_id in self._documents
        self._documents[document_id] = {"name": source.external_id, "title": source.title, "text": canonical(content)}
        return Outcome(source.name, document_id, "unchanged" if known else "added")

    def document_ids(self, collection):
        return {document_id: document["name"] for document_id, document in self._documents.items()}

    def text(self, document_id, version=None):
        if version not in (None, "v1"):
            raise NotFoundError(f"no version {version!r}")
        return self._documents[document_id]["text"]

    def query(self, request):
        self._journal.append(("query", request))
        asked = words(request.question)
        passages = [one for document_id in self._documents for one in self._passages(document_id, asked)]
        passages = sorted(passages, key=lambda one: (-one.score, one.id))[: request.top_k]
        passages = tuple(replace(one, rank=rank) for rank, one in enumerate(passages, 1))
        citations = tuple(self._citation(one, asked) for one in passages[:1])
        return QueryResult(
            id="r",
            question=request.question,
            collection=request.collection,
            index_version=1,
            answer=Answer("extractive", citations[0].quote, ()) if citations else None,
            citations=citations,
            passages=passages,
            confidence=passages[0].score if passages else 0.0,
            confidence_calibration="none",
            abstained=not passages,
            abstain_reason=None if passages else "nothing found",
        )

    def _passages(self, document_id, asked):
        text = self._documents[document_id]["text"]
        for paragraph in re.finditer(r"[^\n\f]+", text):
            score = len(asked & words(paragraph.group())) / len(asked)
            page = text.count("\f", 0, paragraph.start()) + 1 if "\f" in text else None
            if score:
                yield RankedPassage(
                    id=f"{document_id}-{paragraph.start():04}",
                    rank=0,
                    score=score,
                    scores=Scores(lexical=score),
                    text=paragraph.group(),
                    document_id=document_id,
                    document_title="",
                    document_uri="",
                    document_version="v1",
                    media_type="text/plain",
                    start=paragraph.start(),
                    end=paragraph.end(),
                    page_start=page,
                    page_end=page,
                    page_label_start=None,
                    page_label_end=None,
                    cells=None,
                    section_path=(),
                    metadata={},
                )

    def _citation(self, passage, asked):
        sentence = max(re.finditer(r"[^.]+\.?", passage.text), key=lambda one: len(asked & words(one.group())))
        return Citation(
            id="c1",
            document_id=passage.document_id,
            document_title="",
            document_uri="",
            document_version="v1",
            media_type="text/plain",
            passage_id=passage.id,
            quote=sentence.group(),
            start=passage.start + sentence.start(),
            end=passage.start + sentence.end(),
            page_start=passage.page_start,
            page_end=passage.page_end,
            page_label_start=None,
            page_label_end=None,
            cells=None,
            section_path=(),
            verified=True,
            prefix="",
            suffix="",
        )

    def status(self):
        return Status(len(self._documents), 2 * len(self._documents), 1, {"embedder": "toy"})

    def close(self):
        self._journal.append(("close", None))


class Bench:
    """A set in a folder, a cache, and a journal of what the service was asked to do."""

    def __init__(self, folder):
        self.folder = folder / "set"
        self.cache = folder / "cache"
        self.journal = []
        self.folder.mkdir()

    def write(self, name, lines):
        (self.folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines))

    def open(self, home):
        return ToyService(home, self.journal)

    def run(self, opener=None, on_progress=lambda *_: None, **settings):
        return run(load(self.folder), opener or self.open, self.cache, RunSettings(**settings), on_progress)

    def noted(self, *kinds):
        return [entry for entry in self.journal if entry[0] in kinds]


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    bench.write("corpus.jsonl", CORPUS)
    bench.write("queries.jsonl", QUESTIONS)
    (bench.folder / "qrels.tsv").write_text(QRELS)
    return bench


def values(result):
    return {name: one.value for name, one in result.metrics.items()}


# --- measures ------------------------------------------------------------------------------------------------------


def test_measures_and_their_denominators(bench):
    result = bench.run()
    counted = {name: one.n for name, one in result.metrics.items()}
    assert counted == {
        **dict.fromkeys(DOCUMENT_METRICS, 3),
        **dict.fromkeys(SPAN_METRICS, 2),
        "answer_hit@5": 2,
        # The answers to two, and declining for the one without an answer.
        "exact_match": 3,
        "f1": 3,
        "citation_validity": 3,
        **dict.fromkeys(ABSTENTION_METRICS, 4),
    }
    # Two of the three answerable questions have spans, the third has not and the fourth has no answer.
    assert result.metrics["span_hit@1"].not_applicable == 2
    # The question about the document that could not be ingested finds nothing relevant.
    assert values(result)["recall@10"] == pytest.approx(2 / 3)
    assert values(result)["answer_hit@5"] == 1
    assert values(result)["citation_validity"] == 1
    assert values(result)["span_hit@1"] == 1
    assert values(result)["abstain_f1"] == 1
    assert values(result)["answerability_auroc"] == 1
    assert values(result)["quote_f1"] == 1
    assert all(one.ci95[0] <= one.value <= one.ci95[1] for one in result.metrics.values())


def test_offsets_after_windows_newlines_fit_our_text(bench):
    (lamp,) = [one for one in bench.run().questions if one.id == "lamp"]
    assert lamp.metrics["quote_iou"] == 1
    assert lamp.citations[0].quote == canonical(LIGHT)[lamp.citations[0].start : lamp.citations[0].end]
    assert lamp.citations[0].document == "light"


@pytest.mark.parametrize(
    ("field", "lie"),
    [
        ("citations", lambda one: replace(one, start=one.start + 1)),
        ("passages", lambda one: replace(one, text=one.text.upper())),
        ("passages", lambda one: replace(one, document_version="v0")),
    ],
)
def test_wrong_quotes_are_found(bench, field, lie):
    class Liar(ToyService):
        def query(self, request):
            result = super().query(request)
            return replace(result, **{field: tuple(map(lie, getattr(result, field)))})

    result = bench.run(lambda home: Liar(home, bench.journal))
    (noon, *_) = result.questions
    wrong = len(getattr(noon, field))
    assert noon.metrics["citation_validity"] == 1 - wrong / (len(noon.passages) + len(noon.citations))
    assert 0 < values(result)["citation_validity"] < 1
    assert result.counts["errors"] == 0


# --- errors --------------------------------------------------------------------------------------------------------


def test_a_question_that_fails_counts_zero(bench):
    class Fragile(ToyService):
        def query(self, request):
            if "ferry" in request.question or request.question == "xylophone":
                raise RuntimeError("the index is on fire")
            return super().query(request)

    result = bench.run(lambda home: Fragile(home, bench.journal))
    noon = result.questions[0]
    assert noon.error == "RuntimeError: the index is on fire"
    assert (noon.confidence, noon.abstained, noon.passages) == (None, None, ())
    assert {name for name, value in noon.metrics.items() if value == 0} == (
        DOCUMENT_METRICS | SPAN_METRICS | {"answer_hit@5", "exact_match", "f1"}
    )
    assert (noon.correct, result.metrics["recall@10"].errors) == (False, 1)
    assert result.counts["errors"] == 2
    assert result.metrics["recall@10"].n == 3
    assert values(result)["recall@10"] == pytest.approx(1 / 3)
    assert values(result)["citation_validity"] == 1
    # Both errors count as wrong decisions: three answerable questions, one of them "abstained"; the other one answered.
    assert values(result)["abstain_f1"] == 0
    assert values(result)["answerability_auroc"] == 0
    assert json.loads(run_json(result))["counts"]["errors"] == 2


def test_what_no_question_could_survive_ends_the_run(bench):
    class WithoutModel(ToyService):
        def query(self, request):
            raise ModelError("the model is missing")

    with pytest.raises(ModelError):
        bench.run(lambda home: WithoutModel(home, bench.journal))


def test_the_service_is_closed_when_ingesting_fails(bench):
    class Locked(ToyService):
        def ingest(self, sources, collection="default", on_result=None):
            raise LockedError("another process is writing")

    with pytest.raises(LockedError):
        bench.run(lambda home: Locked(home, bench.journal))
    assert bench.noted("close") == [("close", None)]


@pytest.mark.parametrize("limit", [0, -1])
def test_an_impossible_limit_is_refused(limit):
    with pytest.raises(BadInputError, match=f"not {limit}"):
        RunSettings(limit=limit)


# --- the result file -----------------------------------------------------------------------------------------------


def test_the_result_file(bench, tmp_path):
    result = bench.run(mode="lexical", rerank=False, index_digest="toy")
    found = json.loads(run_json(result))
    assert {"dataset", "corpus_digest", "settings", "models", "counts", "metrics", "timings", "questions"} <= set(found)
    assert (found["dataset"], found["form"], found["models"]) == ("set", "beir", {"embedder": "toy"})
    assert (found["settings"]["mode"], found["settings"]["top_k"]) == ("lexical", 10)
    assert found["settings"]["profile"]["min_confidence"] == DEFAULT_PROFILE.min_confidence
    assert found["versions"]["pincite"]
    assert found["counts"] == {
        "documents": 2,
        "passages": 4,
        "questions": 4,
        "answerable": 3,
        "errors": 0,
        "left_out": 0,
        "drafts_left_out": 0,
        "failed_documents": 1,
    }
    assert found["failed_documents"] == [{"path": "blank", "reason": "the text is empty"}]
    assert found["metrics"]["recall@10"].keys() == {"value", "ci95", "n", "not_applicable", "errors"}
    assert found["timings"].keys() == {"ingest_s", "ask_s", "query_ms_mean", "query_ms_p50", "query_ms_p95"}
    assert found["evidence_report"]["counts"] == {"resolved": 2}
    noon, _, fare, _ = found["questions"]
    assert noon["passages"][0] == {
        "document": "ferry",
        "start": 0,
        "end": 32,
        "score": 0.75,
        "page_start": None,
        "page_end": None,
        "text": "The ferry to Karn sails at noon.",
        "also_in": [],
    }
    assert noon["citations"][0]["quote"] == "The ferry to Karn sails at noon."
    assert noon["gold"] == [
        {"document": "ferry", "quote": "The ferry to Karn sails at noon.", "start": 0, "end": 32, "page": 3}
    ]
    assert noon["metrics"]["ndcg@10"] == 1
    assert noon["correct"] is True
    assert "page_hit@1" not in noon["metrics"]
    assert (fare["abstained"], fare["answerable"], fare["correct"], fare["error"]) == (True, False, False, None)
    assert fare["metrics"] == {"exact_match": 1.0, "f1": 1.0}
    write_run(result, tmp_path / "run.json")
    assert read_run(tmp_path / "run.json") == result


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"format": 1}', b"\xff"])
def test_what_is_no_run_file_is_refused(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=r"run\.json' is no run file"):
        read_run(path)


def test_a_run_file_of_another_format_and_none_at_all_are_refused(bench, tmp_path):
    path = tmp_path / "run.json"
    write_run(replace(bench.run(), format=FORMAT + 1), path)
    with pytest.raises(BadInputError, match="run the set again"):
        read_run(path)
    with pytest.raises(BadInputError, match="No such file"):
        read_run(tmp_path / "none.json")


# --- abstaining ----------------------------------------------------------------------------------------------------


def test_the_threshold_of_the_profile_decides_and_the_evidence_is_judged_all_the_same(bench):
    lenient, strict = (bench.run(profile=Profile(min_confidence=bound)) for bound in (0.0, 0.76))
    assert {request.min_confidence for _, request in bench.noted("query")} == {0.0}
    answered, declined = lenient.questions[0], strict.questions[0]
    assert (answered.confidence, answered.abstained, declined.abstained) == (0.75, False, True)
    assert (answered.metrics["quote_f1"], declined.metrics["quote_f1"]) == (1, 0)
    assert (declined.answer, declined.citations, declined.withheld) == (None, (), answered.citations)
    assert answered.correct is declined.correct is True
    assert lenient.metrics["aurc"] == strict.metrics["aurc"]


# --- the journal -----------------------------------------------------------------------------------------------------


class Interrupted(ToyService):
    """Ends as a program does that somebody interrupts, at the third question."""

    def query(self, request):
        if request.question == "xylophone":
            raise KeyboardInterrupt
        return super().query(request)


def break_off(bench):
    with pytest.raises(KeyboardInterrupt):
        bench.run(lambda home: Interrupted(home, bench.journal))


def test_a_broken_off_run_goes_on_where_it_was(bench):
    break_off(bench)
    (journal,) = (bench.cache / "journals").iterdir()
    journal.write_bytes(journal.read_bytes() + b'{"id": "torn')
    bench.journal.clear()
    result = bench.run()
    asked = [request.question for _, request in bench.noted("query")]
    assert asked == ["xylophone", "deck"]
    assert result.cached["questions"] == 2
    assert not list((bench.cache / "journals").iterdir())
    assert result.metrics == bench.run().metrics
    assert [one.id for one in result.questions] == ["noon", "lamp", "fare", "blank"]


def test_a_journal_of_other_settings_is_not_taken_up(bench):
    break_off(bench)
    assert bench.run(mode="lexical").cached["questions"] == 0


def test_a_journal_is_not_taken_up_when_a_field_of_a_question_changed(bench):
    break_off(bench)
    bench.write("queries.jsonl", [{**QUESTIONS[0], "held_out": True}, *QUESTIONS[1:]])
    result = bench.run()
    assert result.cached["questions"] == 0
    assert result.questions[0].held_out


# --- slices and drafts -----------------------------------------------------------------------------------------------


def test_further_fields_become_slices(bench):
    bench.write("corpus.jsonl", [{**CORPUS[0], "year": 2025, "note": "x" * 100}, *CORPUS[1:]])
    bench.write("queries.jsonl", [{**QUESTIONS[0], "kind": "time", "held_out": True, "tags": ["a"]}, *QUESTIONS[1:]])
    noon, _, fare, _ = bench.run().questions
    assert noon.slices == {"kind": "time", "document_type": "text", "document_year": "2025"}
    assert (noon.held_out, fare.held_out, fare.slices) == (True, False, {})


def test_drafts_are_left_out_unless_asked_for(bench):
    bench.write("queries.jsonl", [{**QUESTIONS[0], "draft": True}, *QUESTIONS[1:]])
    result = bench.run()
    assert (result.counts["questions"], result.counts["drafts_left_out"]) == (3, 1)
    with_drafts = load(bench.folder, drafts=True)
    assert [question.draft for question in with_drafts.questions] == [True, False, False, False]
    assert with_drafts.questions_digest != result.questions_digest
    bench.write("queries.jsonl", [{**question, "draft": True} for question in QUESTIONS])
    with pytest.raises(BadInputError, match="all 4 questions of 'set' are drafts"):
        load(bench.folder)


def test_runs_are_repeatable(bench):
    first, second = bench.run(), bench.run()
    assert first.metrics == second.metrics
    assert first.failed_documents == second.failed_documents != ()


def test_settings_reach_the_service(bench):
    bench.run(mode="dense", rerank=True, limit=2, seed=3)
    requests = [request for _, request in bench.noted("query")]
    assert len(requests) == 2
    assert {(one.mode, one.rerank, one.top_k) for one in requests} == {("dense", True, 10)}


def test_progress(bench):
    seen = []
    bench.run(on_progress=lambda *step: seen.append(step))
    assert seen == [*(("ingest", done, 3) for done in (1, 2, 3)), *(("ask", done, 4) for done in (1, 2, 3, 4))]


# --- the cache -----------------------------------------------------------------------------------------------------


def test_a_set_is_ingested_once_for_each_corpus_and_index(bench):
    bench.run()
    bench.journal.clear()
    again = bench.run()
    assert bench.noted("added", "unchanged", "failed") == []
    assert "ingest_s" not in again.timings
    bench.run(index_digest="another model/with a path")
    assert len(bench.noted("added")) == 2
    bench.write("corpus.jsonl", [CORPUS[0], CORPUS[1], {**CORPUS[2], "text": "No longer blank."}])
    bench.run()
    assert len(bench.noted("added")) == 5


def test_a_broken_off_ingestion_is_taken_up(bench):
    class Interrupted(ToyService):
        def ingest(self, sources, collection="default", on_result=None):
            super().ingest([next(iter(sources))], collection, on_result)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.run(lambda home: Interrupted(home, bench.journal))
    bench.journal.clear()
    result = bench.run()
    assert [entry for entry in bench.journal if entry[0] != "query"][:3] == [
        ("unchanged", "ferry"),
        ("added", "light"),
        ("failed", "blank"),
    ]
    assert result.counts["documents"] == 2


def test_an_emptied_home_is_filled_again(bench):
    bench.run()
    (documents,) = bench.cache.glob("*/home/documents.json")
    documents.unlink()
    assert bench.run().counts["documents"] == 2


# --- files form ----------------------------------------------------------------------------------------------------


@pytest.fixture
def paged(tmp_path):
    bench = Bench(tmp_path)
    (bench.folder / "documents").mkdir()
    (bench.folder / "documents" / "ferry.txt").write_text("Sailing times.\fThe ferry sails\nat noon.\fSailing times.")
    (bench.folder / "documents" / "blank.txt").write_text("")
    evidence = {
        "noon": [{"doc_id": "ferry", "quote": "ferry sails at noon.", "page": 2}],
        "twice": [{"doc_id": "ferry", "quote": "Sailing times.", "page": 3}],
        "page": [{"doc_id": "ferry", "page": 1}],
        "lost": [{"doc_id": "blank", "quote": "anything", "page": 1}],
    }
    questions = [
        {"_id": name, "text": "ferry sails", "answerable": True, "evidence": one} for name, one in evidence.items()
    ]
    bench.write("queries.jsonl", questions)
    return bench


def test_files_are_scored_by_page_and_by_found_quotes(paged):
    result = paged.run()
    assert result.form == "files"
    assert result.metrics["page_hit@1"].n == result.metrics["page_hit@5"].n == 4
    assert values(result)["page_hit@1"] == 0.25
    assert result.metrics["span_hit@5"].n == 1
    assert values(result)["span_hit@5"] == 1
    assert result.metrics["ndcg@10"].n == 4
    assert values(result)["ndcg@10"] == 0.75
    assert result.evidence_report.counts == {"resolved": 1, "ambiguous": 1, "page_only": 1, "not_ingested": 1}
    assert [problem.question for problem in result.evidence_report.problems] == ["twice", "lost"]
    assert [document.path for document in result.failed_documents] == ["blank.txt"]
    assert "abstain_f1" not in result.metrics


# --- the turns before a question --------------------------------------------------------------------------------------

TURNS = [{"speaker": "user", "text": "What is Karn?"}, {"role": "agent", "text": "An island."}]


@pytest.mark.parametrize(
    ("settings", "passed"),
    [({}, (Turn("user", "What is Karn?"), Turn("assistant", "An island."))), ({"conversation": False}, ())],
)
def test_the_turns_before_a_question_are_asked_with_it_unless_they_are_left_out(bench, settings, passed):
    bench.write("queries.jsonl", [{**QUESTIONS[0], "conversation": TURNS}, {**QUESTIONS[1], "conversation": []}])
    (bench.folder / "qrels.tsv").unlink()
    result = bench.run(**settings)
    asked = {request.question: request.conversation for _, request in bench.noted("query")}
    assert asked == {QUESTIONS[0]["text"]: passed, QUESTIONS[1]["text"]: ()}
    assert [question.slices["earlier_turns"] for question in result.questions] == ["yes", "no"]


def test_a_set_without_earlier_turns_has_no_slice_of_them(bench):
    assert all("earlier_turns" not in question.slices for question in bench.run().questions)
