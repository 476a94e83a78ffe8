"""Comments and string literals of programming languages, told from code well enough to find definitions by line.

Lexers do that more exactly, but those at hand take minutes for thousands of blank lines. All patterns here go forwards
only, so the time grows with the length and no faster.
"""

import re

# In single-line strings a mark without a partner hides the rest of its line.
_DOUBLE = r'"(?:[^"\\\n]|\\[\s\S])*+"?'
_SINGLE = r"'(?:[^'\\\n]|\\[\s\S])*+'?"
_CHARACTER = r"'(?:[^'\\\n]|\\[^\n]{1,10}?)'"  # where quotes are also something else, such as lifetimes
# At the end of a text nothing stands behind the sign that takes the next one for what it is.
_BACKTICKS = r"`(?:[^`\\]|\\[\s\S])*+(?:`|\\?\Z)"
_RAW_BACKTICKS = r"`[^`]*+(?:`|\Z)"
_TRIPLE = r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:"""|\\?\Z)' + r"|'''(?:[^'\\]|\\[\s\S]|'(?!''))*+(?:'''|\\?\Z)"
_SLASHES = r"//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)"
_HASH = r"(?<![\w$&{\\])#[^\n]*"
_DASHES = r"--[^\n]*"

_C_LIKE = (_SLASHES, _DOUBLE, _SINGLE)
_SCRIPT = (_HASH, _DOUBLE, _SINGLE)
_OF_LANGUAGE = {
    **dict.fromkeys(("python", "elixir", "julia", "nim"), (_HASH, _TRIPLE, _DOUBLE, _CHARACTER)),
    "python": (_HASH, _TRIPLE, _DOUBLE, _SINGLE),
    **dict.fromkeys(("javascript", "typescript"), (*_C_LIKE, _BACKTICKS)),
    "go": (*_C_LIKE, _RAW_BACKTICKS),
    **dict.fromkeys(("rust", "zig"), (_SLASHES, r'r#"(?:[^"]|"(?!#))*+(?:"#|\Z)', _DOUBLE, _CHARACTER)),
    **dict.fromkeys(("kotlin", "scala", "swift", "groovy", "dart", "java"), (_SLASHES, _TRIPLE, _DOUBLE, _CHARACTER)),
    "php": (_SLASHES, r"#(?!\[)[^\n]*", _DOUBLE, _SINGLE),
    "ruby": (r"^=begin\b(?:.|\n)*?(?:^=end|\Z)", *_SCRIPT),
    "perl": (r"^=[a-z](?:.|\n)*?(?:^=cut|\Z)", *_SCRIPT),
    "bash": (r"(?<![^\s;])#[^\n]*", _DOUBLE, _SINGLE),
    **dict.fromkeys(("r", "powershell", "tcl"), _SCRIPT),
    "lua": (r"(?:--)?\[\[(?:[^\]]|\](?!\]))*+(?:\]\]|\Z)", _DASHES, _DOUBLE, _SINGLE),
    "sql": (_DASHES, r"/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)", _SINGLE),
    "haskell": (r"\{-(?:[^-]|-(?!\}))*+(?:-\}|\Z)", _DASHES, _DOUBLE),
    "ocaml": (r"\(\*(?:[^*]|\*(?!\)))*+(?:\*\)|\Z)", _DOUBLE),
    "erlang": (r"%[^\n]*", _DOUBLE),
    "fortran": (r"![^\n]*", _DOUBLE, _SINGLE),
    "clojure": (r";[^\n]*", _DOUBLE),
}
_PATTERNS = {language: re.compile("|".join(parts), re.MULTILINE) for language, parts in _OF_LANGUAGE.items()}
_DEFAULT = re.compile("|".join(_C_LIKE))
_NO_LINE_END = re.compile(r"[^\n]")


def without_comments(text: str, language: str) -> str:
    """The code with spaces for what stands in comments and string literals, so that offsets and lines stay."""
    return _PATTERNS.get(language, _DEFAULT).sub(lambda hidden: _NO_LINE_END.sub(" ", hidden[0]), text)
