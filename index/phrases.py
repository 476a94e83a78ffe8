"""What a question has in quotation marks."""

import re
from typing import Final

_QUOTED: Final = re.compile(r'"([^"]+)"|[“„]([^“”„]+)[“”]|«([^«»]+)»|»([^«»]+)«|「([^「」]+)」|『([^『』]+)』')


def quoted(question: str) -> list[str]:
    """The texts between double quotation marks, as they are written in various countries."""
    return ["".join(found.groups("")) for found in _QUOTED.finditer(question)]
