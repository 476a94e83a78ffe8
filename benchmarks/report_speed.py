"""How long the report of a large run takes: to make, and to open in a browser until it can be used.

Usage, from the root of the checkout: .venv/bin/python -m benchmarks.report_speed [QUESTIONS] [RUNS]. Needs Debian's
chromium and chromium-driver. The made-up run keeps the texts of three passages a question, from so large a corpus
that few of them are shared.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from eval.report.page import run_page
from eval.run_file import read_run, write_run
from tests.api.browser import opened_browser, wait_until
from tests.eval.runs import realistic_run

_PASSAGES_A_DOCUMENT = 8


def make(questions: int, folder: Path) -> Path:
    """Write the run file and its report, and print what they cost."""
    run_file, page_file = folder / "run.json", folder / "report.html"
    write_run(realistic_run(questions, documents=3 * questions // _PASSAGES_A_DOCUMENT), run_file)
    begun = time.perf_counter()
    run = read_run(run_file)
    read = time.perf_counter()
    page_file.write_text(run_page(run), encoding="utf-8")
    made = time.perf_counter()
    print(f"{questions:,} questions: run file {_megabytes(run_file)}, report {_megabytes(page_file)}")
    print(f"read in {read - begun:.2f} s, report made in {made - read:.2f} s")
    return page_file


def opening_seconds(page: Path, profile: Path) -> float:
    """Open the page in a browser that has just started; gives the seconds until its script has listed the questions."""
    with opened_browser(profile) as driver:
        driver.get(page.as_uri())
        wait_until(driver, "performance.getEntriesByName('ready').length === 1")
        ready = driver.execute_script("return performance.getEntriesByName('ready')[0].startTime")
    return float(ready) / 1000


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def main(questions: int, runs: int) -> None:
    """Print sizes and the median of the times."""
    with tempfile.TemporaryDirectory() as folder:
        page = make(questions, Path(folder))
        times = [opening_seconds(page, Path(folder) / f"profile-{number}") for number in range(runs)]
    print(
        f"usable after {statistics.median(times):.2f} s (median of {runs}; from {min(times):.2f} to {max(times):.2f})"
    )


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers + [5_000, 5][len(numbers) :]))
