import io
import zipfile

import pytest

from corpus.parsers import ParseLimits
from corpus.sources import Source
from corpus.store import current_version, text_of, versions_in_force
from corpus.types import Attachment
from index import ingest as ingest_module
from index.preparing import _Room
from tests.corpus.container_files import encrypted_zip
from tests.index.homes import Home, open_home

MAIL = (
    b"From: Ida Brandt <ida@vellmar.example>\r\nTo: Ole <ole@vellmar.example>\r\nSubject: The new crane\r\n"
    b"Date: Tue, 3 Mar 2026 09:30:00 +0100\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="part"\r\n\r\n'
    b"--part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe crane arrives on Monday.\r\n"
    b"--part\r\nContent-Type: text/markdown; charset=utf-8\r\n"
    b'Content-Disposition: attachment; filename="crane.md"\r\n\r\n'
    b"# The crane\r\n\r\nIt lifts forty tonnes.\r\n--part--\r\n"
)


@pytest.fixture
def home(tmp_path):
    with open_home(tmp_path / "home") as opened:
        yield opened


def archive(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def source(content: bytes, **fields) -> Source:
    return Source("file:///post.zip", "post.zip", content, external_id="post", **fields)


def rows(results):
    return [(result.path, result.status) for result in results]


def in_force(home: Home, uri: str = "file:///post.zip"):
    with home.database.read() as connection:
        return current_version(connection, "default", uri)


def texts(home: Home) -> dict[str, str]:
    with home.database.read() as connection:
        seq = home.keeper.snapshot().seq
        return {found.uri: text_of(connection, found.number) for found in versions_in_force(connection, "default", seq)}


def test_members_of_an_archive_and_files_in_a_mail_are_documents(home):
    results = home.ingest(source(archive(mail_eml=MAIL, notes__a_txt="Gulls nest here."), metadata={"year": 2026}))
    assert rows(results) == [
        ("post.zip#mail.eml#crane.md", "added"),
        ("post.zip#mail.eml", "added"),
        ("post.zip#notes/a.txt", "added"),
        ("post.zip", "added"),
    ]
    assert home.by_words("tonnes") == {"# The crane\n\nIt lifts forty tonnes."}
    crane = in_force(home, "file:///post.zip#mail.eml#crane.md")
    mail = in_force(home, "file:///post.zip#mail.eml")
    assert (crane.title, crane.name, crane.external_id) == ("The crane", "crane.md", "post/mail.eml/crane.md")
    assert (crane.parent_id, mail.parent_id) == (mail.document_id, in_force(home).document_id)
    assert (mail.metadata["subject"], mail.metadata["year"], crane.metadata["year"]) == ("The new crane", 2026, 2026)
    assert texts(home)["file:///post.zip"] == ""


def test_nothing_is_read_again_while_the_archive_is_the_same(home):
    data = archive(a_txt="Gulls nest here.", b_txt="Puffins nest there.")
    home.ingest(source(data))
    assert rows(home.ingest(source(data))) == [("post.zip", "unchanged")]


def test_a_changed_archive_changes_what_changed_in_it(home):
    home.ingest(source(archive(a_txt="Gulls nest here.", b_txt="Puffins nest there.", c_zip=archive(d_txt="Owls."))))
    kept = in_force(home, "file:///post.zip#a.txt")
    results = home.ingest(source(archive(a_txt="Gulls nest here.", b_txt="Terns nest there.")))
    assert rows(results) == [
        ("post.zip#a.txt", "unchanged"),
        ("post.zip#b.txt", "updated"),
        ("post.zip", "updated"),
    ]
    assert in_force(home, "file:///post.zip#a.txt") == kept
    assert not home.by_words("puffins") | home.by_words("owls")
    assert home.by_words("terns")


def test_members_go_with_their_archive(home):
    home.ingest(source(archive(a_txt="Gulls nest here.", c_zip=archive(d_txt="Owls hunt."))))
    home.remover.remove_document(in_force(home).document_id)
    assert texts(home) == {}
    assert not home.by_words("gulls") | home.by_words("owls")


def test_a_run_that_was_broken_off_inside_of_an_archive_is_taken_up_again(home, monkeypatch):
    monkeypatch.setattr(ingest_module, "_GROUP_PASSAGES", 1)
    data = archive(a_txt="Gulls nest here.", b_txt="Puffins nest there.")

    def break_off(_result):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        home.ingester.ingest([source(data)], "default", break_off, lambda _progress: None, 10)
    assert in_force(home) is None
    assert rows(home.ingest(source(data))) == [
        ("post.zip#a.txt", "unchanged"),
        ("post.zip#b.txt", "added"),
        ("post.zip", "added"),
    ]


def test_an_update_that_was_broken_off_is_undone_by_the_former_bytes(home, monkeypatch):
    monkeypatch.setattr(ingest_module, "_GROUP_PASSAGES", 1)
    former = archive(c_zip=archive(a_txt="Gulls nest here."), b_txt="Puffins nest there.")
    home.ingest(source(former))

    def break_off(_result):
        raise KeyboardInterrupt

    update = source(archive(c_zip=archive(a_txt="Terns nest here.", d_txt="Owls."), b_txt="Puffins nest there."))
    with pytest.raises(KeyboardInterrupt):
        home.ingester.ingest([update], "default", break_off, lambda _progress: None, 10)
    assert home.by_words("terns")
    home.ingest(source(former))
    assert home.by_words("gulls")
    assert not home.by_words("terns") | home.by_words("owls")
    assert rows(home.ingest(source(former))) == [("post.zip", "unchanged")]


def test_what_cannot_be_read_inside_is_said_of_itself_and_of_the_archive(home):
    data = archive(a_txt="Gulls nest here.", b_bin=bytes(range(256)) * 9)
    results = home.ingest(source(data))
    failed, whole = results[1], results[2]
    assert (failed.path, failed.status) == ("post.zip#b.bin", "failed")
    assert "binary file" in failed.reason
    assert (whole.status, whole.losses) == ("added", ("1 of the files inside could not be read",))
    assert [result.is_whole for result in results] == [True, False, False]
    # The loss is remembered with the document.
    (again,) = home.ingest(source(data))
    assert (again.status, again.losses) == ("unchanged", whole.losses)


def test_a_password_that_comes_later_opens_what_was_left_out_of_an_unchanged_archive(home):
    packed = encrypted_zip("a.txt", b"Gulls nest here.", b"feather")
    data = archive(inner_zip=packed, b_txt="Puffins nest there.")
    assert rows(home.ingest(source(data)))[-1] == ("post.zip", "added")
    assert rows(home.ingest(source(data))) == [("post.zip", "unchanged")]
    assert rows(home.ingest(source(data, passwords=("wrong",))))[1:] == [
        ("post.zip#b.txt", "unchanged"),
        ("post.zip", "unchanged"),
    ]
    opened = home.ingest(source(data, passwords=("feather",)))
    assert rows(opened) == [
        ("post.zip#inner.zip#a.txt", "added"),
        ("post.zip#inner.zip", "added"),
        ("post.zip#b.txt", "unchanged"),
        ("post.zip", "updated"),
    ]
    assert opened[-1].losses == ()
    assert home.by_words("gulls") == {"Gulls nest here."}
    assert rows(home.ingest(source(data, passwords=("feather",)))) == [("post.zip", "unchanged")]


def test_archives_in_one_another_are_read_to_a_depth(home):
    data = archive(bottom_txt="The bottom.")
    for depth in range(ParseLimits().max_nesting):
        data = archive(**{f"level{depth}_zip": data})
    results = home.ingest(source(data))
    assert not home.by_words("bottom")
    assert results[0].losses == ("1 files inside are not read: they are nested too deeply",)


def test_all_files_inside_of_one_share_what_is_allowed():
    room = _Room(members=3, bytes=10)
    sizes = [4, 7, 4, 2, 0]
    assert [room.take(Attachment("x", bytes(size))) for size in sizes] == [True, False, True, True, False]
