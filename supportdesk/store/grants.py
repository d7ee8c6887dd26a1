"""Requests for a commitment beyond one's authority, on a database connection."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from supportdesk.domain.findings import Commitment
from supportdesk.domain.records import Grant
from supportdesk.domain.words import CommitmentKind
from supportdesk.errors import NotFound
from supportdesk.store import mapping
from supportdesk.store.compiled import Compiled
from supportdesk.store.tables import GrantRow, RevisionRow, add, table

_GRANT = table(GrantRow)
_REVISION = table(RevisionRow)
_UNUSED = (
    (_GRANT.c.revision_id == bindparam("revision"))
    & (_GRANT.c.state == "granted")
    & _GRANT.c.used_by_approval.is_(None)
)
_GRANTED = Compiled(select(_GRANT.c.fingerprint).where(_GRANT.c.ticket_id == bindparam("ticket"), _UNUSED))
_USE = Compiled(update(_GRANT).where(_UNUSED).values(used_by_approval=bindparam("approval")))


class SqlGrants:
    """The grants' part of the `Reviews` port."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def ask_grant(
        self, ticket_id: int, revision_id: int, commitment: Commitment, by: str, why: str, at: datetime
    ) -> int:
        """Ask for a commitment beyond one's authority; returns the request's id."""
        values = {
            "ticket_id": ticket_id,
            "revision_id": revision_id,
            "fingerprint": commitment.fingerprint,
            "quote": mapping.storable(commitment.quote),
            "kind": commitment.kind.value,
            "amount": "" if commitment.amount is None else str(commitment.amount),
            "currency": commitment.currency,
            "asked_by": by,
            "asked_at": mapping.milliseconds(at),
            "asked_reason": mapping.storable(why),
            "state": "asked",
            "decided_by": "",
            "decided_reason": "",
        }
        return add(self._connection, _GRANT, values)

    def grant(self, grant_id: int) -> Grant:
        """A request. Raises NotFound."""
        row = self._connection.execute(select(_GRANT).where(_GRANT.c.id == grant_id)).mappings().first()
        if row is None:
            raise NotFound(f"There is no request for a grant with number {grant_id}.")
        return _grant_from(row)

    def grants_waiting(self, ticket_id: int | None = None) -> tuple[Grant, ...]:
        """Requests for words that are still a ticket's latest and nobody decided, oldest first."""
        latest = select(func.max(_REVISION.c.id)).where(_REVISION.c.ticket_id == _GRANT.c.ticket_id).scalar_subquery()
        statement = select(_GRANT).where(_GRANT.c.state == "asked", _GRANT.c.revision_id == latest)
        if ticket_id is not None:
            statement = statement.where(_GRANT.c.ticket_id == ticket_id)
        rows = self._connection.execute(statement.order_by(_GRANT.c.id)).mappings()
        return tuple(_grant_from(row) for row in rows)

    def decide_grant(self, grant_id: int, by: str, *, granted: bool, reason: str, at: datetime) -> None:
        """Grant or refuse. The database refuses one's own and those beyond one's authority."""
        values = {
            "state": "granted" if granted else "refused",
            "decided_by": by,
            "decided_at": mapping.milliseconds(at),
            "decided_reason": mapping.storable(reason),
        }
        self._connection.execute(update(_GRANT).where(_GRANT.c.id == grant_id).values(values))

    def use_grants(self, revision_id: int, approval_id: int) -> int:
        """Use up a revision's grants for its approval; returns how many."""
        return _USE.run(self._connection, revision=revision_id, approval=approval_id).rowcount

    def grants(self, ticket_id: int, revision_id: int) -> frozenset[str]:
        """Fingerprints of commitments granted for a revision and not used yet."""
        return frozenset(_GRANTED.values(self._connection, ticket=ticket_id, revision=revision_id))


def _grant_from(row: Any) -> Grant:
    return Grant(
        id=row["id"],
        ticket_id=row["ticket_id"],
        revision_id=row["revision_id"],
        fingerprint=row["fingerprint"],
        quote=row["quote"],
        kind=CommitmentKind(row["kind"]),
        amount=Decimal(row["amount"]) if row["amount"] else None,
        currency=row["currency"],
        asked_by=row["asked_by"],
        asked_at=mapping.moment(row["asked_at"]),  # type: ignore[arg-type]
        asked_reason=row["asked_reason"],
        state=row["state"],
        decided_by=row["decided_by"],
        decided_at=mapping.moment(row["decided_at"]),
        decided_reason=row["decided_reason"],
        used=row["used_by_approval"] is not None,
    )
