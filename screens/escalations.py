"""Escalations as their owners see them: whose, how late, what is asked; acknowledge, decide, open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content

from screens.forms import Field, Form, FormDialog, Values
from screens.lead import LeadScreen
from supportdesk.domain.escalation import Escalation, EscalationState, Outcome, Ruling, not_theirs
from supportdesk.domain.thread import Ticket
from supportdesk.services.desk import Desk
from supportdesk.services.escalation import Opened, Views
from widgets.commands import bindings
from widgets.paint import one_line
from widgets.points import Point, PointList
from widgets.wording import count_words, due_words, moment, trigger_look, trigger_word

SECTIONS = (
    ("mine", "Waiting for you"),
    ("breached", "A time was missed"),
    ("unowned", "Nobody answers to the owner's name"),
    ("stand_in", "You are the backup"),
    ("all", "All others"),
)
"""The parts of the list, in order; an escalation stands in the first that it belongs to."""

OUTCOMES = (
    (Outcome.GRANT, "grant what is asked"),
    (Outcome.REFUSE, "refuse it, and say what to do instead"),
    (Outcome.ANSWER, "answer the requester myself"),
    (Outcome.HAND_BACK, "hand back with an instruction"),
    (Outcome.REDIRECT, "redirect to another owner"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """All the screen was told at one time."""

    views: Views
    """The undecided escalations."""
    tickets: Mapping[int, Ticket]
    """Their tickets."""
    opened: Mapping[int, Opened]
    """Each with the messages that matter."""


class EscalationsScreen(LeadScreen):
    """What waits for somebody's decision, and the clocks on it."""

    NAME: ClassVar[str] = "Escalations"
    EMPTY: ClassVar[str] = """No escalation waits.
A reviewer escalates a ticket with F5 in its review; it then stands here for its owner, with what is asked."""
    PLACE: ClassVar[str] = "escalations"
    BINDINGS: ClassVar[list[BindingType]] = bindings("escalations")

    _scene: Scene | None = None

    async def read(self) -> None:
        """Read the undecided escalations with their tickets."""
        self._scene = scene = await self.station.clerk.look(look)
        now = self.station.now()
        self.show(list(points(scene, now)), summary(scene.views))

    def detail(self, point: Point | None) -> Sequence[Point]:
        """The matter: what is asked, what was said, what the clocks did."""
        opened = self._opened(point)
        return list(matter(opened, self.station.now())) if opened else ()

    def detail_title(self, point: Point | None) -> str:
        """The escalation's number."""
        opened = self._opened(point)
        return f"Escalation {opened.escalation.id}" if opened else ""

    @on(PointList.Chosen)
    def _chosen(self) -> None:
        opened = self._opened(self.current)
        if opened:
            self.open_ticket(opened.ticket.id)

    def action_escalation_acknowledge(self) -> None:
        """Say that one has it."""
        opened = self._opened(self.current)
        if opened is None:
            self.say("There is no escalation under the cursor.", "refused")
            return
        number, login = opened.escalation.id, self.station.login

        async def acknowledge() -> None:
            await self.station.clerk.act(lambda desk: desk.escalations.acknowledge(number, login))
            self.say(f"Escalation {number} is yours; its time to acknowledge has stopped.", "done")
            self.load()

        self.carry_out(acknowledge)

    def action_escalation_decide(self) -> None:
        """Ask what is decided."""
        opened = self._opened(self.current)
        if opened is None:
            self.say("There is no escalation under the cursor.", "refused")
            return
        if words := not_theirs(self.station.desk.person, opened.escalation):
            self.say(words, "refused")
            return

        def decided(values: dict[str, str] | None) -> None:
            if values is not None:
                self._decide(opened.escalation.id, values)

        self.app.push_screen(FormDialog(self.station, decision_form(opened.escalation)), decided)

    def _decide(self, number: int, values: Values) -> None:
        ruling = Ruling(
            Outcome(values["outcome"]), values["instruction"].strip(), values["owner"].strip(), values["backup"].strip()
        )
        login = self.station.login

        async def decide() -> None:
            done = await self.station.clerk.act(lambda desk: desk.escalations.decide(number, login, ruling))
            back = done.owner if ruling.outcome is Outcome.REDIRECT else done.opened_by
            if ruling.outcome is Outcome.ANSWER:
                back = "you"
            self.say(f"Decided: {ruling.outcome.value.replace('_', ' ')}. The ticket goes to {one_line(back)}.", "done")
            self.load()

        self.carry_out(decide)

    def _opened(self, point: Point | None) -> Opened | None:
        if point is None or self._scene is None or not isinstance(point.key, int):
            return None
        return self._scene.opened.get(point.key)


def look(desk: Desk) -> Scene:
    """Read everything the screen shows."""
    views = desk.escalations.views(desk.person)
    opened = {e.id: desk.escalations.open(e.id) for e in views.all}
    return Scene(views, {o.ticket.id: o.ticket for o in opened.values()}, opened)


def summary(views: Views) -> Content:
    """How many wait, and how many are late."""
    late = len(views.breached)
    parts: list[Content | tuple[str, str] | str] = [(count_words(len(views.all), "escalation"), "")]
    parts += [", ", (f"{len(views.mine)} for you", "bold" if views.mine else "$text-muted")]
    if late:
        parts += [", ", (f"{late} late", "bold $warning")]
    if views.unowned:
        parts += [", ", (f"{len(views.unowned)} without an owner", "bold $warning")]
    return Content.assemble(*parts)


