"""The records from the shell: verify, anchor, backup, restore; and grants."""

from __future__ import annotations

from pathlib import Path

import click

from supportdesk.cli.context import Shell, json_option, say, say_json


@click.command("verify")
@click.option(
    "--anchor", default="", help="A hash `supportdesk anchor` printed earlier; it must still be in the chain."
)
@json_option
@click.pass_obj
def verify(shell: Shell, anchor: str, as_json: bool) -> None:
    """Check chain, rows and guards; says exactly what differs. Exit status 1 when something does."""
    from supportdesk.store.verify import verify as look_through

    found = look_through(shell.file, anchor)
    if as_json:
        say_json({"links": found.links, "rows": found.rows, "head": found.head, "differences": found.differences})
    else:
        for difference in found.differences:
            say(f"differs: {difference}")
        say(f"{found.links} records and {found.rows} rows checked, {len(found.differences)} differences.")
    if found.differences:
        raise SystemExit(1)


@click.command("anchor")
@click.pass_obj
def anchor(shell: Shell) -> None:
    """Print the head of the chain of records, to be kept elsewhere."""
    from supportdesk.store.verify import verify as look_through

    found = look_through(shell.file)
    say(found.head)
    if found.differences:
        say(f"differs: {found.differences[0]}")
        raise SystemExit(1)


@click.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_obj
def backup(shell: Shell, path: Path) -> None:
    """Copy the store to PATH, while it may be in use."""
    from supportdesk.store.backup import backup as copy

    copy(shell.file, path)
    say(f"Copied to {path}.")


@click.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_obj
def restore(shell: Shell, path: Path) -> None:
    """Put the copy at PATH in the store's place, once it is verified; close the workstation first."""
    from supportdesk.store.backup import restore as put_back

    found = put_back(path, shell.file)
    say(f"Restored: {found.links} records and {found.rows} rows, all as recorded.")


@click.command("erase")
@click.argument("requester", default="")
@click.option("--rehearse", is_flag=True, help="Only say what would be erased.")
@click.option(
    "--finish", "only_finish", is_flag=True, help="Write the file anew, where that could not be done at once."
)
@json_option
@click.pass_obj
def erase(shell: Shell, requester: str, rehearse: bool, only_finish: bool, as_json: bool) -> None:
    """Remove all that REQUESTER (a mail address) wrote or was sent; records and figures stay. A lead may; no way back.

    Close other workstations first. Copies made before, and the mailboxes it came from, still hold it.

    Example: supportdesk erase anna@example.com
    """
    from supportdesk.bootstrap import delivery_from
    from supportdesk.errors import BadInput
    from supportdesk.store.erase import erase as remove
    from supportdesk.store.erase import finish

    if only_finish:
        finish(shell.file)
        say("The file was written anew.")
        return
    if not requester.strip():
        raise BadInput("Name the requester: their mail address.")
    with shell.desk() as desk:
        who, at, settings = desk.login, desk.clock.now(), desk.settings
    # The desk is closed by now: the file cannot be written anew under an open connection.
    gone = remove(shell.file, requester, who, at, rehearse=rehearse)
    forget = (
        getattr(delivery_from(settings, shell.file), "forget", None) if settings.delivery.kind == "maildir" else None
    )
    copies = sum(forget(one) for one in gone.sent) if forget is not None and not rehearse else 0
    if as_json:
        counts = {"tickets": gone.tickets, "messages": gone.messages, "files": gone.files, "elsewhere": gone.elsewhere}
        say_json({**counts, "sent_copies": copies, "rehearsed": rehearse})
        return
    say(
        f"{'Would erase' if rehearse else 'Erased'}: {gone.messages} messages of {gone.tickets} tickets, {gone.files} "
        f"files, {copies} sent copies; their address in {gone.elsewhere} other rows."
    )
    if not rehearse:
        say(
            "Records and figures stay. Copies of the store made before still hold it; so do the mailboxes it came from."
        )


@click.group("grants")
def grants() -> None:
    """Commitments beyond somebody's authority that wait for another's word."""


@grants.command("list")
@json_option
@click.pass_obj
def list_grants(shell: Shell, as_json: bool) -> None:
    """List the requests nobody decided yet."""
    with shell.desk() as desk:
        for grant in desk.review.grants_waiting():
            if as_json:
                values = {"id": grant.id, "ticket": grant.ticket_id, "quote": grant.quote, "kind": grant.kind}
                money = {"amount": grant.amount, "currency": grant.currency}
                say_json({**values, **money, "asked_by": grant.asked_by, "reason": grant.asked_reason})
            else:
                say(f"{grant.id:>5}  #{grant.ticket_id}  {grant.asked_by}: “{grant.quote}”  {grant.asked_reason}")


@grants.command("grant")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why.")
@click.pass_obj
def give(shell: Shell, number: int, reason: str) -> None:
    """Grant request NUMBER. Example: supportdesk grants grant 3 --reason "our mistake"."""
    _decide(shell, number, reason, granted=True)


@grants.command("refuse")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why.")
@click.pass_obj
def refuse(shell: Shell, number: int, reason: str) -> None:
    """Refuse request NUMBER."""
    _decide(shell, number, reason, granted=False)


def _decide(shell: Shell, number: int, reason: str, *, granted: bool) -> None:
    with shell.desk() as desk:
        grant = desk.review.grant(number, desk.login, reason, granted=granted)
        say(f"{grant.state.capitalize()}: “{grant.quote}” for {grant.asked_by}.")


COMMANDS = (verify, anchor, backup, restore, erase, grants)
