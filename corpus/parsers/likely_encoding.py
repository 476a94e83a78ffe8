"""The likeliest encodings of bytes that do not say which one they are in.

chardet weighs them by the statistics of languages. Where it puts several close to one another, as for short texts and
those with few letters beyond ASCII, the one comes first whose text looks least odd.
"""

import codecs
import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

# Bytes that chardet is shown, and those in which odd places are counted: of lines that hold more than ASCII.
_SAMPLE = 200_000
_SAMPLE_OF_ODD = 4_000
# Encodings whose confidence is at least this share of the best one's are compared.
_CLOSE = 0.7
_COMPARED = 8
# Below this nothing was recognised; then encodings of two bytes a character are compared as well, in this order: the
# fewer bytes an encoding has a character for, the less it fits by chance.
_HARDLY_SURE = 0.02
_DOUBLE_BYTE = ("cp949", "euc_jp", "cp932", "big5hkscs", "johab", "gb18030")
_MULTI_BYTE = re.compile("euc_|gb|big5|cp9[345]|shift_jis|johab|hz|iso2022|utf")

# The oddest sound text that was met with had 0.15 odd places a character.
_MOST_ODDNESS = 0.2
_ENOUGH_TO_JUDGE = 20
# No more than this many bytes of a line are taken before and behind a byte beyond ASCII.
_LINE = 2000
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_NEIGHBOURS = re.compile(".?[^\x00-\x7f]+.?", re.DOTALL)
_FRAMES = re.compile("[\u2500-\u259f]")
_FRAMES_APART = re.compile(r"(?<![^\W\d_])[\u2500-\u259f]++(?![^\W\d_])")
_LETTERS = {"Lu", "Ll", "Lt", "Lm", "Lo"}
_SYMBOLS = {"Sm", "Sc", "Sk", "So", "No"}
# Words may mix Chinese or Japanese scripts with others, but these hardly ever with one another.
_APART = {"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "THAI"}


def likely_encodings(data: bytes) -> list[str]:
    """Python's names of encodings that the bytes may be in, the likeliest first; none if they look like no text.

    No more than a sample of the bytes is looked at, so an encoding need not fit all of them.
    """
    sample = _telling(data)
    start = sample[:_SAMPLE_OF_ODD]
    texts = {encoding: start.decode(encoding, errors="replace") for encoding in _close_ones(sample)}
    plausible = [encoding for encoding, text in texts.items() if _is_plausible(text)]
    return sorted(plausible, key=lambda encoding: oddness(texts[encoding]))


def _close_ones(sample: bytes) -> list[str]:
    """The encoding that chardet finds likeliest, and those that are hardly less likely."""
    from chardet import EncodingEra, detect_all

    text_only = EncodingEra.ALL & ~EncodingEra.MAINFRAME
    found = detect_all(sample, ignore_threshold=True, encoding_era=text_only, compat_names=False)
    likely = [(codecs.lookup(item["encoding"]).name, item["confidence"]) for item in found if item["encoding"]]
    if not likely:
        return []
    best, confidence = likely[0]
    if _MULTI_BYTE.match(best):
        return [best]
    close = [encoding for encoding, other in likely[:_COMPARED] if other >= confidence * _CLOSE]
    return [*close, *_DOUBLE_BYTE] if confidence < _HARDLY_SURE else close


def _is_plausible(text: str) -> bool:
    """Whether the text could be somebody's. Some encodings fit any bytes; what they make of noise is very odd."""
    without_frames = _FRAMES_APART.sub(" ", text)  # as old programs drew them around texts
    beyond_ascii = sum(character > "\x7f" for character in without_frames)
    return beyond_ascii < _ENOUGH_TO_JUDGE or oddness(without_frames) <= _MOST_ODDNESS


def oddness(text: str) -> float:
    """How much of what stands beyond ASCII looks as no language is written: odd places a character.

    Odd are controls, unassigned and broken characters, frames, a capital behind a small letter, a word in two scripts,
    and half as much a symbol beside a letter.
    """
    odd = beyond = 0.0
    for run in _NEIGHBOURS.finditer(text):
        beyond += sum(character > "\x7f" for character in run[0])
        odd += sum(_odd_alone(character) for character in run[0])
        odd += sum(_odd_pair(_kind(left), _kind(right)) for left, right in pairwise(run[0]))
    return odd / beyond if beyond else 0.0


def _telling(data: bytes) -> bytes:
    """The lines that hold more than ASCII, for the others tell nothing, up to the size of a sample."""
    parts: list[bytes] = []
    size = position = 0
    while size < _SAMPLE and (beyond := _BEYOND_ASCII.search(data, position)):
        start = max(position, beyond.start() - _LINE)
        start = data.rfind(b"\n", start, beyond.start()) + 1 or start
        end = data.find(b"\n", beyond.end(), beyond.end() + _LINE)
        position = end + 1 if end >= 0 else beyond.end() + _LINE
        parts.append(data[start:position])
        size += len(parts[-1])
    return b"".join(parts) or data[:_SAMPLE]


@lru_cache(maxsize=4096)
def _kind(character: str) -> tuple[str, str]:
    """The Unicode category, and the script of a letter. ASCII signs have none: they stand beside anything."""
    if character <= "\x7f" and not character.isalpha():
        return "", ""
    category = unicodedata.category(character)
    return category, unicodedata.name(character, "").partition(" ")[0] if category in _LETTERS else ""


def _odd_alone(character: str) -> bool:
    if character <= "\x7f":
        return False
    return character == "\ufffd" or _kind(character)[0] in {"Cc", "Co", "Cn"} or bool(_FRAMES.match(character))


def _odd_pair(left: tuple[str, str], right: tuple[str, str]) -> float:
    if left[0] == "Ll" and right[0] == "Lu":
        return 1.0
    if left[1] != right[1] and {left[1], right[1]} <= _APART:
        return 1.0
    categories = {left[0], right[0]}
    return 0.5 if categories & _SYMBOLS and categories & _LETTERS else 0.0
