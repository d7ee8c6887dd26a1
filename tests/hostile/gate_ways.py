"""The lists: attacks that must all be refused, and honest ways that must all stay open."""

from __future__ import annotations

from typing import Any

from hostile.gate_attacks import UPTIME, Forge, Held, Way

ATTACKS: list[Way] = []
HONEST: list[Way] = []
SHAPE: list[tuple[str, str]] = []


def attack(function: Any) -> Any:
    ATTACKS.append(Way(function.__name__.replace("_", " "), function))
    return function


def honest(function: Any) -> Any:
    HONEST.append(Way(function.__name__.replace("_", " "), function))
    return function


def add(name: str, run: Any, into: list[Way] = ATTACKS) -> None:
    into.append(Way(name, run))


# --- the approval itself -------------------------------------------------------------------------------------------
for wrong in (
    {"by": "ben"},
    {"by": "gone"},
    {"by": ""},
    {"by": "nobody"},
    {"by": "assistant"},
    {"thread_version": 0},
    {"thread_version": 2},
    {"ticket_id": 2},
    {"revision_id": 20},
    {"revision_id": 4711},
    {"text": "Something else."},
    {"text": "we are open."},
    {"text": ""},
    {"subject": "Other"},
    {"to_json": '["eve@example.org"]'},
    {"to_json": "[]"},
    {"cc_json": '["eve@example.org"]'},
    {"bcc_json": '["eve@example.org"]'},
    {"attachments_json": '["00"]'},
    {"digest": ""},
    {"boot": "boot-0"},
    {"boot": ""},
    {"uptime": UPTIME + 1000},
    {"uptime": 10**12},
    {"uptime": 0},
):
    add(f"approval with {wrong}", lambda f, wrong=wrong: f.send(1, **wrong))
for column in ("by", "text", "to_json", "revision_id", "thread_version", "ticket_id", "digest", "boot", "uptime"):
    add(f"approval with {column} NULL", lambda f, column=column: f.send(1, **{column: None}))
for item in ("thread", "facts", "commitments", "tone"):
    for value in ("problem", "not_judged"):
        add(
            f"{item} answered {value} last",
            lambda f, item=item, value=value: (f.answers(1, 10, item, value=value), f.send(1)),
        )
    for name, bad in (
        ("NULL", {"value": None}),
        ("empty", {"value": ""}),
        ("in capitals", {"value": "CONFIRMED"}),
        ("by an inactive person", {"by": "gone"}),
        ("by nobody", {"by": ""}),
        ("of an old thread", {"thread_version": 0}),
    ):
        add(f"{item} answered {name}", lambda f, item=item, bad=bad: f.answers(1, 10, item, **bad))
    add(
        f"{item} answered by another only",
        lambda f, item=item: (
            f.ticket(3),
            f.words(3, id=31, number=2),
            f.answers(3, 31, *({"thread", "facts", "commitments", "tone"} - {item})),
            f.answers(3, 31, item, by="ben"),
            f.answers(3, 30, item) if item != "thread" else f.answers(3, 30, "thread", value="problem"),
            f.send(3, decision=f.decide(3, revision_id=31), revision_id=31),
        ),
    )


@attack
def answers_given_for_other_words(f: Forge) -> None:
    f.words(1, id=11, number=2)
    f.send(1, decision=f.decide(1, revision_id=11), revision_id=11)


@attack
def an_older_revision(f: Forge) -> None:
    f.words(1, id=11, number=2)
    f.approve(1)


@attack
def an_empty_item(f: Forge) -> None:
    f.answers(1, 10, "")


@attack
def no_answers_at_all(f: Forge) -> None:
    f.insert("ticket", id=3, thread_version=1, grouping="open")
    f.words(3, id=30, number=1)
    f.insert("lease", ticket_id=3, login="ana", boot="boot-1", since=1, until=UPTIME + 1000)
    f.send(3)


@attack
def privacy_called_for_and_not_answered(f: Forge) -> None:
    f.ticket(3, privacy=1)
    f.send(3)


@attack
def an_item_of_the_team_not_answered(f: Forge) -> None:
    f.rule(what="item", kind="brand")
    f.send(1)


@attack
def an_item_of_the_team_answered_for_other_words(f: Forge) -> None:
    f.rule(what="item", kind="brand")
    f.answers(1, 0, "brand")
    f.send(1)


