"""Ingests files that are made to do harm, one at a time in real processes: what is said, how long, how much memory.

    python -m benchmarks.hostile_files [NAME...]

Every file is made on the spot in a temporary folder. Memory is the peak of all processes of `pincite ingest` together,
beyond that of a small text file in the same run. The exit code is 1 if a file takes a gigabyte more, or a quarter of an
hour (which embedding a hundred thousand rows may come near to), or if there is neither a text nor a reason.
"""

import argparse
import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.corpus.files import docx_of, pdf, with_member

_MOST_MEMORY = 1_000_000_000
_MOST_SECONDS = 900
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """`memory` in bytes, beyond the base; `said` is the summary of what was reported."""

    name: str
    seconds: float
    memory: int
    said: str

    @property
    def is_right(self) -> bool:
        """Whether it stayed within bounds and said something."""
        return bool(self.said) and self.memory < _MOST_MEMORY and self.seconds < _MOST_SECONDS


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _zeros(megabytes: int) -> bytes:
    """A ZIP with one member of that many megabytes of zeros."""
    out = io.BytesIO()
    block = bytes(_MEGABYTE)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros.txt", "w") as member:
        for _ in range(megabytes):
            member.write(block)
    return out.getvalue()


def zip_bomb(folder: Path) -> None:
    """Two gigabytes of zeros in one member."""
    (folder / "bomb.zip").write_bytes(_zeros(2_000))


def nested_zip_bomb(folder: Path) -> None:
    """Ten archives of ten archives of ten archives of 100 MB each."""
    data = _zeros(100)
    for _ in range(3):
        data = _zip({f"{number}.zip": data for number in range(10)})
    (folder / "nested.zip").write_bytes(data)


def many_members(folder: Path) -> None:
    """Twenty thousand small files in one archive."""
    (folder / "many.zip").write_bytes(_zip({f"{number}.txt": b"Hello there." for number in range(20_000)}))


def endless_archive(folder: Path) -> None:
    """Archives in one another, thirty deep, with a text at the bottom."""
    data, name = b"The bottom.", "bottom.txt"
    for depth in range(30):
        data, name = _zip({name: data}), f"{depth}.zip"
    (folder / "deep.zip").write_bytes(data)


def gzip_bomb(folder: Path) -> None:
    """Two gigabytes of one letter without a line break in a gzip file."""
    with gzip.open(folder / "line.txt.gz", "wb", compresslevel=1) as file:
        for _ in range(2_000):
            file.write(b"a" * _MEGABYTE)


def names_that_lead_out(folder: Path) -> None:
    """Members called ../../x, an absolute path, links and a pipe in a TAR archive."""
    with tarfile.open(folder / "out.tar", "w") as archive:
        for name in ("../../outside.txt", "/tmp/absolute.txt", "C:\\windows\\x.txt"):
            member = tarfile.TarInfo(name)
            content = f"This file is called {name}.".encode()
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for kind, target in (
            (tarfile.SYMTYPE, "/etc/passwd"),
            (tarfile.LNKTYPE, "/etc/passwd"),
            (tarfile.FIFOTYPE, ""),
        ):
            member = tarfile.TarInfo(f"special{kind.decode()}")
            member.type, member.linkname = kind, target
            archive.addfile(member)


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
_DOCTYPE = f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}<!ENTITY f SYSTEM "file:///etc/passwd">]>'


def billion_laughs(folder: Path) -> None:
    """Entities that expand to a hundred billion, and one that is a file of the system."""
    word = (
        f'<?xml version="1.0"?>{_DOCTYPE}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/'
        'main"><w:body><w:p><w:r><w:t>Before. &l11; &f; After.</w:t></w:r></w:p></w:body></w:document>'
    )
    (folder / "laughs.docx").write_bytes(with_member(docx_of("x"), "word/document.xml", word.encode()))
    content = (
        f'<?xml version="1.0"?>{_DOCTYPE}<office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text><text:p>Before. &l11; '
        "&f; After.</text:p></office:text></office:body></office:document-content>"
    )
    odt = _zip({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})
    (folder / "laughs.odt").write_bytes(odt)
    (folder / "laughs.xml").write_text(f'<?xml version="1.0"?>{_DOCTYPE}<x>Before. &l11; &f; After.</x>')
    (folder / "laughs.html").write_text(f"{_DOCTYPE}<html><body><p>Before. &l11; &f; After.</p></body></html>")


def one_line(folder: Path) -> None:
    """A text file of one gigabyte without a line break."""
    with (folder / "line.txt").open("wb") as file:
        for _ in range(1_000):
            file.write(b"word " * 200_000)


def long_line(folder: Path) -> None:
    """Fifteen megabytes without a line break, which is within the limits."""
    (folder / "long.txt").write_bytes(b"word " * 200_000)
    (folder / "solid.txt").write_bytes(b"w" * 1_000_000)


def many_pages(folder: Path) -> None:
    """A PDF of ten thousand pages, and one of ten thousand and one."""
    for count in (10_000, 10_001):
        (folder / f"{count}.pdf").write_bytes(pdf([f"Page number {page} speaks." for page in range(1, count + 1)]))


