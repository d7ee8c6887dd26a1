"""Closer calls: everything right but one thing, or something wrong that is somebody else's."""

from __future__ import annotations

from typing import Any

from hostile.gate_attacks import Forge, Held
from hostile.gate_ways import ATTACKS, HONEST, _lower, _one_of_each, _person, add

__all__ = ["ATTACKS", "HONEST"]

ITEMS = ("thread", "facts", "commitments", "tone")


def _moved_on(f: Forge, without: str, **values: Any) -> None:
    """A second message, read; new words; answered but for one item, which was answered otherwise."""
    f.answers(1, 11, without)
    f.another_message(1)
    f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1")
    f.insert("seen", message_id=999, login="ana", ticket_id=1)
    f.words(1, id=11, number=2, thread_version=2)
    if values:
        f.answers(1, 11, without, **{"thread_version": 2, **values})
    f.answers(1, 11, *(item for item in ITEMS if item != without), thread_version=2)
    f.approve(1, f.decide(1, revision_id=11, thread_version=2), revision_id=11, thread_version=2)


for item in ITEMS:
    add(f"{item} answered before the message came", lambda f, item=item: _moved_on(f, item))
    add(f"{item} answered by another after it came", lambda f, item=item: _moved_on(f, item, by="ben"))
    add(
        f"{item} answered for the words before",
        lambda f, item=item: _moved_on(f, item, thread_version=2, value="problem"),
    )
