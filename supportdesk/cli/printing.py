"""The queue and a whole review as plain text: what the screens show, for pipes and scripts."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from supportdesk.cli.context import counted
from supportdesk.domain.case import Case
from supportdesk.domain.decision import Decision
from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Finding
from supportdesk.domain.gate import blockers
from supportdesk.domain.preparation import Provenance
from supportdesk.domain.thread import Message, Ticket
from supportdesk.domain.words import AnswerValue, Author, DecisionKind
from supportdesk.rules.files import warning
from supportdesk.text import clean, hidden
from widgets.wording import due_words

_MARKS = {AnswerValue.CONFIRMED: "✔", AnswerValue.PROBLEM: "✖", AnswerValue.NOT_JUDGED: "–"}


def width() -> int:
    """Columns to print into."""
    return min(max(shutil.get_terminal_size((100, 24)).columns, 60), 140)


def queue_lines(tickets: Iterable[Ticket], now: datetime, total: int) -> Iterator[str]:
    """The queue, a ticket a line, under a line of headings."""
    room = width() - 53
    subject, who = room * 6 // 10, room * 4 // 10
    headings = f"{'due':>9} {'prio':<6} {'path':<10} {'ticket':>7}"
    yield f"{headings}  {_cut('subject', subject)} {_cut('requester', who)} triggers"
    shown = 0
    for ticket in tickets:
        shown += 1
        yield (
            f"{due_words(ticket.due_at, now)[0]:>9} {ticket.priority:<6} {ticket.path:<10} {ticket.ref:>7}  "
            f"{_cut(ticket.subject, subject)} {_cut(str(ticket.requester), who)} {', '.join(ticket.triggers)}"
        ).rstrip()
    yield (
        f"{shown} of {counted(total, 'ticket')}"
        if total
        else "Nothing waits. Import mail with `supportdesk import PATH`, or try `supportdesk demo`."
    )


def review_lines(case: Case, now: datetime) -> Iterator[str]:
    """One whole review: thread, preparation, draft, findings, checklist and what stands in the way."""
    ticket = case.ticket
    words = due_words(ticket.due_at, now)[0]
    due = f" · {'' if words.startswith('late') else 'due '}{words}" if words else ""
    yield f"{ticket.ref} {_line(ticket.subject)}"
    yield f"{ticket.category} · {ticket.priority} · {ticket.path} · {ticket.status}{due} · queue {ticket.queue}"
    yield from _heading(f"Thread · {counted(len(case.thread.messages), 'message')}")
    for message in case.thread.messages:
        yield from _message(message)
    yield from _prepared(case)
    yield from _draft(case)
    yield from _heading("Checklist")
    for item in case.items:
        answer = case.answer(item)
        mark, said = (_MARKS[answer.value], answer.value.value) if answer else ("·", "not answered")
        yield f"{mark} {item.capitalize():<12} {said}"
    yield from _heading("In the way of an approval")
    for blocker in blockers(case, Decision(DecisionKind.APPROVE)):
        yield from _wrapped(blocker.words, "- ")


def _heading(words: str) -> Iterator[str]:
    yield ""
    yield f"── {words} {'─' * max(width() - len(words) - 4, 2)}"


def _message(message: Message) -> Iterator[str]:
    kind = "internal note" if message.author is Author.INTERNAL else message.author.value
    sort = "" if message.kind == "ordinary" else f" · {message.kind}"
    yield f"[{message.position + 1}] {kind} · {_line(str(message.sender))} · {message.sent_at:%a %d %b %H:%M}{sort}"
    for paragraph in clean(message.text).splitlines():
        yield from _wrapped(paragraph, "    ")
    for attachment in message.attachments:
        yield f"    ⎙ {_line(attachment.name)} ({_line(attachment.media_type)}, {attachment.size:,} bytes)"
        if careful := warning(attachment.name, attachment.media_type):
            yield f"      careful: {careful}"
    count = len(hidden(message.text)) + len(hidden(message.sender.name))
    if count:
        yield f"    ({count} hidden characters)"
    for remark in message.remarks:
        yield f"    ({_line(remark)})"


def _prepared(case: Case) -> Iterator[str]:
    prepared = case.preparation
    if prepared is None:
        yield from _heading("Not prepared yet: run `supportdesk prepare`")
        return
    triage = prepared.triage
    yield from _heading(f"Prepared · {prepared.provenance.assistant}")
    for point in triage.summary:
        yield from _wrapped(f"{_line(point.text)} {_source(point.evidence)}", "- ")
    for question in triage.unresolved:
        yield from _wrapped(f"open question: {_line(question.text)} [{question.message + 1}]", "? ")
    for trigger in triage.triggers:
        where = f" [{trigger.message + 1}]" if trigger.message >= 0 else ""
        said = f"“{_line(trigger.quote)}”{where}" if trigger.quote else _line(trigger.why)
        yield from _wrapped(f"{trigger.kind}: {said}".removesuffix(": "), "! ")
    if triage.missing:
        yield from _wrapped("missing: " + ", ".join(_line(m.label) for m in triage.missing), "! ")
    yield from _wrapped(f"route: {_line(triage.queue_reason)}", "> ")
    yield from _made(prepared.provenance)


def _made(made: Provenance) -> Iterator[str]:
    """Prompts, cost and reason, where there is something to say."""
    if made.prompts:
        yield from _wrapped(f"prompts: {', '.join(made.prompts)}", "  ")
    if made.tokens:
        price = f", ${made.cost:.4f}" if made.cost else ""
        yield from _wrapped(f"took {made.seconds:.1f} s and {made.tokens:,} tokens{price}", "  ")
    if made.note:
        yield from _wrapped(_line(made.note), "  ")


def _draft(case: Case) -> Iterator[str]:
    revision = case.revision
    if revision is None:
        yield from _heading("No draft")
        return
    yield from _heading(f"Draft · revision {revision.number} by {revision.by} · to {_line(', '.join(revision.to))}")
    for paragraph in clean(revision.text).splitlines():
        yield from _wrapped(paragraph, "    ")
    for claim in case.examination.claims:
        yield from _wrapped(
            f"{claim.support}: “{_line(claim.quote)}” {' '.join(e.label for e in claim.evidence)}", "  "
        )
    for finding in case.examination.findings:
        settled = case.settled(finding) is not None
        yield from _finding(finding, settled=settled, waits=case.examination.waits(finding))


def _finding(finding: Finding, *, settled: bool, waits: bool) -> Iterator[str]:
    sign = "✔" if settled else "✖" if finding.blocking else "!" if waits else "·"
    yield from _wrapped(
        f"{finding.kind}/{finding.subkind}: “{_line(finding.quote)}” — {_line(finding.why)}", f"{sign} "
    )


def _source(evidence: Evidence | None) -> str:
    return evidence.label if evidence is not None else "(no source)"


def _wrapped(words: str, first: str) -> Iterator[str]:
    lines = textwrap.wrap(words, width() - len(first), break_long_words=True) or [""]
    for number, line in enumerate(lines):
        yield (first if number == 0 else " " * len(first)) + line


def _line(words: str) -> str:
    return clean(words, one_line=True)


def _cut(words: str, size: int) -> str:
    words = _line(words)
    if cell_len(words) > size:
        return (
            set_cell_size(words, size - 1).rstrip()
            + "…"
            + " " * max(0, size - 1 - cell_len(set_cell_size(words, size - 1).rstrip()))
        )
    return set_cell_size(words, size)