def points(scene: Scene, now: datetime) -> Iterator[Point]:
    """The list, by section."""
    listed: set[int] = set()
    for name, title in SECTIONS:
        here = [e for e in getattr(scene.views, name) if e.id not in listed]
        if not here:
            continue
        listed |= {e.id for e in here}
        yield Point(title, heading=True, label=str(len(here)))
        for each in sorted(here, key=lambda e: _due(e) or e.opened_at):
            yield _point(each, scene.tickets[each.ticket_id], now)


def _due(escalation: Escalation) -> datetime | None:
    """What has to happen next by when: somebody takes it on, then it is decided."""
    waiting = escalation.state is EscalationState.OPEN
    return escalation.acknowledge_by if waiting else escalation.resolve_by


def _point(escalation: Escalation, ticket: Ticket, now: datetime) -> Point:
    due, look_ = due_words(_due(escalation), now)
    what = "acknowledge" if escalation.state is EscalationState.OPEN else "decide"
    when = "no clock yet"
    if due:
        when = f"{what} {due}" if due.startswith("late") else f"{what} in {due}"
    mark, mark_look = ("!", "bad") if escalation.breached else ("·", "accent")
    if escalation.state is EscalationState.ACKNOWLEDGED and not escalation.breached:
        mark, mark_look = "✔", "good"
    return Point(
        f"{ticket.ref} {ticket.subject}",
        mark,
        mark_look,
        lead=trigger_word(escalation.trigger) if escalation.trigger else "",
        lead_look=trigger_look(escalation.trigger) or "strong",
        detail=f"{escalation.holder} · {when}",
        text_look="warn" if look_ == "warn" else "",
        key=escalation.id,
    )


def matter(opened: Opened, now: datetime) -> Iterator[Point]:
    """Everything an owner needs to decide."""
    escalation, ticket = opened.escalation, opened.ticket
    yield Point("Asked for", heading=True)
    yield Point(escalation.expected or "nothing in particular", "?", "accent", text_look="strong")
    if escalation.note or escalation.reason:
        why = ": ".join(part for part in (escalation.reason.replace("_", " "), escalation.note) if part)
        yield Point(why, "·", "muted")
    yield Point(f"by {escalation.opened_by}, {moment(escalation.opened_at, now)}", "·", "muted")
    yield Point("Ticket", heading=True, label=ticket.ref)
    who = f"{ticket.requester.name} <{ticket.requester.email}>" if ticket.requester.email else ticket.requester.name
    yield Point(ticket.subject or "(no subject)", "·", "muted", detail=who)
    for message in opened.context:
        yield Point(
            message.text.strip(), "▎", "accent", label=f"[{message.position + 1}]", detail=moment(message.sent_at, now)
        )
    yield Point("Whose it is", heading=True)
    for name, login, step in (("owner", escalation.owner, 0), ("backup", escalation.backup, 1), ("then", "lead", 2)):
        here = escalation.step == step
        yield Point(login or "nobody", "›" if here else "·", "accent" if here else "muted", lead=name, lead_width=6)
    yield Point("Clocks", heading=True)
    yield from _clocks(escalation, now)
    if escalation.events:
        yield Point("What happened", heading=True)
        for event in escalation.events:
            who_ = f" → {event.who}" if event.who else ""
            yield Point(f"{event.step.value.replace('_', ' ')}{who_}", "·", "muted", label=moment(event.at, now))


def _clocks(escalation: Escalation, now: datetime) -> Iterator[Point]:
    for name, by, done, who in (
        ("acknowledge", escalation.acknowledge_by, escalation.acknowledged_at, escalation.acknowledged_by),
        ("decide", escalation.resolve_by, escalation.resolved_at, escalation.resolved_by),
    ):
        if done is not None:
            yield Point(f"by {who}, {moment(done, now)}", "✔", "good", lead=name, lead_width=11)
        elif by is None:
            yield Point("the clocks start when the back office next looks", "·", "muted", lead=name, lead_width=11)
        else:
            words, look_ = due_words(by, now)
            late = look_ == "warn"
            told = words if late else f"in {words}"
            yield Point(
                f"{moment(by, now)}, {told}", "!" if late else "·", "bad" if late else "muted", lead=name, lead_width=11
            )


def decision_form(escalation: Escalation) -> Form:
    """What the owner is asked, and what will happen."""

    def will(values: Values) -> str:
        outcome = Outcome(values["outcome"])
        back = one_line(escalation.opened_by)
        if outcome is Outcome.REDIRECT:
            return f"{one_line(values['owner'])} decides instead; the time to acknowledge starts anew."
        if outcome is Outcome.ANSWER:
            return "The ticket becomes yours. Nothing is sent yet: your reply goes through the checklist too."
        return f"The ticket goes back to {back}, with your words as a note on top. Nothing is sent."

    def wants(values: Values) -> str:
        outcome = Outcome(values["outcome"])
        if outcome in (Outcome.REFUSE, Outcome.HAND_BACK) and not values["instruction"].strip():
            return "Still to say: what the reviewer should do."
        if outcome is Outcome.REDIRECT and not values["owner"].strip():
            return "Still to say: who decides instead."
        return ""

    def redirects(values: Values) -> bool:
        return values["outcome"] == Outcome.REDIRECT

    asked = f"Asked: {one_line(escalation.expected)}" if escalation.expected else ""
    return Form(
        title=f"Decide escalation {escalation.id}",
        button="Decide",
        words=asked,
        fields=(
            Field("outcome", "Your decision", tuple((o.value, words) for o, words in OUTCOMES)),
            Field("instruction", "In words, for the reviewer", hint="what to say, up to how much, by when"),
            Field("owner", "Who decides instead", hint="login or role", when=redirects),
            Field("backup", "Who if they do not", hint="login or role; the present backup if empty", when=redirects),
        ),
        will=will,
        wants=wants,
    )
