"""From the start of a process to the first answer: `pincite ask` beside a plain script, in turn.

Usage: .venv/bin/python benchmarks/cold_start.py [RUNS]. Both answer one question from an index that exists already;
the script with all-MiniLM-L6-v2 on PyTorch and FAISS, Pincite with its defaults (two searches, reranking, evidence and
citations) and, in the third line, without the cross-encoder. The last line is what help alone costs.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_BIN = Path(sys.executable).parent
_DOCUMENT = _HERE.parent / "corpus" / "sample" / "history-of-karn-light.txt"
_QUESTION = "Who was the first keeper of Karn Light?"


def measure(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    """Print medians and the ratio of the medians."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PINCITE_HOME"] = f"{folder}/home"
        pincite = str(_BIN / "pincite")
        ask = [pincite, "ask", "--json", _QUESTION]
        script = [sys.executable, str(_HERE / "plain_script.py"), str(_DOCUMENT), _QUESTION, f"{folder}/index.faiss"]
        commands = {"plain script": script, "pincite ask": ask, "pincite ask --no-rerank": [*ask, "--no-rerank"]}
        commands["pincite --help"] = [pincite, "--help"]
        measure([pincite, "ingest", str(_DOCUMENT)])
        for command in commands.values():  # warm the disk cache, and make the script's index
            measure(command)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(runs):  # in turn, so that a slow moment of the machine meets all of them
            for name, command in commands.items():
                taken[name].append(measure(command))
    base = statistics.median(wall for wall, _ in taken["plain script"])
    for name, values in taken.items():
        wall, cpu = (statistics.median(column) for column in zip(*values, strict=True))
        print(f"{name:26} wall {wall:6.2f} s   processor {cpu:6.2f} s   {base / wall:5.1f} times as fast")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
