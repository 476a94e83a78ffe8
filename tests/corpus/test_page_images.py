import io

import pytest
from PIL import Image

from corpus.errors import NotFoundError, UnreadableError
from corpus.page_images import has_page_images, page_image
from tests.corpus.files import pdf


def shown(data: bytes, media_type: str, page: int) -> Image.Image:
    image = Image.open(io.BytesIO(page_image(data, "scan", media_type, page)))
    assert image.format == "PNG"
    return image


def tiff(*colours: str, size: tuple[int, int] = (40, 20), orientation: int | None = None) -> bytes:
    first, *rest = (Image.new("RGB", size, colour) for colour in colours)
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    file = io.BytesIO()
    first.save(file, format="TIFF", save_all=True, append_images=rest, exif=exif)
    return file.getvalue()


def test_every_frame_of_an_image_is_a_page():
    data = tiff("red", "blue")
    assert shown(data, "image/tiff", 1).getpixel((5, 5)) == (255, 0, 0)
    assert shown(data, "image/tiff", 2).getpixel((5, 5)) == (0, 0, 255)
    with pytest.raises(NotFoundError, match="pages 1 to 2"):
        page_image(data, "scan.tiff", "image/tiff", 3)


def test_an_image_stands_upright_and_is_bounded():
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    Image.new("RGB", (9000, 300), "white").save(file, format="JPEG", exif=exif)
    assert shown(file.getvalue(), "image/jpeg", 1).size == (133, 4000)


def test_a_damaged_image_and_other_formats_are_refused():
    with pytest.raises(UnreadableError, match="cannot be shown"):
        page_image(b"\x89PNG\r\n\x1a\n broken", "scan.png", "image/png", 1)
    with pytest.raises(NotFoundError, match="only PDFs and images"):
        page_image(b"x", "a.txt", "text/plain", 1)
    assert [has_page_images(kind) for kind in ("application/pdf", "image/png", "text/html")] == [True, True, False]


def test_a_page_of_a_pdf():
    assert shown(pdf(["one", "two"]), "application/pdf", 2).width > 100
