# ruff: noqa: S608 (every name put into a statement is our own)
"""The gate, a second time: triggers inside the database, for code that is careless or hostile.

BEFORE triggers built from operators and literals only: a function could be replaced by whoever holds the
connection. Every message begins with `gate:`; `engine` turns it into a sentence.
"""

from __future__ import annotations

from supportdesk.store import guards_outbox

APPEND_ONLY = (
    "message",
    "raw",
    "attachment",
    "preparation",
    "revision",
    "finding",
    "commitment",
    "settlement",
    "seen",
    "answer",
    "decision",
    "approval",
    "audit",
    "escalation_event",
    "erasure",
    "check_correction",
)
"""Tables whose rows are written once."""

# INSERT OR REPLACE deletes without firing DELETE triggers unless recursive_triggers is on: every unique key is guarded.
_KEYS = {
    "message": (("id",), ("ticket_id", "position"), ("fingerprint",)),
    "raw": (("sha256",),),
    "revision": (("id",), ("ticket_id", "number")),
    "seen": (("message_id", "login"),),
    "approval": (("id",), ("decision_id",)),
    "escalation_event": (("id",), ("escalation_id", "step", "turn", "number")),
}

_SENDS = "('approve','request_information')"
_ACTIVE = "EXISTS (SELECT 1 FROM person p WHERE p.login = {} AND p.active = 1)"


def refuse(name: str, on: str, when: str, words: str) -> str:
    """A trigger that refuses when a condition holds; a condition that is NULL counts as holding."""
    return f"CREATE TRIGGER {name} {on} WHEN ({when}) IS NOT 0 BEGIN SELECT RAISE(ABORT, 'gate: {words}'); END"


def _never(name: str, verb: str) -> str:
    done = {"UPDATE": "changed", "DELETE": "deleted"}[verb]
    return (
        f"CREATE TRIGGER {name}_is_not_{done} BEFORE {verb} ON {name}"
        f" BEGIN SELECT RAISE(ABORT, 'gate: a {name} is never {done}'); END"
    )


def _append_only(name: str) -> list[str]:
    keys = _KEYS.get(name, (("id",),))
    same = " OR ".join("(" + " AND ".join(f"o.{column} = NEW.{column}" for column in key) + ")" for key in keys)
    return [
        _never(name, "UPDATE"),
        _never(name, "DELETE"),
        refuse(
            f"{name}_is_not_replaced",
            f"BEFORE INSERT ON {name}",
            f"EXISTS (SELECT 1 FROM {name} o WHERE {same})",
            f"a {name} is never replaced",
        ),
    ]


def _latest(item: str) -> str:
    """The value of the approver's latest answer to an item, on these words (or this thread)."""
    bound = "a.thread_version = NEW.thread_version"
    if item != "'thread'":
        bound += " AND a.revision_id = NEW.revision_id"
    return (
        f"(SELECT a.value FROM answer a WHERE a.ticket_id = NEW.ticket_id AND a.item = {item}"
        f" AND a.by = NEW.by AND {bound} ORDER BY a.id DESC LIMIT 1)"
    )


def may_promise(login: str, commitment: str, ticket: str) -> str:
    """Whether a person may make a commitment by themselves: `domain.people.authorised` in operators."""
    c = commitment
    return (
        "EXISTS (SELECT 1 FROM gate_rule g, person p, ticket t"
        f" WHERE g.what = 'authority' AND p.login = {login} AND p.role = g.role AND t.id = {ticket}"
        f" AND g.kind = {c}.kind AND (g.queue = '' OR g.queue = t.queue)"
        f" AND (g.kind IS NOT 'money' OR g.up_to IS NULL OR ({c}.amount <= g.up_to"
        f" AND (g.currency = '' OR g.currency = {c}.currency))))"
    )


_REVISION = "SELECT 1 FROM revision r WHERE r.id = NEW.revision_id"
_BOUND = ("subject", "text", "to_json", "cc_json", "bcc_json", "attachments_json")


