"""Numbers of sheets as a reader sees them: percentages, currencies and grouped digits by their format, dates as ISO.

Under a format that is more than a pattern of digits with text around it (fractions, scaling, conditions) a number is
shown bare.
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    **dict.fromkeys((5, 6, 37, 38, 41, 42), "#,##0_);(#,##0)"),
    **dict.fromkeys((7, 8, 39, 40, 43, 44), "#,##0.00_);(#,##0.00)"),
    9: "0%",
    10: "0.00%",
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
    46: "[h]:mm:ss",
}
"""The formats that files name by number only. Currencies among them depend on the reader's country and are left out."""

_SECONDS_OF_A_DAY = 86_400
_LAST_DAY = 2_958_465  # 9999-12-31
# Parts of a format: quoted and escaped text, space as wide as a character, filling, brackets, digits, anything else.
_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<digits>[0#?][0#?,.]*|\.[0#?]+)|(?P<general>General)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_PATTERN = re.compile(r"(?P<whole>[0#?,]*[0#?]|)(?:\.(?P<fraction>[0#?]*))?")
_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*', re.DOTALL)
_ELAPSED = re.compile(r"[hms]+", re.IGNORECASE)
# What a number's format may hold beside digits without being more than text; "." would be a second number.
_COMPLICATED = set("/@Ee0123456789,.")
_CONDITION = set("<>=")


@dataclass(frozen=True, slots=True)
class _Section:
    """One of up to four parts of a format: for positive numbers, negative ones, zero, text."""

    before: str
    pattern: str | None
    after: str
    percent: bool


@dataclass(frozen=True, slots=True)
class _Format:
    date: bool = False
    time: bool = False
    elapsed: bool = False
    sections: tuple[_Section | None, ...] = ()


def shown_number(value: float, code: str, *, from_1904: bool = False) -> str:
    """A cell's number under the format `code`; `from_1904` when days count from there instead of from 1900."""
    form = _format_of(code)
    if not math.isfinite(value):
        return general(value)
    if form.elapsed or form.date or form.time:
        return _moment(value, form, from_1904=from_1904) or general(value)
    return _formatted(value, form.sections) or general(value)


def general(value: float) -> str:
    """A number without a format, to the 15 digits that spreadsheets hold."""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.15G}"


@lru_cache(maxsize=1000)
def _format_of(code: str) -> _Format:
    sections = [section for section in _SECTION.findall(code) if section] or [""]
    parts = list(_PART.finditer(sections[0]))
    if any(part["general"] for part in parts):
        letters: set[str] = set()
    else:
        letters = {part["other"].lower() for part in parts if part["other"]}
    elapsed = any(part["bracket"] and _ELAPSED.fullmatch(part["bracket"]) for part in parts)
    time = bool(letters & {"h", "s"})
    date = bool(letters & {"y", "d"}) or ("m" in letters and not time and not elapsed)
    if elapsed or date or time:
        return _Format(date, time, elapsed)
    return _Format(sections=tuple(_section(section) for section in _SECTION.findall(code) if section))


def _section(code: str) -> _Section | None:
    """None for a section that is beyond what is shown here."""
    texts, pattern, percent = ["", ""], None, False
    for part in _PART.finditer(code):
        if part["digits"] or part["general"]:
            if pattern is not None:
                return None
            pattern = part[0]
        elif set(part["bracket"] or "") & _CONDITION or part["other"] in _COMPLICATED:
            return None
        else:
            percent = percent or part["other"] == "%"
            texts[pattern is not None] += part["quoted"] or part["escaped"] or part["currency"] or part["other"] or ""
    if pattern is not None and pattern.lower() != "general" and not _PATTERN.fullmatch(pattern):
        return None
    return _Section(texts[0], pattern, texts[1], percent)


def _formatted(value: float, sections: tuple[_Section | None, ...]) -> str:
    """`value` in the section for its sign; "" when there is none or it cannot be shown."""
    number = Decimal(f"{value:.15g}")
    place = 0 if number > 0 else 1 if number < 0 else 2
    own = place < min(len(sections), 3)
    section = sections[place if own else 0] if sections else None
    if section is None:
        return ""
    number = number * 100 if section.percent else number
    digits = _digits(abs(number), section.pattern)
    if digits is None:
        return ""
    sign = "-" if number < 0 and not own and digits.strip("0.,") else ""
    return f"{sign}{section.before}{digits}{section.after}".strip()


def _digits(number: Decimal, pattern: str | None) -> str | None:
    if pattern is None:
        return ""
    if pattern.lower() == "general":
        return general(float(number))
    match = _PATTERN.fullmatch(pattern)
    whole, fraction = (match["whole"], match["fraction"] or "") if match else ("", "")
    try:
        rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    except InvalidOperation:
        return None
    left, _, right = f"{rounded:f}".partition(".")
    right = right[: fraction.rfind("0") + 1] + right[fraction.rfind("0") + 1 :].rstrip("0")
    left = left.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        left = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", left)
    return f"{left}.{right}" if right else left


def _moment(value: float, form: _Format, *, from_1904: bool) -> str:
    """A date, a time or a duration; "" for numbers that are none."""
    if not 0 <= value < _LAST_DAY + 1:
        return ""
    days, seconds = divmod(round(value * _SECONDS_OF_A_DAY), _SECONDS_OF_A_DAY)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if form.elapsed:
        return f"{days * 24 + seconds // 3600}{clock[2:]}"
    # A number below 1 is a time of day on no day at all.
    if not form.date or (days == 0 and not from_1904):
        return clock if form.time else ""
    day = f"{_day(days, from_1904=from_1904):%Y-%m-%d}"
    return f"{day} {clock}" if form.time and seconds else day


def _day(days: int, *, from_1904: bool) -> datetime:
    if from_1904:
        return datetime(1904, 1, 1) + timedelta(days=min(days, _LAST_DAY - 1462))
    # Spreadsheets count a 29 February 1900 that never was.
    return datetime(1899, 12, 30) + timedelta(days=days + (days < 60))
