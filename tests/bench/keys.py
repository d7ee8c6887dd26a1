"""Bytes a key costs, and typing in a long draft with live checks, against Textual's own widgets."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from supportdesk.bootstrap import open_desk

from .desk_of import LOGIN, SMALL, file_of
from .rows import Row, in_turn, p95
from .start import HOME, SCRIPT
from .terminal import DOWN, ENTER, Terminal
from .threads import _store

TABLE = """
from textual.app import App
from textual.widgets import DataTable, Footer, Header
class Bare(App):
    def compose(self):
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("due", "priority", "path", "#", "subject", "flags")
        for n in range(1000):
            table.add_row("late 3d", "normal", "review", f"#{n}", f"Where is my order and the parcel {n}", "refund")
        table.focus()
Bare().run()
"""
AREA = """
from textual.app import App
from textual.widgets import TextArea
class Bare(App):
    def compose(self):
        yield TextArea(open(WORDS).read())
    def on_mount(self):
        area = self.query_one(TextArea)
        area.focus()
        area.move_cursor(area.document.end)
Bare().run()
"""
STEPS, LETTERS = 40, 60


def rows() -> Iterator[Row]:
    """`down` in queue and thread; a letter at the end of 5,000 words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {**HOME, "SUPPORTDESK_CONFIG": name}
        table = folder / "table.py"
        table.write_text(TABLE)
        with (
            Terminal([SCRIPT, "--store", str(file_of(SMALL))], env=env) as queue,
            Terminal([sys.executable, str(table)]) as bare,
        ):
            queue.until(b"most pressing first")
            bare.until(b"Where is")
            for terminal in (queue, bare):
                terminal.settle(1.5)
            yield in_turn(
                "bytes a down in the queue", lambda: _bytes(queue), lambda: _bytes(bare), "bare DataTable", 1.2
            )
        long = _store(folder / "long.db", ["Where is my parcel? I am waiting. " * 6 + f"({n})" for n in range(200)])
        with (
            Terminal([SCRIPT, "--store", str(long)], env=env) as thread,
            Terminal([sys.executable, str(table)], columns=42) as bare,
        ):
            thread.until(b"1 ticket waiting")
            thread.settle(1.0)
            thread.press(ENTER)
            bare.until(b"Where is")
            for terminal in (thread, bare):
                terminal.settle(1.5)
            for _ in range(40):  # from here on every step scrolls, as every step in a thread does
                bare.press(DOWN)
            yield in_turn(
                "bytes a down in the thread",
                lambda: _bytes(thread),
                lambda: _bytes(bare),
                "DataTable of that pane's size",
                1.2,
            )
        yield _typing(folder, env)


def _typing(folder: Path, env: dict[str, str]) -> Row:
    draft = "\n".join(
        "We have looked at your order and the parcel is on its way to you today, I am told." for _ in range(290)
    )
    store = _store(folder / "draft.db", ["Where is my parcel with order 88213?"])
    desk = open_desk(store, login=LOGIN)
    desk.review.take(1, LOGIN)
    desk.review.edit(1, LOGIN, draft)
    desk.review.release(1, LOGIN)
    desk.close()
    words, area = folder / "words.txt", folder / "area.py"
    words.write_text(draft)
    area.write_text(AREA.replace("WORDS", repr(str(words))))
    with Terminal([SCRIPT, "--store", str(store)], env=env) as ours, Terminal([sys.executable, str(area)]) as bare:
        ours.until(b"1 ticket waiting")
        ours.settle(1.0)
        ours.press(ENTER)
        ours.settle(1.5)
        ours.press("e")
        ours.press("\x1b[1;5F")
        bare.until(b"I am told")
        for terminal in (ours, bare):
            terminal.settle(2.0)
        return in_turn(
            "a letter in 5,000 words, p95", lambda: _letters(ours), lambda: _letters(bare), "bare TextArea", 2
        )


def _letters(terminal: Terminal) -> float:
    return p95([terminal.press("a" if n % 6 else " ")[0] for n in range(LETTERS)])


def _bytes(terminal: Terminal) -> float:
    return sum(terminal.press(DOWN)[1] for _ in range(STEPS)) / STEPS
