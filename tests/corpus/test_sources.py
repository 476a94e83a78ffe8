import os
import threading
from pathlib import Path

import pytest

from corpus import sources
from corpus.errors import BadInputError, TooLargeError, UnreadableError
from corpus.sources import file_source, find_files, read_bytes

needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


@pytest.fixture
def folder(tmp_path):
    for name in ("b.txt", "a.txt", "sub/c.md", "sub/deeper/d.md", ".hidden", ".git/config", "z.txt"):
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "docs"


def names(paths, folder):
    return [path.relative_to(folder).as_posix() for path in paths]


def test_folders_are_searched_in_order_without_hidden_files(folder):
    assert names(find_files([folder]), folder) == ["a.txt", "b.txt", "sub/c.md", "sub/deeper/d.md", "z.txt"]


def test_files_are_found_as_given_even_hidden_ones(folder):
    given = [folder / "z.txt", folder / ".hidden", folder / "a.txt"]
    assert list(find_files(given)) == given


def test_nothing_is_found_twice(folder):
    found = names(find_files([folder / "sub", folder, folder / "sub" / ".." / "a.txt"]), folder)
    assert found == ["sub/c.md", "sub/deeper/d.md", "a.txt", "b.txt", "z.txt"]


def test_relative_paths_stay_relative(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert list(find_files([Path("sub")])) == [Path("sub/c.md"), Path("sub/deeper/d.md")]


@pytest.mark.parametrize("name", ["missing.txt", "a.txt/below-a-file", "x" * 5000])
def test_a_path_that_does_not_exist_is_named_before_anything_is_found(folder, name):
    with pytest.raises(BadInputError, match=name[:100]):
        find_files([folder, folder / name])


def test_links_in_folders_are_not_followed(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (folder / "link-to-file.txt").symlink_to(outside / "secret.txt")
    (folder / "link-to-folder").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.txt").symlink_to(folder / "missing")
    assert names(find_files([folder]), folder) == ["a.txt", "b.txt", "sub/c.md", "sub/deeper/d.md", "z.txt"]


def test_a_link_that_is_given_stands_for_its_target(folder, tmp_path):
    (tmp_path / "latest.txt").symlink_to(folder / "a.txt")
    (tmp_path / "all").symlink_to(folder / "sub")
    found = list(find_files([tmp_path / "latest.txt", tmp_path / "all"]))
    assert names(found, folder) == ["a.txt", "sub/c.md", "sub/deeper/d.md"]
    assert read_bytes(found[0], 100) == b"a.txt"


def test_a_pipe_in_a_folder_is_found_so_that_it_is_reported(folder):
    os.mkfifo(folder / "pipe")
    assert folder / "pipe" in list(find_files([folder]))


def test_deep_folders_are_searched(tmp_path):
    path = tmp_path.joinpath(*["d"] * 300)
    path.mkdir(parents=True)
    (path / "x.txt").touch()
    assert list(find_files([tmp_path])) == [path / "x.txt"]


@needs_permissions
@pytest.mark.parametrize("mode", [0, 0o444])
def test_a_folder_that_may_not_be_listed_is_reported_on_reading(folder, mode):
    (folder / "sub").chmod(mode)
    try:
        assert folder / "sub" in list(find_files([folder]))
        with pytest.raises(UnreadableError, match="may not be listed"):
            read_bytes(folder / "sub", 100)
    finally:
        (folder / "sub").chmod(0o755)


def test_a_file_is_read_whole(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(bytes(range(256)) * 5000)
    assert read_bytes(path, 1_280_000) == bytes(range(256)) * 5000


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(10**12)  # a terabyte, none of it on the disk
    with pytest.raises(TooLargeError, match=r"1,000,000,000,000 bytes; the limit is 100"):
        read_bytes(path, 100)


def test_reading_a_pipe_does_not_wait_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    errors = []

    def read():
        try:
            read_bytes(tmp_path / "pipe", 100)
        except UnreadableError as error:
            errors.append(str(error))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    assert "a named pipe" in errors[0]


def test_only_regular_files_are_read(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "x.txt")
    for path, kind in ((tmp_path, "a folder"), (Path("/dev/null"), "a device"), (tmp_path / "link.txt", "a symbolic")):
        with pytest.raises(UnreadableError, match=kind):
            read_bytes(path, 100)


def test_a_file_replaced_by_a_link_or_a_pipe_after_the_check_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "x.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "x.txt")
    os.mkfifo(tmp_path / "pipe")
    regular = (tmp_path / "x.txt").lstat()
    monkeypatch.setattr(Path, "lstat", lambda path: regular)
    with pytest.raises(UnreadableError, match="symbolic links"):
        read_bytes(tmp_path / "link.txt", 100)
    with pytest.raises(UnreadableError, match="a named pipe"):
        read_bytes(tmp_path / "pipe", 100)


def test_a_missing_file_is_named_with_the_reason(tmp_path):
    with pytest.raises(UnreadableError, match=r"missing\.txt' cannot be read: No such file"):
        read_bytes(tmp_path / "missing.txt", 100)


@needs_permissions
def test_a_file_without_permission_is_named_with_the_reason(tmp_path):
    (tmp_path / "x.txt").touch(mode=0)
    with pytest.raises(UnreadableError, match="Permission denied"):
        read_bytes(tmp_path / "x.txt", 100)


@pytest.mark.parametrize("change", ["grow", "shrink", "overwrite"])
def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path, monkeypatch, change):
    path = tmp_path / "x.txt"
    path.write_text("before")
    os.utime(path, (1, 1))
    fdopen = os.fdopen

    def changing(descriptor, mode):
        file = fdopen(descriptor, mode)
        read = file.read

        class File:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                file.close()

            def read(self, size):
                path.write_text({"grow": "before and after", "shrink": "b", "overwrite": "behind"}[change])
                return read(size)

        return File()

    monkeypatch.setattr(sources.os, "fdopen", changing)
    with pytest.raises(UnreadableError, match="changed while it was read; run again"):
        read_bytes(path, 1000)


def test_the_source_of_a_file_is_identified_by_its_absolute_path(folder, monkeypatch):
    monkeypatch.chdir(folder)
    source = file_source(Path("sub/../a.txt"), "A title", {"year": 2020})
    assert source.uri == (folder / "a.txt").as_uri()
    assert (source.name, source.external_id, source.title) == ("a.txt", "a", "A title")
    assert source.content == folder / "a.txt"
    assert source.metadata == {"year": 2020}
    assert file_source(folder / "a.txt") == file_source(Path("a.txt"))


def test_one_file_has_one_identity_through_linked_folders(folder, tmp_path):
    (tmp_path / "linked").symlink_to(folder)
    assert file_source(tmp_path / "linked" / "a.txt") == file_source(folder / "a.txt")


def test_a_file_name_that_is_no_text_makes_a_storable_source(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.touch()
    source = file_source(path)
    assert (source.name, source.external_id) == ("caf\ufffd.txt", "caf\ufffd")
    assert source.uri.endswith("/caf%E9.txt")
    assert read_bytes(source.content, 100) == b""
