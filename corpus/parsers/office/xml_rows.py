"""Reading long XML piece by piece, so that a sheet of a million cells needs the memory of one row."""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from lxml.etree import _Element


def xml_pieces(
    data: bytes, name: str, ends: Sequence[str], starts: Sequence[str] = ()
) -> Iterator[tuple[str, "_Element"]]:
    """("end", element) for elements with the tags `ends`, ("start", element) for `starts`, as they come.

    What stood before an element that has ended is forgotten with it once the next one is asked for. As in
    `corpus.parsers.xml`, no entity is expanded and nothing is opened. Raises UnreadableError for damaged XML.
    """
    from lxml import etree

    events = etree.iterparse(
        io.BytesIO(data),
        events=("start", "end") if starts else ("end",),
        tag=[*ends, *starts],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        for event, element in events:
            if element.tag in (ends if event == "end" else starts):
                yield event, element
            if event == "end":
                _forget(element)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(f"{name!r} is damaged: a part of it is no sound XML ({error})") from error


def _forget(element: "_Element") -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
