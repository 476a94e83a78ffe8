import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.media_types import CODE
from corpus.parsers import parse
from corpus.programming_languages import CODE_SUFFIXES
from tests.hostile_text import canonical_texts

_PYTHON = '''\
"""About the module."""
import os

LIMIT = 3


# Above the function.
@decorated(
    LIMIT,
)
def first(a):
    """Text.
def no_function(): pass
    """
    return a


class Pump(Base):
    size = 1

    def run(self):
        def inner():
            return 1
        return inner

    @property
    async def speed(self): ...


if __name__ == "__main__":
    first(1)
'''


def sections(source, name):
    document = parse(source.encode(), name)
    assert document.text == source
    return [(section.path, source[section.start :].split("\n")[0]) for section in document.sections]


def test_definitions_are_sections_with_what_belongs_to_them():
    assert sections(_PYTHON, "pump.py") == [
        (("first",), "# Above the function."),
        (("Pump",), "class Pump(Base):"),
        (("Pump", "run"), "    def run(self):"),
        (("Pump", "run", "inner"), "        def inner():"),
        (("Pump", "run"), "        return inner"),
        (("Pump", "speed"), "    @property"),
        ((), 'if __name__ == "__main__":'),
    ]


@pytest.mark.parametrize(
    ("name", "source", "paths"),
    [
        (
            "a.ts",
            "export class Foo<T> extends Bar {\n  async load(a: string, b = {}): Promise<void> {\n    if (a) {\n"
            "    }\n  }\n}\nexport const arrow = async (a) => {\n};\nfunction f() {}\n",
            ["Foo", "Foo/load", "arrow", "f"],
        ),
        (
            "Foo.java",
            "@Service\npublic class Foo {\n  /** About. */\n  @Override\n  public List<String> get(int a) {\n"
            "    while (a) {\n    }\n  }\n  enum E { A }\n}\n",
            ["Foo", "Foo/get", "Foo/E"],
        ),
        (
            "a.cpp",
            "struct point {\n  int x;\n};\nstatic int add(int a,\n               int b)\n{\n  return a;\n}\n"
            "void Foo::bar(const std::string& s) const {\n}\n",
            ["point", "add", "Foo::bar"],
        ),
        (
            "b.cpp",
            "class A {\npublic:\n  int f(int x) {\n    if (x) goto out;\nout:\n#ifdef X\n    y();\n#endif\n"
            "    return 1;\n  }\n};\nint y;\n",
            ["A", "A/f", ""],
        ),
        ("b.rs", "impl<S> R for M\nwhere\n    S: T,\n{\n    fn on(self) {\n    }\n}\n", ["R for M", "R for M/on"]),
        ("lock.py", "class A:\n    def lock(self): pass\n\n    def match(self): pass\n", ["A", "A/lock", "A/match"]),
        (
            "a.go",
            "type T struct {\n\tx int\n}\n\n// Run runs.\nfunc (t *T) Run() error {\n\treturn nil\n}\n",
            ["T", "Run"],
        ),
        (
            "a.rs",
            "#[derive(Debug)]\npub struct P {\n}\nimpl Display for P {\n    /// About.\n    fn fmt(&self) -> R {\n"
            "    }\n}\npub(crate) async fn go<T>(x: T) {}\n",
            ["P", "Display for P", "Display for P/fmt", "go"],
        ),
        (
            "a.rb",
            "module M\n  class C < D\n    def self.x\n    end\n    def y?\n    end\n  end\nend\nputs 1\n",
            ["M", "M/C", "M/C/self.x", "M/C/y?", ""],
        ),
        ("a.php", "<?php\nclass B {\n  public function c($x) {\n  }\n}\nfunction d() {}\n", ["B", "B/c", "d"]),
        ("a.kt", "data class P(val x: Int)\nfun P.ext(): Int = 1\nobject O\n", ["P", "P.ext", "O"]),
        ("a.swift", "struct S: V {\n  init(x: Int) {\n  }\n  func go() {\n  }\n}\n", ["S", "S/init", "S/go"]),
        ("a.scala", "case class P(x: Int)\nobject O {\n  def f(x: Int) = {\n  }\n}\n", ["P", "O", "O/f"]),
        ("a.sh", "set -e\nrun() {\n  echo\n}\nfunction go {\n  :\n}\nrun\n", ["run", "go", ""]),
        ("a.sql", "CREATE TABLE IF NOT EXISTS a.b (x int);\n\ncreate or replace view v as select 1;\n", ["a.b", "v"]),
        ("a.lua", "local function a.b:c(x)\nend\n", ["a.b:c"]),
        ("a.r", "foo <- function(x) {\n  x\n}\n", ["foo"]),
        ("a.css", "a { color: red }\n", []),
    ],
)
def test_the_definitions_of_other_languages(name, source, paths):
    assert ["/".join(path) for path, _ in sections(source, name)] == paths


@pytest.mark.parametrize(
    ("name", "source", "language"),
    [
        ("a.py", "x = 1\n", "python"),
        ("A.TSX", "x = 1\n", "typescript"),
        ("run", "#!/usr/bin/env -S python3 -u\nx = 1\n", "python"),
        ("run", "#!/bin/sh\nx=1\n", "bash"),
    ],
)
def test_the_language_is_named(name, source, language):
    document = parse(source.encode(), name)
    assert (document.media_type, document.metadata) == (CODE, {"programming_language": language})
    assert document.title == name


def test_an_unknown_interpreter_has_no_language():
    assert parse(b"#!/opt/odd/thing\nx\n", "run").metadata == {}


@given(canonical_texts, st.sampled_from(CODE_SUFFIXES))
def test_sections_ascend_in_hostile_texts(text, suffix):
    source = f"x = 1\ndef f(a) {{\n{text}\n}}\n"
    document = parse(source.encode(), f"a{suffix}")
    starts = [section.start for section in document.sections]
    assert document.text == source
    assert starts == sorted(set(starts))
    assert all(start == 0 or source[start - 1] == "\n" for start in starts)


_NAMES = st.lists(st.from_regex(r"[a-z]{3,8}_[0-9]", fullmatch=True), min_size=1, max_size=6, unique=True)


@given(_NAMES, st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_generated_functions_are_found_with_those_around_them(names, jumps):
    source, paths, around = "", [], []
    for name, jump in zip(names, jumps, strict=False):
        around = [*around[:jump], name]
        indent = "    " * (len(around) - 1)
        source += f'{indent}def {name}():\n{indent}    """def nothing(): pass"""\n'
        paths.append(tuple(around))
    assert [path for path, _ in sections(source, "a.py")] == paths


def test_a_very_long_source_is_kept_without_sections():
    source = "def f():\n    return 1\n" * 100_000
    document = parse(source.encode(), "a.py")
    assert (len(document.text), document.sections) == (len(source), ())
    assert document.losses == ("source code of more than 2,000,000 characters is not divided into its definitions",)


@pytest.mark.parametrize("name", ["a.js", "a.py"])
def test_string_literals_that_never_end_hide_the_rest(name):
    mark = {"a.js": "`", "a.py": '"""'}[name]
    source = f"class A {{\n{mark}\nclass B {{\n" + f"\\{mark[0]}" * 300_000 + "\\"
    document = parse(source.encode(), name)
    assert document.text == source
    assert [section.path for section in document.sections if "B" in section.path] == []
