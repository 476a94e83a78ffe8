"""Images, such as scans and screenshots: their text as Tesseract recognises it; the images of a TIFF are pages."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from corpus.errors import TooLargeError, UnreadableError
from corpus.parsers.ocr.pixels import upright_greyscale
from corpus.parsers.ocr.recognition import Recognition, named_pages, too_many_pages
from corpus.parsers.ocr.tesseract import INSTALL, RecognitionError, available
from corpus.parsers.protocol import ParseOptions
from corpus.types import CharacterBoxes, MetadataValue, ParsedDocument

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MOST_PIXELS: Final = 90_000_000
"""Larger images are refused before they are unpacked; a page of A3 at 600 dots per inch has 70 million pixels."""

# Further images in files other than TIFF are moments of an animation or copies in other sizes.
_MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "WEBP": "image/webp",
}
_BETWEEN_PAGES = "\n\n"
# Whatever Pillow raises over damaged files.
_DAMAGE = (
    *(OSError, EOFError, SyntaxError, RuntimeError, ArithmeticError),
    *(LookupError, TypeError, ValueError, AttributeError, struct.error),
)
_EXIF, _TAKEN, _CHANGED = 0x8769, 0x9003, 0x0132


@dataclass(slots=True)
class _Pages:
    """The texts of the pages put together."""

    text: str = ""
    starts: list[int] = field(default_factory=list)
    boxes: list[CharacterBoxes] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The recognised text. The title is the file's name."""
    _check_recognition(name, options)
    recognition = Recognition(options.ocr_languages)
    with _opened(data, name) as image:
        media_type = _MEDIA_TYPES.get(str(image.format), "image/jpeg")  # MPO: JPEG with further images behind it
        pages = _read(image, recognition, name, options)
        metadata = _created(image)  # Pillow may have to load the image for this, and tells of damage only once
    if not pages.text:
        raise UnreadableError(_no_text(name, options, pages))
    return ParsedDocument(
        text=pages.text,
        media_type=media_type,
        title=PurePath(name).stem,
        page_starts=tuple(min(start, len(pages.text)) for start in pages.starts),
        metadata=metadata | recognition.metadata,
        failed_pages=tuple(pages.failed),
        losses=(*recognition.losses, *pages.losses),
        boxes=tuple(pages.boxes),
    )


def _check_recognition(name: str, options: ParseOptions) -> None:
    if options.ocr == "off":
        raise UnreadableError(f"{name!r} is an image, and text recognition is turned off (PINCITE_OCR)")
    if not available():
        raise UnreadableError(f"{name!r} is an image. To have the text of images read, {INSTALL}")


def _no_text(name: str, options: ParseOptions, pages: _Pages) -> str:
    if pages.failed:
        return f"{name!r} is damaged: {named_pages(pages.failed)} cannot be read as an image"
    return f"{name!r} is an image in which no text was recognised (in Tesseract's languages {options.ocr_languages})"


@contextmanager
def _opened(data: bytes, name: str) -> Iterator["ImageFile"]:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of oddities that users can do nothing about
        try:
            image = Image.open(io.BytesIO(data), formats=tuple(_MEDIA_TYPES))
        except Image.DecompressionBombError as error:
            raise TooLargeError(_too_large(name)) from error
        except _DAMAGE as error:
            raise UnreadableError(f"{name!r} is damaged: it cannot be opened as an image") from error
        with image:
            yield image


def _read(image: "ImageFile", recognition: Recognition, name: str, options: ParseOptions) -> _Pages:
    pages = _Pages()
    number = 1
    while _found(image, number, pages):
        options.limits.check_pages(number, name)
        _add_page(image, number, pages, recognition, name)
        number += 1
    return pages


def _found(image: "ImageFile", number: int, pages: _Pages) -> bool:
    """Move to a page, counted from 1; False behind the last one."""
    if number == 1:
        return True
    if image.format != "TIFF":
        if image.format != "MPO" and getattr(image, "is_animated", False):
            pages.losses.append("only the first image of the animation was read")
        return False
    try:
        image.seek(number - 1)
    except EOFError:
        return False
    except _DAMAGE:
        pages.losses.append(f"what follows after page {number - 1} is damaged and was not read")
        return False
    return True


def _add_page(image: "ImageFile", number: int, pages: _Pages, recognition: Recognition, name: str) -> None:
    between = len(_BETWEEN_PAGES) if pages.text else 0
    pages.starts.append(len(pages.text) + between)
    if recognition.is_exhausted:
        recognition.leave_out(number, too_many_pages())
        return
    if image.width * image.height > MOST_PIXELS:
        raise TooLargeError(_too_large(name))
    try:
        upright = upright_greyscale(image)
    except _DAMAGE:
        pages.failed.append(number)
        return
    try:
        page = recognition.read(number, upright)
    except RecognitionError as error:
        raise UnreadableError(f"{name!r} is an image that could not be read: {error}") from error
    if page is not None:
        pages.text += _BETWEEN_PAGES[:between] + page.text
        pages.boxes.append(CharacterBoxes(number, pages.starts[-1], page.boxes))


def _too_large(name: str) -> str:
    return f"{name!r} is an image of more than {MOST_PIXELS:,} pixels. Save it smaller"


def _created(image: "ImageFile") -> dict[str, MetadataValue]:
    """When a photograph was taken, or else the file written, as the image says itself."""
    try:
        exif = image.getexif()
        stated = exif.get_ifd(_EXIF).get(_TAKEN) or exif.get(_CHANGED)
        when = datetime.strptime(str(stated).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # in local time, of an unknown place
    except _DAMAGE:
        return {}
    return {"created": when.isoformat()}
