"""What stands on a page beside its own text: values of form fields and free text of annotations."""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.parsers.pdf.characters import boxes_of
from corpus.parsers.pdf.lines import Line, joined
from corpus.text import canonical

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_HIDDEN = 2 | 32  # the flags Hidden and NoView
_PASSWORD_FIELD = 1 << 13
# Pages of maps can have very many.
_MOST_ANNOTATIONS = 5000
_MOST_COMPARISONS = 200_000


@dataclass(slots=True)
class PageFields:
    """Texts to be put among the lines of a page, and the number of comments, which are left out."""

    lines: list[Line]
    comments: int


def form_losses(document: "PdfDocument") -> list[str]:
    """What is known not to be read of the document's forms, in words."""
    from pypdfium2 import raw

    is_xfa = document.get_formtype() in {raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND}
    return ["its XFA form is not read, only what the pages show without it"] if is_xfa else []


def page_fields(document: "PdfDocument", page: "PdfPage") -> PageFields:
    """The values of text and choice fields and the free text that the page shows."""
    from pypdfium2 import raw

    fields = PageFields([], 0)
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                _read(document, page, annotation, fields)
            finally:
                raw.FPDFPage_CloseAnnot(annotation)
    return fields


def _read(document: "PdfDocument", page: "PdfPage", annotation: Any, fields: PageFields) -> None:
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if kind == raw.FPDF_ANNOT_LINK or raw.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
        return
    if kind == raw.FPDF_ANNOT_WIDGET:
        text = _field_value(document, annotation)
    else:
        text = _string(lambda *to: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", *to))
        if kind != raw.FPDF_ANNOT_FREETEXT:
            fields.comments += kind != raw.FPDF_ANNOT_POPUP and bool(text.strip())
            return
    rectangle = raw.FS_RECTF()
    if text.strip() and raw.FPDFAnnot_GetRect(annotation, rectangle):
        fields.lines += _lines(canonical(text).strip(), rectangle, page)


def _field_value(document: "PdfDocument", annotation: Any) -> str:
    from pypdfium2 import raw

    if not document.formenv:
        return ""
    form = document.formenv
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind not in {raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX}:
        return ""
    if raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD_FIELD:
        return ""
    return _string(lambda *to: raw.FPDFAnnot_GetFormFieldValue(form, annotation, *to))


def _string(read: Callable[..., int]) -> str:
    """A UTF-16 string that `read` writes to a buffer of a length in bytes; it returns the length that is needed."""
    from pypdfium2 import raw

    length = read(None, 0)
    buffer = ctypes.create_string_buffer(length + 2)
    read(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    return buffer.raw[: max(length - 2, 0)].decode("utf-16-le", "replace").rstrip("\0")


def _lines(text: str, rectangle: Any, page: "PdfPage") -> Iterator[Line]:
    """The lines of a text, spread over a rectangle of the page: where exactly its letters are drawn is not known."""
    rows = text.split("\n")
    width, page_height = page.get_size()
    height = (rectangle.top - rectangle.bottom) / len(rows)
    for number, row in enumerate(rows):
        if row.strip():
            step = min((rectangle.right - rectangle.left) / len(row), height * 0.6)
            corners = np.empty((len(row), 4), np.float32)
            corners[:, 0] = rectangle.left + step * np.arange(len(row))
            corners[:, 1] = rectangle.top - height * number
            corners[:, 2] = corners[:, 0] + step
            corners[:, 3] = corners[:, 1] - height
            boxes = boxes_of(corners, page)
            boxes[[character.isspace() for character in row]] = 0
            yield Line(row, boxes, width, page_height)


def with_fields(lines: Sequence[Line], fields: Sequence[Line]) -> list[Line]:
    """The lines with each field behind the words that stand left of it, else below the line that stands above it."""
    placed = list(lines)
    if len(lines) * len(fields) > _MOST_COMPARISONS:
        return [*placed, *fields]
    for field in fields:
        beside = [index for index, line in enumerate(placed) if _is_label(line, field)]
        if beside:
            nearest = max(beside, key=lambda index: _end_left_of(placed[index], field)[1])
            placed[nearest] = _inserted(placed[nearest], field)
        else:
            above = [index for index, line in enumerate(placed) if line.height and line.bottom <= field.middle]
            lowest = max(above, key=lambda index: placed[index].bottom, default=-1)
            placed.insert(lowest + 1, field)
    return placed


def _is_label(line: Line, field: Line) -> bool:
    return line.is_level and field.height > 0 and line.is_beside(field) and _end_left_of(line, field)[0] > 0


def _end_left_of(line: Line, field: Line) -> tuple[int, float]:
    """How many characters of `line` stand left of `field`, and where the last of them ends, in points."""
    start = field.left + 0.25 * field.height
    for cell in reversed(line.cells()):
        if cell.left < start:
            return cell.end, cell.right
    return 0, 0.0


def _inserted(line: Line, field: Line) -> Line:
    end, _ = _end_left_of(line, field)
    parts = [line.part(0, end), field, line.part(end, len(line.text))]
    return joined([part.stripped() for part in parts if part.text.strip()], " ")
