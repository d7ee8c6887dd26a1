"""The queue's services at a million tickets against a thousand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.domain.query import QueueQuery, Sort
from supportdesk.services.desk import Desk
from supportdesk.settings import Settings

from .rows import Row, side_by_side

SMALL, LARGE = 1_000, 1_000_000


def rows() -> Iterator[Row]:
    """Reading all ids, another order, a page of rows and one ticket's review."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = (_filled(Path(folder) / f"{size}.db", size) for size in (SMALL, LARGE))
        against = f"the same at {SMALL:,} tickets"
        size = f"{LARGE:,} tickets"
        ids = {id(desk): desk.queue.ids(QueueQuery()) for desk in (small, large)}

        def page(desk: Desk) -> None:
            at = len(ids[id(desk)]) // 2
            for _ in range(20):
                assert len(desk.queue.page(ids[id(desk)][at : at + 60])) == 60

        def review(desk: Desk) -> None:
            for _ in range(20):
                desk.review.read(ids[id(desk)][7], desk.person)

        yield side_by_side(f"page of 60 rows, {size}", lambda: page(large), lambda: page(small), against, 1.3)
        yield side_by_side(f"one review, {size}", lambda: review(large), lambda: review(small), against, 1.3)
        order = QueueQuery(sort=Sort.OLDEST)
        yield side_by_side(f"other order, {size}", lambda: _all(large, order), _second, "one second", 1.0)
        yield side_by_side(f"all ids, {size}", lambda: _all(large, QueueQuery()), _second, "one second", 1.0)
        small.close()
        large.close()


def _all(desk: Desk, query: QueueQuery) -> None:
    assert len(desk.queue.ids(query)) > 0


def _second() -> None:
    import time

    time.sleep(1)


def _filled(file: Path, size: int) -> Desk:
    """A desk with so many tickets of one message each, written in bulk."""
    import sqlite3

    desk = open_desk(file, Settings(), login="lea")
    desk.close()
    connection = sqlite3.connect(file)
    now = 1_773_306_000_000
    columns = (
        "external, subject, requester_email, requester_name, channel, queue, category, priority, path, status,"
        " grouping, assignee, triggers, language, tags, records, thread_version, prepared_version, stale, version,"
        " reopened, created_at, updated_at, wake_on_message, press"
    )
    ticket = (
        f"INSERT INTO ticket ({columns})"
        f" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size})"
        " SELECT '', 'Subject of ticket ' || i, 'c' || (i % 5000) || '@x.example', 'Customer ' || i, 'mail', 'general',"
        f" 'general', 'normal', 'review', 'open', 'open', '', '', 'en', '[]', '{{}}', 1, 1, 0, 1, 0, {now} - i * 1000,"
        f" {now} - i * 1000, 0, {now} + (i * 7919 % 1000003) FROM n"
    )
    message = (
        "INSERT INTO message (ticket_id, position, author, sender_name, sender_email, to_json, cc_json, sent_at,"
        " channel, kind, message_id, references_json, remarks_json, text, raw, fingerprint)"
        " SELECT id, 0, 'customer', requester_name, requester_email, '[]', '[]', created_at, 'mail', 'ordinary',"
        " 'm' || id, '[]', '[]', 'Where is my order ' || id || '?', '', 'mid:m' || id FROM ticket"
    )
    with connection:
        connection.execute(ticket)
        connection.execute(message)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return open_desk(file, Settings(), login="lea")
