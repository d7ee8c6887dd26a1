"""Decisions, approvals, escalations and the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from supportdesk.domain.decision import Decision, Look, canonical
from supportdesk.domain.records import OutboxEntry
from supportdesk.domain.thread import Ticket
from supportdesk.domain.words import DecisionKind, OutboxState
from supportdesk.errors import NotFound
from supportdesk.services.ports import Clock
from supportdesk.store import mapping
from supportdesk.store.compiled import Compiled
from supportdesk.store.tables import (
    ApprovalRow,
    DecisionDetailRow,
    DecisionRow,
    EscalationRow,
    GateRuleRow,
    OutboxRow,
    PreparationRow,
    add,
    table,
)

_DECISION = table(DecisionRow)
_APPROVAL = table(ApprovalRow)
_OUTBOX = table(OutboxRow)
_ESCALATION = table(EscalationRow)
_RULE = table(GateRuleRow)
_DETAIL = table(DecisionDetailRow)
_PREPARATION = table(PreparationRow)
_OF_TICKET = Compiled(select(_DECISION).where(_DECISION.c.ticket_id == bindparam("ticket")).order_by(_DECISION.c.id))


# What leaves is kept in columns of its own, where the database's guards can hold it against the revision.
_IN_COLUMNS = {
    "subject": "subject",
    "text": "text",
    "to": "to_json",
    "cc": "cc_json",
    "bcc": "bcc_json",
    "attachments": "attachments_json",
}
_ENTRIES = select(
    _OUTBOX, _APPROVAL.c.digest, _APPROVAL.c.payload, *(_APPROVAL.c[column] for column in _IN_COLUMNS.values())
).select_from(_OUTBOX.join(_APPROVAL, _APPROVAL.c.id == _OUTBOX.c.approval_id))
_ENTRY = Compiled(_ENTRIES.where(_OUTBOX.c.id == bindparam("entry")))
_READY = _OUTBOX.c.not_before <= bindparam("now")
_DUE, _DUE_OR_UNTRIED = (
    Compiled(
        select(_OUTBOX.c.id)
        .where(_OUTBOX.c.state == OutboxState.QUEUED.value, ready)
        .order_by(_OUTBOX.c.not_before, _OUTBOX.c.id)
        .limit(1)
    )
    for ready in (_READY, _READY | (_OUTBOX.c.attempts == 0))
)


class SqlDecisions:
    """The `Decisions` port on a database connection."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection
        self._clock = clock

    def add_decision(
        self, ticket: Ticket, decision: Decision, by: str, revision_id: int | None, look: Look, at: datetime
    ) -> int:
        """Keep a decision; returns its id."""
        values = {
            "ticket_id": ticket.id,
            "kind": decision.kind.value,
            "by": by,
            "at": mapping.milliseconds(at),
            "revision_id": revision_id,
            "thread_version": ticket.thread_version,
            "reason": mapping.storable(decision.reason),
            "note": mapping.storable(decision.note),
            "queue_before": ticket.queue,
            "body": mapping.to_json(Decision, decision),
            "seconds": round(look.seconds),
            "messages_shown": look.messages,
            "words": look.words,
            "evidence_opened": look.evidence_opened,
        }
        decision_id = add(self._connection, _DECISION, values)
        self._add_details(decision_id, ticket, decision, by, values["at"])
        return decision_id

    def _add_details(self, decision_id: int, ticket: Ticket, decision: Decision, by: str, at: object) -> None:
        """What the decision was about, for the figures."""
        about: list[tuple[str, str]] = []
        if decision.kind is DecisionKind.REROUTE:
            about = [("wrong_routes", f"{ticket.queue} → {mapping.storable(decision.queue)}")]
        elif decision.kind is DecisionKind.REQUEST_INFORMATION:
            query = select(_PREPARATION.c.body).where(
                _PREPARATION.c.ticket_id == ticket.id, _PREPARATION.c.thread_version <= ticket.thread_version
            )
            body = self._connection.execute(query.order_by(_PREPARATION.c.id.desc()).limit(1)).scalar()
            names = [m["name"] for m in json.loads(body)["triage"]["missing"]] if body else []
            about = [("missing", f"{ticket.category}: {name}") for name in dict.fromkeys(names)]
        same = {"decision_id": decision_id, "ticket_id": ticket.id, "at": at, "queue": ticket.queue, "reviewer": by}
        for what, key in about:
            self._connection.execute(insert(_DETAIL).values(what=what, key=key, **same))

    def know_rules(self, rules: Iterable[tuple[str, str, str, int | None, str, str]]) -> bool:
        """Let the database know the gate's rules; returns whether they were others before."""
        wanted = sorted(set(rules), key=str)
        names = ("what", "kind", "role", "up_to", "currency", "queue")
        columns = [_RULE.c[name] for name in names]
        if sorted((tuple(row) for row in self._connection.execute(select(*columns))), key=str) == wanted:
            return False
        self._connection.execute(delete(_RULE))
        if wanted:
            self._connection.execute(insert(_RULE), [dict(zip(names, rule, strict=True)) for rule in wanted])
        return True

    def add_approval(self, decision_id: int, payload: Mapping[str, object], digest: str, at: datetime) -> int:
        """Keep an approval; returns its id. The database refuses one that the gate would refuse."""
        boot, uptime = self._clock.boot()
        rest = {key: value for key, value in payload.items() if key not in _IN_COLUMNS}
        values = {
            "decision_id": decision_id,
            "ticket_id": payload["ticket"],
            "revision_id": payload["revision"],
            "thread_version": payload["thread_version"],
            "by": payload["approver"],
            **{column: payload[key] for key, column in _IN_COLUMNS.items() if column == key},
            **{column: mapping.packed(payload[key]) for key, column in _IN_COLUMNS.items() if column != key},
            "boot": boot,
            "uptime": uptime,
            "digest": digest,
            "payload": canonical(rest).decode("ascii"),
            "at": mapping.milliseconds(at),
        }
        return add(self._connection, _APPROVAL, values)

    def queue_reply(self, approval_id: int, ticket_id: int, message_id: str, not_before: datetime, at: datetime) -> int:
        """Put an approved reply into the outbox; returns its id."""
        values = {
            "approval_id": approval_id,
            "ticket_id": ticket_id,
            "message_id": message_id,
            "state": OutboxState.QUEUED.value,
            "not_before": mapping.milliseconds(not_before),
            "queued_at": mapping.milliseconds(at),
            "changed_at": mapping.milliseconds(at),
            "stage": "",
            "claimed_by": "",
            "attempts": 0,
            "result": "{}",
            "settled_by": "",
            "settled_reason": "",
        }
        return add(self._connection, _OUTBOX, values)

    def add_escalation(self, ticket_id: int, decision_id: int, decision: Decision, by: str, at: datetime) -> int:
        """Open an escalation; returns its id."""
        values = {
            "ticket_id": ticket_id,
            "decision_id": decision_id,
            "trigger": decision.trigger,
            "owner": decision.owner,
            "backup": decision.backup,
            "expected": mapping.storable(decision.expected),
            "reason": mapping.storable(decision.reason),
            "note": mapping.storable(decision.note),
            "context_json": mapping.packed(list(decision.context)),
            "state": "open",
            "opened_at": mapping.milliseconds(at),
            "opened_by": by,
            "acknowledged_by": "",
            "resolved_by": "",
            "outcome": "",
            "instruction": "",
            "step": 0,
            "boot": self._clock.boot()[0],
            "uptime": self._clock.boot()[1],
        }
        return add(self._connection, _ESCALATION, values)

    def outbox(self, states: Sequence[OutboxState] = (), ticket_id: int | None = None) -> tuple[OutboxEntry, ...]:
        """Outbox entries, oldest first."""
        statement = _ENTRIES
        if states:
            statement = statement.where(_OUTBOX.c.state.in_([s.value for s in states]))
        if ticket_id is not None:
            statement = statement.where(_OUTBOX.c.ticket_id == ticket_id)
        rows = self._connection.execute(statement.order_by(_OUTBOX.c.id)).mappings()
        return tuple(_entry_from(row) for row in rows)

    def entry(self, entry_id: int) -> OutboxEntry:
        """One outbox entry. Raises NotFound."""
        row = _ENTRY.first(self._connection, entry=entry_id)
        if row is None:
            raise NotFound(f"The outbox has no entry {entry_id}.")
        return _entry_from(row)

    def claim_due(self, by: str, now: datetime, *, untried: bool = False) -> OutboxEntry | None:
        """Claim the oldest reply whose time has come, or (`untried`) that was not tried yet; None without one."""
        stamp = mapping.milliseconds(now)
        entry_id = (_DUE_OR_UNTRIED if untried else _DUE).value(self._connection, now=stamp)
        if entry_id is None:
            return None
        self.move(entry_id, OutboxState.CLAIMED, now, claimed_by=by, claimed_at=stamp, stage="")
        return self.entry(entry_id)

    def move(self, entry_id: int, state: OutboxState, at: datetime, **fields: object) -> None:
        """Move an outbox entry along its state machine. The database refuses any other way."""
        values = {k: mapping.packed(v) if isinstance(v, dict) else v for k, v in fields.items()}
        if isinstance(values.get("not_before"), datetime):
            values["not_before"] = mapping.milliseconds(values["not_before"])  # type: ignore[arg-type]
        values |= {"state": state.value, "changed_at": mapping.milliseconds(at)}
        _moving(tuple(values)).run(self._connection, entry=entry_id, **values)

    def last_decisions(self, ticket_id: int) -> tuple[Mapping[str, object], ...]:
        """A ticket's decisions, oldest first, as plain values."""
        return tuple(
            {**row, "at": mapping.moment(row["at"]), "body": json.loads(row["body"])}
            for row in _OF_TICKET.rows(self._connection, ticket=ticket_id)
        )


@cache
def _moving(fields: tuple[str, ...]) -> Compiled:
    """An UPDATE of these fields of an outbox entry, made once."""
    which = _OUTBOX.c.id == bindparam("entry")
    return Compiled(update(_OUTBOX).where(which).values({name: bindparam(name) for name in fields}))


def bound_by(row: Any) -> dict[str, object]:
    """What of an approval's payload stands in columns of its own."""
    return {key: row[column] if key == column else json.loads(row[column]) for key, column in _IN_COLUMNS.items()}


def _entry_from(row: Any) -> OutboxEntry:
    return OutboxEntry(
        id=row["id"],
        approval_id=row["approval_id"],
        ticket_id=row["ticket_id"],
        message_id=row["message_id"],
        state=OutboxState(row["state"]),
        stage=row["stage"],
        not_before=mapping.moment(row["not_before"]),  # type: ignore[arg-type]
        attempts=row["attempts"],
        digest=row["digest"],
        payload={**json.loads(row["payload"]), **bound_by(row)},
        result=json.loads(row["result"]),
        claimed_by=row["claimed_by"],
        changed_at=mapping.moment(row["changed_at"]),
    )
