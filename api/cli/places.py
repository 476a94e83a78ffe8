"""Where a citation or passage stands, in words."""

from typing import TYPE_CHECKING, Final

from corpus.media_types import ODP, ODS, PPTX, XLS, XLSX

if TYPE_CHECKING:
    from retrieval.types import Citation, OtherPlace, RankedPassage

_PAGE_WORDS: Final = {PPTX: "slide", ODP: "slide", XLSX: "sheet", XLS: "sheet", ODS: "sheet"}


def place_in_words(item: "Citation | OtherPlace | RankedPassage") -> str:
    """As in "Harbour rules, page 12 (printed iv), Article 5, characters 120-180"; of a sheet its name and cells."""
    parts = [item.document_title, _pages(item), item.cells or "", *item.section_path[-1:]]
    return f"{', '.join(filter(None, parts))}, characters {item.start}-{item.end}"


def _pages(item: "Citation | OtherPlace | RankedPassage") -> str:
    if item.page_start is None:
        return ""
    word = _PAGE_WORDS.get(item.media_type, "page")
    several = item.page_end != item.page_start
    numbers = f"{item.page_start}-{item.page_end}" if several else str(item.page_start)
    labels = f"{item.page_label_start}-{item.page_label_end}" if several else item.page_label_start
    if word == "sheet" and labels:
        return f"sheet {labels}"
    return f"{word} {numbers}" + (f" (printed {labels})" if item.page_label_start and labels != numbers else "")
