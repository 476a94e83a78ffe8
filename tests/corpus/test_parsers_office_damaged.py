"""Office files that are cut off, encrypted or made to harm."""

import pytest

from corpus.errors import PinciteError, TooLargeError, UnreadableError
from corpus.media_types import DOCX, PPTX, XLS, XLSX
from corpus.parsers import ParseLimits, ParseOptions, parse
from tests.corpus.files import docx_of, with_member
from tests.corpus.office_files import odf, pptx, slide_paragraph, slide_shape, xlsx
from tests.corpus.old_office_files import encrypted, rtf, xls

_TEXT = "The pump runs and runs. " * 200
_TABLE = (
    "<table:table table:name='S'><table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell>"
    "</table:table-row></table:table>"
)
FILES = {
    "a.docx": docx_of(_TEXT),
    "a.pptx": pptx([slide_shape(slide_paragraph(_TEXT))]),
    "a.xlsx": xlsx({"S": [[_TEXT, 1.5]] * 20}),
    "a.xls": xls({"S": [["The pump", 1.5]] * 200}),
    "a.odt": odf("text", f"<text:p>{_TEXT}</text:p>"),
    "a.ods": odf("spreadsheet", _TABLE.format(_TEXT)),
    "a.odp": odf(
        "presentation",
        f"<draw:page><draw:frame><draw:text-box><text:p>{_TEXT}</text:p></draw:text-box></draw:frame></draw:page>",
    ),
    "a.rtf": rtf(rf"{_TEXT}\par{{\b {_TEXT}}}"),
}
PARTS = {
    "a.docx": "word/document.xml",
    "a.pptx": "ppt/slides/slide1.xml",
    "a.xlsx": "xl/worksheets/sheet1.xml",
    "a.odt": "content.xml",
    "a.ods": "content.xml",
    "a.odp": "content.xml",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_off_is_read_or_refused(name):
    data = FILES[name]
    assert "The pump" in parse(data, name).text
    for tenth in range(1, 10):
        try:
            assert parse(data[: len(data) * tenth // 10], name).text.strip()
        except UnreadableError:
            continue


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_wrong_bytes_is_read_or_refused(name):
    data = FILES[name]
    for position in range(0, len(data), max(1, len(data) // 40)):
        damaged = data[:position] + bytes([data[position] ^ 0x55]) + data[position + 1 :]
        try:
            assert parse(damaged, name).media_type
        except PinciteError:
            continue


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "{secret}">]>',
        '<!DOCTYPE x SYSTEM "{secret}" [<!ENTITY e "SECRET">]>',
        "<!DOCTYPE x [<!ENTITY a 'SECRET'>"
        + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdfghij", "bcdfghijk", strict=True))
        + "<!ENTITY e '&k;'>]>",
    ],
    ids=["file", "inside", "laughs"],
)
def test_entities_are_never_expanded(name, declared, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    xml = _part(FILES[name], PARTS[name]).decode()
    head, body = xml.split("?>", 1)
    start = body.index("The pump")
    body = f"{body[:start]}&e;{body[start:]}"
    data = with_member(
        FILES[name], PARTS[name], f"{head}?>{declared.replace('{secret}', secret.as_uri())}{body}".encode()
    )
    try:
        text = parse(data, name).text
    except UnreadableError:
        return
    assert "SECRET" not in text
    assert "The pump" in text


def _part(data, name):
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


@pytest.mark.parametrize("name", PARTS)
def test_deeply_nested_xml_is_refused(name):
    xml = _part(FILES[name], PARTS[name]).decode()
    start = xml.index("The pump")
    start = xml.rindex("<", 0, start)
    nested = f"{xml[:start]}{'<x>' * 100_000}{'</x>' * 100_000}{xml[start:]}"
    with pytest.raises(UnreadableError, match="is damaged"):
        parse(with_member(FILES[name], PARTS[name], nested.encode()), name, ParseOptions(ParseLimits(max_ratio=10_000)))


@pytest.mark.parametrize("name", PARTS)
def test_what_unpacks_to_too_much_is_refused(name):
    bomb = with_member(FILES[name], "bomb.bin", bytes(50_000_000))
    with pytest.raises(TooLargeError, match="unpacks to over 200 times"):
        parse(bomb, name)
    with pytest.raises(TooLargeError, match="unpacked bytes; the limit is 40,000,000"):
        parse(bomb, name, ParseOptions(ParseLimits(max_unpacked_bytes=40_000_000)))


@pytest.mark.parametrize(("name", "media_type"), [("a.docx", DOCX), ("a.pptx", PPTX), ("a.xlsx", XLSX)])
def test_a_password_opens_an_encrypted_file(name, media_type):
    data = encrypted(FILES[name], "Vellmar")
    document = parse(data, name, ParseOptions(passwords=("wrong", "Vellmar")))
    assert document.media_type == media_type
    assert "The pump" in document.text
    with pytest.raises(UnreadableError, match=f"'{name}' is encrypted with a password, and no password.*--password"):
        parse(data, name)


def test_an_encrypted_file_that_is_cut_off_is_refused():
    data = encrypted(FILES["a.docx"], "Vellmar")
    for quarter in range(1, 4):
        with pytest.raises(UnreadableError, match=r"a\.docx"):
            parse(data[: len(data) * quarter // 4], "a.docx", ParseOptions(passwords=("Vellmar",)))


def test_a_wrong_password_opens_nothing():
    with pytest.raises(UnreadableError, match="none of the passwords given opens it"):
        parse(encrypted(FILES["a.docx"], "Vellmar"), "a.docx", ParseOptions(passwords=("wrong",)))


def test_an_encryption_that_would_take_hours_is_refused():
    data = encrypted(FILES["a.docx"], "Vellmar")
    slow = data.replace(b'"100000"', b'"99999999"')
    assert slow != data
    with pytest.raises(UnreadableError, match="its encryption makes no sense"):
        parse(slow, "a.docx", ParseOptions(passwords=("Vellmar",)))


def test_an_encrypted_old_workbook_asks_for_its_password():
    data = FILES["a.xls"]
    # A record that says that all that follows is encrypted, in the place of the code page.
    marked = data.replace(b"\x42\0\x02\0\xb0\x04", b"\x2f\0\x02\0\0\0", 1)
    assert marked != data
    with pytest.raises(UnreadableError, match=r"'a\.xls' is encrypted with a password, and no password.*--password"):
        parse(marked, "a.xls")
    assert parse(data, "a.xls").media_type == XLS
