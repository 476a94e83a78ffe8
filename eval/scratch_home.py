"""Scratch homes: a set is ingested once for each corpus and index, and later runs ask the same home."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from corpus.files import write_durably
from corpus.sources import Source, file_source
from eval.datasets.types import Dataset, SetDocument
from eval.records import FailedDocument
from eval.service import EvaluatedService, FileOutcome

OnProgress = Callable[[str, int, int], None]


class ScratchHome:
    """A home in the cache, named by the digests of the corpus and of what the index depends on."""

    def __init__(self, cache_dir: Path, dataset: Dataset, index_digest: str) -> None:
        index = hashlib.sha256(index_digest.encode()).hexdigest()
        folder = cache_dir / f"{dataset.corpus_digest[:16]}-{index[:16]}"
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "home"
        # Written last: without it the ingestion was broken off, and ingesting again takes up the rest.
        self._marker = folder / "complete.json"
        self._dataset = dataset

    def fill(
        self, service: EvaluatedService, on_progress: OnProgress
    ) -> tuple[tuple[FailedDocument, ...], float | None]:
        """Ingest the set unless that was done; return the documents that failed, and the seconds it took."""
        known = self._recorded(service)
        if known is not None:
            return known, None
        begun = time.perf_counter()
        failed = _ingest(self._dataset, service, on_progress)
        seconds = time.perf_counter() - begun
        self._record(len(service.document_ids("default")), failed)
        return failed, seconds

    def _recorded(self, service: EvaluatedService) -> tuple[FailedDocument, ...] | None:
        if not self._marker.is_file():
            return None
        record = json.loads(self._marker.read_bytes())
        # Somebody may have emptied the home and left the marker.
        if record["documents"] != len(service.document_ids("default")):
            return None
        return tuple(FailedDocument(**one) for one in record["failed"])

    def _record(self, documents: int, failed: tuple[FailedDocument, ...]) -> None:
        record = {"documents": documents, "failed": [asdict(one) for one in failed]}
        write_durably(self._marker, json.dumps(record).encode())


def _ingest(dataset: Dataset, service: EvaluatedService, on_progress: OnProgress) -> tuple[FailedDocument, ...]:
    failed: list[FailedDocument] = []
    done = 0

    def note(outcome: FileOutcome) -> None:
        nonlocal done
        done += 1
        on_progress("ingest", done, len(dataset.documents))
        if outcome.status == "failed":
            failed.append(FailedDocument(outcome.path, outcome.reason or "no reason given"))

    service.ingest(map(_source, dataset.documents), on_result=note)
    return tuple(failed)


def _source(document: SetDocument) -> Source:
    if isinstance(document.content, Path):
        return file_source(document.content)
    return Source(
        uri=f"beir:{document.id}",
        name=document.id,
        content=document.content,
        title=document.title or None,
        external_id=document.id,
    )
