"""What the desk has promised: to whom, by when, by whose authority; kept or broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content

from screens.forms import Field, Form, FormDialog, Values
from screens.lead import LeadScreen
from supportdesk.domain.promise import Promise, PromiseState
from widgets.commands import bindings
from widgets.paint import one_line
from widgets.points import Point, PointList
from widgets.wording import count_words, due_words, moment

SETTLED = 50
"""Settled promises that are still shown."""
SIGNS = {
    PromiseState.OPEN: ("·", "accent"),
    PromiseState.KEPT: ("✔", "good"),
    PromiseState.BROKEN: ("✖", "bad"),
    PromiseState.VOID: ("–", "muted"),
    PromiseState.UNSENT: ("·", "muted"),
}


class PromisesScreen(LeadScreen):
    """The ledger of commitments."""

    NAME: ClassVar[str] = "Promises"
    PLACE: ClassVar[str] = "promises"
    BINDINGS: ClassVar[list[BindingType]] = bindings("promises")
    EMPTY: ClassVar[str] = """Nothing is promised.
What an approved reply commits the desk to comes here by itself when it is sent."""

    _promises: tuple[Promise, ...] = ()

    async def read(self) -> None:
        """Read open promises, and the latest that were settled."""
        open_ = await self.station.clerk.look(lambda desk: desk.promises.open())
        settled = await self.station.clerk.look(
            lambda desk: desk.promises.all(PromiseState.KEPT, PromiseState.BROKEN)[-SETTLED:][::-1]
        )
        self._promises = (*open_, *settled)
        now = self.station.now()
        late = sum(p.overdue(now) for p in open_)
        parts: list[str | tuple[str, str]] = [count_words(len(open_), "promise") + " open"]
        if late:
            parts += [", ", (f"{late} overdue", "bold $warning")]
        self.show(list(listed(self._promises, now)), Content.assemble(*parts))

    def detail(self, point: Point | None) -> Sequence[Point]:
        """Everything the ledger says of it."""
        promise = self._promise(point)
        return list(promise_points(promise, self.station.now())) if promise else ()

    def detail_title(self, point: Point | None) -> str:
        """Its number."""
        promise = self._promise(point)
        return f"Promise {promise.id}" if promise else ""

    @on(PointList.Chosen)
    def _open(self) -> None:
        promise = self._promise(self.current)
        if promise:
            self.open_ticket(promise.ticket_id)

    def action_promise_settle(self) -> None:
        """Ask whether it was kept."""
        promise = self._promise(self.current)
        if promise is None or promise.state is not PromiseState.OPEN:
            self.say("There is no open promise under the cursor.", "refused")
            return

        def answered(values: dict[str, str] | None) -> None:
            if values is not None:
                self._settle(promise.id, values)

        self.app.push_screen(FormDialog(self.station, settle_form(promise)), answered)

    def _settle(self, number: int, values: Values) -> None:
        kept, note, login = values["what"] == "kept", values["note"].strip(), self.station.login

        async def settle() -> None:
            await self.station.clerk.act(lambda desk: desk.promises.settle(number, login, kept=kept, note=note))
            self.say(f"Promise {number} was {'kept' if kept else 'broken'}; it is recorded.", "done")
            self.load()

        self.carry_out(settle)

    def _promise(self, point: Point | None) -> Promise | None:
        return next((p for p in self._promises if point is not None and p.id == point.key), None)


def listed(promises: Sequence[Promise], now: datetime) -> Iterator[Point]:
    """Overdue first, then open by due time, then settled."""
    late = [p for p in promises if p.overdue(now)]
    open_ = [p for p in promises if p.state is PromiseState.OPEN and p not in late]
    settled = [p for p in promises if p.state is not PromiseState.OPEN]
    for title, many in (("Overdue", late), ("Open", open_), ("Settled", settled)):
        if many:
            yield Point(title, heading=True, label=str(len(many)))
        for promise in many:
            mark, look = ("!", "bad") if promise in late else SIGNS[promise.state]
            due = due_words(promise.due_at, now)[0] if promise.state is PromiseState.OPEN else promise.state.value
            yield Point(
                f"“{promise.quote}”",
                mark,
                look,
                label=due,
                detail=f"#{promise.ticket_id} · {', '.join(promise.to) or 'nobody named'}",
                key=promise.id,
            )


def promise_points(promise: Promise, now: datetime) -> Iterator[Point]:
    """One promise, whole."""
    mark, look = ("!", "bad") if promise.overdue(now) else SIGNS[promise.state]
    yield Point(f"“{promise.quote}”", mark, look, text_look="strong", label=promise.state.value)
    amount = f"{promise.amount} {promise.currency}".strip()
    due = moment(promise.due_at, now) if promise.due_at else "no day named"
    rows = (
        ("what", promise.kind.value.replace("_", " ") + (f", {amount}" if amount else "")),
        ("to", ", ".join(promise.to)),
        ("by", due),
        ("promised", f"{moment(promise.at, now)}, approved by {promise.by}"),
        ("authority", promise.authority),
        ("settled", f"{promise.settled_by}, {moment(promise.settled_at, now)}" if promise.settled_at else ""),
    )
    yield Point("The ledger", heading=True, label=f"#{promise.ticket_id}")
    for name, words in rows:
        if words:
            yield Point(words, lead=name, lead_width=10)
    if promise.note:
        yield Point(promise.note, "·", "muted")


def settle_form(promise: Promise) -> Form:
    """Kept or broken."""
    return Form(
        title=f"Was promise {promise.id} kept?",
        button="Record it",
        words=f"“{one_line(promise.quote)}”",
        fields=(
            Field("what", "It was", (("kept", "kept"), ("broken", "broken"))),
            Field("note", "In words", hint="how it was broken and what the customer was told"),
        ),
        will=lambda v: f"Recorded as {v['what']} under your name.",
        wants=lambda v: (
            "Still to say: how, and what the customer was told."
            if v["what"] == "broken" and not v["note"].strip()
            else ""
        ),
    )
