"""Whether a store is the one that the indexes beside it were made from."""

from pathlib import Path

from corpus.errors import DamagedError
from index.manifest import read_manifest
from index.word_files import read_note


def refuse_other_store(folder: Path, store_id: str) -> None:
    """Raises DamagedError when `folder` holds indexes and all that say so were made from another store.

    If some were made from this one, it is the others that are out of place; they are made anew. What cannot be read
    says nothing.
    """
    generations = (folder / "vectors").glob("[0-9]*")
    made_from = {_of_words(folder / "words"), *map(_of_vectors, generations)} - {None}
    if made_from and store_id not in made_from:
        raise DamagedError(
            f"the indexes in {folder} were made from another store: the database was replaced by that of another "
            "home; put the right one back, or delete that folder to accept this one"
        )


def _of_words(folder: Path) -> str | None:
    try:
        return read_note(folder).store_id
    except DamagedError:
        return None


def _of_vectors(folder: Path) -> str | None:
    try:
        manifest = read_manifest(folder)
    except DamagedError:
        return None
    return None if manifest is None else manifest.store_id