@attack
def a_decision_that_does_not_send(f: Forge) -> None:
    f.send(1, decision=f.decide(1, kind="pause"))


@attack
def another_persons_decision(f: Forge) -> None:
    f.send(1, decision=f.decide(1, by="ben"))


@attack
def a_decision_on_other_words(f: Forge) -> None:
    f.send(1, decision=f.decide(1, revision_id=9))


@attack
def a_decision_on_another_ticket(f: Forge) -> None:
    f.send(1, decision=f.decide(2, revision_id=10))


@attack
def a_decision_followed_by_another(f: Forge) -> None:
    first = f.decide(1)
    f.decide(1, kind="pause")
    f.send(1, decision=first)


@attack
def a_decision_of_an_older_thread(f: Forge) -> None:
    first = f.decide(1)
    f.another_message(1)
    f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1")
    f.insert("seen", message_id=999, login="ana", ticket_id=1)
    f.words(1, id=11, number=2, thread_version=2)
    f.answers(1, 11, thread_version=2)
    f.send(1, decision=first, revision_id=11, thread_version=2)


@attack
def a_decision_without_a_row(f: Forge) -> None:
    f.send(1, decision=4711)


@attack
def a_decision_on_no_revision(f: Forge) -> None:
    f.send(1, decision=f.decide(1, revision_id=None))


for who in ("gone", "", "nobody", None):
    add(f"a decision by {who}", lambda f, who=who: f.decide(1, by=who))
add("a decision on an old thread", lambda f: f.decide(1, thread_version=0))
for kind in ("reject", "reroute", "escalate"):
    add(f"{kind} without a reason", lambda f, kind=kind: f.decide(1, kind=kind))


@attack
def words_of_an_exercise(f: Forge) -> None:
    f.insert("exercise", login="ana", draft="We are open.")
    f.send(1)


@attack
def words_that_were_rejected(f: Forge) -> None:
    f.decide(1, kind="reject", reason="wrong")
    f.send(1)


@attack
def ones_own_words_where_four_eyes_are_asked(f: Forge) -> None:
    f.rule(what="four_eyes", kind="legal")
    f.flag(2)
    f.send(2)


@attack
def a_ticket_that_is_resolved(f: Forge) -> None:
    f.sql("UPDATE ticket SET grouping = 'resolved' WHERE id = 1")
    f.send(1)


# --- reading and taking --------------------------------------------------------------------------------------------
@attack
def a_message_that_was_not_on_screen(f: Forge) -> None:
    f.another_message(1)
    f.send(1)


@attack
def a_message_only_another_person_saw(f: Forge) -> None:
    f.another_message(1)
    f.insert("seen", message_id=999, login="ben", ticket_id=1)
    f.send(1)


add("a message of another ticket seen", lambda f: f.insert("seen", message_id=20, login="ben", ticket_id=1))
add("a message that is not there seen", lambda f: f.insert("seen", message_id=4711, login="ben", ticket_id=1))
add("a message seen by nobody", lambda f: f.insert("seen", message_id=10, login="", ticket_id=1))


@attack
def a_ticket_nobody_has(f: Forge) -> None:
    f.sql("DELETE FROM lease WHERE ticket_id = 1")
    f.send(1)


@attack
def a_ticket_another_has(f: Forge) -> None:
    f.sql("UPDATE lease SET login = 'ben' WHERE ticket_id = 1")
    f.send(1)


@attack
def a_ticket_taken_before_the_last_boot(f: Forge) -> None:
    f.sql("UPDATE lease SET boot = 'boot-0' WHERE ticket_id = 1")
    f.send(1)


@attack
def a_lease_that_has_ended(f: Forge) -> None:
    f.sql("UPDATE lease SET until = ? WHERE ticket_id = 1", UPTIME)
    f.send(1)


@attack
def a_lease_from_the_future(f: Forge) -> None:
    f.sql("UPDATE lease SET since = ? WHERE ticket_id = 1", UPTIME + 1)
    f.send(1)


@attack
def a_thread_that_moved_on(f: Forge) -> None:
    f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1")
    f.send(1)


@attack
def a_thread_turned_back(f: Forge) -> None:
    f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1")
    f.sql("UPDATE ticket SET thread_version = 1 WHERE id = 1")