add("all answered after the message came", lambda f: _moved_on(f, "tone", value="confirmed"), HONEST)
add("privacy answered by another", lambda f: (f.ticket(3, privacy=1), f.answers(3, 30, "privacy", by="ben"), f.send(3)))
add("privacy answered for other words", lambda f: (f.ticket(3, privacy=1), f.answers(3, 31, "privacy"), f.send(3)))
add(
    "a team item by another",
    lambda f: (f.rule(what="item", kind="brand"), f.answers(1, 10, "brand", by="ben"), f.send(1)),
)
add("no words at all", lambda f: (f.ticket(3, text=""), f.send(3)))
add("nobody to send to", lambda f: (f.ticket(3, to_json="[]"), f.send(3)))
add("approver sent home meanwhile", lambda f: f.approve(1, _then(f.decide(1), _person(f, "ana", active=0))))
add(
    "thread moved on meanwhile",
    lambda f: f.approve(1, _then(f.decide(1), f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1"))),
)
add("a decision that is not there", lambda f: (f.decide(1), f.approve(1, 4711)))
add("an approval that is not there", lambda f: (f.approve(1), f.queue(1, 4711)))
add(
    "words of another revision",
    lambda f: (
        f.words(1, id=11, number=2, text="New."),
        f.answers(1, 11),
        f.approve(1, f.decide(1, revision_id=11), revision_id=11, text="We are open."),
    ),
)


def _then(value: Any, _done: object) -> Any:
    return value


def _stale_words(f: Forge) -> None:
    f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1")
    f.answers(1, 10, thread_version=2)
    f.approve(1, f.decide(1, thread_version=2), thread_version=2)


add("words for the thread before", _stale_words)


def _billing_elsewhere(f: Forge, role: str) -> None:
    f.sql("UPDATE ticket SET queue = 'billing' WHERE id = 2")
    f.rule(role=role, queue="billing")
    f.promise(1)


add("authority in another ticket's queue", lambda f: (_billing_elsewhere(f, "agent"), f.send(1)))
add(
    "a grant with authority in another ticket's queue", lambda f: (_billing_elsewhere(f, "approver"), f.grant(f.ask(1)))
)
for name, rule in (
    ("another kind", {"kind": "deadline"}),
    ("another queue", {"queue": "billing"}),
    ("another currency", {"currency": "USD"}),
    ("a smaller amount", {"up_to": 49_999}),
    ("something else", {"what": "four_eyes"}),
):
    add(f"a grant with authority for {name}", lambda f, rule=rule: (f.rule(**rule), f.promise(1), f.grant(f.ask(1))))
add(
    "a grant for a smaller promise elsewhere",
    lambda f: (f.rule(), f.promise(2, amount=1), f.promise(1, amount=10**6), f.grant(f.ask(1))),
)
add(
    "a grant for a smaller promise beside it",
    lambda f: (f.rule(), f.promise(1, fingerprint="c2", amount=1), f.promise(1, amount=10**6), f.grant(f.ask(1))),
)
for name, rule, promised in (
    ("without a limit", {"up_to": None}, {"amount": None}),
    ("in any currency", {"currency": ""}, {"currency": "CHF"}),
    ("in its queue", {"queue": "general"}, {}),
    ("of another kind", {"kind": "deadline"}, {"kind": "deadline", "amount": None}),
):
    add(f"a grant {name}", lambda f, r=rule, p=promised: (f.rule(**r), f.promise(1, **p), f.grant(f.ask(1))), HONEST)


def _asked(f: Forge, **values: Any) -> None:
    f.promise(1)
    f.grant(f.ask(1), **{"state": "refused", **values})


for column, value in (
    ("id", 77),
    ("ticket_id", 2),
    ("revision_id", 20),
    ("fingerprint", "c2"),
    ("quote", "less"),
    ("kind", "deadline"),
    ("amount", "1"),
    ("currency", "USD"),
    ("asked_by", "ben"),
    ("asked_at", 77),
    ("asked_reason", "other"),
    ("decided_by", "gone"),
    ("decided_by", ""),
    ("decided_by", "nobody"),
):
    add(f"a grant refused with {column} {value!r}", lambda f, c=column, v=value: _asked(f, **{c: v}))
add("a grant refused by an agent", lambda f: _asked(f, decided_by="ben"), HONEST)


def _given(f: Forge) -> tuple[int, int]:
    f.rule()
    f.promise(1)
    asked = f.ask(1)
    f.grant(asked)
    return asked, f.approve(1)


def _used_after(f: Forge, *statements: str) -> None:
    asked, approval = _given(f)
    for statement in statements:
        f.sql(statement)
    f.use(asked, approval)


def _unused_and_refused(f: Forge) -> None:
    asked, approval = _given(f)
    f.sql("UPDATE commitment_grant SET state = 'refused', used_by_approval = ? WHERE id = ?", approval, asked)


def _used_by_nothing(f: Forge) -> None:
    asked, _ = _given(f)
    f.use(asked, 4711)


add("a grant used after the rules changed", lambda f: _used_after(f, "DELETE FROM gate_rule"), HONEST)
add("a grant used after its giver left", lambda f: _then(_given_left(f), None), HONEST)
add("a used grant refused", _unused_and_refused)
add("a grant used by an approval that is not there", _used_by_nothing)


def _given_left(f: Forge) -> None:
    asked, approval = _given(f)
    _person(f, "app", active=0)
    f.use(asked, approval)


for path in (
    ("cancelled", "cancelled"),
    ("cancelled", "failed"),
    ("cancelled", "uncertain"),
    ("claimed", "failed", "failed"),
    ("claimed", "failed", "uncertain"),
):
    add(f"an entry moved on {path}", lambda f, path=path: f.move(f.send(1), *path))


def _after_sent(f: Forge, state: str) -> None:
    entry = f.send(1)
    f.move(entry, "claimed")
    f.move(entry, "claimed", stage="data")
    f.move(entry, "sent")
    f.move(entry, state, attempts=9)


for state in ("queued", "claimed", "failed", "uncertain", "cancelled", "sent"):
    add(f"a sent entry {state}", lambda f, state=state: _after_sent(f, state))
add("a failure with a hand-over", lambda f: (e := f.send(1), f.move(e, "claimed"), f.move(e, "failed", stage="data")))
add("a finding of other words settled", lambda f: (f.finding(1), f.settle(2, revision_id=20)))

add("another ticket's answers", lambda f: (f.answers(2, 10, value="problem"), f.send(1)), HONEST)
add(
    "another ticket's resolution",
    lambda f: (f.sql("UPDATE ticket SET grouping = 'resolved' WHERE id = 2"), f.send(1)),
    HONEST,
)
add("another ticket's finding", lambda f: (f.finding(2), f.send(1)), HONEST)
add("another ticket's flag", lambda f: (f.rule(what="four_eyes", kind="legal"), f.send(2)), HONEST)
add("a flag that only has authority's name", lambda f: (f.rule(kind="legal"), f.flag(2), f.send(2)), HONEST)
add("another ticket's grant", lambda f: (f.rule(), f.promise(2), f.grant(f.ask(2)), f.send(1)), HONEST)
add("a request that was not needed", lambda f: (f.rule(role="agent"), f.promise(1), f.ask(1), f.send(1)), HONEST)
add("a thread that grows", lambda f: f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1"), HONEST)
add("another reader", lambda f: f.insert("seen", message_id=10, login="ben", ticket_id=1), HONEST)
add("another message", lambda f: f.another_message(1), HONEST)
add(
    "another ticket's privacy",
    lambda f: (
        f.ticket(3, privacy=1),
        f.answers(3, 30, "privacy"),
        f.answers(2, 30, "privacy", value="problem"),
        f.send(3),
    ),
    HONEST,
)
add(
    "another ticket's team item",
    lambda f: (f.rule(what="item", kind="b"), f.answers(1, 10, "b"), f.answers(2, 10, "b", value="problem"), f.send(1)),
    HONEST,
)


def _again(f: Forge, **first: Any) -> None:
    """Words followed by others, which are answered and sent."""
    f.ticket(3, **first)
    f.decide(3, kind="reject", reason="tone")
    f.words(3, id=31, number=2)
    f.answers(3, 31)
    f.send(3, decision=f.decide(3, revision_id=31), revision_id=31)


add("other words after a rejection", _again, HONEST)
add("words without the privacy of those before", lambda f: _again(f, privacy=1), HONEST)
add(
    "another's words after one's own",
    lambda f: (f.rule(what="four_eyes", kind="legal"), f.flag(3), _again(f, by="ana")),
    HONEST,
)


def _flags(f: Forge) -> None:
    for values in ({}, {"kind": "refund"}, {"quote": "sue"}, {"source": "model"}):
        f.flag(1, **values)
    f.flag(2)
    if f.one("SELECT count(*) FROM flag WHERE ticket_id < 3") != 5:
        raise Held


def _events(f: Forge) -> None:
    for values in ({}, {"step": "x"}, {"turn": 1}, {"number": 1}, {"escalation_id": 2}):
        f.insert("escalation_event", **{"escalation_id": 1, **values})


add("flags that differ", _flags, HONEST)
add("events that differ", _events, HONEST)
add("a flag lowered twice, each of two", lambda f: (_lower(f, f.flag(1), "ana"), _lower(f, f.flag(2), "ben")), HONEST)


# --- one key of several, and two of a kind -------------------------------------------------------------------------
def _by_number(f: Forge, table: str, **others: Any) -> None:
    """Another row under a number that is taken, every other key different: REPLACE would delete the first."""
    _one_of_each(f)
    row = dict(zip([c[1] for c in f.columns[table]], f.sql(f"SELECT * FROM {table} LIMIT 1").fetchone(), strict=True))
    f.insert(table, "INSERT OR REPLACE", **{**row, **others})


add("a message replaced by its number alone", lambda f: _by_number(f, "message", fingerprint="new", position=7))
add("a revision replaced by its number alone", lambda f: _by_number(f, "revision", number=77))
add("an event replaced by its number alone", lambda f: _by_number(f, "escalation_event", step="other"))


def _approved_over(f: Forge, **other: Any) -> None:
    """Another valid approval of the ticket, in the place of the first."""
    first = f.decide(1)
    approval = f.approve(1, first)
    again = {"id": approval} if "id" in other else {}
    row = {**other, **again}
    f.insert(
        "approval",
        "INSERT OR REPLACE",
        **dict(zip([c[1] for c in f.columns["approval"]], f.sql("SELECT * FROM approval").fetchone(), strict=True))
        | {"id": 4000, "decision_id": first}
        | row,
    )


add("an approval replaced by its decision alone", lambda f: _approved_over(f))
add("an approval replaced by its number alone", lambda f: _approved_over(f, id=0, decision_id=f.decide(1)))
add("two replies are sent", lambda f: (f.send(1), f.send(2)), HONEST)
add("two of each are kept", lambda f: [f.insert(t) for t in ("audit", "erasure", "check_correction") * 2], HONEST)
add("a decision on another ticket after it", lambda f: f.send(1, decision=_then(f.decide(1), f.decide(2))), HONEST)
add("an answer on a ticket whose thread is another", lambda f: f.answers(90, 901, "tone"))
add("a decision on a ticket whose thread is another", lambda f: f.decide(90, revision_id=901))
add(
    "another ticket's grant that waits for its reply",
    lambda f: (f.rule(), f.promise(2), f.grant(f.ask(2)), f.approve(2), f.send(1)),
    HONEST,
)


def _answered_too_early(f: Forge, item: str) -> None:
    """Words that will need one item more, whose answer was given before the message they follow came."""
    f.rule(what="item", kind="brand") if item == "brand" else None
    f.answers(1, 11, item)
    f.another_message(1)
    f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1")
    f.insert("seen", message_id=999, login="ana", ticket_id=1)
    f.words(1, id=11, number=2, thread_version=2, privacy=int(item == "privacy"))
    f.answers(1, 11, thread_version=2)
    f.approve(1, f.decide(1, revision_id=11, thread_version=2), revision_id=11, thread_version=2)


for item in ("privacy", "brand"):
    add(f"{item} answered before the words were there", lambda f, item=item: _answered_too_early(f, item))
