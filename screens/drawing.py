"""Words and underlines the review screen draws around a case."""

from __future__ import annotations

from datetime import datetime, timedelta

from screens.sitting import Sitting
from supportdesk.domain.case import Case
from supportdesk.domain.words import Author, FindingKind, Support
from supportdesk.text import count_words, hidden
from widgets.draft_editor import Underline
from widgets.paint import block, one_line
from widgets.thread_rows import find_quote
from widgets.wording import count_words as counted
from widgets.wording import moment, span


def taken_words(sitting: Sitting, login: str) -> tuple[str, str]:
    """Who has the ticket, and how that looks."""
    case = sitting.case
    holder = case.ticket.taken_by if case else ""
    if sitting.holds or (holder and holder == login):
        return f"taken by you, {span(timedelta(seconds=sitting.seconds))}", "accent"
    if holder:
        return f"taken by {one_line(holder)}", "warn"
    return "" if sitting.beginning else "not taken", "muted"


def banner_words(sitting: Sitting, login: str, now: datetime) -> str:
    """The one thing to know before anything else; empty when there is none."""
    case = sitting.case
    if case is None:
        return ""
    holder = one_line(case.ticket.taken_by)
    asked = [g for g in sitting.grants if g.asked_by != login]
    mine = [g for g in sitting.grants if g.asked_by == login]
    if not case.reviewer.active:
        return f"! {one_line(str(case.reviewer))} reads only: a lead adds people with supportdesk people add."
    if holder and holder != login and not sitting.holds:
        return f"! {holder} has this ticket. You can read it; ^t takes it over."
    if case.ticket.status.group == "resolved":
        return f"! This ticket is {case.ticket.status.value}; nothing can be decided about it now."
    if asked:
        return f"! {one_line(asked[0].asked_by)} asks to promise “{one_line(asked[0].quote)}”: ^g grants or refuses."
    if case.revision is not None and case.revision.thread_version != case.ticket.thread_version:
        return _came_after(case, now)
    if case.rejected:
        return "! These words were rejected. Edit them, or p has new ones prepared."
    if mine:
        return f"· You asked to promise “{one_line(mine[0].quote)}”; somebody with the authority has to grant it."
    return f"· {sitting.since}" if sitting.since else ""


def _came_after(case: Case, now: datetime) -> str:
    """What came after the draft was written, and what to do about it."""
    assert case.revision is not None
    missed = case.ticket.thread_version - case.revision.thread_version
    new = sorted(case.thread.visible, key=lambda m: m.id)[-missed:] if missed > 0 else []
    if not new:
        return "! The thread changed after this draft was written. Read it, then p prepares a new one, or edit it."
    last = new[-1]
    who = one_line(last.sender.name or last.sender.email) or "the requester"
    begin = one_line(last.text[:400])
    begin = f"{begin[:59]}…" if len(begin) > 60 else begin
    more = "A message" if len(new) == 1 else f"{len(new)} messages"
    return (
        f"! {more} came after this draft was written; [{last.position + 1}] from {who}, {moment(last.sent_at, now)}: "
        f"“{begin}” Read on, then p prepares a new draft, or edit this one."
    )


def arrived_words(before: Case | None, case: Case) -> str:
    """What just came in, while somebody sits with the ticket; empty for nothing."""
    if before is None:
        return ""
    known = {m.id for m in before.thread.messages}
    new = [m for m in case.thread.messages if m.id not in known]
    if new:
        notes = all(m.author is Author.INTERNAL for m in new)
        who = one_line(new[-1].sender.name or new[-1].sender.email)
        what = "note" if notes else "message"
        return f"A new {what} arrived{f' from {who}' if who else ''}: [{new[-1].position + 1}]."
    mine = case.reviewer.login
    holder, was = case.ticket.taken_by, before.ticket.taken_by
    if holder != was and was == mine and holder:
        return f"{one_line(holder)} took this ticket over. What you typed is still here; ^t takes it back."
    if holder != was and was and not holder:
        return f"{one_line(was)} gave this ticket back; ^t takes it."
    return ""


def draft_title(sitting: Sitting) -> str:
    """Revision, length and recipient of the draft."""
    case = sitting.case
    if case is None or case.revision is None:
        return "none yet: e writes one" if case is not None else ""
    revision = case.revision
    words = [f"revision {revision.number}" if sitting.typed is None else "not kept yet"]
    words.append(counted(count_words(sitting.words), "word"))
    words.append(f"to {one_line(revision.to[0])}" if revision.to else "to nobody")
    if len(revision.to) + len(revision.cc) + len(revision.bcc) > 1:
        words[-1] += f" +{len(revision.to) + len(revision.cc) + len(revision.bcc) - 1}"
    left_out = len(hidden(revision.text)) if sitting.typed is None else 0
    if left_out:
        words.append(f"{counted(left_out, 'hidden character')} left out")
    return " · ".join(words)


def underlines(case: Case, shown: str) -> list[Underline]:
    """The stretches of the shown words that findings are about; those that are settled have none."""
    revision = case.revision
    if revision is None:
        return []
    beyond = {c.fingerprint for c in case.unauthorised}
    same = revision.text == shown
    found = []
    for finding in case.examination.findings:
        commitment = finding.kind is FindingKind.COMMITMENT
        if case.settled(finding) is not None or (commitment and finding.fingerprint not in beyond):
            continue
        span_ = (finding.start, finding.end)
        if not same:
            span_ = find_quote(shown, block(finding.quote)) or (0, 0)
        if span_[1] > span_[0]:
            look = "bad" if finding.blocking or commitment else "warn"
            found.append(Underline(*span_, look, ("finding", finding.fingerprint)))
    for claim in case.examination.claims:
        if claim.support is Support.SUPPORTED:
            place = (claim.start, claim.end) if same else find_quote(shown, block(claim.quote)) or (0, 0)
            if place[1] > place[0]:
                found.append(Underline(*place, "good", ("claim", (claim.start, claim.quote))))
    return found
