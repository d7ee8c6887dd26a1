"""The lead's half of the desk from the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json

if TYPE_CHECKING:
    from datetime import datetime

    from supportdesk.domain.escalation import Escalation

_FIELDS = [
    "id",
    "ticket_id",
    "trigger",
    "state",
    "owner",
    "backup",
    "holder",
    "expected",
    "reason",
    "note",
    "opened_by",
    "opened_at",
    "acknowledge_by",
    "resolve_by",
    "acknowledged_at",
    "acknowledged_by",
    "resolved_at",
    "resolved_by",
    "outcome",
    "instruction",
    "breached",
]
_RULINGS = click.Choice(["grant", "refuse", "answer", "hand_back", "redirect"])


@click.group("escalations", invoke_without_command=True)
@click.option(
    "--view",
    type=click.Choice(["all", "mine", "stand_in", "unowned", "breached"]),
    default="all",
    show_default=True,
    help="Which to list.",
)
@json_option
@click.pass_context
def escalations(ctx: click.Context, view: str, as_json: bool) -> None:
    """List what waits for somebody's decision, oldest first; the clocks do first what is due.

    Example: supportdesk escalations --view breached
    """
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    with shell.desk() as desk:
        desk.escalations.watch()
        found = getattr(desk.escalations.views(desk.person), view)
        for escalation in found:
            if as_json:
                say_json(escalation_json(escalation))
            else:
                say(_line(escalation, desk.clock.now()))
        if not as_json and not found:
            say("Nothing waits here.")


@escalations.command("show")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def show_escalation(shell: Shell, number: int, as_json: bool) -> None:
    """Print one escalation: what is asked, the messages that matter, and all that happened to it."""
    with shell.desk() as desk:
        opened = desk.escalations.open(number)
        escalation = opened.escalation
        if as_json:
            context = [{"position": m.position, "from": m.author, "text": m.text} for m in opened.context]
            say_json({**escalation_json(escalation), "context": context})
            return
        say(_line(escalation, desk.clock.now()))
        say(f"Subject   {opened.ticket.subject}")
        say(f"Expected  {escalation.expected}")
        if escalation.note:
            say(f"Note      {escalation.note}")
        if escalation.outcome:
            say(
                f"Decided   {escalation.outcome.replace('_', ' ')} by {escalation.resolved_by}. "
                f"{escalation.instruction}"
            )
        for message in opened.context:
            say(f"\n[{message.position + 1}] {message.author}\n{message.text}")
        say()
        for event in escalation.events:
            say(f"{event.at:%Y-%m-%d %H:%M}  {event.step.replace('_', ' ')}  {event.who}")


@escalations.command("acknowledge")
@click.argument("number", type=int)
@click.pass_obj
def acknowledge(shell: Shell, number: int) -> None:
    """Say that you have it; its owner, backup or a lead may."""
    with shell.desk() as desk:
        desk.escalations.acknowledge(number, desk.login)
        say(f"Escalation {number} is yours.")


@escalations.command("decide")
@click.argument("number", type=int)
@click.argument("outcome", type=_RULINGS)
@click.option("--instruction", default="", help="Words for the reviewer; needed to refuse and to hand back.")
@click.option("--owner", default="", help="Login or role it goes to, for redirect.")
@click.option("--backup", default="", help="Who stands in there, for redirect.")
@click.pass_obj
def decide(shell: Shell, number: int, outcome: str, instruction: str, owner: str, backup: str) -> None:
    """Decide an escalation; the ticket goes on with your decision in its thread.

    Example: supportdesk escalations decide 7 hand_back --instruction "Offer a replacement, no refund."
    """
    from supportdesk.domain.escalation import Outcome, Ruling

    with shell.desk() as desk:
        ruling = Ruling(Outcome(outcome), instruction, owner, backup)
        done = desk.escalations.decide(number, desk.login, ruling)
        if ruling.outcome is Outcome.REDIRECT:
            say(f"Escalation {number} is {done.owner}'s now.")
        else:
            say(f"Decided: {outcome.replace('_', ' ')}. #{done.ticket_id} is open again.")


def escalation_json(escalation: Escalation) -> dict[str, object]:
    """An escalation as plain JSON values."""
    events = [{"step": e.step, "at": e.at, "due_at": e.due_at, "who": e.who} for e in escalation.events]
    return {**{name: getattr(escalation, name) for name in _FIELDS}, "events": events}


def _line(escalation: Escalation, now: datetime) -> str:
    due = escalation.resolve_by if escalation.acknowledged_at else escalation.acknowledge_by
    what = "decide" if escalation.acknowledged_at else "acknowledge"
    left = "" if due is None else f"{what} by {due:%Y-%m-%d %H:%M} UTC"
    mark = "MISSED" if escalation.breached else "late" if due is not None and due < now else ""
    trigger = escalation.trigger or escalation.reason
    return (
        f"{escalation.id:>5}  #{escalation.ticket_id:<6} {escalation.state:<12} {escalation.holder:<12} "
        f"{trigger:<16} {left:<36} {mark:<6} {escalation.expected}".rstrip()
    )


@click.command("readiness")
@json_option
@click.pass_obj
def readiness(shell: Shell, as_json: bool) -> int:
    """Answer the fourteen questions to ask before relying on AI here; exit status 1 while one has no answer."""
    from supportdesk.domain.readiness import NOT_DONE, Standing

    marks = {Standing.ANSWERED: "✔ answered", Standing.PARTLY: "~ partly", Standing.NOT_YET: "✖ not yet"}
    with shell.desk() as desk:
        answers = desk.readiness.answers()
    if as_json:
        names = ("name", "question", "standing", "answer", "todo", "setting")
        found = [{name: getattr(a, name) for name in names} for a in answers]
        say_json({"answers": found, "not_done": NOT_DONE})
    else:
        for number, answer in enumerate(answers, 1):
            say(f"{number:>2}. {answer.question}  {marks[answer.standing]}")
            say(f"    {answer.answer}")
            if answer.todo:
                say(f"    → {answer.todo} [{answer.setting}]")
        say()
        for words in NOT_DONE:
            say(words)
    return int(any(a.standing is Standing.NOT_YET for a in answers))


COMMANDS = (escalations, readiness)
