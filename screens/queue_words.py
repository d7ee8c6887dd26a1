"""What the queue says: its orders, its views, and what to do where nothing is."""

from __future__ import annotations

from collections.abc import Mapping

from supportdesk.domain.query import QueueQuery, Sort
from widgets.views_list import View

ORDERS = {
    Sort.PRESSING: "most pressing first",
    Sort.NEWEST: "newest first",
    Sort.OLDEST: "oldest first",
    Sort.REQUESTER: "by requester",
    Sort.QUEUE: "by queue",
}

EXPLAINED = {
    Sort.PRESSING: "Escalations and urgent ones, then by due time (review path: 4 h earlier), then by age; o: orders",
    Sort.NEWEST: "By the last message, the newest on top; o: other orders",
    Sort.OLDEST: "By the last message, the oldest on top; o: other orders",
    Sort.REQUESTER: "By the requester's address, then most pressing first; o: other orders",
    Sort.QUEUE: "By queue, then most pressing first; o: other orders",
}
"""Each order in a line."""

HEADINGS = {"due": Sort.PRESSING, "requester": Sort.REQUESTER, "queue": Sort.QUEUE, "age": Sort.NEWEST}
"""The order a click on a heading takes."""

NOTHING_AT_ALL = """Nothing here yet.
Enter shows how to begin: look at a sample desk, import a mailbox, connect IMAP, choose a model.

Or from a shell (supportdesk demo opens the sample); tickets appear here by themselves:

supportdesk import mail.mbox       a mailbox, a Maildir, .eml files, JSON Lines
supportdesk articles import DIR    what your drafts may rest on
supportdesk prepare                summary, triage and a draft for each ticket"""

NOTHING_WAITS = """Nothing waits.
Everything is answered, paused or with somebody else.

v goes to the views: Waits for others shows what waits for a reply or a time, Done what is done."""

NOTHING_FITS = """No ticket fits this filter.
Esc drops it; / changes it. There are queue:, trigger:, status:, priority:, path:, channel:, requester:,
assignee:me, is:free, is:unread, is:late, older:2d, and plain words from subjects, people, messages and notes."""

BUILT_IN = (
    View("Waiting for us", ""),
    View("Mine", "assignee:me"),
    View("Unread", "is:unread"),
    View("Late", "is:late"),
    View("Escalations", "path:escalation"),
    View("Free routine", "path:routine is:free"),
    View("Waits for others", "is:waiting"),
    View("Done", "is:resolved"),
)
"""Views everybody has."""


def nothing(query: QueueQuery, *, empty_desk: bool) -> str:
    """What to say in an empty queue."""
    if empty_desk:
        return NOTHING_AT_ALL
    return NOTHING_WAITS if query == QueueQuery(sort=query.sort) else NOTHING_FITS


def listed(own: Mapping[str, str], queues: Mapping[str, str]) -> list[View]:
    """All views under their headings: everybody's, one's own, one a queue (names and titles)."""
    found = [View("Views", "", heading=True), *BUILT_IN]
    if own:
        found += [View("Your own", "", heading=True), *(View(name, typed, own=True) for name, typed in own.items())]
    if queues:
        found.append(View("Queues", "", heading=True))
        found += [View(title or name, f"queue:{name}") for name, title in queues.items()]
    return found
