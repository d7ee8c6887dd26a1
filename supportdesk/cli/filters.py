"""`supportdesk triage` and `supportdesk check`: JSON Lines in and out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import IO

import click

from supportdesk.errors import BadInput
from supportdesk.text import clean

_INPUT = click.argument("source", type=click.File("rb"), default="-", metavar="[FILE]")
_OUTPUT = click.option(
    "-o", "--output", type=click.File("w", lazy=True), default="-", help="Where to write; default: standard output."
)


@click.command("triage")
@_INPUT
@_OUTPUT
def triage_command(source: IO[bytes], output: IO[str]) -> int:
    r"""Triage threads: one JSON object a line in, one a line out. Needs no store.

    \b
    In:  {"id", "channel", "subject", "messages": [{"from": "customer|agent|internal", "text"}]}
    Out: {"id", "category", "priority", "language", "sentiment", "triggers", "path", "queue",
          "missing", "unresolved", "summary", …}

    Example: supportdesk triage threads.jsonl | jq -r '[.id, .path, .queue] | @tsv'
    """
    from supportdesk.rules.routing import routing_from
    from supportdesk.services.filters import triage_object
    from supportdesk.settings import load_settings

    routing = routing_from(load_settings().routing)
    return _each(source, output, lambda value: triage_object(value, routing))


@click.command("check")
@_INPUT
@_OUTPUT
@click.option("--articles", type=click.Path(path_type=Path), help="Folder of Markdown articles the draft may rest on.")
def check_command(source: IO[bytes], output: IO[str], articles: Path | None) -> int:
    r"""Check drafts against their threads: one JSON object a line in, its findings out. Needs no store.

    \b
    In:  what `triage` takes, and "records": {…} (optional) and "draft"
    Out: {"id", "findings": [{"kind", "subkind", "start", "end", "quote", "why", "evidence", "blocking"}]}

    Example: supportdesk check --articles kb/ drafts.jsonl
    """
    from supportdesk.services.filters import check_object
    from supportdesk.services.knowledge import read_articles

    known = read_articles(articles) if articles is not None else ()
    return _each(source, output, lambda value: check_object(value, known))


def _each(source: IO[bytes], output: IO[str], answer: Callable[[object], dict[str, object]]) -> int:
    """Answer every line; a bad one is named on standard error and makes the exit status 1."""
    status = 0
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        try:
            words = json.dumps(answer(_parsed(line)), ensure_ascii=True, allow_nan=False)
        except (BadInput, ValueError) as error:
            click.echo(f"supportdesk: line {number}: {clean(str(error), one_line=True)[:300]}", err=True)
            status = 1
            continue
        click.echo(words, file=output)
    return status


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line, parse_constant=_no_number)
    except RecursionError as error:
        raise BadInput("not valid JSON (nested too deep)") from error
    except ValueError as error:
        raise BadInput(f"not valid JSON ({str(error)[:80]})") from error


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")


COMMANDS = (triage_command, check_command)
