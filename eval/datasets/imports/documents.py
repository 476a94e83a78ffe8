"""Folders of documents that become part of a set."""

import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import BadInputError
from corpus.sources import find_files
from eval.datasets.folders import with_ids


@dataclass(frozen=True, slots=True)
class DocumentFolder:
    """The files that ingesting would find in a folder, by their ids, which are the stems of their names."""

    folder: Path
    files: Mapping[str, Path]
    _ids: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path) -> "DocumentFolder":
        """Look for the files; raises BadInputError where there are none, or two share a stem."""
        if not folder.is_dir():
            raise BadInputError(f"{str(folder)!r} is no folder of documents: check the name")
        # `find_files` gives the targets of a link.
        folder = folder.resolve()
        files = with_ids(find_files([folder]))
        if not files:
            raise BadInputError(f"{str(folder)!r} has no files (hidden ones and links do not count): add the documents")
        stems = {_same_form(stem): stem for stem in files}
        names = {_same_form(path.name): stem for stem, path in files.items()}
        return cls(folder, files, stems | names)

    def id_of(self, name: str) -> str | None:
        """Find the id of a document by the name or the stem of its file."""
        return self._ids.get(_same_form(name))

    def copy_into(self, draft: Path) -> None:
        """Copy the files into the documents of a set.

        A set that only pointed to them would break when they move, could not be shared, and would change its
        meaning when somebody edits them: quotes and pages are about these very files.
        """
        for path in self.files.values():
            copy = draft / "documents" / path.relative_to(self.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def _same_form(name: str) -> str:
    """Compose accents: some file systems and spreadsheets write them as characters of their own."""
    return unicodedata.normalize("NFC", name)
