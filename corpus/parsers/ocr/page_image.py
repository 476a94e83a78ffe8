"""An image file's frames as page images."""

import io
from typing import Final

from corpus.errors import NotFoundError, UnreadableError

_LONGEST_SIDE_PIXELS: Final = 4000


def frame_as_png(data: bytes, name: str, page: int) -> bytes:
    """Frame `page`, counted from 1, upright and no longer than 4,000 pixels.

    Errors: `NotFoundError` for a frame that is not there, `UnreadableError` for a file that is damaged or too large.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as image:
            frames = getattr(image, "n_frames", 1)
            if not 1 <= page <= frames:
                raise NotFoundError(f"there is no page {page!r}: the document has pages 1 to {frames}")
            image.seek(page - 1)
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((_LONGEST_SIDE_PIXELS, _LONGEST_SIDE_PIXELS))
            shown = upright if upright.mode in {"1", "L", "LA", "P", "RGB", "RGBA"} else upright.convert("RGB")
            file = io.BytesIO()
            shown.save(file, format="PNG")
            return file.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadableError(f"{name!r} cannot be shown as an image: {error}") from error
