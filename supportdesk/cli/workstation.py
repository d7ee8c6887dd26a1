"""`supportdesk` and `supportdesk demo`: the workstation on a terminal, the same as text anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, on_terminal, say

if TYPE_CHECKING:
    from supportdesk.services.desk import Desk
    from supportdesk.settings import Settings


def open_workstation(shell: Shell) -> None:
    """Open the workstation on the shell's store, or print the queue and one review where nobody sits."""
    from supportdesk.settings import load_settings

    settings = load_settings()

    def opener() -> Desk:
        from supportdesk.bootstrap import open_desk

        return open_desk(shell.file, settings)

    _show(opener, settings)


@click.command("demo")
def demo() -> None:
    """Open the workstation on a sample desk in a throw-away store: nothing is kept, nothing leaves."""
    import tempfile
    from pathlib import Path

    from supportdesk.demo import open_sample_desk, sample_settings

    with tempfile.TemporaryDirectory(prefix="supportdesk-demo-") as folder:
        _show(lambda: open_sample_desk(Path(folder)), sample_settings())


def _show(opener: Callable[[], Desk], settings: Settings) -> None:
    if on_terminal():
        from supportdesk.app import DeskApp

        app = DeskApp(opener, settings.workstation)
        app.run()
        if app.return_code:
            raise SystemExit(app.return_code)
        return
    _print(opener())


def _print(desk: Desk) -> None:
    """The queue and the most pressing ticket's review, as text."""
    from supportdesk.cli.printing import queue_lines, review_lines
    from supportdesk.domain.query import QueueQuery

    try:
        ids = desk.queue.ids(QueueQuery())
        for line in queue_lines(desk.queue.page(ids[:50]), desk.clock.now(), len(ids)):
            say(line)
        if ids:
            say()
            for line in review_lines(desk.review.read(ids[0], desk.person), desk.clock.now()):
                say(line)
    finally:
        desk.close()


COMMANDS = (demo,)
