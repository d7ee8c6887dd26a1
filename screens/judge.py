"""Forms for answering an item, settling a finding, lowering a flag, granting, and refusing to go on."""

from __future__ import annotations

from collections.abc import Sequence

from screens.forms import Field, Form, Values, choices
from supportdesk.domain.case import Case
from supportdesk.domain.findings import Finding
from supportdesk.domain.gate import item_blockers
from supportdesk.domain.preparation import Trigger
from supportdesk.domain.records import Grant
from supportdesk.domain.words import ALWAYS_ESCALATE, AnswerValue, FindingKind, TriggerKind
from widgets.checklist import title
from widgets.paint import one_line

CONFIRMED, PROBLEM, NOT_JUDGED = (value.value for value in AnswerValue)

QUESTIONS = {
    "thread": "Have you read what they wrote, and does the draft answer it?",
    "facts": "Is every statement of fact true, as far as you can know?",
    "commitments": "May we promise what the draft promises?",
    "tone": "Would you send it like this to this person, today?",
    "privacy": "Does it go to the right person, and tell only what is theirs to know?",
}


def answer_form(case: Case, item: str, reasons: Sequence[str]) -> Form:
    """How an item is answered; what keeps it from being confirmed is said at once."""
    standing = item_blockers(case, item)
    answer = case.answer(item)
    options = (
        (CONFIRMED, "Confirm" if not standing else "Confirm (not yet, see above)"),
        (PROBLEM, "There is a problem"),
        (NOT_JUDGED, "I cannot judge this"),
    )
    first = answer.value.value if answer else PROBLEM if standing else CONFIRMED
    words = "\n".join([QUESTIONS.get(item, "Your team's own item."), *(f"· {b.words}" for b in standing[:6])])
    return Form(
        title=title(item),
        button="Answer",
        words=words,
        fields=(
            Field("value", "Your answer", options, first),
            Field("reason", "Which problem", choices(reasons), when=_is_problem),
            Field("note", "In words", hint="optional", when=lambda v: v["value"] != CONFIRMED),
        ),
        wants=lambda v: standing[0].words if v["value"] == CONFIRMED and standing else "",
    )


def _is_problem(values: Values) -> bool:
    return values["value"] == PROBLEM


EVIDENCE, OVERRIDE, GRANT, EDIT = "evidence", "override", "grant", "edit"


def settle_form(finding: Finding) -> Form:
    """How a finding can be settled."""
    words = "\n".join(filter(None, (f"“{finding.quote}”" if finding.quote else "", finding.why, finding.settle)))
    if finding.kind is FindingKind.COMMITMENT:
        options: tuple[tuple[str, str], ...] = (
            (EDIT, "Edit it away"),
            (GRANT, "Ask somebody with the authority to grant it"),
        )
    else:
        options = (
            (EVIDENCE, "Point at the line that settles it"),
            (OVERRIDE, "Keep the words, and say why they are right"),
            (EDIT, "Edit it away"),
        )
        if not finding.blocking:
            # The check is less sure here; a person who knows better is asked for the reason at once.
            options = (options[1], options[0], options[2])

    def wants(values: Values) -> str:
        if values["how"] in (OVERRIDE, GRANT) and not values["reason"].strip():
            return "Give your reason; it is recorded."
        return ""

    return Form(
        title=f"{finding.kind.value}: {finding.subkind.replace('_', ' ')}",
        button="Go on",
        words=words,
        fields=(
            Field("how", "How", options, options[0][0]),
            Field("reason", "Your reason", when=lambda v: v["how"] in (OVERRIDE, GRANT)),
        ),
        wants=wants,
    )


def grant_form(grant: Grant) -> Form:
    """Another person's request to promise something."""
    amount = f" {grant.amount} {grant.currency}".rstrip() if grant.amount is not None else ""
    return Form(
        title=f"{one_line(grant.asked_by)} asks to promise: {grant.kind.value}{amount}",
        button="Say so",
        words=f"“{grant.quote}”\nBecause: {grant.asked_reason}",
        fields=(
            Field("granted", "Your word", (("yes", "Grant it, for these words, once"), ("no", "Refuse it"))),
            Field("reason", "Your reason"),
        ),
        wants=lambda v: "" if v["reason"].strip() else "Give your reason; it is recorded.",
    )


def lower_form(trigger_kind: str, triggers: Sequence[Trigger]) -> Form:
    """Lowering a flag, which only a person may."""
    quotes = [f"“{t.quote}”" for t in triggers if t.quote]
    always = trigger_kind in {kind.value for kind in ALWAYS_ESCALATE}
    warning = ["This flag always escalates; think twice."] if always else []
    return Form(
        title=f"Lower the flag {TriggerKind(trigger_kind).value}",
        button="Lower",
        words="\n".join([*quotes[:4], *warning]),
        fields=(Field("reason", "Why it does not apply"),),
        will=lambda _: "The flag is down for this ticket, with your name and reason.",
        wants=lambda v: "" if v["reason"].strip() else "Give your reason; it is recorded.",
    )


def take_over_form(holder: str, since: str) -> Form:
    """Taking a ticket from somebody."""
    return Form(
        title="Take this ticket over",
        button="Take over",
        words=f"{one_line(holder)} has had it{' since ' + since if since else ''}. They are told, and it is recorded.",
    )
