"""Where classes, functions and the like begin and end in source code.

Comments and string literals are blanked out; of the code that remains, the lines are looked at that begin a
definition. How these stand in one another, and where they end, follows from their indentation; a line that is not
indented, such as a label, ends no definition whose braces are open.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from corpus.parsers.text.comments import without_comments
from corpus.types import Section

_MODIFIERS = (
    r"(?:(?:export|default|declare|public|private|protected|internal|static|final|sealed|partial|open|override|inline"
    r"|virtual|unsafe|extern|const|data|case|implicit|lazy|suspend|abstract|async|readonly|pub(?:\([\w: ]+\))?|local"
    r"|typedef|mutating|fileprivate|indirect|inner|value|annotation|fun(?=[ \t]+interface)"
    r"|template[ \t]*<[^<>\n]*(?:<[^<>\n]*>[^<>\n]*)*>)[ \t]+)*"
)
_KEYWORDS = (
    r"(?:class|interface|struct|enum(?:[ \t]+class)?|trait|impl(?:<[^>\n]*>)?|module|mod|namespace|object|protocol"
    r"|extension|record|union|def|defp|defmodule|defmacro|fn|func|function\*?|fun|sub|proc|macro|message|service"
    r"|type(?=[ \t]+\w+[ \t]+(?:struct|interface)\b)|companion[ \t]+object)"
)
# What follows a keyword: perhaps a receiver (Go, Kotlin), then the name; Rust names the type behind `for`.
_NAME = (
    r"(?:\([^()\n]*\)[ \t]*|<[^<>\n]*>[ \t]*)?"
    r"(?P<name>(?>[\w$~](?:[\w$.:?!]*[\w$?!])?(?:(?:<[^<>\n]*>)?[ \t]+for[ \t]+[\w:]+)?))"
)
_BY_KEYWORD = re.compile(
    rf"^(?P<indent>[ \t]*+){_MODIFIERS}{_KEYWORDS}[ \t]+{_NAME}(?![ \t]*(?:=[^=>]|;))", re.MULTILINE
)
_SQL = re.compile(
    r"^(?P<indent>[ \t]*+)create[ \t]+(?:or[ \t]+replace[ \t]+)?(?:\w+[ \t]+)??(?:table|view|function|procedure|trigger"
    r"|index|type)[ \t]+(?:if[ \t]+not[ \t]+exists[ \t]+)?(?P<name>[\w.\"`\[\]]+)",
    re.MULTILINE | re.IGNORECASE,
)
# A name with arguments and a body, which is no statement such as `if (x) {`.
_WITH_BODY = re.compile(
    r"^(?P<indent>[ \t]*+)(?!(?:else|return|new|throw|case|await|yield|delete|goto|do|in|of)\b)"
    r"[\w:<>\[\],&*~@?. \t]{0,200}?(?<![\w~#])"
    r"(?P<name>[~#]?[A-Za-z_$][\w$]*(?:::~?\w+)*)(?:<[^<>\n]{0,200}>)?[ \t]*\([^();]{0,1000}\)"
    r"[^;{}()=]{0,200}\{",
    re.MULTILINE,
)
_STATEMENTS = {
    *("if", "for", "while", "switch", "catch", "using", "lock", "fixed", "foreach", "synchronized", "try", "with"),
    *("when", "until", "unless", "function", "sizeof", "elseif", "match", "guard", "return", "else", "do"),
}
_ARROW = re.compile(
    r"^(?P<indent>[ \t]*+)(?:export[ \t]+)?(?:default[ \t]+)?(?:const|let|var)[ \t]+(?P<name>[\w$]+)[^=\n]{0,200}="
    r"[ \t]*(?:async[ \t]*)?(?:function\b|\([^()]{0,1000}\)[^=\n]{0,200}=>|[\w$]+[ \t]*=>)",
    re.MULTILINE,
)
_SHELL = re.compile(r"^(?P<indent>[ \t]*+)(?P<name>[\w-]+)[ \t]*\(\)[ \t]*\n?\{", re.MULTILINE)
_R = re.compile(r"^(?P<indent>[ \t]*+)(?P<name>[\w.]+)[ \t]*(?:<-|=)[ \t]*function\b", re.MULTILINE)
_WITHOUT_BRACES = {
    "python",
    "ruby",
    "lua",
    "julia",
    "elixir",
    "erlang",
    "haskell",
    "ocaml",
    "nim",
    "fortran",
    "sql",
    "bash",
}
_PATTERNS = {
    **dict.fromkeys(("c", "cpp", "csharp", "java", "dart", "groovy"), (_BY_KEYWORD, _WITH_BODY)),
    **dict.fromkeys(("javascript", "typescript"), (_BY_KEYWORD, _WITH_BODY, _ARROW)),
    **{"swift": (_BY_KEYWORD, _WITH_BODY), "bash": (_BY_KEYWORD, _SHELL), "r": (_R,), "sql": (_SQL,)},
    **dict.fromkeys(("css", "scss", "less"), ()),
}
# What ends the definition before it rather than beginning something new; and a decorator or the like.
_CLOSING = re.compile(r"[ \t]*(?:[)\]};,:]+|end\b|else\b|where\b|\{)")
_DECORATOR = re.compile(r"[ \t]*(?:@\w|#\[|\[\w[^\n]*\][ \t]*$|template\b)")


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    indent: int
    depth: int  # of braces, in front of it


def sections_of_code(text: str, language: str) -> tuple[Section, ...]:
    """The definitions, each from its comments and decorators on, and what stands between them.

    A path holds the names of the definitions around it. Code of the file itself behind a definition has an empty one.
    """
    lines = text.split("\n")
    code = without_comments(text, language)
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    code_lines = code.split("\n")
    depths = [0] * len(lines) if language in _WITHOUT_BRACES else _brace_depths(code_lines)
    definitions = _definitions(code, _PATTERNS.get(language, (_BY_KEYWORD,)), starts, depths)
    return tuple(Section(starts[line], path) for line, path in _stretches(lines, code_lines, depths, definitions))


def _brace_depths(code: Sequence[str]) -> list[int]:
    """How many braces are open in front of each line."""
    return list(accumulate((line.count("{") - line.count("}") for line in code[:-1]), initial=0))


def _definitions(
    code: str, patterns: Sequence[re.Pattern[str]], starts: Sequence[int], depths: Sequence[int]
) -> dict[int, _Definition]:
    """The definitions by the lines they begin on."""
    found: dict[int, _Definition] = {}
    for pattern in patterns:
        for match in pattern.finditer(code):
            name = " ".join(match["name"].split())
            if pattern is _BY_KEYWORD or name not in _STATEMENTS:
                line = bisect_right(starts, match.start()) - 1
                found.setdefault(line, _Definition(name, _width(match["indent"]), depths[line]))
    return found


def _stretches(
    lines: Sequence[str], code: Sequence[str], depths: Sequence[int], definitions: dict[int, _Definition]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """First line and path of each stretch that belongs to one definition, or to the code behind one."""
    around: list[_Definition] = []
    decorated: int | None = None  # the first line of decorators
    behind = 0  # the line behind the last line of code
    for number, line in enumerate(code):
        if not line.strip():
            continue
        definition = definitions.get(number)
        if definition is None and decorated is None and _DECORATOR.match(line):
            decorated = number
        if definition is None and decorated is not None and _belongs(line, code[decorated]):
            continue
        # Braces may not add up where a preprocessor chooses between lines, so definitions go by their indentation.
        inner = _still_open(around, _width(line), 0 if definition else depths[number])
        if definition or (len(inner) < len(around) and not _CLOSING.match(line)):
            around = [*inner, definition] if definition else inner
            first = _above_comments(lines, number if decorated is None else decorated, behind)
            yield first, tuple(outer.name for outer in around)
        decorated = None
        behind = number + 1


def _still_open(around: Sequence[_Definition], indent: int, depth: int) -> list[_Definition]:
    """Those of the definitions that go on at a line which is indented so far, with so many braces open before it."""
    return [outer for outer in around if outer.indent < indent or outer.depth < depth]


def _belongs(line: str, decorator: str) -> bool:
    """Whether the line is a decorator or goes on with one."""
    return bool(_DECORATOR.match(line) or _CLOSING.match(line)) or _width(line) > _width(decorator)


def _above_comments(lines: Sequence[str], line: int, lowest: int) -> int:
    """The first line of the comment that stands right above a line; `lowest` is behind the last line of code."""
    while line > lowest and lines[line - 1].strip():
        line -= 1
    return line


def _width(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())
