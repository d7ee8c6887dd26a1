"""Children that do one thing, to be killed at any moment. Forked: no kill waits for a program to start."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from typing import TextIO


def forked(work: Callable[[], object]) -> int:
    """A child that does one thing; no connection may be open when it is made."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        work()
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def killed_after(seconds: float, work: Callable[[], object]) -> bool:
    """Let a child work for so long, then kill it; whether it had been done before."""
    process = forked(work)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    return os.waitpid(process, 0)[1] == 0


class Child:
    """A child one can talk to, line by line; `work` gets what it hears and what it says."""

    def __init__(self, work: Callable[[TextIO, TextIO], object]) -> None:
        """Start it, and wait until it says that it is ready."""
        (hears, tells), (hears_it, says) = os.pipe(), os.pipe()

        def live() -> None:
            os.close(tells)
            with os.fdopen(hears) as ears, os.fdopen(says, "w", buffering=1) as mouth:
                work(ears, mouth)

        self._process = forked(live)
        os.close(hears)
        os.close(says)
        self._ear, self._mouth = os.fdopen(hears_it), os.fdopen(tells, "w", buffering=1)
        assert self.hear() == "ready"

    def tell(self, line: str) -> None:
        """Say a line to it."""
        self._mouth.write(line + "\n")

    def hear(self) -> str:
        """The next line it says."""
        return self._ear.readline().rstrip("\n")

    def end(self) -> None:
        """Wait until it is done."""
        self._mouth.close()
        assert os.waitpid(self._process, 0)[1] == 0
        self._ear.close()

    def kill(self) -> list[str]:
        """Kill it; returns the whole lines it had said."""
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        with self._ear, self._mouth:
            return [line for line in self._ear.read().split("\n")[:-1] if line]
