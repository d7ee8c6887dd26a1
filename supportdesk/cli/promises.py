"""What was promised, how people review, how much waits, and exercises, from the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.cli.report import DAY, utc

if TYPE_CHECKING:
    from datetime import datetime

    from supportdesk.domain.promise import Promise


@click.group("promises", invoke_without_command=True)
@click.option("--due", "only_due", is_flag=True, help="Only those that fall due within an open day, or are overdue.")
@click.option("--all", "every", is_flag=True, help="Kept and broken ones too.")
@json_option
@click.pass_context
def promises(ctx: click.Context, only_due: bool, every: bool, as_json: bool) -> None:
    """List what was promised, to whom, by when and by whose authority, the soonest due first.

    Example: supportdesk promises --due
    """
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    with shell.desk() as desk:
        found = desk.promises.due() if only_due else desk.promises.all() if every else desk.promises.open()
        now = desk.clock.now()
    for promise in found:
        if as_json:
            say_json(promise_json(promise, now))
        else:
            say(_line(promise, now))
    if not found and not as_json:
        say("Nothing was promised that is not settled." if not every else "Nothing was promised.")


@promises.command("kept")
@click.argument("number", type=int)
@click.option("--note", default="", help="Free words.")
@click.pass_obj
def kept(shell: Shell, number: int, note: str) -> None:
    """Record that a promise was kept."""
    with shell.desk() as desk:
        desk.promises.settle(number, desk.login, kept=True, note=note)
    say(f"Promise {number} was kept.")


@promises.command("broken")
@click.argument("number", type=int)
@click.argument("note")
@click.pass_obj
def broken(shell: Shell, number: int, note: str) -> None:
    """Record that a promise was broken, and what the customer was told."""
    with shell.desk() as desk:
        desk.promises.settle(number, desk.login, kept=False, note=note)
    say(f"Promise {number} was broken.")


def promise_json(promise: Promise, now: datetime) -> dict[str, object]:
    """A promise as plain JSON values."""
    names = ("id", "ticket_id", "kind", "quote", "amount", "currency", "to", "due_at", "by", "authority", "at", "state")
    more = ("settled_at", "settled_by", "note")
    return {**{name: getattr(promise, name) for name in (*names, *more)}, "overdue": promise.overdue(now)}


def _line(promise: Promise, now: datetime) -> str:
    due = "no day named" if promise.due_at is None else f"by {promise.due_at:%Y-%m-%d %H:%M} UTC"
    mark = "OVERDUE" if promise.overdue(now) else promise.state.value
    return (
        f"{promise.id:>5}  #{promise.ticket_id:<6} {mark:<8} {due:<24} {', '.join(promise.to):<28} "
        f"{promise.authority:<18} {promise.quote}"
    )


@click.command("habits")
@click.option("--since", type=DAY, help="From then on, UTC; default: four weeks ago.")
@click.option("--until", type=DAY, help="Until just before then, UTC; default: now.")
@click.option("--team", is_flag=True, help="The whole team together, without names.")
@json_option
@click.pass_obj
def habits(shell: Shell, since: datetime | None, until: datetime | None, team: bool, as_json: bool) -> None:
    """Print how you review: time on screen against words, edits, sources opened; nobody else sees your own figures."""
    from dataclasses import asdict

    with shell.desk() as desk:
        period = desk.monitoring.period(utc(since), utc(until))
        if team:
            whole = desk.reviewing.team(period)
            if as_json:
                say_json(asdict(whole))
                return
            say(f"{whole.reviewers} people, {whole.approvals:,} approvals: {whole.unedited:,} exactly as drafted,")
            say(f"{whole.fast:,} faster than the words can be read, {whole.unopened:,} without opening a source,")
            say(f"{whole.bursts:,} with the whole checklist answered at once.")
            say(f"{whole.remarked} of {whole.reviewers} see a remark about their own.")
            return
        mine = desk.reviewing.mine(desk.login, period)
        place, of = desk.reviewing.place(desk.login, period)
    if as_json:
        say_json({**asdict(mine), "weight": round(mine.weight, 3), "place": place, "of": of, "remarks": mine.remarks})
        return
    say(f"{mine.approvals} approvals, {mine.unedited} exactly as drafted, {mine.words_a_minute} words a minute.")
    for words in mine.remarks:
        say(f"• {words}")
    if place == 1 and of > 2 and mine.remarks:
        say(f"Of {of} people nobody relies on the drafts more than you do.")
    if not mine.remarks:
        say("Nothing stands out.")


@click.command("load")
@json_option
@click.pass_obj
def load(shell: Shell, as_json: bool) -> int:
    """Print what waits against what people can read here; exit status 1 when it is too much, with what to do."""
    from dataclasses import asdict

    with shell.desk() as desk:
        now = desk.reviewing.load()
    if as_json:
        say_json(asdict(now))
        return int(now.overloaded)
    if not now.waiting:
        say("Nothing waits.")
        return 0
    clear = "it does not get less" if now.days_to_clear is None else f"{now.days_to_clear:g} open days to read it"
    say(f"{now.waiting:,} wait; {now.arriving:g} come and {now.decided:g} are decided an open day; {clear}.")
    for words in now.advice:
        say(f"• {words}")
    return int(now.overloaded)


@click.group("exercise", invoke_without_command=True)
@click.pass_context
def exercise(ctx: click.Context) -> None:
    """Show an invented ticket whose draft has one planted fault; nothing of it can be sent, and no figure counts it."""
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    with shell.desk() as desk:
        found = desk.exercises.show(desk.login)
    say(f"Exercise {found.id}: an invented ticket.")
    for author, words in found.thread:
        say(f"\n[{author}] {words}")
    say(f"\n[article] {found.source}\n\nDraft\n{found.draft}\n")
    say(f'Which words are wrong? supportdesk exercise answer {found.id} "…", or --approve.')


@exercise.command("answer")
@click.argument("number", type=int)
@click.argument("words", default="")
@click.option("--approve", is_flag=True, help="You would approve it as it is.")
@click.pass_obj
def answer(shell: Shell, number: int, words: str, approve: bool) -> None:
    """Point at the words that are wrong; what was planted is shown at once."""
    if not words and not approve:
        raise click.UsageError("Give the words that are wrong, or --approve.")
    with shell.desk() as desk:
        say(desk.exercises.answer(number, desk.login, "" if approve else words).words)


@exercise.command("announce")
@click.pass_obj
def announce(shell: Shell) -> None:
    """Tell the desk that the team knows of exercises; before that nobody gets one. For a lead."""
    with shell.desk() as desk:
        desk.exercises.announce(desk.login)
    say("Announced. Exercises come after the number of decisions that [exercises] every names.")


COMMANDS = (promises, habits, load, exercise)
