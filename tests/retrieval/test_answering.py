"""Questions to a real service with the real models."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import BadInputError, ModelError, NotFoundError, NotSetUpError
from corpus.sources import Source, file_source, find_files
from index.generation import check_generation
from index.store import Generation
from retrieval.assemble import open_service
from retrieval.service import Service
from retrieval.settings import Settings
from retrieval.types import QueryRequest, QueryResult, Turn
from tests.retrieval.chat_server import chat_server, completion, in_order

SEED = Path(__file__).resolve().parents[2].parent / "shared" / "seed"

FERRY = """The ferry to the island leaves at nine in the morning. On Sundays it leaves at ten.

A ticket for a bicycle costs two crowns. Dogs travel free of charge but must be kept on a lead.

The captain of the ferry is called Ada Lund. She has sailed between the islands for thirty years."""
POOL = """The swimming pool opens at eight and closes at seven. On Sundays it is closed.

A ticket for children costs one crown. Towels can be hired at the entrance for fifty cents."""
OLD_POOL = """The swimming pool opens at noon. A ticket for children costs three crowns."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with open_service(Settings(home=tmp_path_factory.mktemp("answering") / "home")) as opened:
        opened.ingest(
            [
                _source("ferry", FERRY, year=2026, team="harbour"),
                _source("pool", POOL, year=2026, team="sports"),
                _source("old pool", OLD_POOL, year=2019, team="sports"),
            ]
        )
        yield opened


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    if not SEED.is_dir():
        pytest.skip("the shared seed document is not there")
    with open_service(Settings(home=tmp_path_factory.mktemp("news") / "home")) as opened:
        opened.ingest([file_source(path) for path in find_files([SEED])])
        yield opened


def _source(name: str, text: str, **metadata: str | int) -> Source:
    return Source(f"text:{name}", f"{name}.txt", text, title=name, metadata=metadata)


def _ids(result: QueryResult) -> list[str]:
    return [passage.document_title for passage in result.passages]


# --- answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where in Russia is the drone factory going to be built?", "Alabuga Special Economic Zone"),
        ("By which route do the drones get from Iran to Russia?", "Makhachkala"),
        ("Which fighter jets is Tehran going to buy?", "Su-35 fighter jets"),
    ],
)
def test_news_are_answered_from_the_sentence_that_says_it(news: Service, question: str, expected: str) -> None:
    result = news.query(QueryRequest(question))
    assert result.answer is not None
    assert any(expected in citation.quote for citation in result.citations)
    assert expected in result.answer.text
    text = news.text(result.citations[0].document_id)
    assert all(text[citation.start : citation.end] == citation.quote for citation in result.citations)
    assert all(citation.verified for citation in result.citations)
    assert 0 < result.confidence <= 1


def test_what_the_news_do_not_say_is_declined(news: Service) -> None:
    result = news.query(QueryRequest("How many goals were scored in the cup final?"))
    assert result.abstained
    assert result.answer is None
    assert result.citations == ()
    assert result.passages
    assert result.abstain_reason
    assert "confidence" in result.abstain_reason


def test_passages_are_numbered_and_show_where_the_answer_is(service: Service) -> None:
    result = service.query(QueryRequest("What does a bicycle cost on the ferry?"))
    assert [passage.rank for passage in result.passages] == list(range(1, len(result.passages) + 1))
    first = result.passages[0]
    assert [first.text[mark.start : mark.end] for mark in first.highlights] == [result.citations[0].quote]
    assert first.metadata == {"year": 2026, "team": "harbour", "language": "en"}
    assert (result.question, result.collection) == ("What does a bicycle cost on the ferry?", "default")
    assert {"embed", "dense", "lexical", "fuse", "read", "total"} <= result.timings_ms.keys()


def test_top_k_bounds_the_passages(service: Service) -> None:
    everything = service.query(QueryRequest("ticket", top_k=100))
    assert len(everything.passages) > 2
    for top_k in (1, 2):
        assert len(service.query(QueryRequest("ticket", top_k=top_k)).passages) == top_k


def test_without_an_answer_there_are_passages_and_a_confidence(service: Service) -> None:
    result = service.query(QueryRequest("What does a bicycle cost?", answer="none"))
    assert result.answer is None
    assert result.citations == ()
    assert not result.abstained
    assert result.passages
    assert result.confidence > 0.5


