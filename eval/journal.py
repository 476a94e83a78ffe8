"""The journal of a run: each result is written when it is there, so that a broken-off run goes on where it was."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from eval.datasets.types import Dataset
from eval.records import QuestionResult, RunSettings
from eval.run_file import question_json, read_question
from eval.versions import versions


class Journal:
    """The results so far of one run; the file is removed when the run is finished."""

    def __init__(self, folder: Path, dataset: Dataset, settings: RunSettings, models: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # A result is taken up only where everything that it can depend on is the same, our own sources included.
        questions, documents = map(asdict, dataset.questions), ((one.id, one.properties) for one in dataset.documents)
        parts = (dataset.corpus_digest, [*questions], [*documents], asdict(settings), models, versions())
        name = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
        self._path = folder / f"{name[:32]}.jsonl"
        self.results = {result.id: result for result in _read(self._path)}

    def add(self, result: QuestionResult) -> None:
        """Write down a result. One with an error is not: it is tried again."""
        self.results[result.id] = result
        if result.error is None:
            self._file.write(question_json(result) + b"\n")
            self._file.flush()

    def __enter__(self) -> Self:
        # Written anew: behind a torn last line nothing could be added.
        self._file = self._path.open("wb")
        self._file.writelines(question_json(result) + b"\n" for result in self.results.values())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None:
            self._path.unlink(missing_ok=True)


def _read(path: Path) -> list[QuestionResult]:
    results: list[QuestionResult] = []
    if not path.is_file():
        return results
    for line in path.read_bytes().splitlines():
        try:
            results.append(read_question(line))
        except ValueError:
            break  # the line that was being written when the run broke off
    return results