add("a ticket renumbered", lambda f: f.sql("UPDATE ticket SET id = 77 WHERE id = 1"))
add("a ticket renumbered over another", lambda f: f.sql("UPDATE OR REPLACE ticket SET id = 2 WHERE id = 1"))
add("a ticket replaced", lambda f: f.insert("ticket", "INSERT OR REPLACE", id=1, thread_version=1))
add("a ticket deleted", lambda f: f.sql("DELETE FROM ticket WHERE id = 1"))
add("a draft of another thread", lambda f: f.words(1, number=2, thread_version=0))
add("a draft by nobody", lambda f: f.words(1, number=2, by=""))


@attack
def a_draft_for_no_ticket(f: Forge) -> None:
    f.words(4711, number=1)


# --- findings, commitments, grants -----------------------------------------------------------------------------------
@attack
def a_blocking_finding_that_is_open(f: Forge) -> None:
    f.finding(1)
    f.send(1)


@attack
def another_finding_settled(f: Forge) -> None:
    f.finding(1)
    f.finding(1, fingerprint="f2")
    f.settle(1)
    f.send(1)


@attack
def the_same_finding_settled_elsewhere(f: Forge) -> None:
    f.finding(1)
    f.finding(2)
    f.settle(2)
    f.send(1)


for name, bad in (
    ("by nobody", {"by": ""}),
    ("by somebody inactive", {"by": "gone"}),
    ("by the assistant", {"by": "assistant"}),
    ("without a reason", {"reason": ""}),
    ("by grant", {"how": "grant"}),
    ("somehow", {"how": ""}),
    ("that is not there", {"fingerprint": "f9"}),
    ("in other words", {"revision_id": 20}),
    ("of another ticket", {"ticket_id": 2}),
):
    add(
        f"a finding settled {name}",
        lambda f, bad=bad: (
            f.finding(1),
            f.settle(**{"ticket": 1, **bad}) if "ticket_id" not in bad else f.settle(2, revision_id=10),
        ),
    )


@attack
def a_commitment_settled_by_saying_so(f: Forge) -> None:
    f.finding(1, kind="commitment")
    f.settle(1)


@attack
def a_commitment_without_authority(f: Forge) -> None:
    f.promise(1)
    f.send(1)


for name, rule in (
    ("another role", {"role": "approver"}),
    ("another kind", {"role": "agent", "kind": "deadline"}),
    ("another queue", {"role": "agent", "queue": "billing"}),
    ("another currency", {"role": "agent", "currency": "USD"}),
    ("a smaller amount", {"role": "agent", "up_to": 49_999}),
    ("something else", {"role": "agent", "what": "four_eyes"}),
):
    add(f"authority for {name}", lambda f, rule=rule: (f.rule(**rule), f.promise(1), f.send(1)))
add(
    "an amount nobody named",
    lambda f: (f.rule(role="agent"), f.promise(1, amount=None), f.send(1)),
)


@attack
def two_commitments_and_one_grant(f: Forge) -> None:
    f.rule()
    f.promise(1)
    f.promise(1, fingerprint="c2")
    f.grant(f.ask(1))
    f.approve(1)


@attack
def a_grant_for_other_words(f: Forge) -> None:
    f.rule()
    f.promise(1)
    f.grant(f.ask(1))
    f.words(1, id=11, number=2)
    f.insert("commitment", revision_id=11, fingerprint="c1", kind="money", amount=50_000, currency="EUR")
    f.answers(1, 11)
    f.send(1, decision=f.decide(1, revision_id=11), revision_id=11)


@attack
def a_grant_that_was_only_asked_for(f: Forge) -> None:
    f.rule()
    f.promise(1)
    f.ask(1)
    f.send(1)


@attack
def a_grant_that_was_refused(f: Forge) -> None:
    f.rule()
    f.promise(1)
    f.grant(f.ask(1), state="refused")
    f.send(1)


@attack
def a_grant_used_twice(f: Forge) -> None:
    f.rule()
    f.promise(1)
    asked = f.ask(1)
    f.grant(asked)
    f.use(asked, f.approve(1))
    f.send(1)


@attack
def a_grant_not_used_up(f: Forge) -> None:
    f.rule()
    f.promise(1)
    f.grant(f.ask(1))
    f.send(1)


def _granted(f: Forge, **values: Any) -> None:
    f.rule()
    f.rule(role="agent")
    f.promise(1)
    f.grant(f.ask(1), **values)


