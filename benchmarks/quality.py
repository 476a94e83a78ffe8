"""The defaults beside the plain recipes on the same passages, and each stage on and off.

Usage: .venv/bin/python benchmarks/quality.py FOLDER [--limit N] [--only NAMES] SET... FOLDER takes the run files (a run
that is there is not made again); a SET is a folder in one of the forms of docs/evaluation.md, with ":files" behind it
where it has both forms and its files are meant. The recipes and the
ablations are profiles in `benchmarks/recipes` and `benchmarks/ablations`; every run is `pincite eval run --profile`.

Each set is judged by its most exact measure: page_hit@5 in files form, span_mrr@10 where questions have spans, else
ndcg@10. The mean is over sets, each counting the same. Tests are paired by question: signs of differences are exchanged
at random, and the p values are corrected by Holm, those of the means and those of single sets each for their number.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.datasets.folders import form_of, set_folder
from eval.datasets.types import Form
from eval.statistics.significance import holm, mean_p

_PINCITE = str(Path(sys.executable).parent / "pincite")
_OURS = "pincite"
_MEASURES = {"files": ("page_hit@5",), "beir": ("span_mrr@10", "ndcg@10")}
_PROFILES = Path(__file__).parent

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SetValues:
    """A set's measure, and the value of every question by system, in the same order."""

    name: str
    measure: str
    values: dict[str, Values]

    def mean(self, system: str) -> float:
        """The mean over the questions."""
        return float(self.values[system].mean())

    def difference(self, system: str) -> Values:
        """What the defaults have more than a system, by question."""
        return self.values[_OURS] - self.values[system]


def profiles(names: Sequence[str] | None) -> dict[str, Path | None]:
    """The profile file of every system; the defaults have none."""
    files = sorted([*_PROFILES.glob("recipes/*.json"), *_PROFILES.glob("ablations/*.json")])
    chosen = {path.stem: path for path in files if names is None or path.stem in names}
    return {_OURS: None, **chosen}


def run(folder: Path, dataset: Path, form: Form, system: str, profile: Path | None, limit: int) -> dict[str, Any]:
    """The run file of a system on a set, made if it is not there."""
    target = folder / f"{dataset.name}.{system}.json"
    if not target.is_file():
        options = ["--form", form, "--limit", str(limit), "--json", *(["--profile", str(profile)] if profile else [])]
        print(f"{dataset.name}: {system}", file=sys.stderr, flush=True)
        command = [_PINCITE, "eval", "run", str(dataset), *options]
        target.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    found: dict[str, Any] = json.loads(target.read_bytes())
    return found


def values_of(dataset: Path, form: Form, runs: dict[str, dict[str, Any]]) -> SetValues:
    """The values of the most exact measure that the set has."""
    questions = {system: {one["id"]: one["metrics"] for one in found["questions"]} for system, found in runs.items()}
    measure = next(name for name in _MEASURES[form] if any(name in metrics for metrics in questions[_OURS].values()))
    ids = [one for one, metrics in questions[_OURS].items() if measure in metrics]
    return SetValues(
        dataset.name,
        measure,
        {system: np.array([found[one][measure] for one in ids]) for system, found in questions.items()},
    )


def p_of_mean(sets: Sequence[SetValues], system: str) -> float:
    """Test the mean over the sets: a question counts as much as its set, divided by the set's questions."""
    return mean_p(np.concatenate([one.difference(system) / len(one.difference(system)) for one in sets]))


def table(sets: Sequence[SetValues], systems: Sequence[str], length: dict[str, float]) -> str:
    """Values by set, and the mean with its p value; a value is marked where the defaults differ from it."""
    others = [system for system in systems if system != _OURS]
    single = [(one, system) for one in sets for system in others]
    marks = dict(
        zip(
            [(one.name, system) for one, system in single],
            holm([mean_p(one.difference(system)) for one, system in single]),
            strict=True,
        )
    )
    of_means = dict(zip(others, holm([p_of_mean(sets, system) for system in others]), strict=True))
    lines = [f"| set (measure, questions) | {' | '.join(systems)} |", "|---|" + "---|" * len(systems)]
    for one in sets:
        cells = [_cell(one, system, marks.get((one.name, system), 1.0)) for system in systems]
        lines.append(f"| {one.name} ({one.measure}, {len(one.values[_OURS])}) | {' | '.join(cells)} |")
    means = {system: float(np.mean([one.mean(system) for one in sets])) for system in systems}
    lines.append("| **mean** | " + " | ".join(f"**{means[system]:.3f}**" for system in systems) + " |")
    lines.append(
        "| p of the mean (Holm) | " + " | ".join(f"{of_means[x]:.4f}" if x in of_means else "" for x in systems) + " |"
    )
    lines.append("| milliseconds a question | " + " | ".join(f"{length[system]:.0f}" for system in systems) + " |")
    return "\n".join(lines)


def _cell(one: SetValues, system: str, p: float) -> str:
    if system == _OURS or p >= 0.05:
        return f"{one.mean(system):.3f}"
    return f"{one.mean(system):.3f} {'−' if one.difference(system).mean() > 0 else '+'}"


def _set_and_form(named: str) -> tuple[Path, Form]:
    name, _, form = named.partition(":")
    return Path(name), "files" if form == "files" else form_of(set_folder(name))


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--limit", type=int, default=600)
    parser.add_argument("--only", type=lambda listed: listed.split(","))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    chosen, sets, milliseconds = profiles(given.only), [], []
    for dataset, form in map(_set_and_form, given.sets):
        runs = {name: run(given.folder, dataset, form, name, profile, given.limit) for name, profile in chosen.items()}
        sets.append(values_of(dataset, form, runs))
        milliseconds.append({name: found["timings"]["query_ms_mean"] for name, found in runs.items()})
    mean_ms = {name: float(np.mean([one[name] for one in milliseconds])) for name in chosen}
    print(table(sets, list(chosen), mean_ms))
    print(
        "\nA value followed by − is significantly below that of the defaults, by + significantly above it (Holm, 5 %)."
    )


if __name__ == "__main__":
    main()
