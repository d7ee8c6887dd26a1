"""The short way to the workstation: no option but --store, two terminals, no command line to take apart."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from supportdesk.back_office import Attendant
from supportdesk.early import looks
from supportdesk.paths import config_folder, store_file

if TYPE_CHECKING:
    from supportdesk.domain.thread import Ticket
    from supportdesk.services.desk import Desk


def store_named(arguments: Sequence[str]) -> tuple[bool, str | None]:
    """Whether a command line says only "open the workstation", and which store it names."""
    if not arguments:
        return True, None
    if len(arguments) == 1 and arguments[0].startswith("--store=") and arguments[0] != "--store=":
        return True, arguments[0].removeprefix("--store=")
    if len(arguments) == 2 and arguments[0] == "--store" and arguments[1] and not arguments[1].startswith("-"):
        return True, arguments[1]
    return False, None


def on_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def open_store(store: str | None) -> int:
    """The workstation on a store; returns its exit status."""
    file = store_file(store)

    def opener() -> Desk:
        from supportdesk.bootstrap import open_desk

        return open_desk(file)

    def first() -> Sequence[Ticket]:
        from supportdesk.store.glance import glance

        return glance(file)

    attendant = Attendant(file)
    try:
        return show(opener, keep=config_folder() / "settings.toml", first=first, attendant=attendant)
    finally:
        attendant.close()


def show(
    opener: Callable[[], Desk],
    keep: Path | None,
    first: Callable[[], Sequence[Ticket]] | None = None,
    attendant: Attendant | None = None,
) -> int:
    """The workstation on whatever desk the opener opens.

    `keep` is the settings file it may change; `first` reads the first rows before the desk is open.
    """
    from supportdesk.app import DeskApp

    app = DeskApp(opener, looks(), glance=first, keep=keep, attendant=attendant)
    if app.run() == "demo":
        return show_sample()
    return app.return_code or 0


def show_sample() -> int:
    """The workstation on a sample desk in a folder that is gone afterwards."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="supportdesk-demo-") as folder:

        def opener() -> Desk:
            from supportdesk.demo import open_sample_desk

            return open_sample_desk(Path(folder), beside=True)

        return show(opener, keep=None)
