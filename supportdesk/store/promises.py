"""The ledger of commitments, on a database connection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from supportdesk.domain.promise import Promise, PromiseState
from supportdesk.domain.words import CommitmentKind
from supportdesk.errors import NotFound
from supportdesk.store import mapping
from supportdesk.store.tables import GrantRow, PromiseRow, add, table

_PROMISE = table(PromiseRow)
_GRANT = table(GrantRow)


class SqlPromises:
    """The `Promises` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def add(self, promise: Promise, approval_id: int, fingerprint: str, queue: str) -> int:
        """Keep what an approval promises; it counts once the reply is sent."""
        values = {
            "ticket_id": promise.ticket_id,
            "approval_id": approval_id,
            "fingerprint": fingerprint,
            "kind": promise.kind.value,
            "quote": mapping.storable(promise.quote),
            "amount": promise.amount,
            "currency": promise.currency,
            "to_json": mapping.packed(list(promise.to)),
            "due_at": None if promise.due_at is None else mapping.milliseconds(promise.due_at),
            "by": promise.by,
            "authority": promise.authority,
            "queue": queue,
            "at": mapping.milliseconds(promise.at),
            "state": PromiseState.UNSENT.value,
            "settled_by": "",
            "note": "",
        }
        return add(self._connection, _PROMISE, values)

    def granted_by(self, revision_id: int, fingerprint: str) -> str:
        """Who granted a commitment of a revision; empty when nobody needed to."""
        which = (_GRANT.c.revision_id == revision_id) & (_GRANT.c.fingerprint == fingerprint)
        statement = select(_GRANT.c.decided_by).where(which, _GRANT.c.state == "granted").limit(1)
        return str(self._connection.execute(statement).scalar() or "")

    def get(self, promise_id: int) -> Promise:
        """One promise. Raises NotFound."""
        row = self._connection.execute(select(_PROMISE).where(_PROMISE.c.id == promise_id)).mappings().first()
        if row is None:
            raise NotFound(f"There is no promise {promise_id}; `supportdesk promises` lists them.")
        return _promise_from(row)

    def all(
        self, states: Sequence[PromiseState], *, due_before: datetime | None = None, ticket_id: int | None = None
    ) -> tuple[Promise, ...]:
        """Promises in these states, the soonest due first, those without a day last."""
        statement = select(_PROMISE).where(_PROMISE.c.state.in_([s.value for s in states]))
        if due_before is not None:
            statement = statement.where(_PROMISE.c.due_at < mapping.milliseconds(due_before))
        if ticket_id is not None:
            statement = statement.where(_PROMISE.c.ticket_id == ticket_id)
        order = (_PROMISE.c.due_at.is_(None), _PROMISE.c.due_at, _PROMISE.c.id)
        return tuple(_promise_from(row) for row in self._connection.execute(statement.order_by(*order)).mappings())

    def change(self, promise_id: int, **fields: object) -> None:
        """Set fields of a promise."""
        values = {
            name: mapping.milliseconds(value)
            if isinstance(value, datetime)
            else mapping.storable(value)
            if isinstance(value, str)
            else value
            for name, value in fields.items()
        }
        self._connection.execute(update(_PROMISE).where(_PROMISE.c.id == promise_id).values(values))


def _promise_from(row: Any) -> Promise:
    at = mapping.moment(row["at"])
    assert at is not None
    return Promise(
        **{name: row[name] for name in ("id", "ticket_id", "quote", "amount", "currency", "by", "authority")},
        kind=CommitmentKind(row["kind"]),
        to=tuple(json.loads(row["to_json"])),
        due_at=mapping.moment(row["due_at"]),
        at=at,
        state=PromiseState(row["state"]),
        warned_at=mapping.moment(row["warned_at"]),
        settled_at=mapping.moment(row["settled_at"]),
        settled_by=row["settled_by"],
        note=row["note"],
    )
