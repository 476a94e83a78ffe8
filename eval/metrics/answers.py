"""Gold answers in passages and beside predicted ones, after the normalisation of SQuAD (Rajpurkar et al. 2016)."""

import re
import string
from collections import Counter
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


def exact_match(prediction: str, golds: Sequence[str]) -> float:
    """Score 1 where the prediction equals a gold answer after normalisation, else 0.

    The measure of SQuAD 2.0 (Rajpurkar et al. 2018). An abstention is the prediction "", and right for a question
    that has no gold answer but "".
    """
    return float(normalise(prediction) in _normalised(golds))


def token_f1(prediction: str, golds: Sequence[str]) -> float:
    """Compute the F1 of the words of the prediction against the gold answer that it fits best.

    The measure of SQuAD 2.0 (Rajpurkar et al. 2018): 2 · shared / (predicted + gold), words counted as often as they
    stand. Where one of the two has no words, 1 if the other has none either, else 0. Abstentions as in `exact_match`.
    """
    predicted = Counter(normalise(prediction).split())
    return max(_bag_f1(predicted, Counter(gold.split())) for gold in _normalised(golds))


def _normalised(golds: Sequence[str]) -> list[str]:
    """Normalise gold answers; those without words do not count beside others."""
    return [gold for gold in map(normalise, golds) if gold] or [""]


def _bag_f1(predicted: Counter[str], gold: Counter[str]) -> float:
    if not predicted or not gold:
        return float(predicted == gold)
    return 2 * (predicted & gold).total() / (predicted.total() + gold.total())
