"""The six decisions as forms: what they ask, what they will do, and the decision they make of the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from screens.forms import Field, Form, Values, choices
from screens.wake import parse_wake
from supportdesk.domain.case import Case
from supportdesk.domain.cautions import cautions
from supportdesk.domain.decision import Decision
from supportdesk.domain.escalation import unfit
from supportdesk.domain.people import Person
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import Message
from supportdesk.domain.words import Author, DecisionKind, DraftKind, Item
from supportdesk.errors import BadInput
from supportdesk.rules.routing import route
from supportdesk.settings import Settings
from supportdesk.text import count_words
from widgets.paint import cells, fit, one_line
from widgets.wording import count_words as count
from widgets.wording import moment

_LABEL = 58
"""Cells a label has for names after its question."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a decision's form needs to know."""

    case: Case
    """The case, its words kept."""
    settings: Settings
    """Reason codes, recall time."""
    routing: Routing
    """Queues and owners."""
    now: datetime
    """The time, UTC."""
    said_at: datetime | None = None
    """When the same words were approved for the same person a moment ago; None for not."""
    people: tuple[Person, ...] = ()
    """Who works here."""


def decision_form(kind: DecisionKind, scene: Scene) -> tuple[Form, Callable[[Values], Decision]]:
    """The form for a decision, and what its values mean."""
    make = {
        DecisionKind.APPROVE: _send,
        DecisionKind.REQUEST_INFORMATION: _send,
        DecisionKind.REROUTE: _reroute,
        DecisionKind.ESCALATE: _escalate,
        DecisionKind.REJECT: _reject,
        DecisionKind.PAUSE: _pause,
    }[kind]
    return make(kind, scene)


def answered_message(case: Case) -> Message | None:
    """The message a reply would answer: the customer's last."""
    return next((m for m in reversed(case.thread.visible) if m.author is Author.CUSTOMER), None)


def _send(kind: DecisionKind, scene: Scene) -> tuple[Form, Callable[[Values], Decision]]:
    case, revision = scene.case, scene.case.revision
    assert revision is not None
    answered = answered_message(case)
    seconds = scene.settings.delivery.recall_seconds
    place = (
        f"a reply to message {answered.position + 1} ({moment(answered.sent_at, scene.now)})"
        if answered
        else "a new mail"
    )
    lines = [
        f"To       {', '.join(one_line(a) for a in revision.to)}",
        *([f"Cc       {', '.join(one_line(a) for a in revision.cc)}"] if revision.cc else []),
        *([f"Bcc      {', '.join(one_line(a) for a in revision.bcc)}"] if revision.bcc else []),
        f"Subject  {one_line(revision.subject)}",
        f"Words    {count_words(revision.text)}, revision {revision.number}, by {one_line(revision.by)}",
        *([f"Files    {len(revision.attachments)}"] if revision.attachments else []),
    ]
    asks = kind is DecisionKind.REQUEST_INFORMATION
    if asks and revision.kind is not DraftKind.CLARIFICATION:
        lines += ["", "This draft was written as an answer, not as a question for details."]
    known = cautions(case)
    if known:
        lines += ["", *(f"! {one_line(caution.words)}" for caution in known)]
    if scene.said_at is not None:
        ago = max(round((scene.now - scene.said_at).total_seconds() / 60), 0)
        when = f"{count(ago, 'minute')} ago" if ago else "a moment ago"
        lines += ["", f"! The very same words were approved for this person {when}. Send them twice?"]
    after = (("no", "the ticket waits for the requester"), ("yes", "the ticket is solved"))
    fields: tuple[Field, ...] = () if asks else (Field("closing", "Afterwards", after, "no"),)
    weighs = scene.settings.gate.weigh_unescalated and any(caution.weighs for caution in known)
    if weighs:
        fields = (Field("weighed", "Send it without an escalation?", _WEIGH, "no"), *fields)
    to = one_line(revision.to[0]) if revision.to else "nobody"
    form = Form(
        title="Ask the requester for details" if asks else "Approve these words",
        button="Send",
        words="\n".join(lines),
        fields=fields,
        will=lambda _: f"Sends to {to}, in {seconds} s, as {place}. Until then u calls it back.",
        wants=lambda v: _NOT_WEIGHED if weighs and v["weighed"] != "yes" else "",
    )
    return form, lambda values: Decision(kind, closing=values.get("closing") == "yes")


_WEIGH = (("no", "no: escalate it first, F5"), ("yes", "yes, I have weighed it; it is recorded"))
_NOT_WEIGHED = "Nobody has decided an escalation: say yes to send it all the same."


def _reroute(kind: DecisionKind, scene: Scene) -> tuple[Form, Callable[[Values], Decision]]:
    ticket = scene.case.ticket
    queues = [q for q in scene.routing.queues.values() if q.name != ticket.queue]
    suggested = scene.case.preparation.triage.queue if scene.case.preparation else ""
    form = Form(
        title=f"Send {ticket.ref} to another queue",
        button="Reroute",
        fields=(
            Field("queue", "Which queue", tuple((q.name, _titled(q.name, q.title)) for q in queues), suggested),
            Field("reason", "Why", choices(scene.settings.gate.reasons_reroute)),
            Field("note", "Anything they should know", hint="optional"),
        ),
        will=lambda v: (
            f"Moves it from {one_line(ticket.queue)} to {one_line(v['queue'])} and gives it back. {_rest(scene.case)}"
        ),
    )
    return form, lambda v: Decision(kind, reason=v["reason"], note=v["note"], queue=v["queue"])


