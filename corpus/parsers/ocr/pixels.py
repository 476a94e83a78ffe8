"""Images made ready for text recognition: upright, dark on white, grey, neither tiny nor huge."""

import io
import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS: Final = 25_000_000
# A page of A4 at 300 dots per inch. Smaller images are enlarged towards it: of the words of pages at 72 dots per
# inch, Tesseract reads 2 to 46 in a hundred as they are, and 84 to 98 enlarged three times.
_ENOUGH_PIXELS = 8_700_000
_LARGEST_FACTOR = 3.0
_LEAST_FACTOR = 1.2
# Tesseract refuses longer ones.
_LONGEST_SIDE = 32_000
# Deep images are converted piece by piece, for in between a pixel takes four bytes and more.
_STRIP_PIXELS = 1_000_000


def upright_greyscale(image: "Image") -> "Image":
    """The image as a viewer shows it, in 8 bits of grey, on white where it is transparent, at most `MOST_PIXELS`."""
    from PIL import ImageOps

    image.load()
    grey = _bounded(_grey(image))
    grey.info = {key: value for key, value in image.info.items() if key != "transparency"}  # tells what is upright
    return ImageOps.exif_transpose(grey)


def greyscale_file(image: "Image") -> bytes:
    """The image in grey as a PGM file, in a size in which text is recognised well."""
    grey = _bounded(_grey(image))
    factor = min((_ENOUGH_PIXELS / (grey.width * grey.height)) ** 0.5, _LARGEST_FACTOR)
    if factor > _LEAST_FACTOR:
        grey = _bounded(_scaled(grey, factor))
    file = io.BytesIO()
    grey.save(file, format="PPM")
    return file.getvalue()


def _grey(image: "Image") -> "Image":
    """The image in 8 bits of grey. As little as may be is copied: images can be as large as the memory allows."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        return _of_8_bits(image)
    if not image.has_transparency_data:
        return image if image.mode == "L" else image.convert("L")
    layers = image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    return Image.composite(layers.convert("L"), Image.new("L", image.size, 255), layers.getchannel("A"))


def _of_8_bits(image: "Image") -> "Image":
    """An image of integers or floating point numbers in 8 bits of grey, from its darkest to its lightest.

    Which value is white is not written in such files, and scanners of 12 bits do not reach the highest.
    """
    from PIL import Image

    low, high = np.asarray(image.getextrema(), np.float64).tolist()
    span = high - low if math.isfinite(high - low) and high > low else 1.0
    grey = Image.new("L", image.size)
    height = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, height):
        strip = image.crop((0, top, image.width, min(top + height, image.height)))
        levels = np.nan_to_num((np.asarray(strip).astype(np.float32) - low) * (255 / span))
        grey.paste(Image.fromarray(levels.clip(0, 255).astype(np.uint8)), (0, top))
    return grey


def _bounded(grey: "Image") -> "Image":
    factor = min((MOST_PIXELS / (grey.width * grey.height)) ** 0.5, _LONGEST_SIDE / max(grey.size))
    return grey if factor >= 1 else _scaled(grey, factor)


def _scaled(grey: "Image", factor: float) -> "Image":
    from PIL.Image import Resampling

    size = (max(1, int(grey.width * factor)), max(1, int(grey.height * factor)))
    return grey.resize(size, Resampling.BICUBIC, reducing_gap=2.0)
