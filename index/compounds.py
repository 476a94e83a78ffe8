"""Words made of words, and numbers: the further forms in which they are looked for.

The word index cuts `user_name`, `userName`, `E-1042` and `1,234.5` at signs only, so that each form would be found by
itself alone. Hence a name of several parts is also indexed as a whole without signs (`username`, `e1042`), one that
is written together also by its parts (`user`, `name`), and a number also in one way of writing (`1234.5`).
"""

import re
from collections.abc import Iterator
from typing import Final

_JOINED: Final = re.compile(r"(?<![^\W_])[^\W_]++(?:(?:::|->|[-_./:@&])[^\W_]++)++")
# Neither a word in small letters nor one with a capital before them: most words are not looked at any further.
_ODD_WORD: Final = re.compile(r"(?<![A-Za-z0-9])(?![A-Z]?[a-z]*+(?![A-Za-z0-9]))[A-Za-z0-9]++")
_SEAM: Final = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}|[A-Za-z][0-9]|[0-9][A-Za-z]")
_PART: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z]{2})|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_NUMBER: Final = re.compile(r"(?<![\w.,])[0-9]+(?:[.,'’\u00a0\u202f][0-9]+)+(?![\w]|[.,][0-9])")
_SIGN: Final = re.compile(r"[^\w]|_")
_SPACE_OF_THOUSANDS: Final = re.compile(r"['’\u00a0\u202f](?=[0-9]{3}(?![0-9]))")
_WITH_COMMA: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,([0-9]+))?")
_WITH_POINT: Final = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")


def further_forms(text: str, decimal_comma: bool) -> Iterator[str]:
    """The further forms of what stands in `text`, none of which holds white space.

    `decimal_comma` says how the language of the text writes numbers where that is not clear: "1.234" is more than a
    thousand with a decimal comma.
    """
    for found in _JOINED.finditer(text):
        without_signs = _SIGN.sub("", found[0])
        if not without_signs.isdigit():
            yield without_signs
        elif "." not in found[0]:  # a date or a time of day, which its signs tell from a number
            yield found[0]
    for word in _ODD_WORD.findall(text):
        if _SEAM.search(word):
            # A single letter says nothing.
            yield from (part for part in _PART.findall(word) if len(part) > 1 or part.isdigit())
    for found in _NUMBER.finditer(text):
        yield _plain_number(found[0], decimal_comma) or "".join(found[0].split())


def _plain_number(written: str, decimal_comma: bool) -> str | None:
    """The number without signs between thousands, with a decimal point, if any; None where it is no number."""
    written = _SPACE_OF_THOUSANDS.sub("", written)
    first, second = (_WITH_COMMA, _WITH_POINT) if decimal_comma else (_WITH_POINT, _WITH_COMMA)
    found = first.fullmatch(written) or second.fullmatch(written)
    if found is None:
        return None
    whole, fraction = re.sub("[.,]", "", found[1]), (found[2] or "").rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
