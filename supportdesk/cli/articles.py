"""Articles from the shell: drafted, held against their sources, published by their owner, exported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.cli.report import utc
from supportdesk.cli.themes import span
from supportdesk.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from supportdesk.domain.article import ArticleVersion


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
def write(shell: Shell, slug: str, file: TextIO, theme: int, owner: str) -> None:
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
@span
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


def version_json(made: ArticleVersion) -> dict[str, object]:
    """A version of an article as plain JSON values."""
    names = ("state", "owner", "by", "at", "theme_id", "sources", "reviewed_by", "reviewed_at", "approved_by")
    rest = {name: getattr(made, name) for name in (*names, "approved_at", "note")}
    of = {name: getattr(made.article, name) for name in ("slug", "version", "title", "text", "language")}
    return {**of, **rest}


def _say_version(made: ArticleVersion) -> None:
    of = made.article
    say(f"{of.slug} version {of.version}: {made.state}, written by {made.by}, {made.owner or 'nobody'} publishes it.")


COMMANDS = (article,)
