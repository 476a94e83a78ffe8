"""The files in an archive or a mail: harmless names, bounds on what they hold together, losses in words."""

import re
from pathlib import PurePosixPath

from corpus.errors import UnreadableError
from corpus.parsers.packed import check_count
from corpus.parsers.protocol import ParseLimits
from corpus.parsers.unique_names import UniqueNames
from corpus.text import canonical
from corpus.types import Attachment, ParsedDocument

_DRIVE = re.compile(r"^[A-Za-z]:")
# Characters that no file name should hold: they end, hide or turn around what is shown of it.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LONGEST_PART = 200
# What systems and tools add to archives; nobody means it as a document.
_CLUTTER = {"__macosx", "thumbs.db", "desktop.ini"}
_MOST_NAMED = 5


class Members:
    """The attachments found so far, and what could not be had of the rest."""

    def __init__(self, name: str, limits: ParseLimits) -> None:
        self._name = name
        self._limits = limits
        self._names = UniqueNames()
        self._size = 0
        self._left_out: dict[str, list[str]] = {}
        self.attachments: list[Attachment] = []

    def add(self, name: str, data: bytes) -> None:
        """Take a file in under a harmless name of its own. Raises TooLargeError when it is one too many."""
        self._size += len(data)
        self._limits.check_unpacked_bytes(self._size, self._name)
        self.attachments.append(Attachment(self._names.unique(safe_name(name)), data))
        check_count(len(self.attachments), self._name, self._limits)

    def leave_out(self, name: str, reason: str) -> None:
        """Note that a file is not read and why, as in "links are left out"."""
        self._left_out.setdefault(reason, []).append(safe_name(name))

    @property
    def losses(self) -> tuple[str, ...]:
        """A sentence for every reason, with the first few names."""
        return tuple(f"{reason}: {_listed(names)}" for reason, names in self._left_out.items())

    def document(self, media_type: str) -> ParsedDocument:
        """An archive of the files. Raises UnreadableError when there are none."""
        if not self.attachments:
            reasons = "; ".join(self.losses) or "it is an archive without any files"
            raise UnreadableError(f"{self._name!r} cannot be read: {reasons}")
        return ParsedDocument(
            text="",
            media_type=media_type,
            title=PurePosixPath(self._name).stem,
            attachments=tuple(self.attachments),
            losses=self.losses,
        )


def safe_name(name: str) -> str:
    """A name from outside as a relative path without "..": it is only shown, but programs may trust it."""
    parts = (_ODD.sub("_", part).strip() for part in _DRIVE.sub("", canonical(name).replace("\\", "/")).split("/"))
    kept = [part[-_LONGEST_PART:] for part in parts if part not in {"", ".", ".."}]
    return "/".join(kept) or "unnamed"


def is_clutter(name: str) -> bool:
    """Whether a member is a hidden file or one that a system adds by itself."""
    return any(part.startswith(".") or part.lower() in _CLUTTER for part in safe_name(name).split("/"))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
