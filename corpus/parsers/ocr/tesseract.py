"""Text recognition by the program `tesseract`: the words on an image, in reading order, and where they stand."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from corpus.errors import UnreadableError
from corpus.parsers.ocr.pixels import greyscale_file

if TYPE_CHECKING:
    from PIL.Image import Image

INSTALL: Final = "install Tesseract (Debian and Ubuntu: apt install tesseract-ocr)"

_PROGRAM = "tesseract"
# For one image; a dense page of 25 megapixels takes about 10 seconds of one processor.
_SECONDS = 60
# Recognition that is less sure than this may have read the page upside down or sideways.
_SURE = 0.6
_AS_IT_STANDS, _FIND_ORIENTATION = "3", "1"  # Tesseract's page segmentation modes
_LINE_LEVEL, _WORD_LEVEL = "4", "5"
_COLUMNS = 12


class RecognitionError(UnreadableError):
    """Tesseract is missing, lacks a language, fails or takes too long; the message does not name the document."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as shares (0 to 1) of the image's width and height, from its top left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word without white space; `confidence` from 0 to 1; `line` counts block, paragraph and line on the image."""

    text: str
    box: Box
    line_box: Box
    line: tuple[int, int, int]
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """The words of an image in reading order."""

    words: tuple[Word, ...]

    @property
    def confidence(self) -> float:
        """The mean of the words' confidences, each as often as it has characters; 0 without any."""
        return mean_confidence(self.words)


def mean_confidence(words: Iterable[Word]) -> float:
    """The mean of the words' confidences, each as often as it has characters; 0 without any."""
    pairs = [(word.confidence, len(word.text)) for word in words]
    return sum(confidence * length for confidence, length in pairs) / max(1, sum(length for _, length in pairs))


def available() -> bool:
    """Whether the program is installed."""
    return shutil.which(_PROGRAM) is not None


def recognise(image: "Image", languages: str) -> Recognised:
    """The words that Tesseract reads on `image`; `languages` are its names for them, joined by "+".

    An image that is read with little confidence is tried again in the orientation that its letters seem to have.
    Errors: `RecognitionError`.
    """
    installed = _installed_languages()
    _check_languages(languages.split("+"), installed)
    picture = greyscale_file(image)
    found = _recognised(picture, languages, _AS_IT_STANDS)
    if not found.words or found.confidence >= _SURE or "osd" not in installed:
        return found
    turned = _recognised(picture, languages, _FIND_ORIENTATION)
    return max(found, turned, key=lambda read: sum(word.confidence * len(word.text) for word in read.words))


def words_of(tsv: str) -> Iterator[Word]:
    """The words in Tesseract's table, which has a row for each block, paragraph, line and word."""
    width = height = 1
    line_box = Box(0, 0, 1, 1)
    for row in tsv.split("\n"):
        cells = row.split("\t", _COLUMNS - 1)
        if len(cells) < _COLUMNS or not cells[0].isdigit():
            continue
        if cells[0] == "1":  # the image itself
            width, height = max(1, int(cells[8])), max(1, int(cells[9]))
        elif cells[0] == _LINE_LEVEL:
            line_box = _box(cells, width, height)
        elif cells[0] == _WORD_LEVEL and cells[11].strip():
            block, paragraph, line = (int(cell) for cell in cells[2:5])
            confidence = min(1.0, max(0.0, float(cells[10]) / 100))
            yield Word(cells[11].strip(), _box(cells, width, height), line_box, (block, paragraph, line), confidence)


def _box(cells: list[str], width: int, height: int) -> Box:
    left, top, across, down = (int(cell) for cell in cells[6:10])
    return Box(left / width, top / height, (left + across) / width, (top + down) / height)


def _recognised(picture: bytes, languages: str, mode: str) -> Recognised:
    options = ("-l", languages, "--psm", mode, "--dpi", "300", "-c", "tessedit_create_tsv=1")
    return Recognised(tuple(words_of(_run(("stdin", "stdout", *options), picture))))


def _installed_languages() -> set[str]:
    return set(_run(("--list-langs",)).splitlines()[1:])


def _check_languages(wanted: list[str], installed: set[str]) -> None:
    """Tesseract itself reads on without a language that it lacks."""
    missing = [language for language in wanted if language not in installed]
    if missing:
        packages = " ".join("tesseract-ocr-" + language.lower().replace("_", "-") for language in missing)
        there = ", ".join(sorted(installed - {"osd"})) or "none"
        raise RecognitionError(
            f"Tesseract has no data for {', '.join(map(repr, missing))}, only for {there}: install it (Debian and "
            f"Ubuntu: apt install {packages}) or set PINCITE_OCR_LANGUAGES to languages that are there"
        )


def _run(arguments: tuple[str, ...], standard_input: bytes = b"") -> str:
    """What the program prints."""
    # More threads than one make it slower, and other documents are read beside this one.
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen((_PROGRAM, *arguments), stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
    except FileNotFoundError as error:
        raise RecognitionError(f"Tesseract is not installed: {INSTALL}") from error
    except OSError as error:
        raise RecognitionError(f"Tesseract cannot be started: {error}") from error
    with process:
        _bound(process.pid)
        try:
            output, errors = process.communicate(standard_input, timeout=_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise RecognitionError(f"Tesseract took more than {_SECONDS} seconds for one image") from error
        finally:
            process.kill()
    if process.returncode:
        detail = " ".join(errors.decode("utf-8", "replace").split())[-300:]
        raise RecognitionError(f"Tesseract failed with exit code {process.returncode}: {detail or 'no message'}")
    return output.decode("utf-8", "replace")


def _bound(process: int) -> None:
    """Bound the processor time of a process, which goes on if this one is ended; it inherits the bound of memory."""
    if hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError):
            resource.prlimit(process, resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
