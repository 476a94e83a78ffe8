"""Questions while documents are ingested: p95 of the one and throughput of the other, each with and without the other.

    python -m benchmarks.beside_ingestion SET... [--documents 2000] [--by http|cli] [--no-rerank] [--seconds 20]
        [--pause 0.5]

SET are evaluation sets in BEIR form. A server is started on a home with a few documents. Then the documents come in
four equal parts: without questions, beside one client that asks, beside two, without questions again; uploaded over
HTTP by four connections, or by `pincite ingest` beside the server. Before and behind each part the same clients ask
alone for some seconds. Every document has a word of its own in its first and its last passage, and a further client
asks for such words all the time: both passages or none must be found, and `index_version` must never go back.

A client reads an answer for `--pause` seconds before it asks again. One that never pauses keeps all processors busy
alone, and what it takes ingestion cannot have.

The exit code is 1 if there is an error, a document that is half visible, or a version that goes back.
"""

import argparse
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.api.servers import PINCITE, Server, environment, running_server

_BASE_DOCUMENTS = 100
_CONNECTIONS = 4
_LENGTH = (2_500, 6_000)  # characters of a document: some passages
_CLIENTS = (0, 1, 2, 0)


@dataclass(slots=True)
class Watched:
    """What clients saw."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    looked: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A document and its word."""

    word: str
    text: str


def documents(sets: list[Path], count: int) -> list[Made]:
    """Pieces of real texts, each with its word at both ends, in an order by chance."""
    chance, pieces = random.Random(0), []
    for folder in sets:
        for line in (folder / "corpus.jsonl").read_text().splitlines():
            text, start = json.loads(line)["text"], 0
            while len(text) - start >= _LENGTH[0]:
                length = chance.randint(*_LENGTH)
                pieces.append(text[start : start + length])
                start += length
    if len(pieces) < count:
        raise SystemExit(f"the sets give {len(pieces)} documents; {count} are wanted: name more sets")
    chance.shuffle(pieces)
    words = (f"wanderword{number}" for number in itertools.count())
    return [
        Made(word, f"Here begins {word}.\n\n{text}\n\nHere ends {word}.")
        for word, text in zip(words, pieces[:count], strict=False)
    ]


def questions(sets: list[Path]) -> list[str]:
    """Real questions in an order by chance."""
    lines = [line for folder in sets for line in (folder / "queries.jsonl").read_text().splitlines()]
    asked = [json.loads(line)["text"] for line in lines]
    random.Random(1).shuffle(asked)
    return [question for question in asked if len(question) < 1_000]


