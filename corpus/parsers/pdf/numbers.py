"""What counts as a number in the cells of a table, and what belongs to the number beside it."""

import re

_CURRENCY = r"(?:(?:US|CA|AU|HK|NZ)?[$]|[€£¥]|EUR|USD|GBP|CHF)"
_AMOUNT = rf"""[(+\-–—~<>≈±]*\s*{_CURRENCY}?\s*[(+\-–—]?  # signs before it
    (?:\d[\d.,'’]*(?:\s\d{{3}})*|[.,]\d+)               # the number itself
    \s*(?:[%‰x]|pts?|bps|bp|ppt?|[BMKbmk]|bn|pp)?        # its unit
    [)%*†‡\s]*(?:\(\w{{1,2}}\))?[)%]*                    # what closes it, and the mark of a footnote
"""
_NUMBER = re.compile(rf"{_AMOUNT}(?:\s*[–—/-]\s*{_AMOUNT})*", re.VERBOSE)
_NOTHING = re.compile(r"[($€£¥]*\s*(?:[-–—−‒]+|n/?[am]\.?|nm|\*+)\s*[%)]*", re.IGNORECASE)
_YEAR = re.compile(r"(?:FY|CY|[Qq][1-4]\s?|[1-4]Q\s?)?'?(?:19|20)\d\d[EAe]?(?:\s?\(\w{1,3}\))?\*?")
_DIGIT = re.compile(r"\d")
_LONGEST = 40
_BETWEEN = frozenset("–—/-")
_BEFORE = re.compile(rf"{_CURRENCY}\s*\(?|\(")
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
