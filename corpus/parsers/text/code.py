"""Source code: the canonical text is the source; each definition (class, function and the like) is a section."""

from pathlib import PurePath

from corpus.media_types import CODE
from corpus.parsers.decoding import canonical_text
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.text.definitions import sections_of_code
from corpus.programming_languages import language_of_code
from corpus.types import ParsedDocument

# A second or two of work; people write no such files.
_LONGEST = 2_000_000
_UNDIVIDED = f"source code of more than {_LONGEST:,} characters is not divided into its definitions"


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The source as it is, with sections by its definitions, which the definitions around them come before.

    Metadata: "programming_language", by the file's name, else by the line `#!` that it begins with.
    """
    found = canonical_text(data, name, options.limits)
    language = language_of_code(name, found.text)
    divisible = language is not None and len(found.text) <= _LONGEST
    return ParsedDocument(
        text=found.text,
        media_type=CODE,
        title=PurePath(name).name,
        sections=sections_of_code(found.text, language) if language and divisible else (),
        metadata={"programming_language": language} if language else {},
        losses=found.losses if divisible or language is None else (*found.losses, _UNDIVIDED),
    )
