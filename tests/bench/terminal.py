"""A program in a real pseudo-terminal: what it paints, how soon, how many bytes, how much memory."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

DOWN, UP, PAGE_DOWN, END, HOME, ENTER = "\x1b[B", "\x1b[A", "\x1b[6~", "\x1b[F", "\x1b[H", "\r"
QUIET = 0.008
"""Seconds without a byte after which a paint counts as done."""


class Terminal:
    """One program, 120 × 36 unless told otherwise."""

    def __init__(
        self, command: Sequence[str], *, rows: int = 36, columns: int = 120, env: dict[str, str] | None = None
    ):
        self.began = time.perf_counter()
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.environ |= {"TERM": "xterm-256color", **(env or {})}
            os.execvp(command[0], list(command))
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.seen = bytearray()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self._end)

    def until(self, sign: bytes, seconds: float = 60.0) -> float:
        """Seconds since the start until `sign` was painted; what was painted before it does not count."""
        at = len(self.seen)
        ends = time.monotonic() + seconds
        while self.seen.find(sign, max(at - len(sign), 0)) < 0:
            if time.monotonic() > ends or not self._read(1.0, ends):
                raise TimeoutError(f"no {sign!r} in {bytes(self.seen[-400:])!r}")
        return time.perf_counter() - self.began

    def press(self, keys: str) -> tuple[float, int]:
        """Press keys; seconds until what they paint is there, and its bytes."""
        before = len(self.seen)
        pressed = time.perf_counter()
        os.write(self._end, keys.encode())
        painted = pressed
        wait = 2.0
        while self._ready(wait):
            if not self._take():
                break
            painted, wait = time.perf_counter(), QUIET
        return painted - pressed, len(self.seen) - before

    def settle(self, quiet: float = 0.7, seconds: float = 60.0) -> None:
        """Wait until nothing is painted any more."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and self._ready(quiet):
            if not self._take():
                return

    def resident(self) -> float:
        """Memory it holds now, in megabytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def slowly_until(self, sign: bytes, *, round_trip: float, bytes_a_second: float, seconds: float = 30.0) -> float:
        """As `until`, over a line so slow: a byte arrives half a round trip late, and no faster than the line."""
        step = 0.01
        ends = time.monotonic() + seconds
        while sign not in self.seen:
            if time.monotonic() > ends:
                raise TimeoutError(f"no {sign!r}")
            if self._ready(1.0):
                self._take(round(bytes_a_second * step))
                time.sleep(step)
        # The person's connection is there already: Enter goes one way, the frame comes the other.
        return time.perf_counter() - self.began + round_trip

    def _read(self, wait: float, ends: float) -> bool:
        while not self._ready(wait):
            if time.monotonic() > ends:
                return False
        return self._take()

    def _ready(self, wait: float) -> bool:
        return bool(select.select([self._end], [], [], wait)[0])

    def _take(self, most: int = 65536) -> bool:
        try:
            data = os.read(self._end, most)
        except OSError:
            return False
        self.seen += data
        return bool(data)
