"""Word, PowerPoint and Excel files that are encrypted with a password: opened, then read as what they are."""

from importlib import import_module
from typing import cast

from corpus.detection import media_type_of
from corpus.errors import UnreadableError
from corpus.media_types import DOCX, PPTX, XLSX
from corpus.parsers.office.decryption import decrypted
from corpus.parsers.protocol import ParseOptions, Parser
from corpus.types import ParsedDocument

_MODULES = {DOCX: "docx", PPTX: "pptx", XLSX: "xlsx"}


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The document inside. Raises UnreadableError when none of the passwords opens it."""
    content = decrypted(data, name, options.passwords)
    options.limits.check_bytes(len(content), name)
    module = _MODULES.get(media_type_of(content, name))
    if module is None:
        raise UnreadableError(f"{name!r} holds no Word, PowerPoint or Excel file under its password")
    return cast(Parser, import_module(f"corpus.parsers.office.{module}").parse)(content, name, options)
