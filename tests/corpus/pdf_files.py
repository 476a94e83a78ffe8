"""PDFs for tests with text at given places, turned and cropped pages, form fields, labels and attachments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.corpus.files import _text_string, _written

FONT_SIZE = 10
_TURNS = {0: "1 0 0 1", 90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text that begins at a point of the page's own space, in points from the bottom left.

    `angle`, a multiple of 90, turns it to the left.
    """

    x: float
    y: float
    text: str
    size: float = FONT_SIZE
    angle: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page with texts in this order; `entries` are added to its dictionary, `fields` are its annotations."""

    texts: Sequence[Text]
    media_box: tuple[float, float, float, float] = (0, 0, 612, 792)
    entries: str = ""
    fields: Sequence[str] = ()


@dataclass(slots=True)
class _Objects:
    """The objects of a file by number."""

    held: dict[int, bytes] = field(default_factory=dict)

    def add(self, content: str | bytes) -> int:
        number = 20 + len(self.held)
        self.held[number] = content.encode("cp1252") if isinstance(content, str) else content
        return number


def placed_pdf(
    pages: Sequence[Page],
    catalog: str = "",
    info: Mapping[str, str] | None = None,
    attachments: Mapping[str, bytes] | None = None,
    fonts: str = "",
) -> bytes:
    """A PDF of these pages; `catalog` is added to its catalog, `info` is its metadata; all in Courier (`/F1`)."""
    objects = _Objects()
    kids = [_page(objects, page) for page in pages]
    files = [_file(objects, name, data) for name, data in (attachments or {}).items()]
    names = f"/Names << /EmbeddedFiles << /Names [{' '.join(files)}] >> >>" if files else ""
    widgets = [reference for page, number in zip(pages, kids, strict=True) for reference in _widgets(page, number)]
    form = f"/AcroForm << /Fields [{' '.join(widgets)}] /DR << >> >>" if widgets else ""
    base = {
        1: f"<< /Type /Catalog /Pages 2 0 R {names} {form} {catalog} >>".encode(),
        2: f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode(),
        3: f"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding {fonts} >>".encode(),
        4: b"<< " + b" ".join(f"/{k} {_text_string(v)}".encode() for k, v in (info or {}).items()) + b" >>",
    }
    return _written(base | objects.held, "/Root 1 0 R /Info 4 0 R")


def _page(objects: _Objects, page: Page) -> int:
    content = "\n".join(_shown(text) for text in page.texts).encode("cp1252")
    stream = objects.add(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    annotations = [objects.add(f"<< /Type /Annot {entry} >>") for entry in page.fields]
    box = " ".join(map(str, page.media_box))
    references = " ".join(f"{number} 0 R" for number in annotations)
    return objects.add(
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents {stream} 0 R /Annots [{references}] "
        f"/Resources << /Font << /F1 3 0 R >> >> {page.entries} >>"
    )


def _widgets(page: Page, number: int) -> Iterator[str]:
    """References to the page's form fields, which are the objects before it."""
    first = number - len(page.fields)
    return (f"{first + index} 0 R" for index, entry in enumerate(page.fields) if "/Widget" in entry)


def _file(objects: _Objects, name: str, data: bytes) -> str:
    stream = objects.add(b"<< /Type /EmbeddedFile /Length %d >>\nstream\n%b\nendstream" % (len(data), data))
    text = _text_string(name)
    number = objects.add(f"<< /Type /Filespec /F {text} /UF {text} /EF << /F {stream} 0 R /UF {stream} 0 R >> >>")
    return f"{text} {number} 0 R"


def _shown(text: Text) -> str:
    escaped = text.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {text.size} Tf {_TURNS[text.angle]} {text.x} {text.y} Tm ({escaped}) Tj ET"


def lines(texts: Sequence[str], x: float = 60, top: float = 720, step: float = 12) -> list[Text]:
    """Lines of text one below the other."""
    return [Text(x, top - step * number, text) for number, text in enumerate(texts) if text]
