"""Preparations, flags, revisions, answers, settlements, what was seen, and who has a ticket."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, text, update

from supportdesk.domain.case import Answer, Revision, Settlement
from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Examination
from supportdesk.domain.preparation import Preparation, Trigger
from supportdesk.domain.records import Lease
from supportdesk.domain.words import DecisionKind, FlagSource, Settled, TriggerKind
from supportdesk.services.ports import Clock
from supportdesk.store import mapping
from supportdesk.store.compiled import Compiled
from supportdesk.store.grants import SqlGrants
from supportdesk.store.tables import (
    AnswerRow,
    CommitmentRow,
    DecisionRow,
    FindingRow,
    FlagRow,
    LeaseRow,
    MessageRow,
    PreparationRow,
    RevisionRow,
    SeenRow,
    SettlementRow,
    add,
    table,
)

_PREPARATION = table(PreparationRow)
_FLAG = table(FlagRow)
_REVISION = table(RevisionRow)
_FINDING = table(FindingRow)
_SETTLEMENT = table(SettlementRow)
_SEEN = table(SeenRow)
_ANSWER = table(AnswerRow)
_DECISION = table(DecisionRow)
_COMMITMENT = table(CommitmentRow)
_LEASE = table(LeaseRow)
_MESSAGE = table(MessageRow)

# Made once: a case is loaded for every act, and making a statement costs several times what SQLite needs to run it.
_T: BindParameter[int] = bindparam("ticket")
_LATEST_PREPARATION = Compiled(
    select(_PREPARATION).where(_PREPARATION.c.ticket_id == _T).order_by(_PREPARATION.c.id.desc()).limit(1)
)
_LATEST_REVISION = Compiled(
    select(_REVISION).where(_REVISION.c.ticket_id == _T).order_by(_REVISION.c.number.desc()).limit(1)
)
_LATEST_ANSWERS = Compiled(
    select(_ANSWER)
    .where(
        _ANSWER.c.id.in_(
            select(func.max(_ANSWER.c.id)).where(_ANSWER.c.ticket_id == _T).group_by(_ANSWER.c.item, _ANSWER.c.by)
        )
    )
    .order_by(_ANSWER.c.id)
)
_SETTLEMENTS = Compiled(select(_SETTLEMENT).where(_SETTLEMENT.c.ticket_id == _T).order_by(_SETTLEMENT.c.id))
_SEEN_BY = Compiled(select(_SEEN.c.message_id).where(_SEEN.c.ticket_id == _T, _SEEN.c.login == bindparam("by")))
_REJECTED = Compiled(
    select(_DECISION.c.id)
    .where(_DECISION.c.revision_id == bindparam("revision"), _DECISION.c.kind == DecisionKind.REJECT.value)
    .limit(1)
)
_HELD = Compiled(
    select(_LEASE).where(
        _LEASE.c.ticket_id == _T, _LEASE.c.boot == bindparam("at_boot"), _LEASE.c.until > bindparam("uptime")
    )
)
_SINCE = Compiled(select(_LEASE.c.since).where(_LEASE.c.ticket_id == _T))
_FREE = Compiled(delete(_LEASE).where(_LEASE.c.ticket_id == _T))
_TAKE = Compiled(insert(_LEASE))
_RAISE = text(
    "INSERT OR IGNORE INTO flag (ticket_id, kind, source, message, quote, raised_at, cleared_by, cleared_reason)"
    " VALUES (:ticket, :kind, :source, :message, :quote, :at, '', '')"
)
_UP = Compiled(select(_FLAG).where(_FLAG.c.ticket_id == _T, _FLAG.c.cleared_at.is_(None)).order_by(_FLAG.c.id))
_MESSAGE_IDS = Compiled(
    select(_MESSAGE.c.id).where(_MESSAGE.c.ticket_id == _T).order_by(_MESSAGE.c.sent_at, _MESSAGE.c.id)
)
_LAST_NUMBER = Compiled(select(func.max(_REVISION.c.number)).where(_REVISION.c.ticket_id == _T))


class SqlReviews(SqlGrants):
    """The `Reviews` port on a database connection."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """Work inside this connection's transaction."""
        super().__init__(connection)
        self._clock = clock

    def add_preparation(self, ticket_id: int, preparation: Preparation, at: datetime) -> int:
        """Keep a preparation; returns its id."""
        values = {
            "ticket_id": ticket_id,
            "thread_version": preparation.thread_version,
            "at": mapping.milliseconds(at),
            "assistant": preparation.provenance.assistant,
            "body": mapping.to_json(Preparation, preparation),
        }
        return add(self._connection, _PREPARATION, values)

    def preparation(self, ticket_id: int) -> Preparation | None:
        """The latest preparation."""
        row = _LATEST_PREPARATION.first(self._connection, ticket=ticket_id)
        if row is None:
            return None
        return replace(mapping.preparation_from(row), id=row["id"], at=mapping.moment(row["at"]))

    def raise_flags(self, ticket_id: int, triggers: Iterable[Trigger], at: datetime) -> None:
        """Raise flags; those already there, cleared ones too, stay as they are."""
        triggers = tuple(triggers)
        if not triggers:
            return
        messages = self._message_ids(ticket_id)
        rows = [
            {
                "ticket": ticket_id,
                "kind": t.kind.value,
                "source": t.source.value,
                "message": messages[t.message] if 0 <= t.message < len(messages) else 0,
                "quote": mapping.storable(t.quote),
                "at": mapping.milliseconds(at),
            }
            for t in triggers
        ]
        self._connection.execute(_RAISE, rows)

    def _message_ids(self, ticket_id: int) -> list[int]:
        return _MESSAGE_IDS.values(self._connection, ticket=ticket_id)

    def flags(self, ticket_id: int) -> tuple[Trigger, ...]:
        """Flags that are up."""
        rows = _UP.rows(self._connection, ticket=ticket_id)
        if not rows:
            return ()
        places = {row_id: position for position, row_id in enumerate(self._message_ids(ticket_id))}
        return tuple(
            Trigger(TriggerKind(row["kind"]), places.get(row["message"], -1), row["quote"], FlagSource(row["source"]))
            for row in rows
        )

    def clear_flag(self, ticket_id: int, kind: str, by: str, reason: str, at: datetime) -> int:
        """Lower every flag of a kind; returns how many."""
        which = (_FLAG.c.ticket_id == ticket_id) & (_FLAG.c.kind == kind) & _FLAG.c.cleared_at.is_(None)
        values = {"cleared_by": by, "cleared_reason": reason, "cleared_at": mapping.milliseconds(at)}
        return self._connection.execute(update(_FLAG).where(which).values(values)).rowcount

    def add_revision(self, ticket_id: int, revision: Revision, examination: Examination, at: datetime) -> Revision:
        """Keep a new revision with what the checks say of it; returns it with number and id."""
        number = int(_LAST_NUMBER.value(self._connection, ticket=ticket_id) or 0) + 1
        values: dict[str, object] = {
            "ticket_id": ticket_id,
            "number": number,
            "kind": revision.kind.value,
            "subject": mapping.storable(revision.subject),
            "text": mapping.storable(revision.text),
            "by": revision.by,
            "thread_version": revision.thread_version,
            "to_json": mapping.packed(list(revision.to)),
            "cc_json": mapping.packed(list(revision.cc)),
            "bcc_json": mapping.packed(list(revision.bcc)),
            "attachments_json": mapping.packed(list(revision.attachments)),
            "citations_json": mapping.packed(list(revision.citations)),
            "examination": mapping.to_json(Examination, examination),
            "privacy": int(examination.privacy_called_for),
            "at": mapping.milliseconds(at),
        }
        row_id = add(self._connection, _REVISION, values)
        findings = [
            {
                "revision_id": row_id,
                "kind": f.kind.value,
                "subkind": f.subkind,
                "fingerprint": f.fingerprint,
                "blocking": int(examination.waits(f)),
            }
            for f in examination.findings
        ]
        if findings:
            self._connection.execute(insert(_FINDING), findings)
        commitments = [
            {
                "revision_id": row_id,
                "fingerprint": c.fingerprint,
                "kind": c.kind.value,
                "amount": None if c.amount is None else mapping.thousandths(c.amount, ROUND_CEILING),
                "currency": c.currency,
            }
            for c in examination.commitments
        ]
        if commitments:
            self._connection.execute(insert(_COMMITMENT), commitments)
        return mapping.revision_from({**values, "id": row_id})

    def revision(self, ticket_id: int) -> tuple[Revision, Examination] | None:
        """The latest revision and its examination."""
        row = _LATEST_REVISION.first(self._connection, ticket=ticket_id)
        if row is None:
            return None
        return mapping.revision_from(row), mapping.examination_from(row["examination"])

    def revisions(self, ticket_id: int) -> tuple[Revision, ...]:
        """All revisions, oldest first."""
        statement = select(_REVISION).where(_REVISION.c.ticket_id == ticket_id).order_by(_REVISION.c.number)
        return tuple(mapping.revision_from(dict(row)) for row in self._connection.execute(statement).mappings())

    def add_answer(self, ticket_id: int, answer: Answer, at: datetime) -> None:
        """Record an answer; the latest counts."""
        values = {
            "ticket_id": ticket_id,
            "item": answer.item,
            "value": answer.value.value,
            "by": answer.by,
            "revision_id": answer.revision,
            "thread_version": answer.thread_version,
            "reason": mapping.storable(answer.reason),
            "note": mapping.storable(answer.note),
            "at": mapping.milliseconds(at),
        }
        add(self._connection, _ANSWER, values)

    def answers(self, ticket_id: int) -> tuple[Answer, ...]:
        """Every reviewer's latest answer per item."""
        rows = _LATEST_ANSWERS.rows(self._connection, ticket=ticket_id)
        return tuple(mapping.answer_from(row) for row in rows)

    def add_settlement(self, ticket_id: int, revision_id: int, settlement: Settlement, at: datetime) -> None:
        """Record how a finding was settled."""
        values = {
            "ticket_id": ticket_id,
            "revision_id": revision_id,
            "fingerprint": settlement.fingerprint,
            "how": settlement.how.value,
            "by": settlement.by,
            "reason": mapping.storable(settlement.reason),
            "evidence": mapping.to_json(Evidence, settlement.evidence) if settlement.evidence else "null",
            "at": mapping.milliseconds(at),
        }
        add(self._connection, _SETTLEMENT, values)

    def settlements(self, ticket_id: int) -> tuple[Settlement, ...]:
        """All settlements of a ticket."""
        return tuple(
            Settlement(
                row["fingerprint"],
                Settled(row["how"]),
                row["by"],
                row["reason"],
                None if row["evidence"] == "null" else mapping.adapter(Evidence).validate_json(row["evidence"]),
            )
            for row in _SETTLEMENTS.rows(self._connection, ticket=ticket_id)
        )

    def see(self, ticket_id: int, login: str, message_ids: Iterable[int], at: datetime) -> int:
        """Record messages as seen; returns how many were new."""
        known = self.seen(ticket_id, login)
        stamp = mapping.milliseconds(at)
        rows = [
            {"message_id": i, "login": login, "ticket_id": ticket_id, "at": stamp}
            for i in dict.fromkeys(message_ids)
            if i not in known
        ]
        if rows:
            self._connection.execute(insert(_SEEN), rows)
        return len(rows)

    def seen(self, ticket_id: int, login: str) -> frozenset[int]:
        """Row ids of the messages a person has seen."""
        return frozenset(_SEEN_BY.values(self._connection, ticket=ticket_id, by=login))

    def rejected(self, revision_id: int) -> bool:
        """Whether a revision was rejected."""
        return _REJECTED.value(self._connection, revision=revision_id) is not None

    def lease(self, ticket_id: int) -> Lease | None:
        """Who has a ticket now, by the boot clock."""
        boot, uptime = self._clock.boot()
        row = _HELD.first(self._connection, ticket=ticket_id, at_boot=boot, uptime=uptime)
        if row is None:
            return None
        since = self._clock.now() - timedelta(milliseconds=uptime - row["since"])
        return Lease(row["login"], since, row["until"] - uptime)

    def set_lease(self, ticket_id: int, login: str, milliseconds: int) -> None:
        """Give a ticket to somebody for so long; 0 frees it."""
        held = self.lease(ticket_id)
        boot, uptime = self._clock.boot()
        since = uptime
        if held is not None and held.login == login:
            since = int(_SINCE.value(self._connection, ticket=ticket_id))
        _FREE.run(self._connection, ticket=ticket_id)
        if milliseconds > 0:
            ends = uptime + milliseconds
            _TAKE.run(self._connection, ticket_id=ticket_id, login=login, boot=boot, since=since, until=ends)
