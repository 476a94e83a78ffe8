"""Images with text whose words stand in known places."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont
from pypdfium2 import raw

Rectangle = tuple[float, float, float, float]

ORIENTATION = 0x0112
# How an upright image must be stored so that viewers, which follow the tag, show it upright.
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True)
class Drawing:
    """An image, and the words on it with the rectangles (left, top, right, bottom in pixels) of their ink."""

    image: Image.Image
    words: tuple[tuple[str, Rectangle], ...]


def drawing(
    lines: Sequence[str], size: int = 24, left: int = 30, width: int = 460, mode: str = "L", paper: Any = 255
) -> Drawing:
    """Lines of words in letters of `size` pixels, dark on `paper`; an empty line makes a gap."""
    font = ImageFont.load_default(size=size)
    image = Image.new(mode, (width, int(size * 1.6 * len(lines)) + 2 * size), paper)
    canvas = ImageDraw.Draw(image)
    words = []
    for number, line in enumerate(lines):
        across = float(left)
        for word in line.split():
            down = size + number * size * 1.6
            canvas.text((across, down), word, font=font, fill=0 if mode in {"1", "L", "I;16", "F"} else "black")
            ink = font.getbbox(word)
            words.append((word, (across + ink[0], down + ink[1], across + ink[2], down + ink[3])))
            across += font.getlength(word + " ")
    return Drawing(image, tuple(words))


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The image as a file."""
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


def with_orientation(image: Image.Image, orientation: int, kind: str = "JPEG") -> bytes:
    """A file that viewers show as `image` by turning what is stored."""
    turn = STORED_AS[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return saved(image if turn is None else image.transpose(turn), kind, exif=exif)


def tiff(pages: Sequence[Image.Image]) -> bytes:
    """A TIFF with these pages."""
    return saved(pages[0], "TIFF", save_all=True, append_images=list(pages[1:]), compression="tiff_deflate")


def image_pdf(pages: Sequence[Image.Image | None], notes: Sequence[str] = (), share: float = 1.0) -> bytes:
    """A PDF with an image of 150 dots per inch on each page, or none; `notes` are small texts on the pages.

    The image takes `share` of the page's width and height.
    """
    document = pdfium.PdfDocument.new()
    for number, image in enumerate(pages):
        width, height = (side * 72 / 150 for side in (image.size if image else (1240, 600)))
        page = document.new_page(width, height)
        if image is not None:
            picture = pdfium.PdfImage.new(document)
            picture.load_jpeg(io.BytesIO(saved(image.convert("L"), "JPEG", quality=95)), inline=True)
            picture.set_matrix(pdfium.PdfMatrix().scale(width * share, height * share))
            page.insert_obj(picture)
        for note in notes[number : number + 1]:
            text = raw.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", 8)
            units = (note + "\0").encode("utf-16-le")
            raw.FPDFText_SetText(text, (raw.FPDF_WCHAR * (len(units) // 2)).from_buffer_copy(units))
            raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, 20, 2)
            raw.FPDFPage_InsertObject(page.raw, text)
        page.gen_content()
    file = io.BytesIO()
    document.save(file)
    document.close()
    return file.getvalue()