def many_rows(folder: Path) -> None:
    """A hundred thousand rows of five columns in a workbook; nearly all of the time goes into embedding them."""
    header = "<c t='inlineStr'><is><t>{}</t></is></c>"
    rows = ["<row>" + "".join(header.format(name) for name in ("id", "name", "city", "price", "year")) + "</row>"]
    rows += [
        f"<row><c><v>{n}</v></c>{header.format(f'item {n}')}{header.format('Karn')}<c><v>{n / 4}</v></c>"
        "<c><v>2026</v></c></row>"
        for n in range(100_000)
    ]
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f"{''.join(rows)}</sheetData></worksheet>"
    )
    (folder / "rows.xlsx").write_bytes(_workbook(sheet))


def _workbook(sheet: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return _zip(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{packages}/content-types"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
                f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/>'
                "</Types>"
            ).encode(),
            "_rels/.rels": (
                f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
                'Target="xl/workbook.xml"/></Relationships>'
            ).encode(),
            "xl/workbook.xml": (
                f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
                '<sheet name="Items" sheetId="1" r:id="r1"/></sheets></workbook>'
            ).encode(),
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" Type="{office}/worksheet" '
                'Target="worksheets/sheet1.xml"/></Relationships>'
            ).encode(),
            "xl/worksheets/sheet1.xml": sheet.encode(),
        }
    )


def deep_nesting(folder: Path) -> None:
    """A hundred thousand brackets, elements, groups and quotations in one another."""
    deep = 100_000
    (folder / "deep.json").write_text("[" * deep + "]" * deep)
    (folder / "deep.html").write_text("<!doctype html>" + "<div>" * deep + "The bottom." + "</div>" * deep)
    (folder / "deep.xml").write_text('<?xml version="1.0"?>' + "<x>" * deep + "The bottom." + "</x>" * deep)
    (folder / "deep.rtf").write_text("{\\rtf1 " + "{" * deep + "The bottom." + "}" * deep + "}")
    (folder / "deep.md").write_text("> " * deep + "The bottom.")


def changing_file(folder: Path) -> None:
    """A file that another thread goes on writing to."""
    path = folder / "changing.txt"
    path.write_bytes(b"word " * 10_000_000)

    def write() -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and folder.exists():
            with path.open("ab") as file:
                file.write(b"more ")

    threading.Thread(target=write, daemon=True).start()


def loops_and_pipes(folder: Path) -> None:
    """A link to the folder itself, a link out of it, and a named pipe that nobody writes to."""
    (folder / "loop").symlink_to(folder)
    (folder / "out").symlink_to("/etc")
    os.mkfifo(folder / "pipe.txt")
    (folder / "note.txt").write_text("A note beside them.")


def base(folder: Path) -> None:
    """A small text file, which the memory of the others is compared with."""
    (folder / "note.txt").write_text("A note.")


_CASES: tuple[Callable[[Path], None], ...] = (
    zip_bomb,
    nested_zip_bomb,
    many_members,
    endless_archive,
    gzip_bomb,
    names_that_lead_out,
    billion_laughs,
    one_line,
    long_line,
    many_pages,
    many_rows,
    deep_nesting,
    changing_file,
    loops_and_pipes,
)


def measure(make: Callable[[Path], None], memory_of_base: int, pincite: str) -> Outcome:
    """Ingest what `make` makes into a fresh home."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        folder = Path(work) / "documents"
        folder.mkdir()
        make(folder)
        begun = time.perf_counter()
        command = [pincite, "--home", str(Path(work) / "home"), "ingest", str(folder), "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        peak = _Peak(process.pid)
        try:
            output, errors = process.communicate(timeout=_MOST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = "", "it was still at work"
        peak.stop()
        seconds = time.perf_counter() - begun
    said = _summary(output, folder) or errors.strip().rsplit("\n", 1)[-1]
    return Outcome(make.__name__, seconds, peak.bytes - memory_of_base, said)


def _summary(output: str, folder: Path) -> str:
    rows = [json.loads(line) for line in output.splitlines()]
    lines = []
    for row in rows[-3:]:
        what = row["reason"] or "; ".join(row["losses"])
        lines.append(f"{row['path'].removeprefix(f'{folder}/')}: {row['status']}{f' ({what})' if what else ''}")
    counts = ", ".join(
        f"{sum(row['status'] == status for row in rows)} {status}"
        for status in dict.fromkeys(row["status"] for row in rows)
    )
    return "\n    ".join((counts, *lines)) if rows else ""


class _Peak:
    """The most memory (resident, in bytes) that a process and those below it held at one time."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(0.02):
            self.bytes = max(self.bytes, sum(map(_resident, _with_children(self._pid))))


def _with_children(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            tasks = Path(f"/proc/{parent}/task").iterdir()
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:  # it has ended meanwhile
            continue
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def main() -> int:
    """Print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [case.__name__ for case in _CASES]
    parser.add_argument("names", nargs="*", choices=[*names, []], metavar="NAME", help=", ".join(names))
    wanted = parser.parse_args().names or names
    pincite = str(Path(sys.executable).with_name("pincite"))
    memory_of_base = measure(base, 0, pincite).memory
    print(f"base: {memory_of_base / _MEGABYTE:.0f} MB")
    wrong = 0
    for case in _CASES:
        if case.__name__ in wanted:
            outcome = measure(case, memory_of_base, pincite)
            wrong += not outcome.is_right
            mark = "" if outcome.is_right else "  <- WRONG"
            memory = outcome.memory / _MEGABYTE
            print(f"{outcome.name}: {outcome.seconds:.1f} s, {memory:+.0f} MB{mark}\n    {outcome.said}")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
