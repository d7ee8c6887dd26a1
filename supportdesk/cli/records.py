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


COMMANDS = (verify, anchor, backup, restore, grants)
