"""Themes, articles, wrong routes and forms from the shell: proposed by the desk, decided by people."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.cli.report import DAY, utc
from supportdesk.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from supportdesk.domain.article import ArticleVersion
    from supportdesk.domain.theme import KnownTheme


def _span(command: click.Command) -> click.Command:
    for option in (
        click.option("--queue", default="", help="Only this queue."),
        click.option("--until", type=DAY, help="Until just before then, UTC; default: now."),
        click.option("--since", type=DAY, help="From then on, UTC; default: four weeks ago."),
    ):
        command = option(command)
    return command


@click.group("themes", invoke_without_command=True)
@_span
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
@_span
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


@click.group("article")
def article() -> None:
    """Articles from a draft to the knowledge base: drafted, held against their sources, published by their owner."""


@article.command("draft")
@click.argument("theme", type=int)
@click.pass_obj
def draft(shell: Shell, theme: int) -> None:
    """Draft an article for a confirmed theme from what people answered; marked as the assistant's."""
    with shell.desk() as desk:
        _say_version(desk.articles.draft(theme, desk.login))


@article.command("write")
@click.argument("slug")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--theme", type=int, default=0, help="The theme it comes of.")
@click.option("--owner", default="", help="Login or role of who publishes it.")
@click.pass_obj
def write(shell: Shell, slug: str, file: click.utils.LazyFile, theme: int, owner: str) -> None:
    """Keep a Markdown file (`-` for standard input) as the next version; its first heading is the title."""
    from supportdesk.services.knowledge import article_from

    made = article_from(slug, file.read())
    with shell.desk() as desk:
        _say_version(desk.articles.write(slug, made.title, made.text, desk.login, theme_id=theme, owner=owner))


@article.command("review")
@click.argument("slug")
@click.argument("version", type=int)
@click.option("--note", default="", help="Free words.")
@click.pass_obj
def review(shell: Shell, slug: str, version: int, note: str) -> None:
    """Say that you held somebody else's draft against its source tickets."""
    with shell.desk() as desk:
        _say_version(desk.articles.review(slug, version, desk.login, note))


@article.command("publish")
@click.argument("slug")
@click.argument("version", type=int)
@click.pass_obj
def publish(shell: Shell, slug: str, version: int) -> None:
    """Put a reviewed version into the knowledge base; its owner or a lead may, who wrote it may not."""
    with shell.desk() as desk:
        _say_version(desk.articles.publish(slug, version, desk.login))


@article.command("show")
@click.argument("slug")
@click.option("--version", type=int, default=0, help="Which version; default: the latest.")
@json_option
@click.pass_obj
def show_article(shell: Shell, slug: str, version: int, as_json: bool) -> None:
    """Print an article: its words, who did what, which themes led to it, which tickets it answered."""
    from supportdesk.services.articles import as_markdown

    with shell.desk() as desk:
        made = desk.articles.get(slug, version)
        answered, led = desk.articles.answered(slug), desk.articles.themes(slug)
    if as_json:
        say_json({**version_json(made), "answered": answered, "themes": [t.id for t in led]})
        return
    say(as_markdown(made.article))
    _say_version(made)
    say(f"Themes that led to it: {', '.join(t.name for t in led) or 'none'}.")
    say(f"Tickets it answered: {', '.join(f'#{i}' for i in answered) or 'none'}.")


@article.command("waiting")
@json_option
@click.pass_obj
def waiting(shell: Shell, as_json: bool) -> None:
    """List drafts that wait to be reviewed or published."""
    with shell.desk() as desk:
        for made in desk.articles.waiting():
            say_json(version_json(made)) if as_json else _say_version(made)


@article.command("stale")
@_span
@json_option
@click.pass_obj
def stale(shell: Shell, since: datetime | None, until: datetime | None, queue: str, as_json: bool) -> None:
    """List articles that want a look: contradicted by what was sent, or long untouched."""
    with shell.desk() as desk:
        for one in desk.articles.stale(desk.monitoring.period(utc(since), utc(until), queue)):
            if as_json:
                values = {"slug": one.article.slug, "owner": one.owner, "reasons": one.reasons, "tickets": one.tickets}
                say_json(values)
            else:
                say(f"{one.article.slug:<24} {one.owner or 'nobody':<12} {'; '.join(one.reasons)}")


@article.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def export(shell: Shell, folder: Path) -> None:
    """Write every published article as a Markdown file into a folder."""
    from supportdesk.services.articles import as_markdown

    with shell.desk() as desk:
        every = desk.knowledge.all()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in every:
            (folder / f"{Path(one.slug).name}.md").write_text(as_markdown(one), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"Cannot write into {folder}: {error.strerror}.") from error
    say(f"{len(every)} articles written to {folder}.")


@click.group("routes", invoke_without_command=True)
@_span
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
@_span
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
@_span
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


def version_json(made: ArticleVersion) -> dict[str, object]:
    """A version of an article as plain JSON values."""
    names = ("state", "owner", "by", "at", "theme_id", "sources", "reviewed_by", "reviewed_at", "approved_by")
    rest = {name: getattr(made, name) for name in (*names, "approved_at", "note")}
    of = {name: getattr(made.article, name) for name in ("slug", "version", "title", "text", "language")}
    return {**of, **rest}


def _say_version(made: ArticleVersion) -> None:
    of = made.article
    say(f"{of.slug} version {of.version}: {made.state}, written by {made.by}, {made.owner or 'nobody'} publishes it.")


COMMANDS = (themes, article, routes, forms)
