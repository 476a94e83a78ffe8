"""A small ranking task with near misses: every machine has the same properties, only the names and values differ."""

from collections.abc import Sequence

import numpy as np

_MACHINES = (
    ("Alder kiln", "1,240 degrees", "three-phase", "the ceramics hall", "every two years", "87 kilograms"),
    ("Brook lathe", "2,800 turns a minute", "single-phase", "workshop 4", "each spring", "610 kilograms"),
    ("Cedar press", "40 tonnes", "hydraulic", "the east wing", "after 500 hours", "2.3 tonnes"),
    ("Dune mixer", "60 litres", "battery", "the bakery", "weekly", "34 kilograms"),
    ("Elm saw", "5,500 strokes a minute", "petrol", "the timber yard", "monthly", "6 kilograms"),
    ("Fjord pump", "900 litres a minute", "diesel", "the boat house", "before every winter", "140 kilograms"),
    ("Gorse drill", "750 watts", "mains", "the tool shed", "never", "3 kilograms"),
    ("Heath oven", "260 degrees", "gas", "the canteen", "quarterly", "95 kilograms"),
)
_PASSAGES = (
    "At full power the {0} reaches {1}; going beyond that trips the safety switch.",
    "Power for the {0} comes from a {2} supply, which an electrician has to approve.",
    "You will find the {0} in {3}, behind the yellow line.",
    "Servicing of the {0} is due {4} and is entered in the log book.",
    "Two people are needed to lift the {0}, since it weighs {5}.",
)
_QUESTIONS = (
    "What is the maximum of the {0}?",
    "What kind of energy does the {0} run on?",
    "Where is the {0} kept?",
    "How often must the {0} be maintained?",
    "How heavy is the {0}?",
)

PASSAGES = [pattern.format(*machine) for machine in _MACHINES for pattern in _PASSAGES]
QUESTIONS = [pattern.format(*machine) for machine in _MACHINES for pattern in _QUESTIONS]


def ndcg_at_10(scores: Sequence[np.ndarray]) -> float:
    """The mean over `QUESTIONS` of nDCG@10; row i holds the scores of all `PASSAGES`, of which passage i is right."""
    gains = []
    for right, row in enumerate(scores):
        rank = int(np.sum(row > row[right]))
        gains.append(1 / np.log2(rank + 2) if rank < 10 else 0.0)
    return float(np.mean(gains))
