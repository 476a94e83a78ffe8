"""How documents, versions and passages get their names.

A document id is given once and stays; a version digest and a passage id follow from content, so that the same
content has the same names in every home.
"""

import hashlib
import uuid

from corpus.types import Span


def new_document_id() -> str:
    """A fresh document id."""
    return f"doc_{uuid.uuid4().hex[:20]}"


def version_digest(text: str, parser_version: str) -> str:
    """The name of a document version: SHA-256 over parser version and canonical text."""
    digest = hashlib.sha256(parser_version.encode() + b"\0" + text.encode())
    return f"sha256:{digest.hexdigest()}"


def passage_id(document_id: str, version: str, span: Span) -> str:
    """The name of a passage: it follows from document, version and span."""
    name = f"{document_id}\0{version}\0{span.start}\0{span.end}"
    return f"psg_{hashlib.sha256(name.encode()).hexdigest()[:24]}"
