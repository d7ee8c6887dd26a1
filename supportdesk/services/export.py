"""The desk out again: everything as JSON Lines, which another desk takes in; what was sent as an mbox."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime

from supportdesk.domain.words import OutboxState
from supportdesk.services.delivery import Sending
from supportdesk.services.ports import Clock, Store

FORMAT = 1
"""Version of the lines; the first line of an export says it."""
_TOGETHER = 100


class Exporting:
    """Everything a desk holds, as lines."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Read this store."""
        self._store = store
        self._clock = clock

    def count(self) -> int:
        """How many tickets there are."""
        with self._store.read() as tx:
            return tx.exports.count()

    def lines(self, progress: Callable[[], object] = lambda: None) -> Iterator[str]:
        """The desk, a JSON object a line: files before the ticket they belong to, the desk's own records last."""
        yield _line("desk", supportdesk=FORMAT, desk=self._store.desk_id, at=self._clock.now().isoformat())
        last = 0
        while True:
            # Short transactions: a reader left open would let the store's log grow without bound.
            with self._store.read() as tx:
                ids = tx.exports.after(last, _TOGETHER)
                for ticket_id in ids:
                    ticket = tx.exports.ticket(ticket_id)
                    ticket["decisions"] = list(tx.decisions.last_decisions(ticket_id))
                    ticket["history"] = list(tx.exports.audit(ticket_id))
                    digests = [m["raw"] for m in ticket["messages"] if m["raw"]]
                    digests += [f["sha256"] for m in ticket["messages"] for f in m["attachments"] if f["sha256"]]
                    for sha256, content in tx.exports.contents(digests):
                        yield _line("file", sha256=sha256, content_base64=base64.b64encode(content).decode("ascii"))
                    yield _line("ticket", supportdesk=FORMAT, **ticket)
                    progress()
            if not ids:
                break
            last = ids[-1]
        with self._store.read() as tx:
            for record in tx.exports.audit(0):
                yield _line("record", supportdesk=FORMAT, **record)


def sent_mails(store: Store, sending: Sending) -> Iterator[tuple[str, datetime, bytes]]:
    """Every reply that left, oldest first: its sender, when it left, and the mail."""
    with store.read() as tx:
        entries = tx.decisions.outbox([OutboxState.SENT])
    for entry in entries:
        outgoing, raw = sending.mail_of(entry)
        yield outgoing.sender.email, entry.changed_at or entry.not_before, raw


def mbox_entry(sender: str, at: datetime, raw: bytes) -> bytes:
    """A mail as an mbox (mboxrd) holds it."""
    lines = raw.replace(b"\r\n", b"\n").split(b"\n")
    quoted = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines]
    head = f"From {sender.replace(' ', '') or 'MAILER-DAEMON'} {at:%a %b %d %H:%M:%S %Y}\n"
    return head.encode("ascii", "replace") + b"\n".join(quoted).rstrip(b"\n") + b"\n\n"


def _line(kind: str, **values: object) -> str:
    return json.dumps({"type": kind, **values}, ensure_ascii=True, separators=(",", ":"), default=str)
