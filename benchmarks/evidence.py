"""Quotes beside two simple ones: the whole first passage, and its one sentence with most words in common.

Usage: .venv/bin/python benchmarks/evidence.py FOLDER ... [--limit N] [--no-rerank]. For each set `quote_iou` of the
three, and the share of the gold characters they hold of those that the whole first passage holds.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from corpus.sentences import sentence_spans
from corpus.types import Span
from eval.metrics.characters import overlap_of_unions, shared_characters
from eval.metrics.types import DocumentSpan

_PINCITE = str(Path(sys.executable).parent / "pincite")
_WORD = re.compile(r"\w+")


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--no-rerank", action="store_true")
    arguments = parser.parse_args()
    print("| set | questions | whole passage IoU | one sentence IoU (held) | citations IoU (held) | ratio |")
    print("|---|---|---|---|---|---|")
    for folder in arguments.sets:
        print(row(folder, run(folder, arguments.limit, rerank=not arguments.no_rerank)), flush=True)


def run(folder: str, limit: int | None, *, rerank: bool) -> dict[str, Any]:
    """The result of one `pincite eval run`."""
    command = [_PINCITE, "eval", "run", folder, "--json", *([] if rerank else ["--no-rerank"])]
    command += ["--limit", str(limit)] if limit else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def row(folder: str, result: dict[str, Any]) -> str:
    """The figures of a set; citations that a threshold held back count as given."""
    questions = [one for one in result["questions"] if _spans(one["gold"]) and one["passages"]]
    gold = [_spans(one["gold"]) for one in questions]
    whole = [_spans(one["passages"][:1]) for one in questions]
    sentence = [[most_alike(one["text"], one["passages"][0])] for one in questions]
    ours = [_spans([*one["citations"], *one["withheld"]]) for one in questions]
    quoted = [_mean_iou(quotes, gold) for quotes in (whole, sentence, ours)]
    held = [_held(quotes, gold) for quotes in (whole, sentence, ours)]
    shares = [share / held[0] if held[0] else 0.0 for share in held]
    return (
        f"| {Path(folder).name} | {len(questions)} | {quoted[0]:.3f} | {quoted[1]:.3f} ({shares[1]:.2f}) "
        f"| {quoted[2]:.3f} ({shares[2]:.2f}) | {quoted[2] / quoted[0] if quoted[0] else 0:.2f} |"
    )


def most_alike(question: str, passage: dict[str, Any]) -> DocumentSpan:
    """The sentence of a passage with most words in common with the question, the first of equals."""
    text: str = passage["text"]
    words = set(_WORD.findall(question.casefold()))
    spans = sentence_spans(text, Span(0, len(text)))
    best = max(spans, key=lambda span: len(words & set(_WORD.findall(span.of(text).casefold()))))
    return DocumentSpan(passage["document"], passage["start"] + best.start, passage["start"] + best.end)


def _spans(places: list[dict[str, Any]]) -> list[DocumentSpan]:
    return [DocumentSpan(one["document"], one["start"], one["end"]) for one in places if one["start"] is not None]


def _mean_iou(quotes: list[list[DocumentSpan]], gold: list[list[DocumentSpan]]) -> float:
    return sum(overlap_of_unions(*pair) for pair in zip(quotes, gold, strict=True)) / len(gold)


def _held(quotes: list[list[DocumentSpan]], gold: list[list[DocumentSpan]]) -> int:
    return sum(shared_characters(*pair) for pair in zip(quotes, gold, strict=True))


if __name__ == "__main__":
    main()