def _approval_words() -> list[tuple[str, str, str]]:
    same = " AND ".join(f"r.{column} = NEW.{column}" for column in _BOUND)
    return [
        (
            "approval_needs_current_thread",
            "NOT EXISTS (SELECT 1 FROM ticket t WHERE t.id = NEW.ticket_id AND t.thread_version = NEW.thread_version)",
            "the thread has moved on",
        ),
        (
            "approval_needs_open_ticket",
            "EXISTS (SELECT 1 FROM ticket t WHERE t.id = NEW.ticket_id AND t.grouping = 'resolved')",
            "the ticket is resolved",
        ),
        (
            "approval_needs_latest_revision",
            f"NOT EXISTS ({_REVISION} AND r.ticket_id = NEW.ticket_id AND r.thread_version = NEW.thread_version"
            " AND NOT EXISTS (SELECT 1 FROM revision later"
            " WHERE later.ticket_id = r.ticket_id AND later.number > r.number))",
            "these are not the latest words",
        ),
        (
            "approval_binds_the_words",
            f"NOT EXISTS ({_REVISION} AND {same})",
            "the words or recipients are not those of the revision",
        ),
        ("approval_needs_words", "NEW.text = '' OR NEW.to_json = '[]' OR NEW.digest = ''", "there is nothing to send"),
        (
            "approval_needs_unrejected_words",
            "EXISTS (SELECT 1 FROM decision d WHERE d.revision_id = NEW.revision_id AND d.kind = 'reject')",
            "these words were rejected",
        ),
        (
            "approval_is_of_no_exercise",
            "EXISTS (SELECT 1 FROM exercise x WHERE x.draft = NEW.text)",
            "these words are an exercise''s, with a fault in them",
        ),
        (
            "approval_needs_four_eyes",
            f"EXISTS ({_REVISION} AND r.by = NEW.by) AND EXISTS (SELECT 1 FROM flag f, gate_rule g"
            " WHERE f.ticket_id = NEW.ticket_id AND f.cleared_at IS NULL AND g.what = 'four_eyes' AND g.kind = f.kind)",
            "somebody else must approve these words",
        ),
    ]


def _approval_checks() -> list[tuple[str, str, str]]:
    settled = "EXISTS (SELECT 1 FROM settlement s WHERE s.ticket_id = NEW.ticket_id AND s.fingerprint = f.fingerprint)"
    granted = (
        "EXISTS (SELECT 1 FROM commitment_grant y WHERE y.revision_id = c.revision_id"
        " AND y.fingerprint = c.fingerprint AND y.state = 'granted' AND y.used_by_approval IS NULL)"
    )
    items = [
        (f"approval_needs_{item}", f"{_latest(repr(item))} IS NOT 'confirmed'", f"{item} is not confirmed")
        for item in ("thread", "facts", "commitments", "tone")
    ]
    privacy = f"EXISTS ({_REVISION} AND r.privacy IS NOT 0) AND {_latest(repr('privacy'))} IS NOT 'confirmed'"
    own = f"EXISTS (SELECT 1 FROM gate_rule g WHERE g.what = 'item' AND {_latest('g.kind')} IS NOT 'confirmed')"
    return [
        *items,
        ("approval_needs_privacy", privacy, "privacy is not confirmed"),
        ("approval_needs_own_items", own, "an item of the team is not confirmed"),
        (
            "approval_needs_settled_findings",
            "EXISTS (SELECT 1 FROM finding f WHERE f.revision_id = NEW.revision_id AND f.blocking IS NOT 0"
            f" AND f.kind IS NOT 'commitment' AND NOT {settled})",
            "a finding is open",
        ),
        (
            "approval_needs_authority",
            "EXISTS (SELECT 1 FROM commitment c WHERE c.revision_id = NEW.revision_id"
            f" AND NOT {granted} AND NOT {may_promise('NEW.by', 'c', 'NEW.ticket_id')})",
            "a commitment is beyond the approver",
        ),
        (
            "approval_needs_read_thread",
            "EXISTS (SELECT 1 FROM message m WHERE m.ticket_id = NEW.ticket_id AND NOT EXISTS"
            " (SELECT 1 FROM seen s WHERE s.message_id = m.id AND s.login = NEW.by))",
            "a message was not on screen",
        ),
    ]


