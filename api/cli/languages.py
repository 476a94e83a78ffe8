"""What is said where the embedder was not made for the language of some documents."""

from typing import TYPE_CHECKING

from corpus.language import language_name

if TYPE_CHECKING:
    from retrieval.service import Status


def uncovered_languages(status: "Status") -> str:
    """How many documents are in which languages, what that means, and what to do."""
    counts = status.uncovered_languages
    listed = ", ".join(f"{count} in {language_name(code)}" for code, count in counts.items())
    return (
        f"documents in languages that the model {status.models['embedder']['name']} does not cover: {listed}. "
        "Their words are found, their meaning hardly; set PINCITE_MODEL to a multilingual model (docs/settings.md) and "
        "run: pincite reindex"
    )