class Clients:
    """Threads that ask one question after the other until they are stopped."""

    def __init__(self, url: str, asked: list[str], fields: dict[str, Any], pause: float) -> None:
        self._url = url
        self._questions = itertools.cycle(asked)
        self._fields = fields
        self._pause = pause
        self._taking = threading.Lock()

    @contextmanager
    def asking(self, count: int) -> Iterator[Watched]:
        """`count` clients ask while the block runs."""
        watched, stop = Watched(), threading.Event()
        threads = [threading.Thread(target=self._ask, args=(watched, stop)) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield watched
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def alone(self, count: int, seconds: float) -> Watched:
        """`count` clients ask while nothing else is done."""
        with self.asking(count) as watched:
            time.sleep(seconds)
        return watched

    def _ask(self, watched: Watched, stop: threading.Event) -> None:
        version = 0
        with httpx.Client(base_url=self._url, timeout=120, trust_env=False) as client:
            while not stop.is_set():
                with self._taking:
                    question = next(self._questions)
                begun = time.perf_counter()
                answer = client.post("/v1/query", json={"question": question, **self._fields})
                watched.milliseconds.append((time.perf_counter() - begun) * 1000)
                version = _seen(answer, version, watched)
                stop.wait(self._pause)


class Watcher:
    """Asks for the words of documents that are being ingested."""

    def __init__(self, url: str, made: list[Made]) -> None:
        self._url = url
        self._made = made
        self.begun = 0  # how many documents have been sent
        self.watched = Watched()

    def run(self, stop: threading.Event) -> None:
        """Look at one of the newest documents twice a second."""
        chance, version = random.Random(2), 0
        with httpx.Client(base_url=self._url, timeout=120, trust_env=False) as client:
            while not stop.wait(0.5):
                number = max(0, self.begun - chance.randrange(3 * _CONNECTIONS))
                word = self._made[min(number, len(self._made) - 1)].word
                body = {"question": word, "mode": "lexical", "rerank": False, "answer": "none", "top_k": 20}
                answer = client.post("/v1/query", json=body)
                version = _seen(answer, version, self.watched)
                passages = answer.json().get("passages", [])
                holding = [passage for passage in passages if f" {word}." in passage["text"]]
                self.watched.looked += 1
                if len(holding) not in (0, 2):
                    self.watched.errors.append(f"{word} is in {len(holding)} passages at version {version}")


def _seen(answer: httpx.Response, version: int, watched: Watched) -> int:
    """The version of an answer, which is not before `version`."""
    if answer.status_code != 200:
        watched.errors.append(f"{answer.status_code}: {answer.text[:200]}")
        return version
    newest = int(answer.json()["index_version"])
    if newest < version:
        watched.errors.append(f"index_version went back from {version} to {newest}")
    return newest


def upload(server: Server, made: list[Made], watcher: Watcher) -> None:
    """All documents over HTTP, by several connections, each waiting for its job."""

    def send(number: int) -> None:
        watcher.begun += 1
        server.add_text(made[number].text, title=made[number].word, uri=f"made:{made[number].word}")

    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        list(pool.map(send, range(len(made))))


def ingest(server: Server, made: list[Made], watcher: Watcher) -> None:
    """All documents as files, by `pincite ingest` beside the server."""
    with tempfile.TemporaryDirectory() as folder:
        for item in made:
            (Path(folder) / f"{item.word}.txt").write_text(item.text)
        command = [PINCITE, "--home", str(server.home), "ingest", folder, "--json"]
        with subprocess.Popen(command, env=environment(server.home), stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in process.stdout:
                watcher.begun += 1
        if process.returncode:
            watcher.watched.errors.append(f"pincite ingest ended with {process.returncode}")


def measure(server: Server, made: list[Made], clients: Clients, seconds: float, by_http: bool) -> list[str]:
    """Print a line for every part; gives the errors."""
    watcher, stop = Watcher(server.url, made), threading.Event()
    watching = threading.Thread(target=watcher.run, args=(stop,))
    watching.start()
    rates: dict[int, list[float]] = {}
    errors = watcher.watched.errors
    size = len(made) // len(_CLIENTS)
    for position, count in enumerate(_CLIENTS):
        part = made[position * size : (position + 1) * size]
        before = clients.alone(count, seconds if count else 0)
        begun = time.perf_counter()
        with clients.asking(count) as beside:
            (upload if by_http else ingest)(server, part, watcher)
        rates.setdefault(count, []).append(len(part) / (time.perf_counter() - begun))
        behind = clients.alone(count, seconds if count else 0)
        errors += before.errors + beside.errors + behind.errors
        print(f"{len(part)} documents, {rates[count][-1]:.2f} a second, beside {count} clients", flush=True)
        if count:
            _print_latencies([*before.milliseconds, *behind.milliseconds], beside.milliseconds)
    stop.set()
    watching.join()
    alone = statistics.mean(rates[0])
    for count in sorted(set(rates) - {0}):
        print(f"throughput beside {count} clients: {rates[count][0] / alone:.2f} of that without questions")
    print(f"{watcher.watched.looked} looks at new documents, {len(errors)} errors")
    return errors


def _print_latencies(alone: list[float], beside: list[float]) -> None:
    for name, values in (("alone", alone), ("beside", beside)):
        middle, high = _quantile(values, 0.5), _quantile(values, 0.95)
        print(f"  {name}: {len(values)} questions, p50 {middle:.0f} ms, p95 {high:.0f} ms")
    print(f"  p95 {_quantile(beside, 0.95) / _quantile(alone, 0.95):.2f} times that without", flush=True)


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def main() -> int:
    """Start the server, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--documents", type=int, default=2_000)
    parser.add_argument("--by", choices=["http", "cli"], default="http")
    parser.add_argument("--no-rerank", action="store_true")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--pause", type=float, default=0.5)
    given = parser.parse_args()
    made = documents(given.sets, given.documents + _BASE_DOCUMENTS)
    print(f"{given.documents} documents by {given.by}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    fields = {"rerank": False} if given.no_rerank else {}
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder) / "home") as server:
        clients = Clients(server.url, questions(given.sets), fields, given.pause)
        upload(server, made[given.documents :], Watcher(server.url, made))
        errors = measure(server, made[: given.documents], clients, given.seconds, given.by == "http")
    for error in errors[:20]:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
