"""The gate, a second time: triggers inside the database, for code that is careless or hostile.

BEFORE triggers built from operators and literals only: a function could be replaced by whoever holds the
connection. Every message begins with `gate:`; `engine` turns it into a sentence.
"""

from __future__ import annotations

APPEND_ONLY = (
    "message",
    "raw",
    "attachment",
    "preparation",
    "revision",
    "finding",
    "settlement",
    "seen",
    "answer",
    "decision",
    "approval",
    "audit",
    "escalation_event",
)
"""Tables whose rows are written once."""

_KEYS = {"raw": "sha256"}

_SENDS = "('approve','request_information')"


def _append_only(name: str) -> list[str]:
    key = _KEYS.get(name, "rowid")
    return [
        f"CREATE TRIGGER {name}_is_not_changed BEFORE UPDATE ON {name}"
        f" BEGIN SELECT RAISE(ABORT, 'gate: a {name} is never changed'); END",
        f"CREATE TRIGGER {name}_is_not_deleted BEFORE DELETE ON {name}"
        f" BEGIN SELECT RAISE(ABORT, 'gate: a {name} is never deleted'); END",
        # INSERT OR REPLACE deletes without firing DELETE triggers unless recursive_triggers is on.
        f"CREATE TRIGGER {name}_is_not_replaced BEFORE INSERT ON {name}"
        f" WHEN EXISTS (SELECT 1 FROM {name} WHERE {key} = NEW.{key})"
        f" BEGIN SELECT RAISE(ABORT, 'gate: a {name} is never replaced'); END",
    ]


def _refuse(name: str, on: str, when: str, words: str) -> str:
    return f"CREATE TRIGGER {name} {on} WHEN {when} BEGIN SELECT RAISE(ABORT, 'gate: {words}'); END"


def _latest(item: str) -> str:
    """The value of the approver's latest answer to an item, on these words (or this thread)."""
    bound = "a.thread_version = NEW.thread_version"
    if item != "'thread'":
        bound += " AND a.revision_id = NEW.revision_id"
    return (
        f"(SELECT a.value FROM answer a WHERE a.ticket_id = NEW.ticket_id AND a.item = {item}"
        f" AND a.by = NEW.by AND {bound} ORDER BY a.id DESC LIMIT 1)"
    )


def _approval() -> list[str]:
    on = "BEFORE INSERT ON approval"
    item_guards = [
        _refuse(f"approval_needs_{item}", on, f"{_latest(repr(item))} IS NOT 'confirmed'", f"{item} is not confirmed")
        for item in ("thread", "facts", "commitments", "tone")
    ]
    revision = "SELECT 1 FROM revision r WHERE r.id = NEW.revision_id AND r.ticket_id = NEW.ticket_id"
    unsettled = (
        "EXISTS (SELECT 1 FROM finding f WHERE f.revision_id = NEW.revision_id AND f.blocking IS NOT 0"
        " AND f.kind IS NOT 'commitment' AND NOT EXISTS (SELECT 1 FROM settlement s"
        " WHERE s.ticket_id = NEW.ticket_id AND s.fingerprint = f.fingerprint))"
    )
    return [
        *item_guards,
        _refuse(
            "approval_needs_privacy",
            on,
            f"EXISTS ({revision} AND r.privacy IS NOT 0) AND {_latest(repr('privacy'))} IS NOT 'confirmed'",
            "privacy is not confirmed",
        ),
        _refuse(
            "approval_needs_decision",
            on,
            "NOT EXISTS (SELECT 1 FROM decision d WHERE d.id = NEW.decision_id AND d.ticket_id = NEW.ticket_id"
            f" AND d.by = NEW.by AND d.revision_id = NEW.revision_id AND d.kind IN {_SENDS})",
            "no decision of the approver allows it",
        ),
        _refuse(
            "approval_needs_active_person",
            on,
            "NOT EXISTS (SELECT 1 FROM person p WHERE p.login = NEW.by AND p.active = 1)",
            "the approver is not active here",
        ),
        _refuse(
            "approval_needs_current_thread",
            on,
            "NOT EXISTS (SELECT 1 FROM ticket t WHERE t.id = NEW.ticket_id AND t.thread_version = NEW.thread_version)",
            "the thread has moved on",
        ),
        _refuse(
            "approval_needs_latest_revision",
            on,
            f"NOT EXISTS ({revision} AND r.thread_version = NEW.thread_version AND NOT EXISTS"
            " (SELECT 1 FROM revision later WHERE later.ticket_id = r.ticket_id AND later.number > r.number))",
            "these are not the latest words",
        ),
        _refuse("approval_needs_settled_findings", on, unsettled, "a blocking finding is open"),
        _refuse(
            "approval_needs_read_thread",
            on,
            "EXISTS (SELECT 1 FROM message m WHERE m.ticket_id = NEW.ticket_id AND NOT EXISTS"
            " (SELECT 1 FROM seen s WHERE s.message_id = m.id AND s.login = NEW.by))",
            "a message was not on screen",
        ),
        _refuse(
            "approval_is_for_the_taker",
            on,
            "NOT EXISTS (SELECT 1 FROM lease l WHERE l.ticket_id = NEW.ticket_id AND l.login = NEW.by)",
            "the approver does not have the ticket",
        ),
    ]