for name, bad in (
    ("to oneself", {"decided_by": "ana"}),
    ("by somebody inactive", {"decided_by": "gone"}),
    ("by nobody", {"decided_by": ""}),
    ("without a reason", {"decided_reason": ""}),
    ("at no time", {"decided_at": None}),
    ("as used", {"used_by_approval": 1}),
    ("for another promise", {"fingerprint": "c2"}),
    ("for other words", {"revision_id": 20}),
    ("for another ticket", {"ticket_id": 2}),
    ("under another name", {"asked_by": "ben"}),
    ("in some other state", {"state": "given"}),
):
    add(f"a grant given {name}", lambda f, bad=bad: _granted(f, **bad))
add("a grant by who may not", lambda f: (f.rule(), f.promise(1), f.grant(f.ask(1), decided_by="ben")))
add("a grant refused by oneself", lambda f: _granted(f, state="refused", decided_by="ana"))
for name, bad in (
    ("granted from the start", {"state": "granted"}),
    ("used from the start", {"used_by_approval": 1}),
    ("decided from the start", {"decided_by": "app"}),
    ("without a reason", {"asked_reason": ""}),
    ("by nobody", {"asked_by": ""}),
    ("by somebody inactive", {"asked_by": "gone"}),
    ("for nothing", {"fingerprint": "c9"}),
    ("for other words", {"revision_id": 20}),
):
    add(f"a grant asked for {name}", lambda f, bad=bad: (f.promise(1), f.ask(1, **bad)))
add("a grant asked for on another ticket", lambda f: (f.promise(1), f.ask(2, revision_id=10)))


@attack
def a_refused_grant_granted_after_all(f: Forge) -> None:
    f.rule()
    f.promise(1)
    asked = f.ask(1)
    f.grant(asked, state="refused")
    f.grant(asked)


@attack
def a_granted_grant_given_by_another_after_all(f: Forge) -> None:
    f.rule()
    f.promise(1)
    asked = f.ask(1)
    f.grant(asked)
    f.grant(asked, decided_by="lea", used_by_approval=f.approve(1))


@attack
def a_grant_used_again(f: Forge) -> None:
    f.rule()
    f.promise(1)
    asked = f.ask(1)
    f.grant(asked)
    approval = f.approve(1)
    f.use(asked, approval)
    f.use(asked, approval)


@attack
def a_grant_used_for_another_approval(f: Forge) -> None:
    f.rule()
    f.promise(1)
    asked = f.ask(1)
    f.grant(asked)
    f.use(asked, f.approve(2))


@attack
def a_grant_used_for_no_approval(f: Forge) -> None:
    f.rule()
    f.promise(1)
    asked = f.ask(1)
    f.grant(asked)
    f.use(asked, 4711)


@attack
def a_grant_replaced(f: Forge) -> None:
    f.promise(1)
    row = {"ticket_id": 1, "revision_id": 10, "fingerprint": "c1", "state": "asked", "asked_by": "ben"}
    f.insert("commitment_grant", "INSERT OR REPLACE", id=f.ask(1), asked_reason="x", **row)


@attack
def a_grant_deleted(f: Forge) -> None:
    f.promise(1)
    f.ask(1)
    f.sql("DELETE FROM commitment_grant")


# --- the outbox --------------------------------------------------------------------------------------------------
add("an outbox entry without an approval", lambda f: f.queue(1, 4711))
add("an outbox entry with approval NULL", lambda f: f.queue(1, None))  # type: ignore[arg-type]
add("another ticket's approval", lambda f: f.queue(2, f.approve(1)))
add("an outbox entry without a Message-ID", lambda f: f.queue(1, f.approve(1), message_id=""))
add("an outbox entry already handed over", lambda f: f.queue(1, f.approve(1), stage="data"))
for state in ("claimed", "sent", "failed", "uncertain", "cancelled", "", None):
    add(f"an outbox entry born {state}", lambda f, state=state: f.queue(1, f.approve(1), state=state))


@attack
def an_approval_used_twice(f: Forge) -> None:
    approval = f.approve(1)
    f.queue(1, approval)
    f.queue(1, approval, message_id="other@x")


@attack
def an_approval_used_twice_by_replace(f: Forge) -> None:
    approval = f.approve(1)
    f.queue(1, approval)
    f.queue(1, approval, "INSERT OR REPLACE", message_id="other@x")


@attack
def an_entry_replaced_by_its_number(f: Forge) -> None:
    entry = f.send(1)
    f.queue(2, f.approve(2), "INSERT OR REPLACE", id=entry)


