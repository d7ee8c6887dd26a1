"""What a reviewer says of the checks themselves: wrong here, or something missed."""

from __future__ import annotations

from screens.forms import Field, Form, Values, choices
from screens.review_acts import ReviewActs
from supportdesk.domain.findings import Finding
from supportdesk.domain.words import FindingKind
from widgets.draft_editor import DraftEditor
from widgets.findings import FindingsList
from widgets.paint import one_line

KEPT = "Kept with your name; nothing about this ticket changes."


def wrong_form(finding: Finding) -> Form:
    """Saying that a finding is none."""
    return Form(
        title=f"The check is wrong: {finding.kind.value}, {finding.subkind.replace('_', ' ')}",
        button="Say so",
        words="\n".join(filter(None, (f"“{finding.quote}”" if finding.quote else "", finding.why))),
        fields=(Field("reason", "Why it is wrong"),),
        will=lambda _: "The rule's figures count it. The finding itself is still settled as before.",
        wants=lambda v: "" if v["reason"].strip() else "Give your reason; it is recorded.",
    )


def missed_form(quote: str) -> Form:
    """Saying what was missed in the draft."""
    return Form(
        title="The checks missed something",
        button="Say so",
        fields=(
            Field("quote", "The draft's words", value=quote, hint="as they stand in the draft"),
            Field("kind", "What they are", choices([kind.value for kind in FindingKind])),
            Field("reason", "Why"),
        ),
        will=lambda _: "The rules' figures count it; your team can turn it into a test of the rules.",
        wants=_missed_wants,
    )


def _missed_wants(values: Values) -> str:
    if not values["quote"].strip():
        return "Quote the words that were missed."
    return "" if values["reason"].strip() else "Give your reason; it is recorded."


class ReviewCorrections(ReviewActs):
    """People's word on the checks."""

    def action_review_wrong(self) -> None:
        """Say that the finding under the cursor is none."""
        case, point = self.case, self.query_one(FindingsList).current
        key = point.key[1] if point is not None and isinstance(point.key, tuple) else None
        found = next((f for f in case.examination.findings if f.fingerprint == key), None) if case else None
        if found is None:
            self.say("Stand on a finding first; . goes to the next one.", "refused")
            return
        self.ask(wrong_form(found), lambda values: self.carry_out(lambda: self._wrong(found, values["reason"])))

    async def _wrong(self, found: Finding, reason: str) -> None:
        await self.sitting.keep_words()
        ticket_id, login = self.sitting.ticket_id, self.station.login
        await self.station.clerk.act(lambda desk: desk.corrections.wrong(ticket_id, login, found.fingerprint, reason))
        self.say(KEPT, "done")

    def action_review_missed(self) -> None:
        """Say what the checks missed; the words picked out in the draft are quoted."""
        if self.case is None or self.case.revision is None:
            self.say("This ticket has no draft.", "refused")
            return
        quote = one_line(self.query_one(DraftEditor).selected_text)
        self.ask(missed_form(quote), lambda values: self.carry_out(lambda: self._missed(values)))

    async def _missed(self, values: Values) -> None:
        await self.sitting.keep_words()
        ticket_id, login = self.sitting.ticket_id, self.station.login
        await self.station.clerk.act(
            lambda desk: desk.corrections.missed(
                ticket_id, login, values["quote"], FindingKind(values["kind"]), "", values["reason"]
            )
        )
        self.say(KEPT, "done")
