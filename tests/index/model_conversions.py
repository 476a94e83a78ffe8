"""The catalogue's models in the form of the other engine, so that the engines can be compared."""

import warnings
from pathlib import Path

import numpy as np

from index.models.catalogue import BGE_SMALL
from index.models.files import verified_folder


def export_to_onnx(source: Path, target: Path) -> None:
    """Writes the transformer of a sentence-transformers folder as a full-precision ONNX file."""
    import torch
    from transformers import AutoModel

    class LastHiddenState(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = AutoModel.from_pretrained(source, local_files_only=True)

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.model(input_ids, attention_mask, token_type_ids).last_hidden_state

    ids = torch.ones((1, 7), dtype=torch.long)
    tokens = {1: torch.export.Dim("tokens", max=512)}
    with warnings.catch_warnings():
        # The exporter calls deprecated parts of torch, and remarks that the inputs share one dynamic axis.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            LastHiddenState().eval(),
            # Three tensors: the exporter takes one that is given twice for a single input.
            (ids, ids.clone(), ids.clone()),
            str(target),
            dynamo=True,
            dynamic_shapes=(tokens, tokens, tokens),
            input_names=["input_ids", "attention_mask", "token_type_ids"],
            verbose=False,
        )


def dequantise_bge(target: Path) -> None:
    """Writes the default embedder with its int8 weights as 32-bit floats, for sentence-transformers."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = verified_folder(BGE_SMALL)
    size = BertConfig(hidden_size=384, num_hidden_layers=12, num_attention_heads=12, intermediate_size=1536)
    bert = BertModel(size, add_pooling_layer=False)
    weights = _dequantised(folder / BGE_SMALL.weights.path)
    bert.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        model_max_length=512,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    plain = target.with_name(f"{target.name}-bert")
    bert.save_pretrained(plain)
    tokenizer.save_pretrained(plain)
    modules = [Transformer(str(plain)), Pooling(384, "cls"), Normalize()]
    prompts = {"query": BGE_SMALL.fingerprint.question_prompt}
    SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(target), create_model_card=False)


def _dequantised(weights: Path) -> dict[str, np.ndarray]:
    """Every weight under its name in PyTorch; matrices come transposed and named after their node in the graph."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(weights).graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def floats(name: str) -> np.ndarray:
        shifted = stored[f"{name}_quantized"].astype(np.float32) - stored[f"{name}_zero_point"].astype(np.float32)
        return shifted * stored[f"{name}_scale"]

    plain = {name: values.copy() for name, values in stored.items() if name.endswith((".bias", ".weight"))}
    tables = {name: floats(name) for name in _quantised(stored) if name.endswith("_embeddings.weight")}
    matrices = {}
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            name = node.name.strip("/").removesuffix("/MatMul_quant").replace("/", ".")
            matrix = floats(node.input[1].removesuffix("_quantized"))
            matrices[f"{name}.weight"] = np.ascontiguousarray(matrix.T)
    return plain | tables | matrices


def _quantised(stored: dict[str, np.ndarray]) -> list[str]:
    return [name.removesuffix("_quantized") for name in stored if name.endswith("_quantized")]