@attack
def an_entry_replaced_by_its_message_id(f: Forge) -> None:
    f.queue(1, f.approve(1), message_id="same@x")
    f.queue(2, f.approve(2), "INSERT OR REPLACE", message_id="same@x")


@attack
def an_entry_changed_by_upsert(f: Forge) -> None:
    approval = f.approve(1)
    f.queue(1, approval)
    f.sql(
        "INSERT INTO outbox (approval_id, ticket_id, message_id, state, stage, claimed_by, not_before, attempts,"
        " result, settled_by, settled_reason, queued_at, changed_at) VALUES"
        " (?, 1, 'x', 'queued', '', '', 0, 0, '{}', '', '', 0, 0)"
        " ON CONFLICT (approval_id) DO UPDATE SET state = 'claimed'",
        approval,
    )


@attack
def an_approval_queued_after_a_message_came(f: Forge) -> None:
    approval = f.approve(1)
    f.sql("UPDATE ticket SET thread_version = 2 WHERE id = 1")
    f.queue(1, approval)


@attack
def an_approval_queued_after_an_edit(f: Forge) -> None:
    approval = f.approve(1)
    f.words(1, number=2)
    f.queue(1, approval)


for column, value in (
    ("id", 77),
    ("approval_id", 77),
    ("ticket_id", 2),
    ("message_id", "other@x"),
    ("queued_at", 77),
):
    add(
        f"an entry's {column} changed",
        lambda f, column=column, value=value: (e := f.send(1), f.move(e, "claimed", **{column: value})),
    )
for path in (
    ("sent",),
    ("failed",),
    ("uncertain",),
    ("queued",),
    ("claimed", "sent"),
    ("claimed", "uncertain"),
    ("cancelled", "queued"),
    ("cancelled", "claimed"),
    ("cancelled", "sent"),
    ("claimed", "failed", "claimed"),
    ("claimed", "failed", "sent"),
    ("claimed", ""),
    ("claimed", None),
):
    add(f"an entry moved {path}", lambda f, path=path: f.move(f.send(1), *path))
add("a queued entry handed over", lambda f: f.move(f.send(1), "claimed", stage="data"))
add("a queued entry claimed as handed over", lambda f: f.move(f.send(1), "claimed", stage="envelope"))


@attack
def a_handed_over_reply_put_back_in_the_queue(f: Forge) -> None:
    entry = f.send(1)
    f.move(entry, "claimed")
    f.move(entry, "claimed", stage="data")
    f.move(entry, "queued", stage="")


@attack
def a_sent_reply_sent_again(f: Forge) -> None:
    entry = f.send(1)
    f.move(entry, "claimed")
    f.move(entry, "claimed", stage="data")
    f.move(entry, "sent")
    f.move(entry, "queued", attempts=5)


add(
    "an unclear reply sent again",
    lambda f: f.move(f.uncertain(1), "queued", attempts=5, settled_by="ana", settled_reason="x"),
)
add("an unclear reply claimed again", lambda f: f.move(f.uncertain(1), "claimed", settled_by="ana", settled_reason="x"))
for name, bad in (
    ("by nobody", {"settled_by": "", "settled_reason": "called"}),
    ("by somebody inactive", {"settled_by": "gone", "settled_reason": "called"}),
    ("without a reason", {"settled_by": "ana", "settled_reason": ""}),
):
    for state in ("sent", "cancelled"):
        add(f"an unclear reply {state} {name}", lambda f, bad=bad, state=state: f.move(f.uncertain(1), state, **bad))
add("an outbox entry deleted", lambda f: (f.send(1), f.sql("DELETE FROM outbox")))

# --- history rewritten ---------------------------------------------------------------------------------------------
KEPT = {
    "message": "text = 'x'",
    "revision": "text = 'x'",
    "finding": "blocking = 0",
    "commitment": "kind = 'x'",
    "settlement": "reason = 'x'",
    "seen": "at = 1",
    "answer": "value = 'confirmed'",
    "decision": "kind = 'approve'",
    "approval": "digest = 'x'",
    "audit": "body = 'x'",
    "raw": "size = 1",
    "attachment": "name = 'x'",
    "preparation": "body = 'x'",
    "escalation_event": "step = 'x'",
    "erasure": "rows = 'x'",
    "check_correction": "reason = 'x'",
}