def _approval_person() -> list[tuple[str, str, str]]:
    return [
        (
            "approval_needs_decision",
            "NOT EXISTS (SELECT 1 FROM decision d WHERE d.id = NEW.decision_id AND d.ticket_id = NEW.ticket_id"
            " AND d.by = NEW.by AND d.revision_id = NEW.revision_id"
            f" AND d.kind IN {_SENDS} AND NOT EXISTS"
            " (SELECT 1 FROM decision later WHERE later.ticket_id = d.ticket_id AND later.id > d.id))",
            "no decision of the approver allows it",
        ),
        ("approval_needs_active_person", f"NOT {_ACTIVE.format('NEW.by')}", "the approver is not active here"),
        (
            "approval_is_for_the_taker",
            "NOT EXISTS (SELECT 1 FROM lease l WHERE l.ticket_id = NEW.ticket_id AND l.login = NEW.by"
            " AND l.boot = NEW.boot AND l.since <= NEW.uptime AND l.until > NEW.uptime)",
            "the approver does not have the ticket",
        ),
    ]


def _review() -> list[str]:
    ticket = "SELECT 1 FROM ticket t WHERE t.id = NEW.ticket_id AND t.thread_version = NEW.thread_version"
    inserts = [
        (
            "revision",
            "revision_is_of_this_thread",
            f"NEW.by = '' OR NOT EXISTS ({ticket})",
            "a draft answers its thread",
        ),
        (
            "answer",
            "answer_is_a_persons",
            f"NOT {_ACTIVE.format('NEW.by')} OR NEW.item = '' OR NEW.value NOT IN ('confirmed','problem','not_judged')",
            "an answer is an active person''s",
        ),
        ("answer", "answer_is_of_this_thread", f"NOT EXISTS ({ticket})", "an answer is about the thread as it is"),
        (
            "settlement",
            "settlement_is_a_persons",
            f"NOT {_ACTIVE.format('NEW.by')} OR (NEW.reason = '' AND NEW.evidence = 'null')"
            " OR NEW.how NOT IN ('evidence','override')",
            "a finding is settled by an active person, with a reason",
        ),
        (
            "settlement",
            "settlement_is_of_a_finding",
            "NOT EXISTS (SELECT 1 FROM finding f, revision r WHERE r.id = NEW.revision_id AND f.revision_id = r.id"
            " AND r.ticket_id = NEW.ticket_id AND f.fingerprint = NEW.fingerprint AND f.kind IS NOT 'commitment')",
            "only a finding of these words is settled, and a commitment by authority alone",
        ),
        (
            "seen",
            "seen_is_of_this_ticket",
            "NOT EXISTS (SELECT 1 FROM message m WHERE m.id = NEW.message_id AND m.ticket_id = NEW.ticket_id)"
            " OR NOT EXISTS (SELECT 1 FROM person p WHERE p.login = NEW.login)",
            "only a message of the ticket is seen, by somebody of the desk",
        ),
        (
            "decision",
            "decision_is_a_persons",
            f"NOT {_ACTIVE.format('NEW.by')} OR NOT EXISTS ({ticket}) OR (NEW.reason = '' AND"
            " NEW.kind IN ('reroute','escalate','reject'))",
            "an active person decides on the thread as it is",
        ),
    ]
    return [refuse(name, f"BEFORE INSERT ON {on}", when, words) for on, name, when, words in inserts]


