"""Reports as one HTML file each: no network, no other files, nothing from documents but text."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.compare import Comparison, NamedRun, compare
from eval.metrics.names import PRIMARY
from eval.records import RunResult
from eval.report import curves, plots, wording
from eval.report.data import page_data, script_json
from eval.report.slices import slice_tables
from eval.report.stages import stage_table
from eval.report.warnings import warnings
from eval.summary import Abstention, abstention_of, metric_names

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).parent / "templates"
# One script: each file uses what stands in those before it.
_SCRIPTS = ("dom.js", "theme.js", "marks.js", "question.js", "filters.js", "list.js", "main.js")
_CHANGED_QUESTIONS = 50


def run_page(run: RunResult) -> str:
    """Write the report of a run."""
    abstention = abstention_of(run.questions)
    return _rendered(
        "run.html",
        title=run.dataset,
        run=run,
        primary={name: run.metrics[name] for name in PRIMARY if name in run.metrics},
        warnings=warnings(run),
        facts=_facts(run),
        stages=stage_table(run.timings),
        plots=_run_plots(run),
        confidence_plots=_confidence_plots(abstention),
        decisions=abstention.table if abstention else None,
        slices=slice_tables([(run.system, run)]),
        data=script_json(page_data([(run.system, run)])),
    )


def comparison_page(runs: Sequence[NamedRun]) -> str:
    """Write the comparison of runs with the first of them."""
    comparison = compare(runs, changes=_CHANGED_QUESTIONS)
    by_system = {
        system: [one for one in comparison.differences if one.system == system] for system in comparison.systems
    }
    facts = {name: _facts(run) for name, run in runs}
    return _rendered(
        "comparison.html",
        title=runs[0][1].dataset,
        runs=dict(runs),
        comparison=comparison,
        metrics=metric_names([question for _, run in runs for question in run.questions]),
        remembered=any(any(run.cached.values()) for _, run in runs),
        by_system=by_system,
        plots=[plots.differences(system, found) for system, found in by_system.items() if found],
        differing=_differing(facts),
        slices=slice_tables(runs),
        data=script_json(_changes_data(runs, comparison)),
    )


def _run_plots(run: RunResult) -> list[plots.Plot]:
    drawn = []
    if primary := {name: run.metrics[name] for name in PRIMARY if name in run.metrics}:
        drawn.append(plots.metric_bars(primary))
    if reaches := curves.reaches(run.questions):
        drawn.append(plots.found_by_depth(reaches))
    if durations := curves.durations(run.questions):
        drawn.append(plots.latencies(durations, curves.percentiles(run.questions), _cached(run)))
    return drawn


def _confidence_plots(abstention: Abstention | None) -> list[plots.Plot]:
    drawn = []
    if abstention and abstention.risk_coverage:
        drawn.append(plots.risk_coverage(abstention.risk_coverage, plots.operating_point(abstention.table)))
    if abstention and abstention.reliability:
        drawn.append(plots.reliability(abstention.reliability))
    return drawn


def _cached(run: RunResult) -> str:
    """Warn where results were remembered: then the times are not those that users see."""
    taken = [f"{count:,} {name}" for name, count in run.cached.items() if count]
    return f"Remembered instead of computed: {', '.join(taken)}. Users see longer times." if taken else ""


def _facts(run: RunResult) -> dict[str, dict[str, str]]:
    """Collect what the figures depend on, by headings."""
    digests = {"corpus": run.corpus_digest, "questions": run.questions_digest}
    found: Mapping[str, Mapping[str, Any]] = {
        "Settings": {"system": run.system, "form": run.form, **(asdict(run.settings) if run.settings else {})},
        "Models": run.models,
        "Versions": run.versions,
        "Digests": digests,
    }
    return {heading: wording.flattened(values) for heading, values in found.items()}


def _differing(facts: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, list[str]]:
    """List the facts in which the systems differ: name -> a value for each system."""
    flat = [
        {f"{heading.lower()}: {name}": value for heading, values in one.items() for name, value in values.items()}
        for one in facts.values()
    ]
    names = dict.fromkeys(name for one in flat for name in one)
    rows = {name: [one.get(name, "\u2013") for one in flat] for name in names}
    return {name: values for name, values in rows.items() if len(set(values)) > 1}


def _changes_data(runs: Sequence[NamedRun], comparison: Comparison) -> dict[str, Any]:
    data = page_data(runs, list(dict.fromkeys(change.question for change in comparison.changes)))
    for question in data["questions"]:
        question["changes"] = [asdict(one) for one in comparison.changes if one.question == question["id"]]
    return data


def _rendered(template: str, **values: Any) -> str:
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
    script = "\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    page = (
        _environment()
        .get_template(template)
        .render(
            values,
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )
    # Browsers read U+0000 as nothing or as U+FFFD, depending on where it stands.
    return page.replace("\x00", "\ufffd")


def _hash(inline: str) -> str:
    """Compute by what the page's policy knows its own style and script: anything else is refused."""
    return "sha256-" + base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["wording"] = wording
    environment.globals["interval_mark"] = plots.interval_mark
    return environment