def _one_of_each(f: Forge) -> None:
    f.finding(1)
    f.promise(2)
    f.settle(1)
    f.approve(1)
    f.insert("raw", sha256="aa", body=b"x")
    f.insert("attachment", message_id=10)
    f.insert("preparation", ticket_id=1)
    f.insert("escalation_event", escalation_id=1)
    f.insert("erasure", link=1)
    f.insert("check_correction")


for table, change in KEPT.items():
    add(f"a {table} changed", lambda f, t=table, c=change: (_one_of_each(f), f.sql(f"UPDATE {t} SET {c}")))
    add(f"a {table} deleted", lambda f, t=table: (_one_of_each(f), f.sql(f"DELETE FROM {t}")))
    add(
        f"a {table} replaced",
        lambda f, t=table: (_one_of_each(f), f.sql(f"INSERT OR REPLACE INTO {t} SELECT * FROM {t} LIMIT 1")),
    )
for table, key in (
    ("message", "fingerprint = 'm2', position = 9, ticket_id = 9"),
    ("message", "fingerprint = 'new'"),
    ("revision", "text = 'x'"),
    ("approval", "text = 'x'"),
    ("escalation_event", "who = 'x'"),
):

    def _replaced(f: Forge, table: str = table, key: str = key) -> None:
        """The same row under another number: REPLACE would delete the first without a DELETE trigger."""
        _one_of_each(f)
        row = dict(
            zip([c[1] for c in f.columns[table]], f.sql(f"SELECT * FROM {table} LIMIT 1").fetchone(), strict=True)
        )
        row |= dict(part.split(" = ") for part in key.replace("'", "").split(", "))
        f.insert(table, "INSERT OR REPLACE", **{**row, "id": 5000})

    add(f"a {table} replaced by its other key ({key})", _replaced)


# --- flags and people ------------------------------------------------------------------------------------------------
for name, bad in (
    ("by nobody", {"cleared_by": ""}),
    ("by somebody inactive", {"cleared_by": "gone"}),
    ("by the assistant", {"cleared_by": "assistant"}),
    ("without a reason", {"cleared_reason": ""}),
    ("at no time", {"cleared_at": None}),
    ("and renamed", {"kind": "refund"}),
    ("and moved", {"ticket_id": 2}),
    ("and requoted", {"quote": "x"}),
    ("and re-sourced", {"source": "model"}),
    ("and renumbered", {"id": 77}),
):

    def _lowered(f: Forge, bad: dict[str, Any] = bad) -> None:
        row = {"cleared_by": "ana", "cleared_reason": "a joke", "cleared_at": 1, **bad}
        number = f.flag(1)
        f.sql(f"UPDATE flag SET {', '.join(f'{k} = ?' for k in row)} WHERE id = ?", *row.values(), number)

    add(f"a flag lowered {name}", _lowered)
add("a flag deleted", lambda f: (f.flag(1), f.sql("DELETE FROM flag")))
add("a flag raised lowered", lambda f: f.flag(1, cleared_at=1, cleared_by="ana", cleared_reason="x"))


@attack
def a_flag_raised_again_by_another(f: Forge) -> None:
    _lower(f, number := f.flag(1), "ana")
    _lower(f, number, "ben")


@attack
def a_flag_replaced(f: Forge) -> None:
    number = f.flag(1)
    f.insert("flag", "INSERT OR REPLACE", id=number, ticket_id=1, kind="unclear", source="rule")
    if f.one("SELECT kind FROM flag WHERE id = ?", number) == "legal":
        raise Held


@attack
def a_flag_replaced_by_its_words(f: Forge) -> None:
    number = f.flag(1)
    f.insert("flag", "INSERT OR REPLACE", id=500, ticket_id=1, kind="legal", source="rule", quote="court")
    if f.one("SELECT count(*) FROM flag WHERE id = ?", number):
        raise Held


def _lower(f: Forge, number: int, by: str) -> None:
    f.sql("UPDATE flag SET cleared_by = ?, cleared_reason = 'r', cleared_at = 1 WHERE id = ?", by, number)


def _person(f: Forge, who: str, /, **values: Any) -> None:
    row = {"changed_by": "lea", **values}
    sets = ", ".join(f"{name} = ?" for name in row)
    bump = "" if "changes" in row else ", changes = changes + 1"
    f.sql(f"UPDATE person SET {sets}{bump} WHERE login = ?", *row.values(), who)


