"""Gold answers in the text of passages, compared after the normalisation of SQuAD (Rajpurkar et al. 2016)."""

import re
import string
from collections.abc import Iterable, Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Lower the case; remove ASCII punctuation, then English articles; make white space single blanks."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def answer_hit(passages: Iterable[str], answers: Sequence[str]) -> float | None:
    """Score 1 where a passage holds a gold answer as whole words, else 0.

    None where no answer is left after normalisation.
    """
    # Blanks around both keep "5" from being found in "15".
    wanted = [f" {answer} " for answer in map(normalise, answers) if answer]
    if not wanted:
        return None
    texts = [f" {normalise(passage)} " for passage in passages]
    return float(any(answer in text for text in texts for answer in wanted))
