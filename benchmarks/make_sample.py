"""Makes the PDF and DOCX files of the sample corpus from the texts in `sample_sources/`.

    pip install reportlab python-docx
    python benchmarks/make_sample.py [FOLDER]

The files are committed, so this runs only when a source was changed. The same sources and the same
versions of the two libraries give the same bytes: dates and ids are fixed. The sources are written in
a small part of Markdown: headings, paragraphs, `-` and `1.` lists, and tables whose first row is the head.
"""

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

SOURCES = Path(__file__).parent / "sample_sources"
SAMPLE = Path(__file__).parents[1] / "corpus" / "sample"
MADE_AT = datetime(2025, 10, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file to make: its stem, its format, and for PDFs the paper and the name in the page footer."""

    stem: str
    kind: Literal["pdf", "docx"]
    author: str
    paper: Literal["A4", "A5"] = "A4"
    footer: str = ""


LEAVES = (
    Leaf("harbour-regulation-2023", "pdf", "Harbour Office", "A5", "Harbour Regulation of Skelvay, 2023"),
    Leaf("tidal-annual-report-2024", "pdf", "Skelvay Electricity Company", "A4", "Annual Report 2024"),
    Leaf("reserve-visitor-leaflet", "pdf", "Fulmar Head Reserve", "A5", "Fulmar Head Reserve"),
    Leaf("turbine-maintenance-manual", "docx", "Skelvay Electricity Company"),
    Leaf("council-minutes-2025-04-08", "docx", "Hester Bjornsen"),
    Leaf("library-user-rules", "docx", "Parvin Dastur"),
    Leaf("council-decision-school-meals", "pdf", "Hester Bjornsen", "A5", "Decision 2025/37: School Meals"),
    Leaf("school-handbook-2025", "docx", "Skelvay School"),
    Leaf("lifeboat-report-solglimt-2025", "pdf", "Coast Rescue Service", "A4", "Report on the Solglimt, 9 May 2025"),
    Leaf("lifeboat-operations-instruction", "docx", "Henrik Sandvold"),
    Leaf("fire-brigade-duty-instruction", "pdf", "Volunteer Fire Brigade of Skelvay", "A4", "Duty Instruction 2025"),
    Leaf("building-permit-small-buildings", "docx", "Building Office of Skelvay"),
    Leaf("weather-station-2024", "pdf", "Tarn Moor Weather Station", "A4", "Tarn Moor Weather Station, 2024"),
    Leaf("staff-handbook-2025", "docx", "Personnel Office"),
)

BlockKind = Literal["title", "heading", "paragraph", "bullet", "number", "table"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a source. `level` counts headings from 1; `rows` are the cells of a table."""

    kind: BlockKind
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def read_blocks(source: str) -> Iterator[Block]:
    """The blocks of a source; one line is one block, except that neighbouring table rows make one table."""
    lines = (line for line in source.splitlines() if line.strip())
    for is_table, group in groupby(lines, key=lambda line: line.startswith("|")):
        if is_table:
            yield Block("table", rows=tuple(_cells(line) for line in group))
        else:
            yield from map(_block, group)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("| ").split("|"))


def _block(line: str) -> Block:
    if heading := re.match(r"(#+) (.+)", line):
        level = len(heading[1]) - 1
        return Block("heading" if level else "title", heading[2], level)
    if item := re.match(r"- (.+)", line):
        return Block("bullet", item[1])
    if item := re.match(r"\d+\. (.+)", line):
        return Block("number", item[1])
    return Block("paragraph", line)


def make_pdf(leaf: Leaf, blocks: list[Block]) -> bytes:
    """A PDF with an outline made of the headings and a footer with the page number on every page."""
    from reportlab.lib import pagesizes
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    out = io.BytesIO()
    margin = (15 if leaf.paper == "A5" else 32) * mm
    document = SimpleDocTemplate(
        out,
        pagesize=getattr(pagesizes, leaf.paper),
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        title=blocks[0].text,
        author=leaf.author,
        invariant=1,
    )
    document.afterFlowable = partial(_add_outline_entry, document)
    footer = partial(_draw_footer, leaf)
    document.build([_flowable(block, document.width) for block in blocks], footer, footer)
    return out.getvalue()


