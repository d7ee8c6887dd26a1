"""`supportdesk report`: the desk's figures as text, JSON, CSV or Markdown."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json

if TYPE_CHECKING:
    from supportdesk.domain.report import Figure, Report

DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
"""How a day, or a minute, is written."""


@click.command("report")
@click.option("--since", type=DAY, help="From then on, UTC; default: four weeks ago.")
@click.option("--until", type=DAY, help="Until just before then, UTC; default: now.")
@click.option("--queue", default="", help="Only this queue.")
@click.option("--reviewer", default="", help="Only this person's work.")
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown.")
@click.option(
    "--behind", metavar="FIGURE[:LINE]", help="Print the numbers of the tickets behind a figure or a line of it."
)
@click.pass_obj
def report(
    shell: Shell,
    since: datetime | None,
    until: datetime | None,
    queue: str,
    reviewer: str,
    form: str | None,
    behind: str | None,
) -> None:
    """Print how the desk is doing: work, corrections, escalations, times, approvals.

    Example: supportdesk report --since 2026-03-01 --behind wrong_routes:'billing → account'
    """
    with shell.desk() as desk:
        period = desk.monitoring.period(utc(since), utc(until), queue, reviewer)
        if behind is not None:
            name, colon, key = behind.partition(":")
            ids = desk.monitoring.behind(name, key if colon else None, period)
            if form == "json":
                say_json({"figure": name, "line": key if colon else None, "tickets": list(ids)})
            else:
                for number in ids:
                    say(f"#{number}")
            return
        made = desk.monitoring.report(period)
    if form == "json":
        say_json(report_json(made))
    elif form == "csv":
        say(_csv(made))
    else:
        for line in _markdown(made) if form == "markdown" else _lines(made):
            say(line)


def utc(at: datetime | None) -> datetime | None:
    """A time as it was given, UTC."""
    return None if at is None else at.replace(tzinfo=UTC)


def report_json(made: Report) -> dict[str, object]:
    """A report as plain JSON values."""
    period = made.period
    about = {"since": period.since, "until": period.until, "queue": period.queue, "reviewer": period.reviewer}
    return {"period": about, "figures": {f.name: _figure_json(f) for f in made.figures}}


def _figure_json(figure: Figure) -> dict[str, object]:
    if figure.spread is not None:
        s = figure.spread
        return {"title": figure.title, "count": s.count, "mean": s.mean, "median": s.median, "ninth": s.ninth}
    return {"title": figure.title, "total": figure.total, "lines": {line.key: line.count for line in figure.lines}}


def _rows(made: Report) -> list[tuple[str, str, float]]:
    rows: list[tuple[str, str, float]] = []
    for figure in made.figures:
        if figure.spread is not None:
            s = figure.spread
            named = (("count", s.count), ("mean minutes", s.mean), ("median minutes", s.median), ("9 of 10", s.ninth))
            rows += [(figure.title, name, value) for name, value in named]
        rows += [(figure.title, line.key, line.count) for line in figure.lines]
    return rows


def _csv(made: Report) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["figure", "line", "value"])
    for title, key, value in _rows(made):
        # A cell that begins like a formula is run by spreadsheets; line names can hold outside words.
        writer.writerow([title, f"'{key}" if key[:1] in "=+-@\t" and key else key, value])
    return out.getvalue().rstrip("\n")


def _markdown(made: Report) -> list[str]:
    period = made.period
    lines = [f"# Report {period.since:%Y-%m-%d} to {period.until:%Y-%m-%d}"]
    last = ""
    for title, key, value in _rows(made):
        if title != last:
            lines += ["", f"## {title}", "", "| | |", "|---|---:|"]
            last = title
        escaped = key.replace("\\", "\\\\").replace("|", "\\|")
        lines.append(f"| {escaped} | {value:g} |")
    return lines


def _lines(made: Report) -> list[str]:
    period = made.period
    lines = [f"{period.since:%Y-%m-%d %H:%M} to {period.until:%Y-%m-%d %H:%M} UTC"]
    for figure in made.figures:
        lines.append("")
        if figure.spread is not None:
            s = figure.spread
            half, most = _span(s.median), _span(s.ninth)
            lines.append(f"{figure.title}: {s.count:,}, half within {half}, nine of ten within {most}")
            continue
        lines.append(f"{figure.title}: {figure.total:,}")
        most_lines = max((line.count for line in figure.lines), default=1)
        for line in figure.lines[:10]:
            bar = "█" * max(1, round(20 * line.count / most_lines))
            lines.append(f"  {line.key[:36]:<36} {line.count:>9,}  {bar}")
        if len(figure.lines) > 10:
            lines.append(f"  … and {len(figure.lines) - 10} more")
    return lines


def _span(minutes: int) -> str:
    days, rest = divmod(minutes, 1440)
    if days:
        return f"{days} d {rest // 60} h"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


@click.command("corrections")
@click.option("--since", type=DAY, help="From then on, UTC; default: four weeks ago.")
@click.option("--until", type=DAY, help="Until just before then, UTC; default: now.")
@click.option("--queue", default="", help="Only this queue.")
@click.option("--reviewer", default="", help="Only this person's work.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Print at most so many.")
@json_option
@click.pass_obj
def corrections(
    shell: Shell,
    since: datetime | None,
    until: datetime | None,
    queue: str,
    reviewer: str,
    limit: int,
    as_json: bool,
) -> None:
    """Print the sentences of drafts that people change most, and what they write instead."""
    with shell.desk() as desk:
        period = desk.monitoring.period(utc(since), utc(until), queue, reviewer)
        found = desk.improvement.corrections(period)[:limit]
    for one in found:
        if as_json:
            names = ("category", "sentence", "changed", "written", "tickets", "instead", "place")
            more = ("article", "prompt", "rule", "mend")
            say_json({name: getattr(one, name) for name in (*names, *more)})
            continue
        say(f"{one.changed:>5} of {one.written:<5} {one.category:<12} {one.sentence}  [{one.mend}]")
        for words in one.instead:
            say(f"{'':>14} → {words or '(taken out)'}")
    if not found and not as_json:
        say("Nothing was corrected.")


COMMANDS = (report, corrections)
