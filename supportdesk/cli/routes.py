"""Wrong routes and forms from the shell: what people keep correcting and asking for, and what would mend it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.cli.report import utc
from supportdesk.cli.themes import span
from supportdesk.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime


@click.group("routes", invoke_without_command=True)
@span
@json_option
@click.pass_context
def routes(ctx: click.Context, since: datetime | None, until: datetime | None, queue: str, as_json: bool) -> None:
    """Print the ways people keep correcting, with reasons, examples, and the rule that would take them."""
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    with shell.desk() as desk:
        found = desk.improvement.routes(desk.monitoring.period(utc(since), utc(until), queue))
    for way in found:
        if as_json:
            names = ("source", "target", "count", "total", "tickets", "reasons", "examples", "proposal", "why")
            say_json({name: getattr(way, name) for name in names})
            continue
        say(f"{way.count:>5} of {way.total:<6} {way.source} → {way.target}")
        say(f"        {', '.join(f'{reason} ({n})' for reason, n in way.reasons)}")
        for number, words in way.examples:
            say(f"        #{number}  {words}")
        say(f"        {way.why}")
        for line in way.proposal.splitlines():
            say(f"        + {line}")
    if not found and not as_json:
        say("No way is corrected again and again.")


@routes.command("apply")
@click.argument("source")
@click.argument("target")
@span
@click.option("--write", "write_it", is_flag=True, help="Write it; without this only the difference is printed.")
@click.pass_obj
def apply(
    shell: Shell, source: str, target: str, since: datetime | None, until: datetime | None, queue: str, write_it: bool
) -> None:
    """Print the settings' difference for a proposed rule, and write it if you say so; its effect is measured then.

    Example: supportdesk routes apply billing account --write
    """
    from supportdesk.services.amending import amend, amended
    from supportdesk.settings import settings_file

    file = settings_file()
    with shell.desk() as desk:
        period = desk.monitoring.period(utc(since), utc(until), queue)
        way = next((w for w in desk.improvement.routes(period) if (w.source, w.target) == (source, target)), None)
        if way is None or not way.proposal:
            raise BadInput(f"There is no proposal for {source} → {target}; `supportdesk routes` lists them.")
        before, after = amended(file, way.proposal, f"{source} → {target}: {way.why}")
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), "settings.toml", "settings.toml", "", "", 3, ""
        )
        for line in lines:
            say(line)
        if write_it:
            amend(desk.store, desk.clock, desk.login, file, before, after, f"{source} → {target}")
            say(f"Written to {file}; it holds for what is prepared from now on.")


@click.command("forms")
@span
@click.option("--markdown", is_flag=True, help="Print the checklist for the form's owner as Markdown.")
@json_option
@click.pass_obj
def forms(
    shell: Shell, since: datetime | None, until: datetime | None, queue: str, markdown: bool, as_json: bool
) -> None:
    """Print which details are asked for again and again, by category: fields for the form."""
    from supportdesk.services.improvement import checklist

    with shell.desk() as desk:
        found = desk.improvement.missing(desk.monitoring.period(utc(since), utc(until), queue), desk.routing)
    if markdown:
        say(checklist(found))
        return
    for field in found:
        if as_json:
            names = ("category", "name", "label", "asked", "tickets", "known")
            say_json({name: getattr(field, name) for name in names})
        else:
            say(f"{field.asked:>5}  {field.category:<14} {field.label}")
    if not found and not as_json:
        say("No detail had to be asked for.")


COMMANDS = (routes, forms)
