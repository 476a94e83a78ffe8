import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.cli.evaluation.compare import compare, run_names
from corpus.errors import BadInputError
from eval.run_file import write_run
from tests.eval.runs import realistic_run

app = typer.Typer()
app.command("compare")(compare)


@pytest.fixture
def runs(tmp_path):
    """Files of a poor system, one like it, and a good one."""
    skills = {"plain": 0.3, "like-it": 0.3, "good": 0.95}
    for name, skill in skills.items():
        write_run(realistic_run(80, skill=skill, system=name), tmp_path / f"{name}.json")
    return [tmp_path / f"{name}.json" for name in skills]


def called(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_tables_and_sentences(runs):
    result = called(*runs, "--metric", "span_hit@1", "--metric", "answerability_auroc", "--changes", "1")
    assert result.exit_code == 0
    assert "good against plain" in result.stdout
    assert "span_hit@1: the difference is not significant at 5 %" in result.stdout
    assert "span_hit@1: good is significantly better than plain at 5 %" in result.stdout
    assert result.stdout.count("changed most, by span_hit@1") == 2


def test_json_is_the_comparison(runs):
    result = called(*runs[::2], "--json")
    found = json.loads(result.stdout)
    assert (found["baseline"], found["systems"]) == ("plain", ["good"])
    first = found["differences"][0]
    assert first["difference"] == pytest.approx(first["system_value"] - first["baseline_value"])
    assert len(first["ci95"]) == 2
    assert 0 < len(found["changes"]) <= 10


def test_runs_that_cannot_be_compared(runs, tmp_path):
    write_run(realistic_run(80, seed=5), tmp_path / "other.json")
    with pytest.raises(BadInputError, match=r"'plain' .* and 'other' .* cannot be compared"):
        called(runs[0], tmp_path / "other.json")
    with pytest.raises(BadInputError, match="two or more"):
        called(runs[0])


def test_names_are_as_long_as_it_takes():
    assert run_names([Path("a.json"), Path("b.run.json")]) == ["a", "b.run"]
    assert run_names([Path("old/run.json"), Path("new/run.json")]) == ["old/run", "new/run"]
    assert run_names([Path("/x/1/run.json"), Path("/y/1/run.json")]) == ["x/1/run", "y/1/run"]
    assert len(set(run_names([Path("run.json"), Path("run.txt")]))) == 2
    with pytest.raises(BadInputError, match="compared with itself"):
        run_names([Path("run.json"), Path("./run.json")])
