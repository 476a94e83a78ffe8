"""How candidates are found. Alone in its file: the command line's help needs it and nothing else of this room."""

from typing import Literal

Mode = Literal["hybrid", "dense", "lexical"]
