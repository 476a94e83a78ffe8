import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.near_duplicates import SIZE, from_bytes, groups, similarities, sketch, to_bytes
from tests.hostile_text import canonical_texts

ROOT = Path(__file__).resolve().parents[2]
TEXT = "The ferry to Karn sails at noon. Dogs travel free of charge on deck, and bicycles cost two crowns."
GOLDEN = [472887438, 283602158, 324029431, 103046420]


def similarity(one: str, other: str) -> float:
    return float(similarities(sketch(one), sketch(other)[None])[0])


def jaccard(one: list[str], other: list[str]) -> float:
    """The true similarity of two lists of words."""
    first, second = ({tuple(words[at : at + 5]) for at in range(len(words) - 4)} for words in (one, other))
    return len(first & second) / len(first | second)


@settings(max_examples=150)
@given(st.integers(40, 600), st.lists(st.floats(0, 1, exclude_max=True), max_size=25), st.integers(0, 2**32))
def test_the_estimate_is_near_the_true_similarity(length: int, changes: list[float], seed: int) -> None:
    words = [f"word{number}" for number in np.random.default_rng(seed).integers(0, 5000, length)]
    changed = list(words)
    for place in changes:
        changed[int(place * length)] = f"changed{place}"
    true = jaccard(words, changed)
    # Five standard deviations of a share of 128, and a little for the extremes.
    bound = 5 * (true * (1 - true) / SIZE) ** 0.5 + 0.03
    assert abs(similarity(" ".join(words), " ".join(changed)) - true) <= bound


@given(canonical_texts, canonical_texts)
def test_any_text_has_a_sketch_and_is_as_like_another_as_that_is_like_it(one: str, other: str) -> None:
    if not one.strip() or not other.strip():
        return
    assert sketch(one).shape == (SIZE,)
    assert similarity(one, one) == 1
    assert similarity(one, f"{other} {one}") == similarity(f"{other} {one}", one)


def test_case_blanks_and_punctuation_make_no_difference() -> None:
    assert similarity(TEXT, TEXT.upper().replace(" ", "\n\n").replace(".", "!")) == 1
    assert similarity(TEXT, " ".join(reversed(TEXT.split()))) < 0.1


def test_short_texts_and_texts_without_words_are_like_themselves_only() -> None:
    texts = ["Ferry", "Ferry at noon", "...", "?!", "\u26f4"]
    assert all(similarity(one, other) < 0.1 for one, other in combinations(texts, 2))


def test_scripts_without_blanks_are_compared_by_the_character() -> None:
    text = "港は午前九時に開きます。門は十時に閉まります。犬は無料で乗船できます。自転車は二クローネです。" * 3
    assert similarity(text, text.replace("九", "八", 1)) > 0.8


def test_a_sketch_is_the_same_in_every_process_and_for_ever() -> None:
    # Stored sketches are compared with those of later versions of Pincite: these figures must never change.
    assert sketch(TEXT)[:4].tolist() == GOLDEN
    code = f"from corpus.near_duplicates import sketch; print(sketch({TEXT!r})[:4].tolist())"
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed}
        ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert ended.stdout == f"{GOLDEN}\n", ended.stderr


def test_a_sketch_is_read_back_as_it_was_stored() -> None:
    many = [sketch(TEXT), sketch("Ferry")]
    stored = [to_bytes(one) for one in many]
    assert [len(data) for data in stored] == [4 * SIZE] * 2
    assert np.array_equal(from_bytes(stored), np.stack(many))
    assert from_bytes([]).shape == (0, SIZE)


# --- groups ----------------------------------------------------------------------------------------------------------


def slow_groups(many: np.ndarray, threshold: float, apart: set[tuple[int, int]]) -> list[list[int]]:
    """What `groups` must give: every pair is compared."""
    group_of = list(range(len(many)))
    for one, other in combinations(range(len(many)), 2):
        equal = np.count_nonzero(many[one] == many[other]) / SIZE
        if equal >= threshold and (one, other) not in apart:
            old, new = group_of[other], group_of[one]
            group_of = [new if group == old else group for group in group_of]
    found = ([row for row, group in enumerate(group_of) if group == wanted] for wanted in set(group_of))
    return sorted(group for group in found if len(group) > 1)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.3, 0.6])), max_size=25),
    st.sampled_from([0.05, 0.5, 0.75, 0.8, 0.9, 1.0]),
    st.sets(st.tuples(st.integers(0, 24), st.integers(0, 24)), max_size=10),
)
def test_groups_are_those_of_comparing_every_pair(
    seed: int, rows: list[tuple[int, float]], threshold: float, apart: set[tuple[int, int]]
) -> None:
    random = np.random.default_rng(seed)
    originals = random.integers(0, 2**32, (4, SIZE), dtype=np.uint32)
    noise = random.integers(0, 2**32, (len(rows), SIZE), dtype=np.uint32)
    many = np.empty((len(rows), SIZE), np.uint32)
    for row, (original, share) in enumerate(rows):
        many[row] = np.where(random.random(SIZE) < share, noise[row], originals[original])
    apart |= {(other, one) for one, other in apart}

    def are_apart(row: int, others: np.ndarray) -> np.ndarray:
        return np.array([(row, int(other)) in apart for other in others], bool)

    assert groups(many, threshold, are_apart) == slow_groups(many, threshold, apart)