def _escalate(kind: DecisionKind, scene: Scene) -> tuple[Form, Callable[[Values], Decision]]:
    case = scene.case
    prepared = case.preparation.triage.triggers if case.preparation else ()
    up = tuple(t for t in prepared if t.kind.value in case.ticket.triggers)
    goes = route(case.ticket.category, up, scene.routing, case.thread)
    kinds = case.ticket.triggers or ("none",)
    owner_hint = "login or role"
    form = Form(
        title=f"Escalate {case.ticket.ref}",
        button="Escalate",
        fields=(
            Field("trigger", "Because of", choices(kinds)),
            Field("reason", "Why", choices(scene.settings.gate.reasons_escalate)),
            Field("expected", "The decision you expect of them", hint="may we refund 49 EUR without the parcel?"),
            Field("owner", f"Who decides{_whom_there_is(scene.people)}", value=goes.owner, hint=owner_hint),
            Field("backup", "Who decides if they do not", value=goes.backup, hint=owner_hint),
            Field("note", "Anything they should know", hint="optional"),
        ),
        will=lambda v: f"{one_line(v['owner'])} decides, else {one_line(v['backup'])}. Nothing is sent. {_rest(case)}",
        wants=lambda v: _missing_words(v) or unfit_words(v["owner"], v["backup"], scene),
    )

    def decide(v: Values) -> Decision:
        return Decision(
            kind,
            reason=v["reason"],
            note=v["note"],
            trigger="" if v["trigger"] == "none" else v["trigger"],
            owner=v["owner"].strip(),
            backup=v["backup"].strip(),
            expected=v["expected"].strip(),
            context=tuple(sorted({t.message for t in up if t.message >= 0})),
        )

    return form, decide


def unfit_words(owner: str, backup: str, scene: Scene) -> str:
    """Why it may not go to these two; nothing where the people are not known."""
    return unfit(owner.strip(), backup.strip(), scene.people, scene.routing.owners) if scene.people else ""


def _whom_there_is(people: Sequence[Person]) -> str:
    """Who could decide, by login and by role, on one line."""
    active = [p for p in people if p.active]
    names = ", ".join(one_line(p.login) for p in active)
    roles = ", ".join(sorted({one_line(p.role) for p in active if p.role}))
    words = f": {names}; or {roles}" if names else ""
    return words if cells(words) <= _LABEL else fit(words, _LABEL)


def _missing_words(values: Values) -> str:
    wanted = {"expected": "the decision you expect", "owner": "who decides", "backup": "who decides if they do not"}
    missing = [words for name, words in wanted.items() if not values[name].strip()]
    return f"Still to say: {', '.join(missing)}." if missing else ""


def _reject(kind: DecisionKind, scene: Scene) -> tuple[Form, Callable[[Values], Decision]]:
    form = Form(
        title="Reject this draft",
        button="Reject",
        fields=(
            Field("reason", "What is wrong with it", choices(scene.settings.gate.reasons_reject)),
            Field("note", "In words, for whoever writes the next one", hint="optional"),
        ),
        will=lambda _: f"Nothing is sent. The ticket stays for a reply by hand or a new draft. {_rest(scene.case)}",
    )
    return form, lambda v: Decision(kind, reason=v["reason"], note=v["note"])


def _pause(kind: DecisionKind, scene: Scene) -> tuple[Form, Callable[[Values], Decision]]:
    until = (("message", "the next message"), ("time", "a time"), ("both", "a time or a message, whichever is first"))

    def timed(values: Values) -> bool:
        return values["until"] != "message"

    def wants(values: Values) -> str:
        if not timed(values):
            return ""
        try:
            parse_wake(values["at"], scene.now)
        except BadInput as error:
            return str(error)
        return ""

    def will(values: Values) -> str:
        when = "with the next message"
        if timed(values):
            at = moment(parse_wake(values["at"], scene.now), scene.now)
            when = f"at {at}" + (" or with the next message" if values["until"] == "both" else "")
        return f"It comes back {when}. {_rest(scene.case)}"

    def decide(values: Values) -> Decision:
        at = parse_wake(values["at"], scene.now) if timed(values) else None
        return Decision(kind, note=values["note"], wake_at=at, wake_on_message=values["until"] != "time")

    form = Form(
        title=f"Pause {scene.case.ticket.ref}",
        button="Pause",
        fields=(
            Field("until", "Until", until),
            Field("at", "When", hint="2h, 3d, tomorrow 9:00, 2026-04-01 14:30", when=timed),
            Field("note", "What it waits for", hint="optional"),
        ),
        will=will,
        wants=wants,
    )
    return form, decide


def _rest(case: Case) -> str:
    """What happens to items nobody answered."""
    left = [item for item in case.items if case.answer(item) is None]
    if not left:
        return ""
    every = len(left) == len(case.items)
    return f"{'The checklist' if every else ', '.join(_name(i) for i in left)} is recorded as not judged."


def _name(item: str) -> str:
    return item.capitalize() if item in set(Item) else item


def _titled(name: str, title: str) -> str:
    return title if title.lower() == name else f"{title} ({name})"
