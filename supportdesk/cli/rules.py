"""The checks themselves: how each rule does, what people say of it, and regression cases."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.errors import BadInput

if TYPE_CHECKING:
    from supportdesk.domain.correction import CheckCorrection, RuleFigures

_FIELDS = ("id", "ticket_id", "at", "by", "what", "rule", "kind", "subkind", "fingerprint", "words", "quote", "reason")
_KINDS = click.Choice(["commitment", "fact", "privacy", "tone", "advice", "thread", "link"])


@click.group("rules")
def rules() -> None:
    """See how the checks of drafts do, correct them, and turn corrections into regression cases."""


@rules.command("report")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back to look.")
@json_option
@click.pass_obj
def report(shell: Shell, days: int, as_json: bool) -> None:
    """Print each rule's hits, overrides and false alarms, then what people corrected."""
    with shell.desk() as desk:
        until = desk.clock.now() + timedelta(milliseconds=1)
        since = until - timedelta(days=days)
        figures = desk.corrections.figures(since, until)
        said = desk.corrections.all(since, until)
    if as_json:
        say_json({"rules": [_figures(f) for f in figures], "corrections": [_correction(c) for c in said]})
        return
    say(f"{'rule':38} {'hits':>6} {'held':>6} {'overridden':>10} {'wrong':>6} {'missed':>6}  false alarms")
    for f in figures:
        rate = "" if f.false_alarms is None else f"{f.false_alarms:.0%}"
        say(f"{f.rule:38} {f.hits:>6} {f.blocking:>6} {f.overrides:>10} {f.wrong:>6} {f.missed:>6}  {rate}".rstrip())
    if not figures:
        say("No draft was checked in this time.")
    for c in said:
        say(f"\n{c.id:>4}  {c.at:%Y-%m-%d %H:%M}  #{c.ticket_id} {c.by}: {c.what} {c.kind}/{c.subkind}  {c.rule}")
        say(f"      “{c.quote}”\n      {c.reason}")


@rules.command("wrong")
@click.argument("ticket", type=int)
@click.argument("finding")
@click.option("--reason", required=True, help="Why it is none.")
@click.pass_obj
def wrong(shell: Shell, ticket: int, finding: str, reason: str) -> None:
    """Say that a finding is none; FINDING is its fingerprint or some of the words it marks.

    It settles nothing. Of a commitment only somebody who might have made it may say so.

    Example: supportdesk rules wrong 12 "we reply within a day" --reason "That is our opening text."
    """
    with shell.desk() as desk:
        case = desk.review.read(ticket, desk.person)
        found = [f for f in case.examination.findings if finding == f.fingerprint or finding in f.quote]
        if len({f.fingerprint for f in found}) > 1:
            listed = "; ".join(f"{f.fingerprint} ({f.kind.value})" for f in found)
            raise BadInput(f"Several findings mark those words: {listed}. Name one by its fingerprint.")
        said = desk.corrections.wrong(ticket, desk.login, found[0].fingerprint if found else finding, reason)
        say(f"Kept as correction {said.id}.")


@rules.command("missed")
@click.argument("ticket", type=int)
@click.argument("kind", type=_KINDS)
@click.argument("quote")
@click.option("--subkind", default="", help="What exactly: money, contradicted, other_person…")
@click.option("--reason", required=True, help="Why it is one.")
@click.pass_obj
def missed(shell: Shell, ticket: int, kind: str, quote: str, subkind: str, reason: str) -> None:
    """Say that the checks missed something; QUOTE are the words, as they stand in the draft.

    Example: supportdesk rules missed 12 commitment "your fee is history" --reason "It grants money."
    """
    from supportdesk.domain.words import FindingKind

    with shell.desk() as desk:
        said = desk.corrections.missed(ticket, desk.login, quote, FindingKind(kind), subkind, reason)
        say(f"Kept as correction {said.id}.")


@rules.command("case")
@click.argument("number", type=int)
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False), help="Add it to this file of cases.")
@click.pass_obj
def case(shell: Shell, number: int, into: Path | None) -> None:
    """Turn a correction into a regression case, one JSON line.

    It holds the thread's own words and records: change what is personal before it leaves the desk.

    Example: supportdesk rules case 3 --into cases.jsonl
    """
    with shell.desk() as desk:
        made = desk.corrections.case(number, desk.login)
    line = json.dumps(made, ensure_ascii=False, default=str)
    if into is None:
        say_json(made)
        return
    try:
        with into.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError as error:
        raise BadInput(f"{into} cannot be written: {error.strerror}.") from error
    say(f"Added to {into}. It holds the thread's own words: change what is personal before it leaves the desk.")


@rules.command("replay")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def replay(files: tuple[Path, ...]) -> int:
    """Check regression cases against the rules of today; exit status 1 while one fails.

    Example: supportdesk rules replay cases.jsonl
    """
    from supportdesk.services.corrections import replay as again

    held = failed = 0
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                wrong_now = again(record)
            except (ValueError, KeyError, TypeError, BadInput) as error:
                raise BadInput(f"{file}, line {number}: {error}") from error
            held, failed = held + (not wrong_now), failed + bool(wrong_now)
            for words in wrong_now:
                say(f"{record.get('id', number)}: {words}")
    say(f"{held} of {held + failed} cases hold.")
    return int(bool(failed))


def _figures(f: RuleFigures) -> dict[str, object]:
    names = ("rule", "hits", "blocking", "overrides", "wrong", "missed", "false_alarms")
    return {name: getattr(f, name) for name in names}


def _correction(c: CheckCorrection) -> dict[str, object]:
    return {name: getattr(c, name) for name in _FIELDS}


COMMANDS = (rules,)
