"""Working with tickets from the shell: prepare, queue, show, history, articles."""

from __future__ import annotations

from pathlib import Path

import click

from supportdesk.cli.context import Shell, counted, json_option, say, say_json
from supportdesk.errors import BadInput


@click.command("prepare")
@click.option("--limit", type=click.IntRange(min=1), help="Prepare at most so many.")
@json_option
@click.pass_obj
def prepare(shell: Shell, limit: int | None, as_json: bool) -> None:
    """Prepare every ticket whose thread changed: summary, triage, route, draft. Most pressing first."""
    from supportdesk.cli.progress import progress_bar

    with shell.desk() as desk:
        waiting = desk.preparing.waiting()
        with progress_bar("Preparing", min(waiting, limit or waiting)) as advance:
            done = sum(advance() for _ in desk.preparing.run(limit or 0))
        if as_json:
            say_json({"prepared": done})
        else:
            say(f"{counted(done, 'ticket')} prepared.")


@click.command("queue")
@click.argument("filters", nargs=-1)
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="Print at most so many.")
@json_option
@click.pass_obj
def queue(shell: Shell, filters: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Print the queue, most pressing first.

    Example: supportdesk queue queue:billing trigger:refund older:2d '"charged twice"'
    """
    from supportdesk.cli.printing import queue_lines
    from supportdesk.domain.query import parse_query
    from supportdesk.services.describe import ticket_json

    with shell.desk() as desk:
        desk.queue.wake()
        ids = desk.queue.ids(parse_query(" ".join(filters), desk.login))
        tickets = desk.queue.page(ids[:limit])
        if as_json:
            for ticket in tickets:
                say_json(ticket_json(ticket))
        else:
            for line in queue_lines(tickets, desk.clock.now(), len(ids)):
                say(line)


@click.command("show")
@click.argument("ref")
@json_option
@click.pass_obj
def show(shell: Shell, ref: str, as_json: bool) -> None:
    """Print one whole review: thread, preparation, draft, findings, checklist. REF is 1042 or '#1042'."""
    from supportdesk.cli.printing import review_lines
    from supportdesk.services.describe import case_json

    with shell.desk() as desk:
        case = desk.review.read(ticket_number(ref), desk.person)
        if as_json:
            say_json(case_json(case))
        else:
            for line in review_lines(case, desk.clock.now()):
                say(line)


@click.command("history")
@click.argument("ref")
@json_option
@click.pass_obj
def history(shell: Shell, ref: str, as_json: bool) -> None:
    """Tell a ticket's story from the records, in plain words."""
    from supportdesk.services.story import sentence

    with shell.desk() as desk:
        for record in desk.review.history(ticket_number(ref)):
            if as_json:
                say_json({"at": record.at, "actor": record.actor, "action": record.action, **record.body})
            else:
                say(f"{record.at:%Y-%m-%d %H:%M:%S}  {record.actor:<12} {sentence(record)}.")


@click.group("articles")
def articles() -> None:
    """The knowledge base."""


@articles.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def import_articles(shell: Shell, folder: Path, as_json: bool) -> None:
    """Load a folder of Markdown articles; changed ones become new versions.

    Example: supportdesk articles import kb/
    """
    from supportdesk.services.knowledge import read_articles

    found = read_articles(folder)
    with shell.desk() as desk:
        report = desk.knowledge.put_all(found, desk.login)
        if as_json:
            say_json({"read": report.read, "changed": report.changed})
        else:
            say(f"{counted(report.read, 'article')} read, {report.changed} new or changed.")


@articles.command("list")
@json_option
@click.pass_obj
def list_articles(shell: Shell, as_json: bool) -> None:
    """List the published articles."""
    with shell.desk() as desk:
        for article in desk.knowledge.all():
            if as_json:
                values = {"slug": article.slug, "title": article.title, "version": article.version}
                say_json({**values, "language": article.language})
            else:
                say(f"{article.slug:<32} v{article.version}  {article.language}  {article.title}")


@articles.command("search")
@click.argument("words", nargs=-1, required=True)
@click.pass_obj
def search_articles(shell: Shell, words: tuple[str, ...]) -> None:
    """Find articles by their words, best first."""
    with shell.desk() as desk:
        for article in desk.knowledge.search(" ".join(words)):
            say(f"{article.score:6.2f}  {article.slug:<32} {article.title}")


def ticket_number(ref: str) -> int:
    """The number in `1042` or `#1042`. Raises BadInput."""
    digits = ref.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise BadInput(f"“{ref}” is no ticket number; write 1042 or '#1042'.")
    return int(digits)


COMMANDS = (queue, show, prepare, articles, history)
