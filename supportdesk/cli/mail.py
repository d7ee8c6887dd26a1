"""Messages in and out: import, set-aside, send, outbox."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.errors import BadInput, NotFound

if TYPE_CHECKING:
    from supportdesk.domain.incoming import Incoming
    from supportdesk.services.intake import IntakeReport


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--columns", metavar="FIELD=COLUMN,...", help="What the columns of a CSV are: id=Ticket,text=Details.")
@json_option
@click.pass_obj
def import_mail(shell: Shell, paths: tuple[str, ...], columns: str | None, as_json: bool) -> int:
    """Import mbox, Maildir, .eml, exports of helpdesks (JSON or CSV) or folders of them; `-` is standard input.

    The kind is told by content; files may be gzip'd. Importing the same again adds nothing; what cannot be read is set
    aside whole. Ctrl+c stops cleanly, and the same command goes on where it stopped.

    Example: supportdesk import inbox.mbox ~/Maildir export.jsonl.gz
    """
    from supportdesk.channels.sources import open_all
    from supportdesk.channels.tables_in import parse_columns
    from supportdesk.cli.channels import counts, in_words, stopping
    from supportdesk.cli.progress import progress_bar
    from supportdesk.services.intake import IntakeReport

    total = IntakeReport()
    named = parse_columns(columns) if columns else None
    with shell.desk() as desk, stopping() as stop:
        places = [None if p == "-" else Path(p).expanduser() for p in paths]
        for source in open_all(places, own_addresses=desk.intake.own_addresses, columns=named):
            with source, progress_bar(f"Importing {source.name}", source.total) as advance:
                done = seen = 0

                def move(report: IntakeReport) -> None:
                    nonlocal done, seen
                    # The bar goes by bytes, whose number is known; without it, by messages.
                    step = source.done - done if source.total else report.all - seen  # noqa: B023 (called in this turn)
                    done, seen = source.done, report.all  # noqa: B023
                    advance(step)

                total += desk.intake.take(_until(stop, source), move)
            if stop.is_set():
                break
    if as_json:
        say_json(counts(total))
    else:
        say(in_words(total))
    if stop.is_set():
        click.echo("Stopped; what was read is kept. The same command goes on from there.", err=True)
    return 130 if stop.is_set() else 0


def _until(stop: threading.Event, source: Iterable[Incoming]) -> Iterator[Incoming]:
    """What a source yields until somebody says stop."""
    for item in source:
        if stop.is_set():
            return
        yield item


@click.group("set-aside")
def set_aside() -> None:
    """What could not be read, kept whole."""


@set_aside.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what could be read when it was tried again.")
@json_option
@click.pass_obj
def list_aside(shell: Shell, everything: bool, as_json: bool) -> None:
    """List what was set aside, with the reason."""
    count = 0
    with shell.desk() as desk, desk.store.read() as tx:
        for item in tx.records.list_aside():
            if item.state != "waiting" and not everything:
                continue
            count += 1
            if as_json:
                values = {"id": item.id, "source": item.source, "reason": item.reason, "size": item.size}
                say_json({**values, "at": item.at, "sha256": item.sha256, "state": item.state})
            else:
                state = "" if item.state == "waiting" else f" ({item.state})"
                say(f"{item.id:>5}  {item.size:>10,} bytes  {item.source}: {item.reason}{state}")
    if not count and not as_json:
        say("Nothing is set aside.")


@set_aside.command("show")
@click.argument("number", type=int)
@click.option("--save", "path", type=click.Path(path_type=Path), help="Write it to this file, byte for byte.")
@click.pass_obj
def show_aside(shell: Shell, number: int, path: Path | None) -> None:
    """Show why something was set aside, and its first lines; `--save` writes all of it to a file."""
    with shell.desk() as desk, desk.store.read() as tx:
        item = next((i for i in tx.records.list_aside() if i.id == number), None)
        if item is None:
            raise NotFound(f"Nothing with the number {number} is set aside.")
        content = tx.tickets.attachment(item.sha256)
    say(f"{item.source}, {item.size:,} bytes, {item.at:%Y-%m-%d %H:%M} UTC")
    say(f"Why: {item.reason}")
    if path is not None:
        try:
            with path.expanduser().open("xb") as file:
                file.write(content)
        except OSError as error:
            raise BadInput(f"{path} cannot be written: {error.strerror or error}.") from error
        say(f"Saved as {path}.")
        return
    for line in content[:20_000].decode("utf-8", "replace").splitlines()[:40]:
        say(f"  {line[:200]}")


@set_aside.command("retry")
@click.argument("numbers", nargs=-1, type=int)
@json_option
@click.pass_obj
def retry_aside(shell: Shell, numbers: tuple[int, ...], as_json: bool) -> None:
    """Try to read what was set aside once more, all of it or these numbers: after an upgrade, say."""
    from supportdesk.channels.sources import open_kept
    from supportdesk.cli.channels import counts, in_words
    from supportdesk.services.intake import IntakeReport

    total, read, tried = IntakeReport(), 0, 0
    with shell.desk() as desk:
        with desk.store.read() as tx:
            waiting = [i for i in tx.records.list_aside() if i.state == "waiting" and (not numbers or i.id in numbers)]
        for item in waiting:
            tried += 1
            with desk.store.read() as tx:
                content = tx.tickets.attachment(item.sha256)
            with open_kept(content, item.source, own_addresses=desk.intake.own_addresses) as source:
                found, good = desk.intake.retry(item, source)
            total, read = total + found, read + good
    if as_json:
        say_json({"tried": tried, "read": read, **counts(total)})
    else:
        say(f"{read} of {tried} could be read this time: {in_words(total)}")


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
