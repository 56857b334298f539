"""Processes that work through batches side by side, with the answers in the order asked.

Each is a Python of its own, asked and answering through pipes. So nothing is inherited but what
the command says (neither the library's lock nor another's pipe), and when the one who asks is
killed, its pipes close and the processes end.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, TypeVar, cast

_IN_FLIGHT_EACH = 3
T = TypeVar("T")


class WorkerError(Exception):
    """A process ended before it had answered."""


class Workers(AbstractContextManager["Workers"]):
    """Some processes that run a module's `main`, which calls `serve`."""

    def __init__(self, module: str, arguments: Sequence[str], count: int) -> None:
        """Start `count` processes; `main` gets the arguments."""
        run = f"import sys; from {module} import main; main(*sys.argv[1:])"
        self._processes = [_Process([sys.executable, "-c", run, *arguments]) for _ in range(count)]
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(count)

    def answers(self, asked: Iterable[tuple[T, list[bytes]]]) -> Iterator[tuple[T, list[Any]]]:
        """Yield what was asked with each batch, and its answers, in order.

        Raises:
            WorkerError: a process ended before it had answered.
        """
        waiting: deque[tuple[T, Future[list[Any]]]] = deque()
        for tag, batch in asked:
            waiting.append((tag, self._threads.submit(self._ask, batch)))
            if len(waiting) > _IN_FLIGHT_EACH * len(self._processes):
                tag, answer = waiting.popleft()
                yield tag, answer.result()
        while waiting:
            tag, answer = waiting.popleft()
            yield tag, answer.result()

    def _ask(self, batch: list[bytes]) -> list[Any]:
        process = self._idle.get()
        try:
            return process.ask(batch)
        finally:
            self._idle.put(process)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes; what they had not answered is lost."""
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.close()


class _Process:
    def __init__(self, command: list[str]) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe)  # noqa: S603 - ourselves
        self._asked = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)

    def ask(self, batch: list[bytes]) -> list[Any]:
        try:
            pickle.dump(batch, self._asked, pickle.HIGHEST_PROTOCOL)
            self._asked.flush()
            answers: list[Any] = pickle.load(self._answers)  # noqa: S301 - from our own process
        except (BrokenPipeError, EOFError, pickle.UnpicklingError):
            code = self._process.wait()
            raise WorkerError(
                f"process {self._process.pid}, which prepares records, ended with code {code}"
            ) from None
        return answers

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._asked.close()
        self._answers.close()
        self._process.wait()


def serve(answer: Callable[[list[bytes]], list[Any]]) -> None:
    """Answer batches from the standard input on the standard output until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        while True:
            batch = pickle.load(asked)  # noqa: S301 - from the process that started this one
            pickle.dump(answer(batch), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
    except (EOFError, BrokenPipeError, pickle.UnpicklingError):
        # Whoever asked is gone, and nobody is left to tell: end without flushing what is left.
        os._exit(0)
