"""Damages any file of a home, many times: what notices it, and whether anything wrong is answered before.

    python -m benchmarks.damage [--rounds N] [--seed S] [--show]

A home of PDF, Word, HTML, Markdown, CSV and an archive, with layouts, attachments, a replaced and a removed document,
closed or as a killed process leaves it (with SQLite's log). In each round one file of a copy has a bit flipped, is cut,
removed, or exchanged with another one or with that of another home. Then the copy is opened, asked, and verified
deeply. "Harmless" are damages after which every row, every original and every answer is what it was. The exit code is 1
if a damage is missed, a repair fails, or there is no error for users.
"""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.index.damage import DamageHarness, Round, table


def main() -> int:
    """Run, print a table, and what was not as it should be."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=300)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--show", action="store_true", help="print every round")
    chosen = arguments.parse_args()
    logging.disable(logging.WARNING)
    begun = time.perf_counter()
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as folder:
        for one in DamageHarness(Path(folder), chosen.seed).rounds(chosen.rounds):
            rounds.append(one)
            if chosen.show or one.outcome == "MISSED" or one.wrong or one.defect:
                print(f"{one.damage} {one.file}: {one.outcome}{' WRONG' * one.wrong} {one.defect} {one.said[:200]}")
    print(table(rounds))
    print(f"{chosen.rounds} rounds with seed {chosen.seed} in {time.perf_counter() - begun:.0f} s")
    return int(any(one.outcome == "MISSED" or one.defect for one in rounds))


if __name__ == "__main__":
    sys.exit(main())
