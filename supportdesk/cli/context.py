"""What every command starts from: which store, whose settings; and how results are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supportdesk.paths import store_file
from supportdesk.text import clean

if TYPE_CHECKING:
    from supportdesk.services.desk import Desk


class Shell:
    """The command line's surroundings."""

    def __init__(self, store: str | None) -> None:
        """Remember `--store`."""
        self.store = store

    @property
    def file(self) -> Path:
        """The store's file."""
        return store_file(self.store)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk, opened for one command."""
        from supportdesk.bootstrap import open_desk

        desk = open_desk(self.file)
        try:
            yield desk
        finally:
            desk.close()


def say(words: str = "") -> None:
    """Print words for a person; outside text in them is made displayable."""
    click.echo(clean(words))


def counted(number: int, one: str) -> str:
    """`1 ticket`, `2 tickets`, `1,200 tickets`."""
    return f"{number:,} {one if number == 1 else one + 's'}"


def say_json(value: object) -> None:
    """Print one JSON value on one line, ASCII only."""
    click.echo(json.dumps(value, ensure_ascii=True, default=str))


def on_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
