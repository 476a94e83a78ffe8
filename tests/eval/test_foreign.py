from pathlib import Path

import pytest

from corpus.errors import BadInputError
from eval.foreign import score_files
from eval.records import RunResult


def scored(folder: Path, run: str, qrels: str) -> RunResult:
    (folder / "run").write_text(run)
    (folder / "qrels").write_text(qrels)
    return score_files(folder / "run", folder / "qrels")


def test_questions_that_are_missing_from_the_run_count_zero(tmp_path: Path) -> None:
    result = scored(tmp_path, "q1 Q0 d1 1 2.5 tag\nq9 Q0 d1 1 2.5 tag\n", "q1 0 d1 1\nq2 0 d1 1\n")
    assert (result.metrics["mrr@10"].value, result.metrics["mrr@10"].n) == (0.5, 2)
    assert result.counts == {"questions": 2, "missing_questions": 1, "unjudged_questions": 1}


@pytest.mark.parametrize(
    ("qrels", "problem"),
    [
        ("z1 0 d1 1\n", "no question in common .'q1' stands in the one, 'z1' in the other"),
        ("q1 0 d1 0\n", "judges no document as relevant"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(tmp_path: Path, qrels: str, problem: str) -> None:
    with pytest.raises(BadInputError, match=problem):
        scored(tmp_path, "q1 Q0 d1 1 2.5 tag\n", qrels)
