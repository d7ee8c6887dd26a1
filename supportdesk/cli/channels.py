"""Messages from the settings' channels: fetch, channels."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, counted, json_option, say, say_json

if TYPE_CHECKING:
    from supportdesk.services.intake import IntakeReport


@click.command("fetch")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
@click.pass_obj
def fetch(shell: Shell, names: tuple[str, ...], as_json: bool) -> int:
    """Take in what the settings' channels have now: all of them, or those named.

    Ends cleanly on ctrl+c; the next fetch goes on where this one stopped.
    """
    from supportdesk.bootstrap import fetching_for
    from supportdesk.cli.progress import progress_bar

    failed = False
    with shell.desk() as desk, stopping() as stop:
        fetching = fetching_for(desk)
        for name in names:
            fetching.feed(name)
        if not fetching.names:
            say("The settings name no channel; see `[[channels]]` in the README.")
        for name in names or fetching.names:
            if stop.is_set():
                break
            with progress_bar(f"Fetching {name}", None) as advance:
                seen = 0

                def move(report: IntakeReport) -> None:
                    nonlocal seen
                    advance(report.all - seen)
                    seen = report.all

                found = fetching.once(name, stop, move)
            failed = failed or bool(found.trouble)
            if as_json:
                say_json({"channel": name, **counts(found.report), "trouble": found.trouble})
            else:
                say(f"{name}: {in_words(found.report)}{f' Failed: {found.trouble}' if found.trouble else ''}")
        if stop.is_set():
            say("Stopped; what came until now is kept, and the next fetch goes on from there.")
    return 130 if stop.is_set() else int(failed)


@click.group("channels")
def channels() -> None:
    """The ways messages come in by themselves, as the settings name them."""


@channels.command("list")
@json_option
@click.pass_obj
def list_channels(shell: Shell, as_json: bool) -> None:
    """List the channels, and when each last brought something."""
    from supportdesk.bootstrap import fetching_for

    with shell.desk() as desk:
        last = fetching_for(desk).last()
        for channel in desk.settings.channels:
            at = datetime.fromtimestamp(last[channel.name] / 1000, UTC) if channel.name in last else None
            place = channel.host or channel.url or channel.folder
            if as_json:
                say_json({"name": channel.name, "kind": channel.kind, "place": place, "last": at})
            else:
                when = f"last fetched {at:%Y-%m-%d %H:%M} UTC" if at else "never fetched"
                say(f"{channel.name:<16} {channel.kind:<9} {place:<32} {when}")
        if not desk.settings.channels and not as_json:
            say("The settings name no channel; see `[[channels]]` in the README.")


@channels.command("test")
@click.argument("name")
@json_option
@click.pass_obj
def test_channel(shell: Shell, name: str, as_json: bool) -> int:
    """Try a channel out and say plainly what works and what does not; nothing is changed anywhere."""
    from supportdesk.bootstrap import fetching_for

    with shell.desk() as desk:
        ok, lines = fetching_for(desk).feed(name).test()
    if as_json:
        say_json({"channel": name, "ok": ok, "steps": lines})
    else:
        for line in lines:
            say(line)
        say("The channel works." if ok else "The channel does not work yet.")
    return 0 if ok else 1


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that ctrl+c and SIGTERM set, once; a second ctrl+c ends the program as usual."""
    stop = threading.Event()
    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}

    def told(_number: int, _frame: object) -> None:
        stop.set()
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, told)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def counts(report: IntakeReport) -> dict[str, int]:
    """What an import did, as numbers."""
    return {
        "tickets": report.tickets,
        "messages": report.messages,
        "duplicates": report.duplicates,
        "set_aside": report.set_aside,
    }


def in_words(report: IntakeReport) -> str:
    """What an import did, in words."""
    words = (
        f"{counted(report.tickets, 'ticket')}, {counted(report.messages, 'message')}, "
        f"{counted(report.duplicates, 'duplicate')}, {report.set_aside} set aside."
    )
    return f"{words} `supportdesk set-aside list` says why." if report.set_aside else words


COMMANDS = (fetch, channels)