add("a stray update makes everybody active", lambda f: f.sql("UPDATE person SET active = 1"))
add("an agent makes himself a lead", lambda f: _person(f, "ana", role="lead", changed_by="ana"))
add("somebody unknown makes a lead", lambda f: _person(f, "ana", role="lead", changed_by="eve"))
add("somebody inactive comes back by himself", lambda f: _person(f, "gone", active=1, changed_by="gone"))
add("a person renamed", lambda f: _person(f, "ana", login="eve"))
add("a change that is not counted", lambda f: _person(f, "ana", role="lead", changes=0))
add("a person deleted", lambda f: f.sql("DELETE FROM person WHERE login = 'ana'"))
add("a person replaced", lambda f: f.insert("person", "INSERT OR REPLACE", login="gone", active=1, changed_by="lea"))
add("a person nobody added", lambda f: f.insert("person", login="eve", active=1))
add("a person an agent added", lambda f: f.insert("person", login="eve", active=1, changed_by="ana"))
add(
    "a person an inactive lead added",
    lambda f: (_person(f, "gone", role="lead"), f.insert("person", login="eve", changed_by="gone")),
)
add(
    "a person changed by an inactive lead",
    lambda f: (_person(f, "gone", role="lead"), _person(f, "ana", role="lead", changed_by="gone")),
)
add("a person without a login", lambda f: f.insert("person", login="", active=1, changed_by="lea"))
add("a person called assistant", lambda f: f.insert("person", login="assistant", active=1, changed_by="lea"))

# --- the shape, denied by the connection's authorizer -----------------------------------------------------------------
SHAPE += [
    ("drop a guard", "DROP TRIGGER approval_needs_tone"),
    ("drop a table", "DROP TABLE approval"),
    ("rename a table", "ALTER TABLE approval RENAME TO old"),
    ("add a column", "ALTER TABLE approval ADD COLUMN x"),
    ("a table of one's own", "CREATE TABLE mine (a)"),
    ("a shadowing temp table", "CREATE TEMP TABLE answer AS SELECT * FROM main.answer"),
    ("a shadowing temp view", "CREATE TEMP VIEW person AS SELECT 'eve' AS login, 1 AS active"),
    ("a temp trigger", "CREATE TEMP TRIGGER t BEFORE INSERT ON main.approval BEGIN SELECT RAISE(IGNORE); END"),
    ("a trigger", "CREATE TRIGGER t AFTER INSERT ON approval BEGIN SELECT 1; END"),
    ("a view", "CREATE VIEW v AS SELECT 1"),
    ("an index", "CREATE INDEX i ON approval (by)"),
    ("drop an index", "DROP INDEX answer_by_ticket"),
    ("reindex", "REINDEX"),
    ("attach", "ATTACH ':memory:' AS other"),
    ("detach", "DETACH main"),
    ("vacuum", "VACUUM"),
    ("writable_schema", "PRAGMA writable_schema = ON"),
    ("the schema itself", "DELETE FROM sqlite_master WHERE type = 'trigger'"),
    ("the schema updated", "UPDATE sqlite_master SET sql = '' WHERE type = 'trigger'"),
    ("the store's version", "UPDATE alembic_version SET version_num = '9999'"),
    ("recursive_triggers off", "PRAGMA recursive_triggers = OFF"),
    ("foreign_keys off", "PRAGMA foreign_keys = OFF"),
    ("ignore_check_constraints", "PRAGMA ignore_check_constraints = ON"),
    ("secure_delete off", "PRAGMA secure_delete = OFF"),
    ("journal off", "PRAGMA journal_mode = OFF"),
    ("synchronous off", "PRAGMA synchronous = OFF"),
    ("trusted_schema on", "PRAGMA trusted_schema = ON"),
    ("defer_foreign_keys", "PRAGMA defer_foreign_keys = ON"),
    ("load an extension", "SELECT load_extension('evil')"),
]


# --- what must stay possible ------------------------------------------------------------
@honest
def a_reply_is_sent(f: Forge) -> None:
    entry = f.send(1)
    f.move(entry, "claimed")
    f.move(entry, "claimed", stage="envelope")
    f.move(entry, "claimed", stage="data")
    f.move(entry, "sent")