def test_the_threshold_of_the_question_wins(service: Service) -> None:
    declined = service.query(QueryRequest("What does a bicycle cost?", min_confidence=1.0))
    assert declined.abstained
    given = service.query(QueryRequest("How many goals were scored in the cup final?", min_confidence=0.0))
    assert not given.abstained
    assert given.answer is not None


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
@pytest.mark.parametrize("rerank", [True, False])
def test_every_mode_answers(service: Service, mode: str, rerank: bool) -> None:
    request = QueryRequest("Who is the captain of the ferry?", mode=mode, rerank=rerank)  # type: ignore[arg-type]
    result = service.query(request)
    assert result.passages[0].document_title == "ferry"
    scores = result.passages[0].scores
    assert (scores.dense is None) is (mode == "lexical")
    assert (scores.lexical is None) is (mode == "dense")
    assert (scores.rerank is None) is not rerank
    assert result.answer is not None
    assert "Ada Lund" in result.answer.text


def test_the_same_question_gets_the_same_answer(service: Service) -> None:
    first, second = (service.query(QueryRequest("When does the pool open?")) for _ in range(2))
    assert replace(first, id="", timings_ms={}) == replace(second, id="", timings_ms={})
    assert first.id != second.id


def test_a_follow_up_is_searched_for_with_what_it_lacks(service: Service) -> None:
    said = (Turn("user", "When does the swimming pool open?"), Turn("assistant", "It opens at eight."))
    alone = service.query(QueryRequest("And on Sundays?", answer="none"))
    assert (alone.searched_question, alone.warnings) == (None, ())
    result = service.query(QueryRequest("And on Sundays?", conversation=said, min_confidence=0.0))
    assert (result.question, result.searched_question) == ("And on Sundays?", "And on Sundays? swimming pool open")
    assert result.citations[0].document_title == "pool"
    assert {"rewrite", "total"} <= result.timings_ms.keys()


def test_the_endpoint_puts_a_follow_up_into_words_and_its_failure_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    said = (Turn("user", "Is there a pool?"), Turn("assistant", "Yes."))
    with chat_server(in_order(completion("When does the pool open on Sundays?"), completion(None))) as server:
        settings = Settings(home=tmp_path / "home", endpoint_url=server.url, endpoint_model="small")
        with open_service(settings) as service:
            assert service.status().models["endpoint"] == {"name": "small"}
            service.ingest([_source("pool", POOL)])
            asked = QueryRequest("And on Sundays?", conversation=said, rerank=False)
            written, failed = service.query(asked), service.query(asked)
    assert (written.searched_question, written.warnings) == ("When does the pool open on Sundays?", ())
    assert failed.searched_question == "And on Sundays? pool"
    (warning,) = failed.warnings
    assert "because the endpoint failed" in warning


def test_a_written_answer_cites_the_sentences_that_support_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    replies = ["It is closed on Sundays [2]. It opens at five on Mondays [1].", "It opens at five [1].", "NOT ANSWERED"]
    with chat_server(in_order(*map(completion, replies))) as server:
        settings = Settings(home=tmp_path / "home", endpoint_url=server.url, endpoint_model="small")
        with open_service(settings) as service:
            service.ingest([_source("pool", POOL)])
            asked = QueryRequest("When is the pool closed?", answer="generative", rerank=False, min_confidence=0.0)
            kept, wrong, silent = (service.query(asked) for _ in replies)
    assert kept.answer is not None
    assert (kept.answer.type, kept.answer.text) == ("generative", "It is closed on Sundays.")
    (citation,) = kept.citations
    assert kept.answer.spans[0].citations == (citation.id,)
    assert (citation.quote, citation.verified) == ("On Sundays it is closed.", True)
    assert kept.warnings[0].startswith("1 of 2 sentences of the written answer were left out")
    for declined, reason in ((wrong, "could be verified: the number five"), (silent, "found no answer")):
        assert (declined.answer, declined.citations, declined.abstained) == (None, (), True)
        assert reason in str(declined.abstain_reason)
        assert declined.passages


