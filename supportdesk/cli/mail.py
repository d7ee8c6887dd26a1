"""Messages in and out: import, set-aside, send, outbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json

if TYPE_CHECKING:
    from supportdesk.services.intake import IntakeReport


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@json_option
@click.pass_obj
def import_mail(shell: Shell, paths: tuple[str, ...], as_json: bool) -> None:
    """Import mbox, Maildir, .eml files or folders of them, and JSON Lines, gzip'd or not; `-` is standard input.

    The kind is told by content. Importing the same again adds nothing; what cannot be read is set aside whole.

    Example: supportdesk import inbox.mbox ~/Maildir export.jsonl.gz
    """
    from supportdesk.channels.sources import open_source
    from supportdesk.cli.progress import progress_bar
    from supportdesk.services.intake import IntakeReport

    total = IntakeReport()
    with shell.desk() as desk:
        own = desk.intake.own_addresses
        sources = [open_source(None if p == "-" else Path(p).expanduser(), own_addresses=own) for p in paths]
        for source in sources:
            with source, progress_bar(f"Importing {source.name}", source.total) as advance:
                done = 0

                def move(_report: IntakeReport) -> None:
                    nonlocal done
                    advance(source.done - done)  # noqa: B023 (called inside the loop's turn)
                    done = source.done  # noqa: B023

                total += desk.intake.take(source, move)
    counts = {
        "tickets": total.tickets,
        "messages": total.messages,
        "duplicates": total.duplicates,
        "set_aside": total.set_aside,
    }
    if as_json:
        say_json(counts)
    else:
        say(
            f"{total.tickets} tickets, {total.messages} messages, {total.duplicates} duplicates, "
            f"{total.set_aside} set aside."
        )


@click.group("set-aside")
def set_aside() -> None:
    """What could not be read, kept whole."""


@set_aside.command("list")
@json_option
@click.pass_obj
def list_aside(shell: Shell, as_json: bool) -> None:
    """List what was set aside, with the reason."""
    with shell.desk() as desk, desk.store.read() as tx:
        for item in tx.records.list_aside():
            if as_json:
                values = {"id": item.id, "source": item.source, "reason": item.reason, "size": item.size}
                say_json({**values, "at": item.at, "sha256": item.sha256})
            else:
                say(f"{item.id:>5}  {item.size:>10,} bytes  {item.source}: {item.reason}")


@click.command("send")
@click.option("--now", "now_too", is_flag=True, help="Do not wait for the time in which replies can be recalled.")
@json_option
@click.pass_obj
def send(shell: Shell, now_too: bool, as_json: bool) -> int:
    """Send the approved replies whose time has come. Every approval is verified again first."""
    from supportdesk.domain.words import OutboxState

    with shell.desk() as desk:
        done = desk.sending.send_due(now_too=now_too)
        waiting = len(desk.sending.entries([OutboxState.QUEUED]))
        for sent in done:
            if as_json:
                say_json(
                    {"outbox": sent.entry.id, "ticket": sent.entry.ticket_id, "state": sent.state, "words": sent.words}
                )
            else:
                say(f"#{sent.entry.ticket_id}: {sent.words}")
        if not as_json:
            say(f"{sum(s.state == 'sent' for s in done)} sent, {waiting} waiting.")
        return 0 if all(s.state in ("sent", "queued") for s in done) else 1


@click.group("outbox", invoke_without_command=True)
@json_option
@click.pass_context
def outbox(ctx: click.Context, as_json: bool) -> None:
    """List approved replies and where they are; settle uncertain ones."""
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    with shell.desk() as desk:
        for entry in desk.sending.entries():
            if as_json:
                values = {"id": entry.id, "ticket": entry.ticket_id, "state": entry.state, "attempts": entry.attempts}
                say_json({**values, "to": entry.payload["to"], "message_id": entry.message_id, "result": entry.result})
            else:
                to = ", ".join(str(a) for a in entry.payload["to"])  # type: ignore[attr-defined]
                answer = entry.result.get("response", "")
                say(f"{entry.id:>5}  #{entry.ticket_id:<6} {entry.state:<10} to {to}  {answer}")


@outbox.command("recall")
@click.argument("entry", type=int)
@click.pass_obj
def recall(shell: Shell, entry: int) -> None:
    """Call an approved reply back before it leaves."""
    with shell.desk() as desk:
        say(desk.sending.recall(entry, desk.login))


@outbox.command("settle")
@click.argument("entry", type=int)
@click.option("--sent/--not-sent", "was_sent", required=True, help="What became of it.")
@click.option("--reason", required=True, help="How you know.")
@click.pass_obj
def settle(shell: Shell, entry: int, was_sent: bool, reason: str) -> None:
    """Say what became of a reply whose sending ended uncertainly."""
    with shell.desk() as desk:
        say(desk.sending.settle(entry, desk.login, was_sent=was_sent, reason=reason))


COMMANDS = (import_mail, set_aside, send, outbox)
