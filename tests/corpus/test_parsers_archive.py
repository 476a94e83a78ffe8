import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import warnings
import zipfile
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import TAR, ZIP
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.parsers.containers.members import is_clutter, safe_name
from tests.corpus.container_files import encrypted_zip, tar_archive, tar_special, with_flag, zip_archive

_FILES = {"a.txt": b"The first file.", "folder/b.md": b"# The second", "folder/deeper/c.bin": bytes(range(256))}


def contents(document):
    return {attachment.name: attachment.data for attachment in document.attachments}


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (zip_archive(_FILES), ZIP),
        (zip_archive(_FILES, zipfile.ZIP_STORED), ZIP),
        (zip_archive(_FILES, zipfile.ZIP_BZIP2), ZIP),
        (zip_archive(_FILES, zipfile.ZIP_LZMA), ZIP),
        (tar_archive(_FILES), TAR),
        (tar_archive(_FILES, "w:gz"), TAR),
        (tar_archive(_FILES, "w:bz2"), TAR),
        (tar_archive(_FILES, "w:xz"), TAR),
    ],
)
def test_members_are_attachments_in_their_order(data, media_type):
    document = parse(data, "files.any")
    assert (document.text, document.media_type, document.title, document.losses) == ("", media_type, "files", ())
    assert list(contents(document).items()) == list(_FILES.items())


@pytest.mark.parametrize(
    ("pack", "name", "inner"),
    [
        (gzip.compress, "notes.txt.gz", "notes.txt"),
        (bz2.compress, "notes.txt.bz2", "notes.txt"),
        (lzma.compress, "notes.txt.xz", "notes.txt"),
        (gzip.compress, "notes", "notes"),
        (gzip.compress, ".gz", ".gz"),
    ],
)
def test_a_single_packed_file_is_the_one_member(pack, name, inner):
    assert contents(parse(pack(b"The pump runs."), name)) == {inner: b"The pump runs."}