def test_a_written_answer_without_an_endpoint_says_which_settings_to_make(service: Service) -> None:
    with pytest.raises(NotSetUpError, match="set PINCITE_ENDPOINT_URL and PINCITE_ENDPOINT_MODEL"):
        service.query(QueryRequest("When does the pool open?", answer="generative"))


def test_an_explanation_is_given_where_it_is_asked_for(service: Service) -> None:
    question = "What does a bicycle cost on the ferry?"
    assert service.query(QueryRequest(question)).explanation is None
    result = service.query(QueryRequest(question, explain=True))
    explanation = result.explanation
    assert explanation is not None
    assert explanation.searched == question
    assert [one.id for one in explanation.passages] == [passage.id for passage in result.passages]
    for passage, one in zip(result.passages, explanation.passages, strict=True):
        assert (one.final.rank, one.final.score) == (passage.rank, passage.score)
        assert one.dense.score == passage.scores.dense
        assert one.rerank.score == passage.scores.rerank
        texts = [passage.text[read.start - passage.start : read.end - passage.start] for read in one.sentences]
        assert all(text and text in passage.text for text in texts)
    ranks = [one.fused.rank for one in explanation.passages]
    assert sorted(rank for rank in ranks if rank) == list(range(1, len(ranks) + 1))
    assert explanation.passages[0].sentences[0].logit is not None
    assert {one.name: one.value for one in explanation.confidence.signals} == result.signals
    assert explanation.confidence.value == result.confidence


def test_documents_of_headings_alone_answer_nothing(service: Service) -> None:
    service.ingest([Source("text:hours", "hours.md", b"# Opening hours\n")], "headings")
    result = service.query(QueryRequest("opening hours", "headings", min_confidence=0.0))
    assert result.abstained
    assert len(result.passages) == 1


def test_what_is_cited_is_among_the_passages(service: Service) -> None:
    service.ingest(
        [
            _source("boat", "The ferry leaves at nine. A bicycle on the ferry costs two crowns."),
            _source("bike", "Bicycle tickets: a bicycle on the boat costs two crowns and fifty."),
        ],
        "bicycles",
    )
    result = service.query(QueryRequest("bicycle tickets ferry costs", "bicycles", top_k=1))
    assert {citation.passage_id for citation in result.citations} <= {passage.id for passage in result.passages}


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (QueryRequest(" \n"), "the question is empty"),
        (QueryRequest("x" * 4_001), "4001 characters; 4000 are the most"),
        (QueryRequest("x", top_k=0), "top_k is 0; it must be from 1 to 100"),
        (QueryRequest("x", top_k=101), "top_k is 101"),
        (QueryRequest("x", filters={"type": "near"}), "not 'near'"),
        (QueryRequest("x", min_version=10**9), "min_version is 1000000000, the newest state here is"),
    ],
)
def test_questions_that_make_no_sense_are_refused(service: Service, request_: QueryRequest, said: str) -> None:
    with pytest.raises(BadInputError) as caught:
        service.query(request_)
    assert said in str(caught.value)


def test_an_unknown_collection_is_said(service: Service) -> None:
    with pytest.raises(NotFoundError, match="there is no collection 'elsewhere'"):
        service.query(QueryRequest("x", "elsewhere"))


@pytest.mark.parametrize(
    "question", ["?", "\u0000", "👍🏽 🇺🇳", "the of and", "a" * 4_000, "\u202e\u2066", "国际原子能机构。", "x\ny"]
)
def test_odd_questions_are_answered_or_declined(service: Service, question: str) -> None:
    result = service.query(QueryRequest(question))
    assert result.abstained or result.citations


# --- filters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"type": "eq", "key": "team", "value": "harbour"}, {"ferry"}),
        ({"type": "gte", "key": "year", "value": 2020}, {"ferry", "pool"}),
        ({"type": "lt", "key": "year", "value": 2020}, {"old pool"}),
        ({"type": "exists", "key": "author"}, set()),
        (
            {
                "type": "and",
                "filters": [
                    {"type": "eq", "key": "team", "value": "sports"},
                    {"type": "not", "filters": [{"type": "eq", "key": "year", "value": 2019}]},
                ],
            },
            {"pool"},
        ),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_only_documents_that_pass_the_filter_are_found(
    service: Service, filters: dict[str, object], titles: set[str], mode: str
) -> None:
    request = QueryRequest("ticket at nine for the pool and ferry", filters=filters, mode=mode, top_k=100)  # type: ignore[arg-type]
    result = service.query(request)
    assert set(_ids(result)) == titles
    assert {citation.document_title for citation in result.citations} <= titles
    if not titles:
        assert result.abstained


