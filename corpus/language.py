"""The language of a text, as Google's Compact Language Detector 2 tells it (CLD2, in the library pycld2).

What a file states about it is a tag.
"""

import re
from typing import Final

# Shorter texts tell too little, and a text that is mostly digits and signs is in no language.
_FEWEST_LETTERS: Final = 60
_LEAST_LETTERS: Final = 0.5
# Looked at are stretches of so many characters from the first, the second and the last third of a text.
_PIECES: Final = 3
_PIECE: Final = 1_000
# How much of what is looked at has to be of one language.
_LEAST_PERCENT: Final = 70
_CODES: Final = {"iw": "he", "nb": "no", "nn": "no"}
_TAG: Final = re.compile(r"\s*([A-Za-z]{2})(?![A-Za-z0-9])")


def language_code(tag: str) -> str:
    """The ISO 639-1 code in lower case that a tag such as "de-AT" or "en_GB" begins with; "" for any other text."""
    stated = _TAG.match(tag)
    return stated[1].lower() if stated else ""


def language_name(code: str) -> str:
    """The English name of a language by its ISO 639-1 code; the code itself where it is none."""
    import pycld2

    return next((name.replace("_", " ").title() for name, its_code in pycld2.LANGUAGES if its_code == code), code)


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the text's language; None for short texts, mixed ones, and those that do not tell.

    A few thousand characters are looked at, the same ones whenever the text is the same.
    """
    sample = _sample(text)
    letters = sum(character.isalpha() for character in sample)
    if letters < _FEWEST_LETTERS or letters < _LEAST_LETTERS * sum(not character.isspace() for character in sample):
        return None
    return _detected(sample)


def _sample(text: str) -> str:
    third = len(text) // _PIECES
    starts = (part * third + max(0, third - _PIECE) // 2 for part in range(_PIECES))
    pieces = " ".join(text[start : start + min(third, _PIECE)] for start in starts)
    # CLD2 refuses control characters, and those that Unicode has not assigned.
    return "".join(character if character.isprintable() else " " for character in pieces)


def _detected(sample: str) -> str | None:
    import pycld2

    try:
        reliable, _, ((_, code, percent, _), *_) = pycld2.detect(sample.encode("utf-8", "replace"), isPlainText=True)
    except pycld2.error:  # characters that are younger than CLD2
        return None
    code = _CODES.get(code, code)[:2]  # "zh-Hant"
    return code if reliable and code != "un" and percent >= _LEAST_PERCENT else None
