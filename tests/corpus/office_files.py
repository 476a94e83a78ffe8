"""Small Office and OpenDocument files for tests, made on the spot."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:title>{title}</dc:title><dc:creator>Ada Boyle</dc:creator><dc:subject>Pumps</dc:subject>"
    "<cp:keywords>water, iron</cp:keywords><dc:language>en-GB</dc:language>"
    "<dcterms:created>2024-02-03T10:00:00Z</dcterms:created><dcterms:modified>2024-02-04T11:30:00Z</dcterms:modified>"
    "</cp:coreProperties>"
)
CORE_METADATA = {
    "author": "Ada Boyle",
    "subject": "Pumps",
    "keywords": "water, iron",
    "language": "en",
    "created": "2024-02-03T10:00:00Z",
    "modified": "2024-02-04T11:30:00Z",
}


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive of members by their paths."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def strict(data: bytes) -> bytes:
    """An Office file as it is saved as "Strict Open XML": with other names for the same namespaces."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    old = rb"http://schemas.openxmlformats.org/(officeDocument|\w+ml)/2006/"
    return packed({name: re.sub(old, rb"http://purl.oclc.org/ooxml/\1/", part) for name, part in parts.items()})


def relationships(*links: tuple[str, str]) -> str:
    """A part that points to others: the first as `rId1`, each a (kind, target)."""
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/relationships/{kind}" Target={quoteattr(target)}/>'
        for number, (kind, target) in enumerate(links, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def package(main: str, members: Mapping[str, str | bytes], title: str | None = None) -> bytes:
    """An Office file whose document is the part `main`."""
    links = [("officeDocument", main)]
    core = {}
    if title is not None:
        links.append(("metadata/core-properties", "docProps/core.xml"))
        core = {"docProps/core.xml": CORE.format(title=title)}
    parts: dict[str, str | bytes] = {"_rels/.rels": relationships(*links), **core, **members}
    return packed({"[Content_Types].xml": _content_types(parts), **parts})


_CONTENT_TYPES = {
    "xl/workbook.xml": "spreadsheetml.sheet.main",
    "xl/styles.xml": "spreadsheetml.styles",
    "xl/sharedStrings.xml": "spreadsheetml.sharedStrings",
    "xl/worksheets/sheet": "spreadsheetml.worksheet",
    "ppt/presentation.xml": "presentationml.presentation.main",
    "ppt/slides/slide": "presentationml.slide",
    "ppt/slideLayouts/slide": "presentationml.slideLayout",
    "ppt/slideMasters/slide": "presentationml.slideMaster",
    "ppt/notesSlides/notes": "presentationml.notesSlide",
}


def _content_types(parts: Mapping[str, str | bytes]) -> str:
    types = "application/vnd.openxmlformats-officedocument"
    rows = "".join(
        f'<Override PartName="/{part}" ContentType="{types}.{kind}+xml"/>'
        for part in parts
        for beginning, kind in _CONTENT_TYPES.items()
        if part.startswith(beginning)
    )
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{defaults}{rows}</Types>'


Cell = str | int | float | bool | None


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[Cell]] | str],
    title: str | None = None,
    members: Mapping[str, str | bytes] = {},
    formats: Sequence[str] = (),
    settings: str = "",
) -> bytes:
    """An Excel workbook; a sheet is rows of cells, or the XML of its rows. Style 1 has the first of `formats`."""
    parts: dict[str, str | bytes] = {}
    rows, links = "", []
    for number, (name, content) in enumerate(sheets.items(), start=1):
        rows += f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        links.append(("worksheet", f"worksheets/sheet{number}.xml"))
        data = content if isinstance(content, str) else "".join(map(_row, content))
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'{_XML}<worksheet xmlns="{_SHEET}"><sheetData>{data}</sheetData></worksheet>'
        )
    links.append(("styles", "styles.xml"))
    codes = "".join(f'<numFmt numFmtId="{164 + n}" formatCode={quoteattr(code)}/>' for n, code in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(formats)))
    parts |= {
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}/relationships">{settings}'
        f"<sheets>{rows}</sheets></workbook>",
        "xl/styles.xml": f'{_XML}<styleSheet xmlns="{_SHEET}"><numFmts>{codes}</numFmts>'
        f'<cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
        "xl/_rels/workbook.xml.rels": relationships(*links),
    }
    return package("xl/workbook.xml", {**parts, **members}, title)


