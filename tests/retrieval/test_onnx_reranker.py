import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings

from corpus.errors import ModelError
from corpus.text import canonical
from index.models.catalogue import BGE_SMALL, MS_MARCO_MINILM
from index.models.files import is_installed, verified_folder
from index.models.golden import PASSAGES, QUESTION, check_reranker
from retrieval.onnx_reranker import OnnxReranker, open_reranker
from tests.hostile_text import raw_texts

pytestmark = pytest.mark.skipif(
    not is_installed(MS_MARCO_MINILM), reason="the reranker is not installed: pincite models install"
)

TEXTS = [
    "Berlin has about 3.7 million inhabitants.",
    "",
    "The city of Paris has about two million inhabitants. " * 30,
    "👩‍👩‍👧‍👦 日本語 naïve",
    "How many people live in Berlin?",
    "x",
]


@pytest.fixture(scope="module")
def reranker():
    return open_reranker(MS_MARCO_MINILM.name)


def test_the_passage_that_answers_is_first(reranker):
    logits = reranker.score(QUESTION, PASSAGES)
    assert logits[0] > 5
    assert logits == sorted(logits, reverse=True)
    assert logits[1] < 0


def test_a_score_does_not_depend_on_neighbours_order_or_threads(reranker):
    alone = [reranker.score(QUESTION, [text])[0] for text in TEXTS]
    one_thread = open_reranker(MS_MARCO_MINILM.name, threads=1)
    assert reranker.score(QUESTION, TEXTS) == alone
    assert one_thread.score(QUESTION, TEXTS[::-1]) == alone[::-1]
    assert reranker.score(QUESTION, []) == []


def test_threads_may_ask_at_once(reranker):
    alone = reranker.score(QUESTION, TEXTS)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: reranker.score(QUESTION, TEXTS), range(16)))
    assert together == [alone] * 16


def reference_logit(question, text):
    """One run of the file with the tokenizer's own pairing and truncation, nothing of Pincite's."""
    import onnxruntime
    from tokenizers import Tokenizer

    folder = verified_folder(MS_MARCO_MINILM)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(512, strategy="only_second")
    encoding = tokenizer.encode(question, text)
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    feeds = {
        "input_ids": encoding.ids,
        "attention_mask": encoding.attention_mask,
        "token_type_ids": encoding.type_ids,
    }
    return float(session.run(None, {name: np.array([ids]) for name, ids in feeds.items()})[0][0, 0])


@pytest.mark.parametrize("text", [TEXTS[0], "", "Berlin lies on the Spree. " * 200])
def test_pairs_are_made_as_the_model_was_trained(reranker, text):
    assert reranker.score(QUESTION, [text])[0] == pytest.approx(reference_logit(QUESTION, text), abs=1e-4)


def test_the_logits_are_those_of_the_full_precision_model(reranker):
    # The pairs and logits that the publisher of the model shows.
    question = "How many people live in Berlin?"
    texts = [
        "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
        "Berlin is well known for its museums.",
    ]
    assert reranker.score(question, texts) == pytest.approx([9.219, -4.078], abs=0.5)


def test_a_long_text_loses_its_end(reranker):
    filler = "The mill stands by the river. " * 100
    answer = "Berlin has 3.7 million inhabitants."
    bare, behind, before = reranker.score(QUESTION, [filler, filler + answer, answer + filler])
    assert behind == bare
    assert before > bare + 1


def test_a_question_longer_than_the_model_still_leaves_room_for_the_text(reranker):
    question = "How many people live in Berlin? " * 300
    relevant, irrelevant = reranker.score(question, [PASSAGES[0], PASSAGES[2]])
    assert relevant > irrelevant


@settings(max_examples=25, deadline=None)
@given(question=raw_texts, text=raw_texts)
def test_any_text_can_be_scored(reranker, question, text):
    (logit,) = reranker.score(question, [text])
    assert -20 < logit < 20
    assert [logit] == reranker.score(canonical(question), [canonical(text)])


def test_the_fingerprint_tells_files_and_limits(reranker):
    assert reranker.fingerprint.as_dict() == {
        "name": "ms-marco-MiniLM-L-12-v2",
        "digest": MS_MARCO_MINILM.weights.sha256,
        "max_tokens": 512,
        "precision": "int8",
    }


def test_a_reranker_with_another_tokenizer_is_refused(reranker, tmp_path):
    folder = verified_folder(MS_MARCO_MINILM)
    tokenizer = (folder / "tokenizer.json").read_text("utf-8").replace('"lowercase":true', '"lowercase":false')
    tokenizer = tokenizer.replace('"lowercase": true', '"lowercase": false')
    (tmp_path / "tokenizer.json").write_text(tokenizer, "utf-8")
    cased = OnnxReranker(reranker.fingerprint, folder / "model.onnx", tmp_path / "tokenizer.json")
    with pytest.raises(ModelError, match="is refused"):
        check_reranker(MS_MARCO_MINILM.name, cased.score)


@pytest.mark.parametrize("name", ["ms-marco", BGE_SMALL.name])
def test_an_unknown_reranker_is_an_error(name):
    with pytest.raises(ModelError, match=rf"There is no reranker '{name}'. There are: ms-marco-MiniLM-L-12-v2"):
        open_reranker(name)


def test_a_missing_reranker_is_an_error_with_the_command_that_gets_it(monkeypatch):
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if "site-packages" not in entry])
    with pytest.raises(ModelError, match=r"Get it with: pincite models install ms-marco-MiniLM-L-12-v2"):
        open_reranker(MS_MARCO_MINILM.name)