# --- change -------------------------------------------------------------------------------------------------------


def test_a_removed_document_is_gone_from_the_next_answer(service: Service) -> None:
    (added,) = service.ingest([_source("cinema", "The cinema shows a film about whales on Friday.")], "changing")
    request = QueryRequest("Which film does the cinema show?", "changing")
    cited = service.query(request).citations[0]
    assert added.document_id is not None
    seq = service.remover.remove_document(added.document_id)
    after = service.query(request)
    assert after.passages == ()
    assert after.abstained
    assert after.index_version == seq
    with pytest.raises(NotFoundError):
        service.text(added.document_id)
    old = service.text(added.document_id, cited.document_version)
    assert old[cited.start : cited.end] == cited.quote


def test_what_an_old_answer_cited_can_still_be_read_after_an_update(service: Service) -> None:
    service.ingest([_source("menu", "The soup of the day is leek. It costs four crowns.")], "menus")
    request = QueryRequest("What is the soup of the day?", "menus")
    before = service.query(request)
    (updated,) = service.ingest([_source("menu", "News! From now on the soup of the day is carrot.")], "menus")
    assert updated.status == "updated"
    after = service.query(replace(request, min_version=updated.seq))
    assert after.index_version == updated.seq
    assert after.answer is not None
    assert "carrot" in after.answer.text
    assert not any("leek" in passage.text for passage in after.passages)
    old, new = before.citations[0], after.citations[0]
    assert old.document_id == new.document_id
    assert old.document_version != new.document_version
    assert service.text(old.document_id, old.document_version)[old.start : old.end] == old.quote
    assert service.text(new.document_id)[new.start : new.end] == new.quote


# --- models -------------------------------------------------------------------------------------------------------


def test_words_alone_need_no_embedder(service: Service) -> None:
    settings = Settings(home=service.home, model="ms-marco-MiniLM-L-12-v2")
    with open_service(settings) as other:
        result = other.query(QueryRequest("captain of the ferry", mode="lexical", rerank=False))
        assert result.passages[0].document_title == "ferry"
        with pytest.raises(ModelError, match="is a reranker, not an embedder"):
            other.query(QueryRequest("captain of the ferry"))


def test_without_reranking_no_reranker_is_needed(service: Service) -> None:
    with open_service(Settings(home=service.home, reranker="none-such")) as other:
        assert other.query(QueryRequest("captain of the ferry", rerank=False)).passages
        with pytest.raises(ModelError, match="There is no reranker 'none-such'"):
            other.query(QueryRequest("captain of the ferry"))


def test_passages_of_another_size_are_refused_with_the_way_out(service: Service) -> None:
    with open_service(Settings(home=service.home, passage_tokens=100)) as other:
        with pytest.raises(ModelError, match=r"passages of 200 tokens, the setting says 100.*pincite reindex"):
            other.query(QueryRequest("captain"))
        with pytest.raises(ModelError, match="pincite reindex"):
            other.ingest([_source("new", "Something new.")])


def test_vectors_of_another_model_are_refused_with_the_way_out(service: Service) -> None:
    fingerprint = service.engines.embedder(service.library.snapshot()).fingerprint
    other = replace(fingerprint, name="some-other-model")
    generation = Generation(1, dict(other.as_dict()), {"target_tokens": 200}, "m")
    with pytest.raises(ModelError) as caught:
        check_generation(generation, fingerprint, 200)
    assert "built with the model 'some-other-model', not with 'bge-small-en-v1.5'" in str(caught.value)
    assert "pincite reindex --model bge-small-en-v1.5" in str(caught.value)
    altered = Generation(1, dict(replace(fingerprint, digest="0" * 64).as_dict()), {"target_tokens": 200}, "m")
    with pytest.raises(ModelError, match="digest differ"):
        check_generation(altered, fingerprint, 200)
