"""What is done to the tickets picked out in the queue: assign, tag, reroute, pause. Never approve."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from supportdesk.errors import BadInput
from widgets.paint import one_line
from widgets.queue_table import QueueTable
from widgets.wording import count_words, moment

if TYPE_CHECKING:
    from screens.base import DeskScreen
    from screens.forms import Form, Values
    from supportdesk.services.bulk import BulkReport
    from supportdesk.services.desk import Desk

    Base = DeskScreen[None]
else:
    Base = object


class QueueActs(Base):
    """The queue screen's changes to several tickets."""

    def picked(self) -> tuple[int, ...]:
        """The tickets a change is for: those picked out, else the one under the cursor."""
        table = self.query_one(QueueTable)
        return table.selected or ((table.current_id,) if table.current_id else ())

    def action_queue_assign(self) -> None:
        """Make somebody responsible."""
        self.carry_out(self._ask_whom)

    async def _ask_whom(self) -> None:
        from screens.forms import Field, Form

        everybody = await self.station.clerk.look(lambda desk: desk.staff.all())
        me = self.station.login
        others = [(p.login, f"{one_line(str(p))} · {p.role}") for p in everybody if p.active and p.login != me]
        self._ask(
            lambda what: Form(
                title=f"Who looks after {what}?",
                button="Assign",
                fields=(Field("to", "Who", ((me, "you"), *others, ("", "nobody")), me),),
                will=lambda v: f"{one_line(v['to']) or 'Nobody'} is responsible for {what}.",
            ),
            lambda ids, v: lambda desk: desk.bulk.assign(ids, me, v["to"]),
        )

    def action_queue_tag(self) -> None:
        """Put words on them."""
        from screens.forms import Field, Form

        me = self.station.login
        self._ask(
            lambda what: Form(
                title=f"Tag {what}",
                button="Tag",
                fields=(Field("tags", "Tags", hint="vip follow-up; -vip takes one away"),),
                will=lambda v: f"Changes the tags of {what}; tag:{(v['tags'].split() or ['vip'])[0]} finds them.",
                wants=lambda v: "" if v["tags"].strip() else "Still to say: at least one tag.",
            ),
            lambda ids, v: lambda desk: desk.bulk.tag(ids, me, v["tags"]),
        )

    def action_queue_reroute(self) -> None:
        """Move them to another queue."""
        from screens.forms import Field, Form, choices
        from supportdesk.domain.decision import Decision
        from supportdesk.domain.words import DecisionKind

        if not self.station.clerk.is_open:
            return
        desk, me = self.station.desk, self.station.login
        queues = tuple((q.name, one_line(q.title or q.name)) for q in desk.routing.queues.values())
        self._ask(
            lambda what: Form(
                title=f"Send {what} to another queue",
                button="Reroute",
                fields=(
                    Field("queue", "Which queue", queues),
                    Field("reason", "Why", choices(desk.settings.gate.reasons_reroute)),
                    Field("note", "Anything they should know", hint="optional"),
                ),
                will=lambda v: (
                    f"Moves {what} to {one_line(v['queue'])}. Items nobody answered are recorded as not judged."
                ),
            ),
            lambda ids, v: (
                lambda desk: desk.bulk.decide(
                    ids,
                    me,
                    lambda _: Decision(DecisionKind.REROUTE, reason=v["reason"], note=v["note"], queue=v["queue"]),
                )
            ),
        )

    def action_queue_pause(self) -> None:
        """Pause them."""
        from screens.forms import Field, Form
        from screens.wake import parse_wake
        from supportdesk.domain.decision import Decision
        from supportdesk.domain.words import DecisionKind

        if not self.station.clerk.is_open:
            return
        now, me = self.station.now(), self.station.login

        def wants(values: Values) -> str:
            if values["at"].strip():
                try:
                    parse_wake(values["at"], now)
                except BadInput as error:
                    return str(error)
            return ""

        def will(values: Values) -> str:
            at = f"at {moment(parse_wake(values['at'], now), now)} or " if values["at"].strip() else ""
            return f"They come back {at}with the next message. Open items are recorded as not judged."

        def make(ids: tuple[int, ...], v: Values) -> Callable[[Desk], BulkReport]:
            at = parse_wake(v["at"], now) if v["at"].strip() else None
            decision = Decision(DecisionKind.PAUSE, note=v["note"], wake_at=at, wake_on_message=True)
            return lambda desk: desk.bulk.decide(ids, me, lambda _: decision)

        self._ask(
            lambda what: Form(
                title=f"Pause {what}",
                button="Pause",
                fields=(
                    Field("at", "Until when, if not only until the next message", hint="2h, 3d, tomorrow 9:00"),
                    Field("note", "What they wait for", hint="optional"),
                ),
                will=will,
                wants=wants,
            ),
            make,
        )

    def _ask(
        self,
        make: Callable[[str], Form],
        call: Callable[[tuple[int, ...], Values], Callable[[Desk], BulkReport]],
    ) -> None:
        # Forms are imported when one is asked for: the first frame does without them.
        from screens.forms import FormDialog

        ids = self.picked()
        if not ids or not self.station.clerk.is_open:
            self.say("There is no ticket here: x picks tickets out.", "refused")
            return
        what = f"#{ids[0]}" if len(ids) == 1 else f"these {count_words(len(ids), 'ticket')}"

        def answered(values: dict[str, str] | None) -> None:
            if values is not None:
                self.carry_out(partial(self._change, call(ids, values)))

        self.app.push_screen(FormDialog(self.station, make(what)), answered)

    async def _change(self, call: Callable[[Desk], BulkReport]) -> None:
        report = await self.station.clerk.act(call)
        self.query_one(QueueTable).unselect()
        self.say(one_line(report.words), "alert" if report.refused else "done")
        self.load()

    def load(self) -> None:
        """Read the queue again; the screen does."""
        raise NotImplementedError
