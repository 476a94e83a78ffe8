"""The YAML that a Markdown file may begin with, and what it says about the text."""

import re
from typing import Any

from corpus.text import canonical

# YAML between `---` lines at the very start. Its first line must be a key or a comment, for a text may begin
# with a rule.
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?=[\w-]+[ \t]*:|#)(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TITLE = re.compile(r"^title[ \t]*:[ \t]*+(?![>|])(.+)$", re.MULTILINE)
_QUOTED = re.compile(r"([\"'])(.+)\1")
_LONGEST = 64_000
# Lists within lists deeper than this are no front matter, and would take the reader's stack.
_DEEPEST = 20


def front_matter_end(text: str) -> int:
    """Where the front matter ends, behind its closing line; 0 if there is none."""
    found = _FRONT_MATTER.match(text)
    return found.end() if found else 0


def front_matter_entries(text: str) -> dict[Any, Any] | None:
    """The entries of the front matter; empty without one, None when it cannot be read as YAML."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}
    try:
        entries = _loaded(found[1])
    except (ValueError, RecursionError):  # ValueError: dates that do not exist, numbers of thousands of digits
        return None
    return entries if isinstance(entries, dict) else None


def front_matter_title(text: str) -> str:
    """The title of a front matter that is no sound YAML, such as one with an unquoted colon in it; "" without."""
    found = _FRONT_MATTER.match(text)
    title = _TITLE.search(found[1]) if found else None
    stated = title[1].strip() if title else ""
    quoted = _QUOTED.fullmatch(stated)
    return canonical(quoted[2] if quoted else stated)


def _loaded(source: str) -> Any:
    """The YAML as plain values. Raises ValueError for anything unsound, long, deep, or with references."""
    import yaml

    if len(source) > _LONGEST:
        raise ValueError("the front matter is too long")
    try:
        depth = 0
        for event in yaml.parse(source, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):  # a few references can stand for billions of values
                raise ValueError("the front matter refers to itself")  # noqa: TRY004 # no error of types
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ValueError("the front matter is nested too deeply")
        return yaml.safe_load(source)
    except (yaml.YAMLError, AttributeError, LookupError, TypeError) as error:  # the others: values that no type fits
        raise ValueError(str(error)) from error
