"""`supportdesk` and `supportdesk demo`: the workstation on a terminal, the same as text anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, on_terminal, say

if TYPE_CHECKING:
    from supportdesk.services.desk import Desk


def open_workstation(shell: Shell) -> None:
    """Open the workstation on the shell's store, or print the queue and one review where nobody sits."""
    from supportdesk.cli.front import open_store

    if on_terminal():
        _leave(open_store(shell.store))
        return
    from supportdesk.bootstrap import open_desk

    _print(open_desk(shell.file))


@click.command("demo")
def demo() -> None:
    r"""Open the workstation on a sample desk in a throw-away store: nothing is kept, nothing leaves.

    \b
    Example:
      supportdesk demo
    """
    if on_terminal():
        from supportdesk.cli.front import show_sample

        _leave(show_sample())
        return
    import tempfile
    from pathlib import Path

    from supportdesk.demo import open_sample_desk

    with tempfile.TemporaryDirectory(prefix="supportdesk-demo-") as folder:
        _print(open_sample_desk(Path(folder)))


def _leave(status: int) -> None:
    if status:
        raise SystemExit(status)


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
