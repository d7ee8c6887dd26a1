"""Escalations, their clocks and what happened to them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from supportdesk.domain.escalation import Escalation, EscalationEvent, EscalationState, Step
from supportdesk.errors import NotFound
from supportdesk.store import mapping
from supportdesk.store.tables import EscalationEventRow, EscalationRow, table

_ESCALATION = table(EscalationRow)
_EVENT = table(EscalationEventRow)
_CHUNK = 500
_PLAIN = [
    "id",
    "ticket_id",
    "trigger",
    "owner",
    "backup",
    "expected",
    "opened_by",
    "reason",
    "note",
    "acknowledged_by",
    "resolved_by",
    "outcome",
    "instruction",
    "step",
    "boot",
    "uptime",
]
_MOMENTS = ("acknowledge_by", "resolve_by", "acknowledged_at", "resolved_at")


class SqlEscalations:
    """The `Escalated` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def get(self, escalation_id: int) -> Escalation:
        """One escalation with its events. Raises NotFound."""
        rows = self._connection.execute(select(_ESCALATION).where(_ESCALATION.c.id == escalation_id)).mappings().all()
        if not rows:
            raise NotFound(f"There is no escalation {escalation_id} at this desk.")
        return self._whole(rows)[0]

    def all(self, *, undecided: bool = True, ticket_id: int | None = None) -> tuple[Escalation, ...]:
        """Escalations with their events, oldest first."""
        statement = select(_ESCALATION)
        if undecided:
            waiting = [s.value for s in EscalationState if s is not EscalationState.DECIDED]
            statement = statement.where(_ESCALATION.c.state.in_(waiting))
        if ticket_id is not None:
            statement = statement.where(_ESCALATION.c.ticket_id == ticket_id)
        return self._whole(self._connection.execute(statement.order_by(_ESCALATION.c.id)).mappings().all())

    def add_event(self, escalation_id: int, event: EscalationEvent) -> None:
        """Record something that happened."""
        same = (_EVENT.c.escalation_id == escalation_id) & (_EVENT.c.step == event.step.value)
        counted = select(func.count()).select_from(_EVENT).where(same, _EVENT.c.turn == event.turn)
        values = {
            "escalation_id": escalation_id,
            "step": event.step.value,
            "turn": event.turn,
            "number": self._connection.execute(counted).scalar_one(),
            "at": mapping.milliseconds(event.at),
            "due_at": None if event.due_at is None else mapping.milliseconds(event.due_at),
            "who": mapping.storable(event.who),
        }
        self._connection.execute(insert(_EVENT).values(values))

    def change(self, escalation_id: int, **fields: object) -> None:
        """Set fields of an escalation."""
        values = {
            name: mapping.milliseconds(value)
            if isinstance(value, datetime)
            else mapping.storable(value)
            if isinstance(value, str)
            else value
            for name, value in fields.items()
        }
        self._connection.execute(update(_ESCALATION).where(_ESCALATION.c.id == escalation_id).values(values))

    def _whole(self, rows: Sequence[Any]) -> tuple[Escalation, ...]:
        events: dict[int, list[EscalationEvent]] = defaultdict(list)
        ids = [row["id"] for row in rows]
        for start in range(0, len(ids), _CHUNK):
            some = _EVENT.c.escalation_id.in_(ids[start : start + _CHUNK])
            for row in self._connection.execute(select(_EVENT).where(some).order_by(_EVENT.c.id)).mappings():
                events[row["escalation_id"]].append(_event_from(row))
        return tuple(_escalation_from(row, tuple(events[row["id"]])) for row in rows)


def _event_from(row: Any) -> EscalationEvent:
    at = mapping.moment(row["at"])
    assert at is not None
    return EscalationEvent(Step(row["step"]), at, row["turn"], mapping.moment(row["due_at"]), row["who"])


def _escalation_from(row: Any, events: tuple[EscalationEvent, ...]) -> Escalation:
    opened = mapping.moment(row["opened_at"])
    assert opened is not None
    return Escalation(
        **{name: row[name] for name in _PLAIN},
        **{name: mapping.moment(row[name]) for name in _MOMENTS},  # type: ignore[arg-type]
        opened_at=opened,
        state=EscalationState(row["state"]),
        context=tuple(json.loads(row["context_json"])),
        events=events,
    )
