"""Which model and which passage size a home was built with; others are refused rather than mixed."""

import sqlalchemy as sa

from corpus.errors import ModelError
from index.embedder import Fingerprint
from index.store import Generation, add_generation, generation_at


def require_generation(connection: sa.Connection, seq: int, fingerprint: Fingerprint, target_tokens: int) -> Generation:
    """The generation at `seq`, begun if the home has none. Raises ModelError as `check_generation` does."""
    generation = generation_at(connection, seq)
    if generation is None:
        return add_generation(connection, seq, fingerprint.as_dict(), {"target_tokens": target_tokens})
    check_generation(generation, fingerprint, target_tokens)
    return generation


def check_generation(generation: Generation | None, fingerprint: Fingerprint, target_tokens: int) -> None:
    """Raises ModelError when the home was built with another model or another passage size."""
    if generation is None:
        return
    if generation.fingerprint != fingerprint.as_dict():
        built_with = generation.fingerprint["name"]
        raise ModelError(
            f"this home was built with the model {built_with!r}, not with {_changes(generation, fingerprint)}; set "
            f"that model again, or embed the home's texts anew with: pincite reindex --model {fingerprint.name}"
        )
    if generation.passage_size != {"target_tokens": target_tokens}:
        raise ModelError(
            f"this home has passages of {generation.passage_size['target_tokens']} tokens, the setting says "
            f"{target_tokens}; set it back, or split and embed the home's texts anew with: pincite reindex"
        )


def _changes(generation: Generation, fingerprint: Fingerprint) -> str:
    """What differs, for the message."""
    new = fingerprint.as_dict()
    if new["name"] != generation.fingerprint["name"]:
        return repr(fingerprint.name)
    changed = [key for key, value in new.items() if generation.fingerprint.get(key) != value]
    return f"these files or settings of it ({', '.join(changed)} differ)"