def test_hidden_files_and_clutter_are_skipped_without_a_word():
    files = {
        **{"a.txt": b"text", "__MACOSX/._a.txt": b"x", ".DS_Store": b"x", "f/.git/config": b"x", "f/Thumbs.db": b"x"},
        "empty folder/": b"",
    }
    document = parse(zip_archive(files), "a.zip")
    assert (contents(document), document.losses) == ({"a.txt": b"text"}, ())


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\Windows\\x.txt", "Windows/x.txt"),
        ("\\\\server\\share\\x.txt", "server/share/x.txt"),
        ("a/./b//c.txt", "a/b/c.txt"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("a\nb\x00.txt", "a_b\ufffd.txt"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("\udcff.txt", "\ufffd.txt"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
    ],
)
def test_names_are_only_names(name, harmless):
    assert safe_name(name) == harmless


@given(st.text(st.characters(exclude_categories=())))
def test_no_name_leads_anywhere(name):
    parts = safe_name(name).split("/")
    assert all(part not in {"", ".", ".."} and len(part) <= 200 for part in parts)
    assert "\\" not in safe_name(name)
    assert is_clutter(name) == any(part.startswith(".") for part in parts) or is_clutter(name)


def test_equal_names_are_kept_apart():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings(action="ignore"):
        for content in (b"one", b"two", b"three"):
            archive.writestr("f/a.txt", content)
        archive.writestr("f/a (2).txt", b"four")
    expected = {"f/a.txt": b"one", "f/a (2).txt": b"two", "f/a (3).txt": b"three", "f/a (2) (2).txt": b"four"}
    assert contents(parse(out.getvalue(), "a.zip")) == expected


def test_links_and_devices_are_left_out_and_said():
    specials = [
        tar_special("link", tarfile.SYMTYPE, "/etc/passwd"),
        tar_special("hard", tarfile.LNKTYPE, "a.txt"),
        tar_special("pipe", tarfile.FIFOTYPE),
        tar_special("device", tarfile.CHRTYPE),
    ]
    document = parse(tar_archive({"a.txt": b"text"}, specials=specials), "a.tar")
    assert contents(document) == {"a.txt": b"text"}
    assert document.losses == ("links and devices are left out: link, hard, pipe, device",)
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    out = io.BytesIO(zip_archive({"a.txt": b"text"}))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    document = parse(out.getvalue(), "a.zip")
    assert contents(document) == {"a.txt": b"text"}
    assert document.losses == ("links and devices are left out: link",)


def test_passwords_open_encrypted_members():
    data = encrypted_zip("a.txt", b"The secret of the pump.", "schlüssel".encode())
    for passwords in (("schlüssel",), ("wrong", "also wrong", "schlüssel", "more")):
        document = parse(data, "a.zip", ParseOptions(passwords=passwords))
        assert contents(document) == {"a.txt": b"The secret of the pump."}
    with pytest.raises(UnreadableError, match=r"'a\.zip' cannot be read: a password is needed for .* files: a\.txt"):
        parse(data, "a.zip")
    with pytest.raises(UnreadableError, match=r"no password that was given opens encrypted files: a\.txt"):
        parse(data, "a.zip", ParseOptions(passwords=("wrong",)))


def test_what_cannot_be_unpacked_is_said_and_the_rest_is_read():
    plain = zip_archive({"a.txt": b"text", "b.txt": b"content that is damaged"}, zipfile.ZIP_STORED)
    document = parse(plain.replace(b"content that", b"Content that", 1), "a.zip")
    assert (contents(document), document.losses) == ({"a.txt": b"text"}, ("damaged files: b.txt",))
    aes = bytearray(with_flag(zip_archive({"a.txt": b"text"}), 1))
    for signature, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        aes[aes.find(signature) + place] = 99
    with pytest.raises(UnreadableError, match=r"encrypted with AES are not read.*: a\.txt"):
        parse(bytes(aes), "a.zip", ParseOptions(passwords=("x",)))


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_a_cut_off_archive_gives_what_comes_before(mode):
    noise = b"".join(number.to_bytes(4, "big") * 3 for number in range(20_000, 60_000))
    data = tar_archive({"a.txt": b"text", "b.bin": noise, "c.txt": b"lost"}, mode)
    document = parse(data[: len(data) // 2], "a.tar")
    assert contents(document) == {"a.txt": b"text"}
    assert "the archive is damaged" in document.losses[0]


def test_a_cut_off_packed_file_gives_what_comes_before():
    text = "".join(f"Line {number} of the log.\n" for number in range(50_000)).encode()
    document = parse(gzip.compress(text)[:-20_000], "a.log.gz")
    (data,) = contents(document).values()
    assert len(data) > 100_000
    assert text.startswith(data)
    assert "the archive is damaged" in document.losses[0]


@pytest.mark.parametrize("data", [zip_archive({}), zip_archive({".hidden": b"x"}), tar_archive({"f/.x": b"x"})])
def test_an_archive_without_files_is_refused(data):
    with pytest.raises(UnreadableError, match="it is an archive without any files"):
        parse(data, "a.zip")


@contextmanager
def peak_below(limit):
    tracemalloc.start()
    try:
        yield
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < limit


def bomb_of_overlaps(count):
    """Many members that share one piece of packed zeros, as in zbsm.zip."""
    packed = zip_archive({"a": bytes(900_000)})
    directory = packed.find(b"PK\x01\x02")
    end = packed.rfind(b"PK\x05\x06")
    entry, tail = packed[directory:end], bytearray(packed[end:])
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = (len(entry) * count).to_bytes(4, "little")
    return packed[:directory] + entry * count + bytes(tail)


def lying_zip(size):
    """A member that unpacks to far more than it states."""
    packed = bytearray(zip_archive({"a.txt": bytes(size)}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = packed.find(signature) + place
        packed[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(packed)


def sparse_tar():
    member = tarfile.TarInfo("sparse.bin")
    member.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    block[483:495] = b"\x80\0\0\0\0\0\0\x40\0\0\0\0"  # the real size, 2^38
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + bytes(1024)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zip_archive({"a.txt": bytes(30_000_000)}), "unpacks to over 200 times its size"),
        (bomb_of_overlaps(1000), "900,000,000 unpacked bytes; the limit is 200,000,000"),
        (gzip.compress(bytes(30_000_000)), "unpacks to over 200 times its size"),
        (bz2.compress(bytes(30_000_000)), "unpacks to over 200 times its size"),
        (lzma.compress(bytes(30_000_000)), "unpacks to over 200 times its size"),
        (tar_archive({"a": bytes(30_000_000)}, "w:gz"), "unpacks to over 200 times its size"),
        (sparse_tar(), "unpacked bytes; the limit is 200,000,000"),
    ],
)
def test_bombs_are_refused_before_they_fill_the_memory(data, reason):
    with pytest.raises(TooLargeError, match=reason), peak_below(50_000_000):
        parse(data, "bomb.zip")


def test_a_false_size_is_found_out_early():
    data = lying_zip(30_000_000)
    with pytest.raises(UnreadableError, match=r"damaged files: a\.txt"), peak_below(5_000_000):
        parse(data, "a.zip")


@pytest.mark.parametrize("pack", [zip_archive, tar_archive])
def test_members_are_counted(pack):
    files = {f"{number}.txt": b"text" for number in range(11)}
    with pytest.raises(TooLargeError, match="11 members; the limit is 10"):
        parse(pack(files), "a.zip", ParseOptions(ParseLimits(max_members=10)))
    with pytest.raises(TooLargeError, match="44 unpacked bytes; the limit is 40"):
        parse(zip_archive(files), "a.zip", ParseOptions(ParseLimits(max_unpacked_bytes=40)))


def test_names_in_other_encodings_are_decoded():
    data = zip_archive({"Gr__e.txt": b"text"}).replace(b"Gr__e", "Größe".encode("cp437"))
    assert list(contents(parse(data, "a.zip"))) == ["Größe.txt"]
    data = zip_archive({"Gr____e.txt": b"text"}).replace(b"Gr____e", "Größe".encode())
    assert list(contents(parse(data, "a.zip"))) == ["Größe.txt"]


_NAMES = st.from_regex(r"[a-zé中][a-z ]{0,5}(/[a-z]{1,5}){0,2}\.[a-z]{1,3}", fullmatch=True)


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(_NAMES, st.binary(max_size=200), min_size=1, max_size=6),
    st.sampled_from(["zip", "w", "w:gz", "w:bz2", "w:xz"]),
)
def test_archives_are_read_back(files, mode):
    data = zip_archive(files) if mode == "zip" else tar_archive(files, mode)
    assert contents(parse(data, "a.zip")) == {safe_name(name): content for name, content in files.items()}


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([zip_archive(_FILES), tar_archive(_FILES), tar_archive(_FILES, "w:gz"), gzip.compress(b"x" * 500)]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
)
@example(zip_archive(_FILES), [(0.755859375, 0)])  # a member without a name
def test_damaged_archives_never_fail_otherwise(data, changes):
    damaged = bytearray(data)
    for place, byte in changes:
        damaged[int(place * len(damaged))] = byte
    try:
        document = parse(bytes(damaged), "a.zip")
        found = document.attachments or document.text
    except UnreadableError as error:
        found = str(error)
    assert found
