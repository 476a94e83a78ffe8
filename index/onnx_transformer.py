"""A BERT-like model in ONNX Runtime: text to tokens to the model's first output, on CPU threads."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from index.tokens import without_limits

if TYPE_CHECKING:
    from tokenizers import Encoding

Item = TypeVar("Item")
Result = TypeVar("Result")


def available_cores() -> int:
    """The cores that this process may use; fewer than the machine has when it was pinned to some."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class OnnxTransformer:
    """One session, and a pool of threads that run it side by side, one text each.

    Every text runs alone: without padding its output cannot depend on neighbours (dynamic int8 takes its ranges from
    the whole batch), and on CPUs this is faster than batches. `run` may be called from any thread.
    """

    def __init__(self, weights: Path, tokenizer: Path, threads: int | None = None) -> None:
        from tokenizers import Tokenizer

        self.tokenizer = without_limits(Tokenizer.from_file(str(tokenizer)))
        self._session = _open_session(weights)
        self._inputs = {argument.name for argument in self._session.get_inputs()}
        # The pool starts its threads when they are first needed: an engine that only reads questions has none.
        self._pool = ThreadPoolExecutor(threads or available_cores(), thread_name_prefix="onnx")

    def tokens(self, text: str) -> "Encoding":
        """The tokens of `text`, all of them, without special ones. `text` must not hold lone surrogates."""
        return self.tokenizer.encode(text, add_special_tokens=False)

    def run(self, first: "Encoding", second: "Encoding | None" = None) -> npt.NDArray[np.float32]:
        """The model's first output for one text or one pair, special tokens added, batch axis removed."""
        encoding = self.tokenizer.post_process(first, second)
        arguments = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        feeds = {name: np.array([ids], np.int64) for name, ids in arguments.items() if name in self._inputs}
        output: npt.NDArray[np.float32] = self._session.run(None, feeds)[0][0]
        return output

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """`function` of every item, in order, computed by the pool."""
        return self._pool.map(function, items)


def _open_session(weights: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Texts side by side beat several threads on one text, which spend much of their time waiting for each other.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
