"""The back office a workstation starts where none runs: a process of its own that ends when the workstation does."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

REST_SECONDS = 60.0
"""How long one that could not stay is left alone."""
LONGEST_LOG = 1_000_000
"""Bytes after which the log begins anew."""


class Attendant:
    """Sees to it that a back office runs. Everything else they tell each other through the store."""

    def __init__(self, store: Path) -> None:
        """Start nothing yet."""
        self._store = store
        self._log = store.with_name(f"{store.name}.work.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._next = 0.0
        self._trouble = ""
        self._lock = threading.Lock()
        self._closed = False

    def attend(self, *, running: bool) -> str:
        """Start one unless one is `running`; why that failed last time, in words, or nothing."""
        with self._lock:
            if self._process is not None and (status := self._process.poll()) is not None:
                self._process = None
                self._next = time.monotonic() + REST_SECONDS
                self._trouble = f"the back office ended: {self._last_line()}" if status else ""
            if running:
                self._trouble = ""
            elif self._process is None and not self._closed and time.monotonic() >= self._next:
                self._start()
            return self._trouble

    def close(self) -> None:
        """Let the one that was started finish what is under way, and end."""
        with self._lock:
            self._closed = True
            if self._process is not None and self._process.stdin is not None:
                with contextlib.suppress(OSError):
                    self._process.stdin.close()

    def _start(self) -> None:
        import subprocess  # not before it is needed: the first frame comes first

        command = [sys.executable, "-m", "supportdesk", "--store", str(self._store), "work", "--attached"]
        try:
            fresh = self._log.exists() and self._log.stat().st_size > LONGEST_LOG
            mode = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if fresh else os.O_APPEND)
            log = os.open(self._log, mode, 0o600)
            try:
                self._process = subprocess.Popen(  # noqa: S603 (ourselves)
                    command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
                )
            finally:
                os.close(log)
        except OSError as error:
            self._trouble = f"the back office cannot be started: {error.strerror or error}"
            self._next = time.monotonic() + REST_SECONDS

    def _last_line(self) -> str:
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            return "it left no word"
        return lines[-1].removeprefix("Error: ") if lines else "it left no word"
