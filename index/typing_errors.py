"""Words that differ by typing errors: a letter left out, put in, replaced, or exchanged with its neighbour.

The first letter is taken to be right. Short words have no errors: too many others are near them.
"""

from typing import Final

_ALPHABETS: Final = (
    "abcdefghijklmnopqrstuvwxyzäåæçéèêëíîïñóôöøßúüý",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ",
)
_SHORTEST: Final = 5
_SHORTEST_WITH_TWO: Final = 8
_LONGEST: Final = 40


def is_correctable(word: str) -> bool:
    """Whether a word that is in no document may be another one with errors: letters only, neither short nor endless."""
    return word.isalpha() and _SHORTEST <= len(word) <= _LONGEST


def most_errors(word: str) -> int:
    """How many errors a word may have: one, and two if it is long."""
    return 2 if len(word) >= _SHORTEST_WITH_TWO else 1


def one_error_away(word: str) -> list[str]:
    """All words that this one may be with one error, in lower case."""
    word = word.lower()
    letters = next((alphabet for alphabet in _ALPHABETS if word[0] in alphabet), "")
    cuts = [(word[:place], word[place:]) for place in range(1, len(word) + 1)]
    left_out = [begin + rest[1:] for begin, rest in cuts]
    exchanged = [begin + rest[1] + rest[0] + rest[2:] for begin, rest in cuts if len(rest) > 1]
    replaced = [begin + letter + rest[1:] for begin, rest in cuts if rest for letter in letters]
    put_in = [begin + letter + rest for begin, rest in cuts for letter in letters]
    return [other for other in dict.fromkeys((*left_out, *exchanged, *replaced, *put_in)) if other != word]


def distance(one: str, other: str) -> int:
    """How many errors lie between two words: the optimal string alignment distance."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, last, row = row, before, [place]
        for column, theirs in enumerate(other, 1):
            best = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != theirs))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == theirs:
                best = min(best, last[column - 2] + 1)
            row.append(best)
    return row[-1]
