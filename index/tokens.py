"""Where the tokens of a text stand, from a tokenizer of the `tokenizers` library."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def without_limits(tokenizer: "Tokenizer") -> "Tokenizer":
    """The same tokenizer with the truncation and padding that its file may ask for switched off."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def spans_of(tokenizer: "Tokenizer", text: str) -> list[tuple[int, int]]:
    """Start and end (code points) of every token, for a tokenizer `without_limits` and a canonical text.

    Neither starts nor ends descend; the pieces of a character that is split into several share its span.
    """
    return tokenizer.encode(text, add_special_tokens=False).offsets