add("a reply is recalled", lambda f: f.move(f.send(1), "cancelled"), HONEST)
add("a void claim is cancelled", lambda f: f.move(f.send(1), "claimed", "cancelled"), HONEST)
add("a failed reply is tried again", lambda f: f.move(f.send(1), "claimed", "failed", "queued"), HONEST)
add("a failed reply is given up", lambda f: f.move(f.send(1), "claimed", "failed", "cancelled"), HONEST)
add("a claim is given back", lambda f: f.move(f.send(1), "claimed", "queued"), HONEST)
for state in ("sent", "cancelled"):
    add(
        f"an unclear reply is settled {state}",
        lambda f, state=state: f.move(f.uncertain(1), state, settled_by="ana", settled_reason="called"),
        HONEST,
    )


@honest
def a_reply_is_put_off_by_the_server(f: Forge) -> None:
    entry = f.send(1)
    f.move(entry, "claimed")
    f.move(entry, "claimed", stage="data")
    f.move(entry, "queued", stage="", attempts=1)


@honest
def a_granted_commitment_is_sent(f: Forge) -> None:
    f.rule()
    f.promise(1)
    asked = f.ask(1)
    f.grant(asked)
    approval = f.approve(1)
    f.use(asked, approval)
    f.queue(1, approval)


for name, rule, promised in (
    ("to the limit", {"role": "agent", "up_to": 50_000}, {}),
    ("without a limit", {"role": "agent", "up_to": None}, {"amount": None}),
    ("in any currency", {"role": "agent", "currency": ""}, {"currency": "CHF"}),
    ("in its queue", {"role": "agent", "queue": "general"}, {}),
    ("of another kind", {"role": "agent", "kind": "deadline"}, {"kind": "deadline", "amount": None}),
):
    add(f"a commitment {name}", lambda f, r=rule, p=promised: (f.rule(**r), f.promise(1, **p), f.send(1)), HONEST)
add("a settled finding", lambda f: (f.finding(1), f.settle(1), f.send(1)), HONEST)
add(
    "a finding settled with a line",
    lambda f: (f.finding(1), f.settle(1, reason="", evidence="{}", how="evidence"), f.send(1)),
    HONEST,
)
add("a finding that does not block", lambda f: (f.finding(1, blocking=0), f.send(1)), HONEST)
add("a commitment finding within authority", lambda f: (f.finding(1, kind="commitment"), f.send(1)), HONEST)
add("privacy confirmed", lambda f: (f.ticket(3, privacy=1), f.answers(3, 30, "privacy"), f.send(3)), HONEST)
add(
    "a team item confirmed", lambda f: (f.rule(what="item", kind="brand"), f.answers(1, 10, "brand"), f.send(1)), HONEST
)
add("one's own words", lambda f: f.send(2), HONEST)
add("four eyes, another wrote it", lambda f: (f.rule(what="four_eyes", kind="legal"), f.flag(1), f.send(1)), HONEST)
add(
    "four eyes, another flag",
    lambda f: (f.rule(what="four_eyes", kind="legal"), f.flag(2, kind="refund"), f.send(2)),
    HONEST,
)
add(
    "four eyes, the flag is down",
    lambda f: (f.rule(what="four_eyes", kind="legal"), _lower(f, f.flag(2), "ana"), f.send(2)),
    HONEST,
)
add("request for details", lambda f: f.send(1, decision=f.decide(1, kind="request_information")), HONEST)
add("a rejection", lambda f: f.decide(1, kind="reject", reason="tone"), HONEST)
add(
    "a later edit, answered again",
    lambda f: (
        f.words(1, id=11, number=2),
        f.answers(1, 11),
        f.send(1, decision=f.decide(1, revision_id=11), revision_id=11),
    ),
    HONEST,
)
add(
    "an answer changed to the better",
    lambda f: (f.answers(1, 10, "tone", value="problem"), f.answers(1, 10, "tone"), f.send(1)),
    HONEST,
)
add("a flag goes up and down", lambda f: _lower(f, f.flag(1), "ana"), HONEST)
add("a lead changes a person", lambda f: _person(f, "ana", role="approver"), HONEST)
add("a lead adds a person", lambda f: f.insert("person", login="new", active=1, changed_by="lea"), HONEST)
add("a grant is refused", lambda f: (f.rule(), f.promise(1), f.grant(f.ask(1), state="refused")), HONEST)
add(
    "an empty ticket is taken back",
    lambda f: (f.insert("ticket", id=9), f.sql("DELETE FROM ticket WHERE id = 9")),
    HONEST,
)
add("one of each is kept", _one_of_each, HONEST)
