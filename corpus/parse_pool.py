"""Parsing and page images in worker processes: a file that takes long, takes much memory or crashes harms no other."""

import atexit
import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from corpus.errors import PinciteError, TooLargeError, UnreadableError
from corpus.page_images import page_image
from corpus.parsers import ParseOptions, parse
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from pebble import ProcessFuture, ProcessPool

log = logging.getLogger("pincite.parse")

T = TypeVar("T")

_MEGABYTE = 1_000_000
# Libraries keep what they once allocated; a new process begins small again.
_TASKS_OF_A_WORKER = 500


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How many workers there are (`count`), and what one file may take: seconds, and megabytes beside its own bytes."""

    count: int = 2
    seconds: float = 300.0
    memory_mb: int = 700


class Pending(Generic[T]):
    """What a worker process is making of a file."""

    def __init__(self, future: "ProcessFuture[T]", name: str, limits: WorkerLimits) -> None:
        self._future = future
        self._name = name
        self._limits = limits

    def result(self) -> T:
        """Wait for it. Raises what the reader raises; UnreadableError when the worker had to be ended."""
        from pebble import ProcessExpired

        try:
            return self._future.result()
        except FutureTimeoutError:
            problem = f"reading it took more than {self._limits.seconds:g} seconds"
        except (ProcessExpired, BrokenProcessPool):
            problem = "its reader crashed on it"
        raise UnreadableError(f"{self._name!r} was given up: {problem}. Save it anew or in another format")


class ParsePool:
    """A few worker processes that read documents; started when first needed, replaced after a number of files.

    `options` say how documents are read, `workers` bound the processes.
    """

    def __init__(self, options: ParseOptions, workers: WorkerLimits) -> None:
        self.options = options
        self.workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None

    def parse(self, data: bytes, name: str, passwords: tuple[str, ...] = ()) -> Pending[ParsedDocument]:
        """Hand a file to the workers; `passwords` are tried beside those of the options."""
        options = replace(self.options, passwords=(*passwords, *self.options.passwords))
        return self._run(parse, data, name, options)

    def page_image(self, data: bytes, name: str, media_type: str, page: int) -> bytes:
        """A page as PNG; see `corpus.page_images.page_image`. Raises NotFoundError, UnreadableError."""
        return self._run(page_image, data, name, media_type, page).result()

    def _run(self, read: Callable[..., T], data: bytes, name: str, *more: object) -> Pending[T]:
        with self._lock, _interrupts_held_back():
            if self._pool is None or not self._pool.active:
                self._pool = self._started()
            future = self._pool.schedule(_guarded, args=(read, data, name, *more), timeout=self.workers.seconds)
        return Pending(future, name, self.workers)

    def close(self) -> None:
        """End the workers at once."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call] # the library's own gap
            pool.join()

    def _started(self) -> "ProcessPool":
        from pebble import ProcessPool

        return ProcessPool(
            max_workers=self.workers.count,
            max_tasks=_TASKS_OF_A_WORKER,
            initializer=_begin_worker,
            initargs=(self.workers.memory_mb * _MEGABYTE + 2 * self.options.limits.max_bytes,),
            # Not "fork": the process that asks has threads, and their locks would be copied as they are.
            context=multiprocessing.get_context("spawn"),
        )


@cache
def shared_pool(options: ParseOptions, workers: WorkerLimits) -> ParsePool:
    """The one pool of this process with these options; it ends with the process."""
    pool = ParsePool(options, workers)
    atexit.register(pool.close)
    return pool


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes and threads that are started meanwhile never hear Ctrl-C: it is for the process that asks."""
    resource_tracker.ensure_running()  # begun later, it would let the interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker(memory: int) -> None:
    """Bound the process to `memory` bytes more than it has: those of the work, and twice the file as it arrives."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    bound = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _address_space() -> int:
    """Bytes of the address space that this process has now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _guarded(read: Callable[..., T], data: bytes, name: str, *more: object) -> T:
    try:
        return read(data, name, *more)
    except PinciteError:
        raise
    except MemoryError as error:
        raise TooLargeError(f"{name!r} needs more memory than one file may take. Split the document") from error
    except Exception as error:  # a defect in a parser must not stop the other files
        log.exception("parsing %s", name)
        raise UnreadableError(f"the parser failed on it ({type(error).__name__}: {error})") from error
