"""Reading stored documents again, from their original bytes, with the parsers of today."""

from collections.abc import Iterator, Sequence

from corpus.collections import collection_names
from corpus.database import Database, current_seq
from corpus.errors import DamagedError
from corpus.media_types import TEXT
from corpus.originals import Originals
from corpus.parsers import PARSER_VERSION
from corpus.records import DocumentVersion
from corpus.sources import Source
from corpus.store import text_of, versions_in_force
from corpus.text import canonical
from index.ingest import Ingester
from index.lock import WriteLock
from index.results import OnResult, Reports, failed

# Sources of documents that came as files; of the others some came as texts, which no parser reads.
_FILES = ("file:", "upload:", "stdin:")


class Reparser:
    """Brings the documents of one home up to the parsers of today."""

    def __init__(self, database: Database, originals: Originals, ingester: Ingester, lock: WriteLock) -> None:
        self._database = database
        self._originals = originals
        self._ingester = ingester
        self._lock = lock

    def reparse(self, passwords: tuple[str, ...], reports: Reports, lock_seconds: float) -> None:
        """Read again what an older version of the parsers read; what was given for a document stays.

        Attachments come again from the files that they are in. A document whose original is damaged is reported as
        failed, like one that cannot be read any more, and keeps its version. Raises as `Ingester.ingest` does.
        """
        # Held throughout: what others changed or removed meanwhile would come back as it was.
        with self._lock.held(lock_seconds):
            older = self._older()
            reports.on_total(sum(len(versions) for versions in older.values()))
            for collection, versions in older.items():
                sources = self._sources(versions, passwords, reports.on_result)
                self._ingester.ingest(
                    sources, collection, reports.on_result, reports.on_progress, lock_seconds, reparse=True
                )

    def _older(self) -> dict[str, list[DocumentVersion]]:
        with self._database.read() as connection:
            seq = current_seq(connection)
            names = [name for name, _ in collection_names(connection)]
            all_of = {name: versions_in_force(connection, name, seq) for name in names}
        older = {name: [one for one in versions if _is_older(one)] for name, versions in all_of.items()}
        return {name: versions for name, versions in older.items() if versions}

    def _sources(
        self, versions: Sequence[DocumentVersion], passwords: tuple[str, ...], on_result: OnResult
    ) -> Iterator[Source]:
        for version in versions:
            try:
                data = self._originals.get(version.original)
            except DamagedError as error:
                on_result(failed(version.name, error))
                continue
            yield Source(
                uri=version.uri,
                name=version.name,
                content=self._content(version, data),
                external_id=version.external_id,
                document_id=version.document_id,
                passwords=passwords,
            )

    def _content(self, version: DocumentVersion, data: bytes) -> bytes | str:
        """The bytes of a file; a text that was given as such remains one, whatever it looks like."""
        if version.media_type != TEXT or version.uri.startswith(_FILES):
            return data
        text = canonical(data.decode(errors="replace"))
        with self._database.read() as connection:
            return text if text == text_of(connection, version.number) else data


def _is_older(version: DocumentVersion) -> bool:
    return version.parser_version != PARSER_VERSION and version.parent_id is None
