"""Shapes of slides: which there are, where they stand and which paragraphs are list items, by layout and master too."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.parsers.office.drawing import FALLBACK, A
from corpus.parsers.office.package import Package
from corpus.parsers.office.reading_order import Placed
from corpus.parsers.xml import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
GROUP, FRAME = f"{P}grpSp", f"{P}graphicFrame"
_SHAPES = {f"{P}sp", GROUP, FRAME, f"{P}cxnSp", f"{P}pic"}
_TITLES = {"title", "ctrTitle"}
_BULLETS = {f"{A}{kind}": kind != "buNone" for kind in ("buNone", "buChar", "buAutoNum", "buBlip")}


def shapes_of(tree: "_Element") -> Iterator["_Element"]:
    """The shapes of a slide or group, in the order in which they were drawn."""
    for child in tree:
        if child.tag in _SHAPES:
            yield child
        elif child.tag == f"{_MC}AlternateContent":
            choice = next((form for form in child if form.tag != FALLBACK), None)
            yield from shapes_of(child if choice is None else choice)
        elif child.tag == FALLBACK:
            yield from shapes_of(child)


def placeholder_type(shape: "_Element") -> str | None:
    """What a shape is a placeholder for, such as "title" or "body"; None for any other shape."""
    found = _placeholder(shape)
    return None if found is None else str(found.get("type", "obj"))


def is_title(shape: "_Element") -> bool:
    """Whether the shape holds the slide's title."""
    return placeholder_type(shape) in _TITLES


class Layouts:
    """The layouts of a presentation, each read once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._read: dict[str, Layout] = {}

    def of_slide(self, part: str) -> "Layout":
        """What the slide in `part` inherits."""
        layout = next(self._package.related(part, "slideLayout"), "")
        if layout not in self._read:
            master = next(self._package.related(layout, "slideMaster"), "") if layout else ""
            self._read[layout] = Layout(*(self._package.root(path) if path else None for path in (layout, master)))
        return self._read[layout]


class Layout:
    """What shapes inherit from the placeholders of a layout and its master."""

    def __init__(self, layout: "_Element | None", master: "_Element | None") -> None:
        self._layout = () if layout is None else tuple(layout.iter(f"{P}sp"))
        self._master = () if master is None else tuple(master.iter(f"{P}sp"))
        self._text_styles = None if master is None else master.find(f"{P}txStyles")

    def placed(self, shape: "_Element") -> Placed["_Element"]:
        """The shape at its own place, or that of the placeholder that it fills."""
        for candidate in (shape, *self._ancestors(shape)):
            frame = _frame(candidate)
            if frame is not None:
                offset, extent = frame.find(f"{A}off"), frame.find(f"{A}ext")
                return Placed(shape, _length(offset, "y"), _length(offset, "x"), _length(extent, "cy"))
        return Placed(shape)

    def is_item(self, paragraph: "_Element", shape: "_Element") -> bool:
        """Whether the paragraph has a bullet or a number before it."""
        own = paragraph.find(f"{A}pPr")
        tag = f"{A}lvl{whole_number(None if own is None else own.get('lvl'), 0) + 1}pPr"
        for properties in (own, *(style.find(tag) for style in self._list_styles(shape))):
            for child in () if properties is None else properties:
                if child.tag in _BULLETS:
                    return _BULLETS[child.tag]
        return False

    def _list_styles(self, shape: "_Element") -> Iterator["_Element"]:
        for candidate in (shape, *self._ancestors(shape)):
            yield from candidate.iterfind(f"{P}txBody/{A}lstStyle")
        kind = placeholder_type(shape)
        if kind is not None and self._text_styles is not None:
            yield from self._text_styles.iterfind(f"{P}{'titleStyle' if kind in _TITLES else 'bodyStyle'}")

    def _ancestors(self, shape: "_Element") -> list["_Element"]:
        """The placeholders that the shape fills, in the layout by index or type, in the master by type."""
        own = _placeholder(shape)
        if own is None:
            return []
        kind = _master_type(own)
        in_layout = next((other for other in self._layout if _fills(own, _placeholder(other))), None)
        in_master = next((other for other in self._master if _master_type(_placeholder(other)) == kind), None)
        return [other for other in (in_layout, in_master) if other is not None]


def _fills(own: "_Element", other: "_Element | None") -> bool:
    if other is None:
        return False
    if own.get("idx") is not None:
        return bool(other.get("idx") == own.get("idx"))
    return bool(other.get("type") == own.get("type"))


def _master_type(found: "_Element | None") -> str | None:
    """Masters have one placeholder for all kinds of content."""
    if found is None:
        return None
    kind = found.get("type", "obj")
    if kind in _TITLES:
        return "title"
    return str(kind) if kind in {"dt", "ftr", "sldNum", "hdr"} else "body"


def _placeholder(shape: "_Element") -> "_Element | None":
    return shape.find(f"*/{P}nvPr/{P}ph")


def _frame(shape: "_Element") -> "_Element | None":
    for path in (f"{P}spPr/{A}xfrm", f"{P}xfrm", f"{P}grpSpPr/{A}xfrm"):
        found = shape.find(path)
        if found is not None and found.find(f"{A}off") is not None:
            return found
    return None


def _length(element: "_Element | None", name: str) -> int:
    """A length in English Metric Units; 0 for one that makes no sense."""
    value = "" if element is None else element.get(name, "")
    return int(value) if value.lstrip("-").isdecimal() and len(value) < 20 else 0
