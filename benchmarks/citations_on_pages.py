"""Whether the quotes of citations stand on the pages that they name, by an extractor that is none of ours.

    python -m benchmarks.citations_on_pages SET... [--extractor pypdf|pdftotext] [--no-rerank]

A set is a folder with `pdfs/` and `queries.jsonl`. Its PDFs are ingested into a scratch home, every question is asked
without a threshold, and each citation is looked up in the text that pypdf, or Poppler's `pdftotext`, reads on the named
pages. Only letters and digits are compared, after compatibility normalisation, for extractors differ in white space,
hyphens and ligatures. "on the page" counts quotes whose characters stand there in one piece; "by words" those of which
every word stands there.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import unicodedata
from functools import cache
from pathlib import Path

from corpus.sources import file_source, find_files
from retrieval.assemble import open_service
from retrieval.service import Service
from retrieval.settings import Settings
from retrieval.types import Citation, QueryRequest


def letters(text: str) -> str:
    """Letters and digits of a text, folded."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def words(text: str) -> set[str]:
    """The words of a text, folded."""
    return {letters(word) for word in text.split()} - {""}


def by_pypdf(path: Path, page: int) -> str:
    """The text of a page as pypdf reads it."""
    return _pypdf(path).pages[page - 1].extract_text()


@cache
def _pypdf(path: Path):  # noqa: ANN202 # a type of a library that only this benchmark needs
    from pypdf import PdfReader

    return PdfReader(path)


def by_pdftotext(path: Path, page: int) -> str:
    """The text of a page as Poppler reads it."""
    command = ["pdftotext", "-f", str(page), "-l", str(page), str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def citations_of(service: Service, questions: list[str], rerank: bool | None) -> list[Citation]:
    """All citations of the answers to all questions."""
    found: list[Citation] = []
    for question in questions:
        found += service.query(QueryRequest(question, rerank=rerank, min_confidence=0.0)).citations
    return found


def measure(folder: Path, extractor: str, rerank: bool | None) -> None:
    """Print the figures of one set, and the quotes that are not on their pages."""
    read = cache({"pypdf": by_pypdf, "pdftotext": by_pdftotext}[extractor])
    lines = (folder / "queries.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["text"] for line in lines]
    files = list(find_files([folder / "pdfs"]))
    paths = {file_source(path).uri: path for path in files}
    whole = by_words = 0
    with tempfile.TemporaryDirectory() as home, open_service(Settings.load(Path(home))) as service:
        service.ingest(map(file_source, files))
        citations = citations_of(service, questions, rerank)
        for citation in citations:
            pages = range(citation.page_start or 1, (citation.page_end or 1) + 1)
            text = "\n".join(read(paths[citation.document_uri], page) for page in pages)
            stands = letters(citation.quote) in letters(text)
            whole += stands
            by_words += words(citation.quote) <= words(text) or stands
            if not stands:
                print(f"  p. {citation.page_start} of {paths[citation.document_uri].name}: {citation.quote!r}"[:300])
    count = len(citations)
    shares = f"{whole / count:.1%} on the page, {by_words / count:.1%} by words"
    print(f"{folder.name}: {count} citations, {shares} ({extractor})")


def main() -> None:
    """Measure each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--extractor", choices=("pypdf", "pdftotext"), default="pypdf")
    parser.add_argument("--no-rerank", dest="rerank", action="store_const", const=False)
    given = parser.parse_args()
    for folder in given.sets:
        measure(folder, given.extractor, given.rerank)


if __name__ == "__main__":
    sys.exit(main())