_MOVES = (
    ("queued", "claimed"),
    ("queued", "cancelled"),
    ("claimed", "claimed"),
    ("claimed", "sent"),
    ("claimed", "failed"),
    ("claimed", "uncertain"),
    ("claimed", "queued"),
    ("claimed", "cancelled"),
    ("uncertain", "sent"),
    ("uncertain", "cancelled"),
    ("failed", "queued"),
    ("failed", "cancelled"),
)


def _outbox() -> list[str]:
    allowed = " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, b in _MOVES)
    return [
        _refuse(
            "outbox_needs_approval",
            "BEFORE INSERT ON outbox",
            "NEW.state IS NOT 'queued' OR NOT EXISTS (SELECT 1 FROM approval a WHERE a.id = NEW.approval_id"
            " AND a.ticket_id = NEW.ticket_id) OR EXISTS (SELECT 1 FROM outbox o WHERE o.approval_id = NEW.approval_id"
            " OR o.id = NEW.id)",
            "nothing leaves without an unused approval",
        ),
        _refuse("outbox_moves", "BEFORE UPDATE OF state ON outbox", f"NOT ({allowed})", "the outbox does not move so"),
        _refuse(
            "outbox_came_from_queue",
            "BEFORE UPDATE ON outbox",
            "NEW.id IS NOT OLD.id OR NEW.approval_id IS NOT OLD.approval_id OR NEW.ticket_id IS NOT OLD.ticket_id"
            " OR NEW.message_id IS NOT OLD.message_id",
            "an outbox entry keeps its approval",
        ),
        "CREATE TRIGGER outbox_is_not_deleted BEFORE DELETE ON outbox"
        " BEGIN SELECT RAISE(ABORT, 'gate: an outbox entry is never deleted'); END",
    ]


def _flags() -> list[str]:
    return [
        _refuse(
            "flag_is_lowered_by_a_person",
            "BEFORE UPDATE ON flag",
            "NEW.kind IS NOT OLD.kind OR NEW.ticket_id IS NOT OLD.ticket_id OR NEW.quote IS NOT OLD.quote"
            " OR NEW.source IS NOT OLD.source OR NEW.cleared_reason = '' OR NEW.cleared_at IS NULL"
            " OR NOT EXISTS (SELECT 1 FROM person p WHERE p.login = NEW.cleared_by AND p.active = 1)",
            "only a person lowers a flag, with a reason",
        ),
        _refuse(
            "flag_is_raised_uncleared",
            "BEFORE INSERT ON flag",
            "NEW.cleared_at IS NOT NULL OR EXISTS (SELECT 1 FROM flag f WHERE f.id = NEW.id)",
            "a flag is raised before it is lowered",
        ),
        "CREATE TRIGGER flag_is_not_deleted BEFORE DELETE ON flag"
        " BEGIN SELECT RAISE(ABORT, 'gate: a flag is never deleted'); END",
    ]


def statements() -> tuple[str, ...]:
    """Every guard as one CREATE TRIGGER statement."""
    found: list[str] = []
    for name in APPEND_ONLY:
        found += _append_only(name)
    return tuple(found + _approval() + _outbox() + _flags())
