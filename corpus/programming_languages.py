"""Programming languages by the suffixes of their files and by the interpreters that their first lines name."""

import re
from pathlib import PurePath
from typing import Final

LANGUAGES: Final = {
    "bash": (".sh", ".bash", ".zsh", ".ksh"),
    "c": (".c", ".h"),
    "clojure": (".clj", ".cljs", ".cljc"),
    "cpp": (".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx"),
    "csharp": (".cs",),
    "css": (".css",),
    "dart": (".dart",),
    "elixir": (".ex", ".exs"),
    "erlang": (".erl", ".hrl"),
    "fortran": (".f90", ".f95", ".f03"),
    "go": (".go",),
    "groovy": (".groovy", ".gradle"),
    "haskell": (".hs",),
    "java": (".java",),
    "javascript": (".js", ".mjs", ".cjs", ".jsx"),
    "julia": (".jl",),
    "kotlin": (".kt", ".kts"),
    "less": (".less",),
    "lua": (".lua",),
    "nim": (".nim",),
    "ocaml": (".ml", ".mli"),
    "perl": (".pl", ".pm"),
    "php": (".php",),
    "powershell": (".ps1", ".psm1"),
    "protobuf": (".proto",),
    "python": (".py", ".pyi", ".pyw"),
    "r": (".r",),
    "ruby": (".rb",),
    "rust": (".rs",),
    "scala": (".scala", ".sc"),
    "scss": (".scss",),
    "sql": (".sql",),
    "swift": (".swift",),
    "tcl": (".tcl",),
    "typescript": (".ts", ".tsx", ".mts", ".cts"),
    "zig": (".zig",),
}
CODE_SUFFIXES: Final = tuple(suffix for suffixes in LANGUAGES.values() for suffix in suffixes)
_BY_SUFFIX = {suffix: language for language, suffixes in LANGUAGES.items() for suffix in suffixes}
_INTERPRETERS = {
    **{"sh": "bash", "bash": "bash", "zsh": "bash", "ksh": "bash", "dash": "bash", "python": "python"},
    **{"node": "javascript", "deno": "typescript", "ruby": "ruby", "perl": "perl", "php": "php", "lua": "lua"},
    **{"Rscript": "r", "julia": "julia", "tclsh": "tcl", "pwsh": "powershell", "groovy": "groovy", "elixir": "elixir"},
}
_SHEBANG = re.compile(r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?(?:\S*/)?([A-Za-z]+)")


def language_of_code(name: str, text: str) -> str | None:
    """The programming language of a file, by its suffix or its first line; None for an unknown one."""
    interpreter = _SHEBANG.match(text)
    by_line = _INTERPRETERS.get(interpreter[1]) if interpreter else None
    return _BY_SUFFIX.get(PurePath(name).suffix.lower(), by_line)
