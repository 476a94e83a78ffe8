"""Hybrid beside BM25 alone and dense alone on evaluation sets, one table.

Usage: .venv/bin/python benchmarks/modes.py FOLDER[:files] ... [--limit N] [--rerank]. Every set is ingested once into
a scratch home; all modes ask the same questions on the same passages, without the cross-encoder unless --rerank adds
a row for it.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_PINCITE = str(Path(sys.executable).parent / "pincite")
_SHOWN = (
    "ndcg@10",
    "recall@10",
    "mrr@10",
    "span_hit@1",
    "span_hit@5",
    "span_mrr@10",
    "page_hit@1",
    "page_hit@5",
    "answer_hit@5",
    "quote_f1",
    "citation_validity",
)


def run(folder: str, limit: int | None, *options: str) -> dict[str, Any]:
    """The result of one `pincite eval run`."""
    name, _, form = folder.partition(":")
    command = [_PINCITE, "eval", "run", name, "--json", *options]
    command += ["--form", form] if form else []
    command += ["--limit", str(limit)] if limit else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main() -> None:
    """Print one Markdown table a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--rerank", action="store_true")
    arguments = parser.parse_args()
    rows = {
        "BM25": ("--mode", "lexical", "--no-rerank"),
        "dense": ("--mode", "dense", "--no-rerank"),
        "hybrid": ("--mode", "hybrid", "--no-rerank"),
    }
    if arguments.rerank:
        rows["hybrid + rerank"] = ("--mode", "hybrid", "--rerank")
    for folder in arguments.sets:
        results = {name: run(folder, arguments.limit, *options) for name, options in rows.items()}
        _print_table(folder, results)


def _print_table(folder: str, results: dict[str, dict[str, Any]]) -> None:
    first = next(iter(results.values()))
    counts = first["counts"]
    names = [name for name in _SHOWN if name in first["metrics"]]
    print(
        f"\n{Path(folder.partition(':')[0]).name}: {counts['documents']} documents, {counts['passages']} passages, "
        f"{counts['questions']} questions ({counts['answerable']} answerable)\n"
    )
    print("| | " + " | ".join(names) + " | ms (p50) |")
    print("|---" * (len(names) + 2) + "|")
    for name, result in results.items():
        values = " | ".join(f"{result['metrics'][metric]['value']:.3f}" for metric in names)
        print(f"| {name} | {values} | {result['timings']['query_ms_p50']:.0f} |", flush=True)


if __name__ == "__main__":
    main()