def _add_outline_entry(document: Any, flowable: Any) -> None:
    block = getattr(flowable, "heading_block", None)
    if block is None:
        return
    key = f"heading-{document.page}-{block.text}"
    document.canv.bookmarkPage(key)
    document.canv.addOutlineEntry(block.text, key, level=block.level - 1)


def _draw_footer(leaf: Leaf, canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(document.leftMargin, document.bottomMargin / 2, leaf.footer)
    right = document.pagesize[0] - document.rightMargin
    canvas.drawRightString(right, document.bottomMargin / 2, f"page {document.page}")


def _flowable(block: Block, width: float) -> Any:
    from reportlab.platypus import Paragraph

    if block.kind == "table":
        return _pdf_table(block, width)
    text = f"\N{BULLET} {block.text}" if block.kind == "bullet" else block.text
    paragraph = Paragraph(escape(text), _pdf_style(block))
    if block.kind == "heading":
        paragraph.heading_block = block
    return paragraph


def _pdf_style(block: Block) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    if block.kind in ("title", "heading"):
        size = {0: 17, 1: 13}.get(block.level, 10.5)
        return ParagraphStyle(
            f"heading{block.level}",
            fontName="Helvetica-Bold",
            fontSize=size,
            leading=size * 1.2,
            spaceBefore=size * 0.8,
            spaceAfter=size * 0.4,
            keepWithNext=1,
        )
    indent = 12 if block.kind == "bullet" else 0
    return ParagraphStyle(
        block.kind, fontName="Times-Roman", fontSize=10.5, leading=14, spaceAfter=5, leftIndent=indent
    )


def _pdf_table(block: Block, width: float) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph, Table

    cell = Block("paragraph")
    rows = [[Paragraph(escape(text), _pdf_style(cell)) for text in row] for row in block.rows]
    share = width / (len(block.rows[0]) + 0.25)
    widths = [1.25 * share] + [share] * (len(block.rows[0]) - 1)
    table = Table(rows, colWidths=widths, repeatRows=1)
    table.setStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    table.spaceBefore = table.spaceAfter = 8
    return table


def make_docx(leaf: Leaf, blocks: list[Block]) -> bytes:
    """A Word file that uses the built-in styles, as most Word files do."""
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = blocks[0].text, leaf.author
    properties.last_modified_by, properties.comments = leaf.author, ""
    properties.created = properties.modified = MADE_AT
    for block in blocks:
        _add_to_docx(document, block)
    out = io.BytesIO()
    document.save(out)
    return _with_fixed_dates(out.getvalue())


def _add_to_docx(document: Any, block: Block) -> None:
    styles = {"bullet": "List Bullet", "number": "List Number", "paragraph": "Normal"}
    if block.kind == "table":
        _add_docx_table(document, block)
    elif block.kind in ("title", "heading"):
        document.add_heading(block.text, block.level)
    else:
        document.add_paragraph(block.text, styles[block.kind])


def _add_docx_table(document: Any, block: Block) -> None:
    table = document.add_table(rows=len(block.rows), cols=len(block.rows[0]), style="Table Grid")
    for cells, texts in zip(table.rows, block.rows, strict=True):
        for cell, text in zip(cells.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph()


def _with_fixed_dates(archive: bytes) -> bytes:
    """The same zip archive with one date for all members: the clock must not be part of the file."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, MADE_AT.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return out.getvalue()


def main(folder: Path) -> None:
    """Writes every file into `folder`."""
    makers = {"pdf": make_pdf, "docx": make_docx}
    for leaf in LEAVES:
        blocks = list(read_blocks((SOURCES / f"{leaf.stem}.md").read_text("utf-8")))
        path = folder / f"{leaf.stem}.{leaf.kind}"
        path.write_bytes(makers[leaf.kind](leaf, blocks))
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
