"""What a reviewer asks of the assistant: prepare again, a part anew, a new draft, and what was sent to the model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from screens.dialogs import ListDialog
from screens.forms import Field, Form, Values
from screens.redraft import RedraftDialog
from screens.review_acts import ReviewActs
from supportdesk.domain.calls import ModelCall
from supportdesk.services.redrafting import PARTS
from widgets.points import Point
from widgets.wording import moment

if TYPE_CHECKING:
    from supportdesk.services.redrafting import Proposal

MOST_SENT = 20_000
"""Characters of one call that are shown."""


class Redrafts(ReviewActs):
    """The assistant at a reviewer's hand."""

    async def _prepare(self) -> None:
        before = self.sitting.case.revision if self.sitting.case else None
        ticket_id = self.sitting.ticket_id
        await self.station.clerk.ask(lambda desk: desk.preparing.one(ticket_id))
        case = await self.sitting.read()
        self.show_case()
        kept = before is not None and case.revision is not None and case.revision.id == before.id
        tail = "; your own words stay as they are" if kept and before is not None and before.by != "assistant" else ""
        note = case.preparation.provenance.note if case.preparation else ""
        self.say(f"Prepared{tail}.{f' {note}.' if note else ''}", "done")

    async def want_prepared(self) -> None:
        """A ticket that is not prepared yet comes before all others now that somebody looks at it."""
        ticket_id = self.sitting.ticket_id
        await self.station.clerk.act(lambda desk: desk.office.want(ticket_id))

    def action_review_again(self) -> None:
        """Make one part of the preparation anew."""
        case = self.sitting.case
        if case is None or case.preparation is None:
            self.say("It is not prepared yet; p prepares it.", "refused")
            return
        options = [(part, f"the {part}") for part in PARTS] + [("draft", "the draft")]
        field = Field("part", "Part", options=tuple(options), value="summary")
        form = Form("Which part is made anew?", "Make it anew", fields=(field,))

        def chosen(values: Values) -> None:
            part = values["part"]
            if part == "draft":
                self.action_review_redraft()
            else:
                self.say(f"The assistant makes the {part} anew…", seconds=0)
                self.carry_out(lambda: self._again(part), group="prepare", exclusive=True)

        self.ask(form, chosen)

    async def _again(self, part: str) -> None:
        ticket_id = self.sitting.ticket_id
        await self.station.clerk.ask(lambda desk: desk.redrafting.again(ticket_id, part))
        case = await self.sitting.read()
        self.show_case()
        note = case.preparation.provenance.note if case.preparation else ""
        self.say(f"Done: {note}." if note else "Done.", "done")

    def action_review_redraft(self) -> None:
        """Ask for a new draft."""
        case = self.sitting.case
        if case is None or not self.ready_to_change():
            return
        if not self.station.desk.redrafting.possible:
            self.say("The offline rules cannot write a draft anew; set assistant.model in settings.toml.", "refused")
            return
        by = case.revision.by if case.revision else ""
        author = "" if by in ("", "assistant") else by
        dialog = RedraftDialog(self.station, self.sitting.ticket_id, self.sitting.words, self.sitting.typed, author)
        self.app.push_screen(dialog, self._proposed)

    def _proposed(self, proposal: Proposal | None) -> None:
        if proposal is not None:
            self.carry_out(lambda: self._take_draft(proposal))

    async def _take_draft(self, proposal: Proposal) -> None:
        ticket_id, login = self.sitting.ticket_id, self.station.login
        if self.sitting.typed is not None:
            # What was typed is kept first: it stays a revision of its own.
            await self.sitting.keep_words()
            kept = self.sitting.case.revision if self.sitting.case else None
            proposal = proposal.after(kept)
        await self.station.clerk.act(lambda desk: desk.redrafting.take(ticket_id, login, proposal))
        await self.sitting.read()
        self.show_case()
        self.say("The new draft stands; the one before is in the history.", "done")

    def action_review_sent(self) -> None:
        """Show what was sent to the model for this preparation."""
        self.carry_out(self._show_sent)

    async def _show_sent(self) -> None:
        case = self.sitting.case
        if case is None or case.preparation is None:
            self.say("It is not prepared yet; nothing was sent.", "refused")
            return
        made = case.preparation.provenance
        calls = await self.station.clerk.look(lambda desk: desk.office.calls(made))
        now = self.station.now()
        points: list[Point] = []
        for call in calls:
            points.append(Point(f"{call.model} · {moment(call.at, now)}", heading=True))
            points += _sent(call)
        nothing = "Nothing was sent to a model: the offline rules prepared this ticket."
        self.app.push_screen(ListDialog(self.station, "What was sent to the model", points, nothing))


def _sent(call: ModelCall) -> list[Point]:
    """A call, line by line, exactly as it left, and what came back."""
    price = f", ${call.cost:.4f}" if call.cost else ""
    points = [
        Point(f"{call.outcome} · {call.tokens:,} tokens{price} · {call.seconds:.1f} s", "·", "muted"),
        *(Point(label, "·", "muted", lead="prompt", lead_look="muted") for label in call.prompts),
    ]
    try:
        messages = [(str(m["role"]), str(m["content"])) for m in json.loads(call.sent)]
    except (ValueError, TypeError, KeyError):
        messages = [("sent", call.sent)]
    for role, content in (*messages, ("answer", call.answer)):
        lines = [line for line in content[:MOST_SENT].splitlines() if line.strip()]
        points += [
            Point(line, "→" if role != "answer" else "←", "muted", lead=role if not n else "")
            for n, line in enumerate(lines)
        ]
    return points
