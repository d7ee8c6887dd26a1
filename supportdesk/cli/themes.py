"""Themes, articles, wrong routes and forms from the shell: proposed by the desk, decided by people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.cli.report import DAY, utc
from supportdesk.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from supportdesk.domain.theme import KnownTheme

Command = TypeVar("Command", bound=Callable[..., Any])


def span(command: Command) -> Command:
    """The options that say which period and queue."""
    for option in (
        click.option("--queue", default="", help="Only this queue."),
        click.option("--until", type=DAY, help="Until just before then, UTC; default: now."),
        click.option("--since", type=DAY, help="From then on, UTC; default: four weeks ago."),
    ):
        command = option(command)
    return command


@click.group("themes", invoke_without_command=True)
@span
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Print at most so many.")
@json_option
@click.pass_context
def themes(
    ctx: click.Context, since: datetime | None, until: datetime | None, queue: str, limit: int, as_json: bool
) -> None:
    """Print what the letters of a period are about, most letters first, beside the period before.

    Example: supportdesk themes --since 2026-03-01 --queue billing
    """
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    with shell.desk() as desk:
        found = desk.improvement.themes(desk.monitoring.period(utc(since), utc(until), queue))[:limit]
    for theme in found:
        if as_json:
            quotes = [{"ticket": number, "words": words} for number, words in theme.quotes]
            say_json({"name": theme.name, "tickets": theme.tickets, "before": theme.before, "quotes": quotes})
            continue
        say(f"{len(theme.tickets):>6,}  {theme.name}  (before: {theme.before:,})")
        for number, words in theme.quotes:
            say(f"        #{number}  {words}")
    if not found and not as_json:
        say("No theme: too few letters are about the same.")


@themes.command("propose")
@span
@json_option
@click.pass_obj
def propose(shell: Shell, since: datetime | None, until: datetime | None, queue: str, as_json: bool) -> None:
    """Look for themes and wrong routes, and put into the register what it does not have yet."""
    with shell.desk() as desk:
        found = desk.themes.propose(desk.monitoring.period(utc(since), utc(until), queue))
    _print(found, as_json)
    if not found and not as_json:
        say("Nothing new.")


@themes.command("list")
@click.option("--state", help="Only proposed, confirmed, mended, closed or rejected ones.")
@json_option
@click.pass_obj
def list_themes(shell: Shell, state: str | None, as_json: bool) -> None:
    """List the register: what was proposed and what became of it."""
    from supportdesk.domain.theme import ThemeState

    if state is not None and state not in list(ThemeState):
        raise BadInput(f"A theme is {', '.join(ThemeState)}, never “{state}”.")
    with shell.desk() as desk:
        found = desk.themes.all(*([ThemeState(state)] if state else []))
    _print(found, as_json)
    if not found and not as_json:
        say("The register is empty: `supportdesk themes propose` looks for themes.")


@themes.command("show")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def show(shell: Shell, number: int, as_json: bool) -> None:
    """Print one theme: its cause, examples, who looked, what came of it, and whether that helped."""
    with shell.desk() as desk:
        theme, effect = desk.themes.get(number), desk.themes.effect(number)
        examples = desk.themes.examples(number)
    if as_json:
        quotes = [{"ticket": ticket, "words": words} for ticket, words in examples]
        measured = None if effect is None else {**_effect_json(effect)}
        say_json({**theme_json(theme), "tickets": theme.tickets, "examples": quotes, "effect": measured})
        return
    _print([theme], as_json=False)
    say(f"        cause     {theme.cause.words}: {theme.why}")
    for ticket, words in examples:
        say(f"        #{ticket}  {words}")
    if theme.decided_by:
        say(f"        {theme.state} by {theme.decided_by}; {theme.owner or 'nobody'} sees to it. {theme.note}".rstrip())
    if effect is not None:
        say(f"        effect    {effect.before} letters in {effect.days:g} days before, {effect.after} since")


@themes.command("look")
@click.argument("number", type=int)
@click.argument("ticket", type=int)
@click.pass_obj
def look(shell: Shell, number: int, ticket: int) -> None:
    """Look at one example of a theme; that you did is kept."""
    with shell.desk() as desk:
        say(desk.themes.look(number, desk.login, ticket))


@themes.command("name")
@click.argument("number", type=int)
@json_option
@click.pass_obj
def name_theme(shell: Shell, number: int, as_json: bool) -> None:
    """Have the model suggest a better name; nothing is changed until somebody confirms it."""
    with shell.desk() as desk:
        theme = desk.themes.get(number)
        letters = [words for _, words in desk.themes.examples(number, 12)]
        name, about, made = desk.redrafting.name_theme(letters, theme.keys)
    if as_json:
        say_json(
            {"theme": number, "name": name, "about": about, "model": made.assistant, "prompts": list(made.prompts)}
        )
    else:
        say(f"{name}: {about}" if about else name)
        say(f"Confirm it with: supportdesk themes confirm {number} --owner LOGIN --name '{name}'")


@themes.command("confirm")
@click.argument("number", type=int)
@click.option("--owner", required=True, help="Login or role of who sees to it.")
@click.option("--path", default="", help="What is improved: article, form, template, prompt, policy, routing.")
@click.option("--cause", default="", help="Why it is asked: instructions, form, policy, source, routing.")
@click.option("--name", default="", help="A better name.")
@click.option("--note", default="", help="Free words.")
@click.pass_obj
def confirm(shell: Shell, number: int, owner: str, path: str, cause: str, name: str, note: str) -> None:
    """Confirm a theme after looking at three of its examples."""
    with shell.desk() as desk:
        theme = desk.themes.confirm(number, desk.login, owner, path=path, cause=cause, name=name, note=note)
    say(f"Theme {number} is {theme.owner}'s: {theme.path}.")


@themes.command("reject")
@click.argument("number", type=int)
@click.argument("reason")
@click.pass_obj
def reject(shell: Shell, number: int, reason: str) -> None:
    """Say that it is no pattern, after looking at three of its examples."""
    with shell.desk() as desk:
        desk.themes.reject(number, desk.login, reason)
    say(f"Theme {number} is rejected; it comes back only when it has doubled.")


@themes.command("mended")
@click.argument("number", type=int)
@click.argument("note")
@click.option("--article", default="", help="The article that came of it.")
@click.pass_obj
def mended(shell: Shell, number: int, note: str, article: str) -> None:
    """Say that the remedy is in place; its effect is measured from now on."""
    with shell.desk() as desk:
        desk.themes.mended(number, desk.login, note, article=article)
    say(f"Theme {number} is mended; `supportdesk themes show {number}` says whether it helped.")


@themes.command("close")
@click.argument("number", type=int)
@click.option("--note", default="", help="Free words.")
@click.pass_obj
def close(shell: Shell, number: int, note: str) -> None:
    """Be done with a mended theme."""
    with shell.desk() as desk:
        desk.themes.close(number, desk.login, note)
    say(f"Theme {number} is closed.")


def _print(found: tuple[KnownTheme, ...] | list[KnownTheme], as_json: bool) -> None:
    for theme in found:
        if as_json:
            say_json(theme_json(theme))
        else:
            owner = f"  {theme.owner}" if theme.owner else ""
            say(f"{theme.id:>4}  {theme.found:>6,}  {theme.state:<10} {theme.name}  [{theme.cause}]{owner}")


def theme_json(theme: KnownTheme) -> dict[str, object]:
    """A theme of the register as plain JSON values."""
    names = ("id", "kind", "name", "queue", "since", "until", "found", "before", "cause", "why", "state", "owner")
    more = ("path", "article", "note", "proposed_at", "decided_at", "decided_by", "mended_at")
    return {name: getattr(theme, name) for name in (*names, *more)}


def _effect_json(effect: object) -> dict[str, object]:
    return {n: getattr(effect, n) for n in ("days", "before", "after", "letters_before", "letters_after", "change")}


COMMANDS = (themes,)
