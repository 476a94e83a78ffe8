"""Opening PDFs with PDFium, one at a time, with the passwords that were given."""

import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from stringprep import in_table_b1, in_table_c12
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfiumError

# PDFium must never run in two threads at once, not even on different documents.
_PDFIUM_LOCK: Final = Lock()
# Its warnings (a circular outline, forms of a kind that it does not know) are for programmers.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_OBJECT = re.compile(rb"(\d{1,10})\s+(\d{1,5})\s+\Z")
_ENCRYPTION = re.compile(rb"/Encrypt\b|/Filter\s*/Standard\b")
_HEAD = 1024
_mended: "WeakSet[PdfDocument]" = WeakSet()


@contextmanager
def opened_pdf(data: bytes, name: str, passwords: Sequence[str] = ()) -> Iterator["PdfDocument"]:
    """The opened document, while PDFium is reserved for it; its forms are ready to be read and drawn.

    Errors: `UnreadableError` for a damaged document, and for one that none of the passwords opens.
    """
    from pypdfium2 import PdfiumError

    with _PDFIUM_LOCK, closing(_opened(data, name, passwords)) as document:
        try:
            yield document
        except PdfiumError as error:
            raise UnreadableError(f"{name!r} is damaged: {error}") from error


def is_mended(document: "PdfDocument") -> bool:
    """Whether the file lacked its end or its beginning, so that parts of the document may be missing."""
    return document in _mended


def _opened(data: bytes, name: str, passwords: Sequence[str]) -> "PdfDocument":
    from pypdfium2 import PdfDocument, PdfiumError, raw

    # Without a password first: most files have none, and what is only protected from changes opens without.
    for password in (None, *_forms_of(passwords)):
        try:
            document = PdfDocument(data, password)
        except PdfiumError as error:
            problem = error
            if error.err_code != raw.FPDF_ERR_PASSWORD:
                break
        else:
            _prepare_forms(document)
            return document
    document = _opened_mended(data) if problem.err_code == raw.FPDF_ERR_FORMAT else None
    if document is None:
        raise UnreadableError(_message(problem, name, given=bool(passwords))) from problem
    return document


def _opened_mended(data: bytes) -> "PdfDocument | None":
    """The document with the beginning and the end that PDFium asks for; None if that does not help."""
    from pypdfium2 import PdfDocument, PdfiumError

    catalog = max((found.start() for found in _CATALOG.finditer(data)), default=-1)
    place = data.rfind(b"obj", 0, max(catalog, 0))
    number = _OBJECT.search(data[max(place - 30, 0) : max(place, 0)])
    if number is None or _ENCRYPTION.search(data):  # without its trailer nothing encrypted can be read
        return None
    start = b"" if b"%PDF-" in data[:_HEAD] else b"%PDF-1.7\n"
    end = b"\nendstream endobj\ntrailer<</Root %b %b R>>\n%%%%EOF\n" % number.groups()
    try:
        document = PdfDocument(start + data + end)
    except PdfiumError:
        return None
    _prepare_forms(document)
    try:
        document[0].close()
    except (PdfiumError, IndexError):  # it ends before its first page
        document.close()
        return None
    _mended.add(document)
    return document


def _forms_of(passwords: Sequence[str]) -> Iterator[str]:
    """Each password as it is, and as the newest encryption asks for it (SASLprep, RFC 4013) if that differs."""
    for password in passwords:
        yield password
        visible = "".join(" " if in_table_c12(sign) else sign for sign in password if not in_table_b1(sign))
        prepared = unicodedata.normalize("NFKC", visible)
        if prepared != password:
            yield prepared


def _prepare_forms(document: "PdfDocument") -> None:
    """Forms must be set up before any page is loaded; a document whose forms are damaged is read without them."""
    from pypdfium2 import PdfiumError

    try:
        document.init_forms()
    except PdfiumError:
        document.formenv = None


def _message(problem: "PdfiumError", name: str, *, given: bool) -> str:
    from pypdfium2 import raw

    if problem.err_code == raw.FPDF_ERR_SECURITY:
        return f"{name!r} is encrypted in a way that cannot be read; save it without encryption"
    if problem.err_code == raw.FPDF_ERR_PASSWORD and given:
        return f"{name!r} is encrypted with a password, and none of the given passwords opens it"
    if problem.err_code == raw.FPDF_ERR_PASSWORD:
        return f"{name!r} is encrypted with a password; give it with --password"
    return f"{name!r} is damaged: it cannot be opened as a PDF. Open it in a viewer and print it to a new PDF"
