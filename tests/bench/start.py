"""Console script to first painted frame, against a Textual hello-world with Header, DataTable and Footer."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from .rows import Row, side_by_side

HELLO = """
from textual.app import App
from textual.widgets import DataTable, Footer, Header
class Hello(App):
    def compose(self):
        yield Header()
        yield DataTable()
        yield Footer()
    def on_mount(self):
        self.query_one(DataTable).add_columns("painted")
Hello().run()
"""


def rows() -> Iterator[Row]:
    """An empty desk, so that the frame and not the data is measured; then the data of a sample desk."""
    with tempfile.TemporaryDirectory() as folder:
        script = str(Path(sys.executable).with_name("supportdesk"))
        store = str(Path(folder) / "desk.db")
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO)

        def first_frame(*command: str) -> None:
            until(list(command), b"supportdesk" if command[0] == script else b"painted")

        yield side_by_side(
            "start to first frame",
            lambda: first_frame(script, "--store", store),
            lambda: first_frame(sys.executable, str(hello)),
            "Textual hello-world",
            1.4,
        )


def until(command: Sequence[str], sign: bytes, seconds: float = 20.0) -> None:
    """Run a command in a pseudo-terminal of 120 × 36 until it has painted `sign`, then end it."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "36"}
        os.execv(command[0], list(command))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    seen = b""
    ends = time.monotonic() + seconds
    try:
        while sign not in seen:
            if time.monotonic() > ends:
                raise TimeoutError(f"{command[0]} painted no {sign!r}: {seen[-200:]!r}")
            ready, _, _ = select.select([terminal], [], [], 0.5)
            if ready:
                seen += os.read(terminal, 65536)
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)
