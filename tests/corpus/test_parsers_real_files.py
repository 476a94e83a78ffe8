"""Files from the wild: none may bring down the program, whatever it makes of them."""

from pathlib import Path

import pytest

from corpus.errors import PinciteError
from corpus.parsers import page_counts, parse
from corpus.text import canonical

_DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_AWKWARD = _DATA / "awkward_files"
_FILING = _DATA / "financebench" / "pdfs" / "AMCOR_2022_8K_dated-2022-07-01.pdf"

needs_awkward_files = pytest.mark.skipif(not _AWKWARD.is_dir(), reason="the shared awkward files are not here")
needs_filing = pytest.mark.skipif(not _FILING.is_file(), reason="the shared filings are not here")


def check(path):
    """What is made of the file, which must hold together; None for a file that is refused."""
    try:
        document = parse(path.read_bytes(), path.name)
    except PinciteError:
        return None
    assert document.text.strip() or document.attachments
    assert document.title.strip()
    assert canonical(document.text) == document.text
    assert list(document.page_starts) == sorted(document.page_starts)
    assert document.page_starts[:1] in ((), (0,))
    starts = [section.start for section in document.sections]
    assert starts == sorted(starts)
    assert all(0 <= start <= len(document.text) for start in starts)
    return document


@needs_awkward_files
def test_one_file_of_each_kind():
    read = {path.suffix for path in sorted((_AWKWARD / "one_of_each").iterdir()) if check(path)}
    assert {".txt", ".md", ".html", ".pdf", ".docx", ".py", ".csv", ".json", ".eml"} <= read
    assert {".xls", ".xlsx", ".pptx", ".odt", ".epub", ".rtf", ".rst", ".tsv"} <= read
    assert not read & {".doc", ".ppt", ".heic", ".msg"}


@needs_awkward_files
@pytest.mark.parametrize(("folder", "every", "least"), [("docx", 1, 10), ("pdf", 7, 20), ("encodings/chardet", 5, 30)])
def test_a_sample_of_awkward_files(folder, every, least):
    files = sorted(path for path in (_AWKWARD / folder).rglob("*") if path.is_file())[::every]
    assert sum(check(path) is not None for path in files) >= least


@needs_filing
def test_a_filing():
    document = check(_FILING)
    assert document is not None
    assert page_counts(document) == (9, 9)
    assert "Amcor" in document.text
    assert not set("\ufffe\uffff\x02\r") & set(document.text)
