"""What a question can ask for. Alone in its file: the command line's help needs nothing else of this room."""

from typing import Literal

Mode = Literal["hybrid", "dense", "lexical"]
AnswerKind = Literal["extractive", "none", "generative"]
Recency = Literal["none", "prefer"]
