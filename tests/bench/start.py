"""From the console script to the first frame and the first rows, against a Textual hello-world."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .desk_of import LARGE, SMALL, file_of
from .rows import Row, in_turn
from .terminal import Terminal

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
SCRIPT = str(Path(sys.executable).with_name("supportdesk"))
HOME = {"SUPPORTDESK_LOGIN": "lea"}
THEIRS = "Textual hello-world"


def rows() -> Iterator[Row]:
    """First frame, first rows at a thousand and a million tickets, first frame over a slow line."""
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO)
        env = {**HOME, "SUPPORTDESK_CONFIG": folder}

        def ours(sign: bytes, store: Path) -> float:
            with Terminal([SCRIPT, "--store", str(store)], env=env) as terminal:
                return terminal.until(sign)

        def theirs() -> float:
            with Terminal([sys.executable, str(hello)]) as terminal:
                return terminal.until(b"painted")

        def slowly() -> float:
            with Terminal([SCRIPT, "--store", str(file_of(SMALL))], env=env) as terminal:
                return terminal.slowly_until(b"supportdesk", round_trip=0.2, bytes_a_second=125_000)

        small, large = file_of(SMALL), file_of(LARGE)
        ours(b"escalation", small)
        theirs()
        yield in_turn("start to first frame", lambda: ours(b"supportdesk", small), theirs, THEIRS, 1.4)
        yield in_turn(f"start to first rows, {SMALL:,}", lambda: ours(b"escalation", small), theirs, THEIRS, 2.5)
        yield in_turn(f"start to first rows, {LARGE:,}", lambda: ours(b"escalation", large), theirs, THEIRS, 3.0)
        yield in_turn("first frame at 200 ms, 1 Mbit/s", slowly, lambda: 1.5, "1.5 seconds", 1.0)
