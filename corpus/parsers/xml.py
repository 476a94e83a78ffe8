"""Reading XML from documents: no entity is expanded, no file and no address is opened."""

from typing import TYPE_CHECKING

from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_DIGITS = 18


def whole_number(value: str | None, default: int) -> int:
    """The whole number that an attribute states; `default` for one that is missing, negative or makes no sense."""
    return int(value) if value and value.isdecimal() and len(value) <= _MOST_DIGITS else default


def xml_root(data: bytes, name: str) -> "_Element":
    """The root element. Raises UnreadableError for XML that is damaged or nested too deeply."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(f"{name!r} is damaged: a part of it is no sound XML ({error})") from error