def _flags() -> list[str]:
    return [
        refuse(
            "flag_is_lowered_by_a_person",
            "BEFORE UPDATE ON flag",
            "NEW.id IS NOT OLD.id OR NEW.kind IS NOT OLD.kind OR NEW.ticket_id IS NOT OLD.ticket_id"
            " OR NEW.quote IS NOT OLD.quote OR NEW.source IS NOT OLD.source OR OLD.cleared_at IS NOT NULL"
            f" OR NEW.cleared_reason = '' OR NEW.cleared_at IS NULL OR NOT {_ACTIVE.format('NEW.cleared_by')}",
            "only a person lowers a flag, with a reason",
        ),
        # Raised twice is raised once; RAISE(IGNORE) also stops REPLACE before it deletes.
        "CREATE TRIGGER flag_is_not_replaced BEFORE INSERT ON flag WHEN EXISTS (SELECT 1 FROM flag f"
        " WHERE f.id = NEW.id OR (f.ticket_id = NEW.ticket_id AND f.kind = NEW.kind AND f.source = NEW.source"
        " AND f.quote = NEW.quote)) BEGIN SELECT RAISE(IGNORE); END",
        refuse(
            "flag_is_raised_uncleared",
            "BEFORE INSERT ON flag",
            "NEW.cleared_at IS NOT NULL",
            "a flag is raised before it is lowered",
        ),
        _never("flag", "DELETE"),
    ]


def _tickets() -> list[str]:
    return [
        refuse(
            "ticket_never_goes_back",
            "BEFORE UPDATE ON ticket",
            "NEW.id IS NOT OLD.id OR NEW.thread_version < OLD.thread_version",
            "a thread never goes back",
        ),
        refuse(
            "ticket_is_not_replaced",
            "BEFORE INSERT ON ticket",
            "EXISTS (SELECT 1 FROM ticket t WHERE t.id = NEW.id)",
            "a ticket is never replaced",
        ),
        refuse(
            "ticket_is_not_deleted",
            "BEFORE DELETE ON ticket",
            "EXISTS (SELECT 1 FROM message m WHERE m.ticket_id = OLD.id)",
            "a ticket with messages is never deleted",
        ),
    ]


def _people() -> list[str]:
    lead = "EXISTS (SELECT 1 FROM person p WHERE p.login = NEW.changed_by AND p.role = 'lead' AND p.active = 1)"
    return [
        refuse(
            "person_is_added_by_a_lead",
            "BEFORE INSERT ON person",
            f"NEW.login = '' OR NEW.login = 'assistant' OR EXISTS (SELECT 1 FROM person p WHERE p.login = NEW.login)"
            f" OR (EXISTS (SELECT 1 FROM person) AND NOT {lead})",
            "only a lead adds a person",
        ),
        refuse(
            "person_is_changed_by_a_lead",
            "BEFORE UPDATE ON person",
            # The counter makes every change deliberate: a stray UPDATE leaves it, and is refused.
            f"NEW.login IS NOT OLD.login OR NEW.changes IS NOT OLD.changes + 1 OR NOT {lead}",
            "only a lead changes a person",
        ),
        _never("person", "DELETE"),
    ]


def statements() -> tuple[str, ...]:
    """Every guard as one CREATE TRIGGER statement."""
    found = [statement for name in APPEND_ONLY for statement in _append_only(name)]
    on = "BEFORE INSERT ON approval"
    checks = (*_approval_checks(), *_approval_person(), *_approval_words())
    found += [refuse(name, on, when, words) for name, when, words in checks]
    found += [*_review(), *_flags(), *_tickets(), *_people()]
    rest = (*guards_outbox.outbox(), *guards_outbox.grants(may_promise, _ACTIVE))
    found += [refuse(*guard) for guard in rest]
    return (*found, _never("outbox", "DELETE"), _never("commitment_grant", "DELETE"))