def _row(cells: Sequence[Cell]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(value: Cell) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f"<c><v>{value!r}</v></c>"


def slide_shape(body: str, place: str = "", kind: str = "") -> str:
    """A shape on a slide: `body` in DrawingML, `place` as "x,y,width,height", `kind` what it is a placeholder for."""
    x, y, width, height = (place or "0,0,0,0").split(",")
    frame = f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>' if place else ""
    holder = f'<p:ph type="{kind}"/>' if kind else ""
    return (
        f"<p:sp><p:nvSpPr><p:cNvPr id='1' name='s'/><p:cNvSpPr/><p:nvPr>{holder}</p:nvPr></p:nvSpPr>"
        f"<p:spPr>{frame}</p:spPr><p:txBody><a:bodyPr/>{body}</p:txBody></p:sp>"
    )


def slide_paragraph(text: str, properties: str = "") -> str:
    """A paragraph in DrawingML."""
    return f"<a:p><a:pPr>{properties}</a:pPr><a:r><a:t>{escape(text)}</a:t></a:r></a:p>"


def slide_frame(content: str) -> str:
    """A table, chart or diagram on a slide."""
    return f"<p:graphicFrame><p:xfrm/><a:graphic><a:graphicData>{content}</a:graphicData></a:graphic></p:graphicFrame>"


_SLIDE_SPACES = f'xmlns:p="{_SLIDE}" xmlns:a="{_DRAWING}" xmlns:r="{_OFFICE}/relationships"'


def slide_tree(root: str, shapes: str, rest: str = "") -> str:
    """A slide, its notes, a layout or a master (`root`)."""
    return f"{_XML}<p:{root} {_SLIDE_SPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>{rest}</p:{root}>"


def pptx(
    slides: Sequence[str],
    notes: Mapping[int, str] = {},
    title: str | None = None,
    links: Mapping[int, Sequence[tuple[str, str]]] = {},
    members: Mapping[str, str | bytes] = {},
) -> bytes:
    """A presentation of slides given as their shapes; `notes` are paragraphs and `links` further parts, by slide."""
    parts: dict[str, str | bytes] = {}
    body = '<a:lvl1pPr><a:buChar char="*"/></a:lvl1pPr>'
    styles = f"<p:txStyles><p:titleStyle/><p:bodyStyle>{body}</p:bodyStyle></p:txStyles>"
    parts["ppt/slideMasters/slideMaster1.xml"] = slide_tree("sldMaster", "", styles)
    placed = slide_shape("", "0,9000,100,100", "body") + slide_shape("", "0,1000,100,100", "subTitle")
    parts["ppt/slideLayouts/slideLayout1.xml"] = slide_tree("sldLayout", placed)
    parts["ppt/slideLayouts/_rels/slideLayout1.xml.rels"] = relationships(
        ("slideMaster", "../slideMasters/slideMaster1.xml")
    )
    for number, shapes in enumerate(slides, start=1):
        parts[f"ppt/slides/slide{number}.xml"] = slide_tree("sld", shapes)
        targets = [*links.get(number, ()), ("slideLayout", "../slideLayouts/slideLayout1.xml")]
        if number in notes:
            targets.append(("notesSlide", f"../notesSlides/notesSlide{number}.xml"))
            text = slide_shape(notes[number], kind="body") + slide_shape(slide_paragraph("7"), kind="sldNum")
            parts[f"ppt/notesSlides/notesSlide{number}.xml"] = slide_tree("notes", text)
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relationships(*targets)
    rows = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in range(1, len(slides) + 1))
    parts["ppt/presentation.xml"] = (
        f"{_XML}<p:presentation {_SLIDE_SPACES}><p:sldIdLst>{rows}</p:sldIdLst></p:presentation>"
    )
    parts["ppt/_rels/presentation.xml.rels"] = relationships(
        *(("slide", f"slides/slide{n}.xml") for n in range(1, len(slides) + 1))
    )
    return package("ppt/presentation.xml", {**parts, **members}, title)


ODF_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "style": "style",
        "svg": "svg-compatible",
        "presentation": "presentation",
        "chart": "chart",
        "manifest": "manifest",
        "meta": "meta",
    }.items()
)
ODF_SPACES += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def odf_content(kind: str, body: str, styles: str = "") -> str:
    """The XML of a text, spreadsheet, presentation or chart."""
    return (
        f"{_XML}<office:document-content {ODF_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )


def odf(kind: str, body: str, styles: str = "", meta: str = "", members: Mapping[str, str | bytes] = {}) -> bytes:
    """An OpenDocument file: `kind` is "text", "spreadsheet" or "presentation"."""
    parts: dict[str, str | bytes] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": odf_content(kind, body, styles),
    }
    if meta:
        parts["meta.xml"] = (
            f"{_XML}<office:document-meta {ODF_SPACES}><office:meta>{meta}</office:meta></office:document-meta>"
        )
    return packed({**parts, **members})
