"""What counts as a number in the cells of a table, and what belongs to the number beside it."""

import re

_NUMBER = re.compile(
    r"""[($€£¥+\-–—~<>≈±\s]*            # signs before it
        (?:(?:US|CA|AU|HK|NZ)?[$]|[€£¥]|EUR|USD|GBP|CHF)?\s*[(+\-–—]?
        (?:\d[\d.,'’\s]*|[.,]\d+)       # the number itself
        (?:[–—/x-]\s*[$€£¥]?[\d.,]+)*   # or a range
        \s*(?:%|‰|x|pts?|bps|bp|ppt?|[BMKbmk]|bn|pp)?
        [)%*†‡\s]*(?:\(\w{1,2}\))?[)%\s]*""",
    re.VERBOSE,
)
_NOTHING = re.compile(r"[($€£¥]*\s*(?:[-–—−‒]+|n/?[am]\.?|nm|\*+)\s*[%)]*", re.IGNORECASE)
_YEAR = re.compile(r"(?:FY|CY|[Qq][1-4]\s?|[1-4]Q\s?)?'?(?:19|20)\d\d[EAe]?(?:\s?\(\w{1,3}\))?\*?")
_DIGIT = re.compile(r"\d")
_LONGEST = 40
_BETWEEN = frozenset("–—/-")
_BEFORE = re.compile(r"(?:(?:US|CA|AU|HK|NZ)?[$]|[€£¥]|EUR|USD|GBP|CHF)\s*\(?|\(")
_BEHIND = re.compile(r"[)%‰*†‡]+|x|pts?|bps")


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, an amount, a share, a range, or a dash in place of one."""
    if len(cell) > _LONGEST:
        return False
    return bool((_NUMBER if _DIGIT.search(cell) else _NOTHING).fullmatch(cell))


def is_year(cell: str) -> bool:
    """Whether a cell names a year or a quarter, as the heads of columns do."""
    return _YEAR.fullmatch(cell) is not None


def goes_with_next(cell: str) -> bool:
    """Whether a cell is only the currency or the bracket of the number in the next one."""
    return _BEFORE.fullmatch(cell) is not None


def goes_with_last(cell: str) -> bool:
    """Whether a cell is only the end of the number in the one before."""
    return _BEHIND.fullmatch(cell) is not None


def is_numbers(line: str) -> bool:
    """Whether a line holds nothing but numbers."""
    return is_number(line) or all(
        is_number(word) or goes_with_next(word) or goes_with_last(word) or word in _BETWEEN for word in line.split()
    )
