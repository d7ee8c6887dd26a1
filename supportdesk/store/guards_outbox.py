# ruff: noqa: S608 (every name put into a statement is our own)
"""Guards of what leaves and of grants: name, event, refusing condition and words of each."""

from __future__ import annotations

from collections.abc import Callable

Guard = tuple[str, str, str, str]

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


def outbox() -> list[Guard]:
    """What an outbox entry needs to be there and to move."""
    allowed = " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, b in _MOVES)
    update = "BEFORE UPDATE ON outbox"
    return [
        (
            "outbox_needs_approval",
            "BEFORE INSERT ON outbox",
            "NEW.state IS NOT 'queued' OR NEW.stage IS NOT '' OR NEW.message_id = '' OR NOT EXISTS"
            " (SELECT 1 FROM approval a, ticket t WHERE a.id = NEW.approval_id AND a.ticket_id = NEW.ticket_id"
            " AND t.id = a.ticket_id AND t.thread_version = a.thread_version AND NOT EXISTS"
            " (SELECT 1 FROM revision later WHERE later.ticket_id = a.ticket_id AND later.id > a.revision_id))",
            "nothing leaves without a valid approval",
        ),
        (
            "outbox_uses_an_approval_once",
            "BEFORE INSERT ON outbox",
            "EXISTS (SELECT 1 FROM outbox o WHERE o.approval_id = NEW.approval_id OR o.id = NEW.id"
            " OR o.message_id = NEW.message_id)",
            "an approval is used once",
        ),
        (
            "outbox_uses_up_grants",
            "BEFORE INSERT ON outbox",
            "EXISTS (SELECT 1 FROM approval a, commitment_grant y WHERE a.id = NEW.approval_id"
            " AND y.revision_id = a.revision_id AND y.state = 'granted' AND y.used_by_approval IS NULL)",
            "a grant is used up by its approval",
        ),
        ("outbox_moves", update, f"NOT ({allowed})", "the outbox does not move so"),
        (
            "outbox_keeps_its_approval",
            update,
            "NEW.id IS NOT OLD.id OR NEW.approval_id IS NOT OLD.approval_id OR NEW.ticket_id IS NOT OLD.ticket_id"
            " OR NEW.message_id IS NOT OLD.message_id OR NEW.queued_at IS NOT OLD.queued_at",
            "an outbox entry keeps its approval",
        ),
        (
            "outbox_sends_what_was_handed_over",
            update,
            "NEW.state IN ('sent','uncertain') AND OLD.stage = ''",
            "only what was handed over is sent",
        ),
        (
            "outbox_hands_over_from_a_claim",
            update,
            "NEW.stage IS NOT '' AND NEW.stage IS NOT OLD.stage"
            " AND NOT (OLD.state = 'claimed' AND NEW.state = 'claimed')",
            "only a claimed reply is handed over",
        ),
        (
            "outbox_tries_again_when_told_no",
            update,
            "NEW.state = 'queued' AND OLD.stage = 'data' AND NEW.attempts <= OLD.attempts",
            "an unclear reply is not sent again",
        ),
        (
            "outbox_is_settled_by_a_person",
            update,
            "OLD.state = 'uncertain' AND (NEW.settled_reason = '' OR NOT EXISTS"
            " (SELECT 1 FROM person p WHERE p.login = NEW.settled_by AND p.active = 1))",
            "only a person settles an unclear reply, with a reason",
        ),
    ]


def grants(may_promise: Callable[[str, str, str], str], active: str) -> list[Guard]:
    """How a grant is asked for, decided and used."""
    fixed = ("id", "ticket_id", "revision_id", "fingerprint", "quote", "kind", "amount", "currency", "asked_by")
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in (*fixed, "asked_at", "asked_reason"))
    update = "BEFORE UPDATE ON commitment_grant"
    bound = (
        "SELECT 1 FROM commitment c, revision r WHERE c.revision_id = NEW.revision_id AND r.id = c.revision_id"
        " AND r.ticket_id = NEW.ticket_id AND c.fingerprint = NEW.fingerprint"
    )
    return [
        (
            "grant_is_asked_for_first",
            "BEFORE INSERT ON commitment_grant",
            "NEW.state IS NOT 'asked' OR NEW.used_by_approval IS NOT NULL OR NEW.decided_by IS NOT ''"
            f" OR NEW.asked_reason = '' OR NOT {active.format('NEW.asked_by')} OR NOT EXISTS ({bound})",
            "a grant is asked for first, by an active person, for a commitment of these words",
        ),
        (
            "grant_is_not_replaced",
            "BEFORE INSERT ON commitment_grant",
            "EXISTS (SELECT 1 FROM commitment_grant y WHERE y.id = NEW.id)",
            "a grant is never replaced",
        ),
        ("grant_stays_what_was_asked", update, changed, "a grant stays what was asked"),
        (
            "grant_moves",
            update,
            "NOT ((OLD.state = 'asked' AND NEW.state IN ('granted','refused') AND NEW.used_by_approval IS NULL)"
            " OR (OLD.state = 'granted' AND NEW.state = 'granted' AND OLD.used_by_approval IS NULL"
            " AND NEW.decided_by IS OLD.decided_by))",
            "a grant is decided once",
        ),
        (
            "grant_is_anothers",
            update,
            "OLD.state = 'asked' AND (NEW.decided_by = OLD.asked_by OR NEW.decided_reason = ''"
            f" OR NEW.decided_at IS NULL OR NOT {active.format('NEW.decided_by')})",
            "another active person decides on a grant, with a reason",
        ),
        (
            "grant_needs_authority",
            update,
            "OLD.state = 'asked' AND NEW.state = 'granted'"
            " AND NOT EXISTS (SELECT 1 FROM commitment c WHERE c.revision_id = NEW.revision_id"
            f" AND c.fingerprint = NEW.fingerprint AND {may_promise('NEW.decided_by', 'c', 'NEW.ticket_id')})",
            "only who may promise it grants it",
        ),
        (
            "grant_is_used_by_its_approval",
            update,
            "OLD.state = 'granted' AND NOT EXISTS (SELECT 1 FROM approval a WHERE a.id = NEW.used_by_approval"
            " AND a.revision_id = OLD.revision_id)",
            "a grant is used by the approval of its words",
        ),
    ]
