"""Why a ticket may not take the routine path: flags raised from what a sentence says, each with its words.

Learned weights judge every sentence, and the letter as a whole (see `weights`); a few frames of concepts that leave no
doubt raise a flag whatever the weights say. A flag quotes the sentence that raised it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from supportdesk.domain.preparation import Trigger
from supportdesk.domain.words import ALWAYS_ESCALATE, TriggerKind
from supportdesk.rules.clauses import Reading
from supportdesk.rules.tables import once, table
from supportdesk.rules.weights import Judged, judge, learned

_WHY = {
    TriggerKind.COMPLAINT: "The customer is dissatisfied and says so.",
    TriggerKind.CANCELLATION: "The customer wants to end or cancel something.",
    TriggerKind.BILLING_DISPUTE: "The customer disputes a charge.",
    TriggerKind.REFUND: "The customer asks for money back.",
    TriggerKind.ACCESS: "The customer cannot get in, or somebody else can.",
    TriggerKind.ACCOUNT_CHANGE: "The customer wants account or contract details changed.",
    TriggerKind.COMMITMENT_REQUEST: "The customer asks us to promise or concede something.",
    TriggerKind.PRIVACY: "Personal data is asked for, exposed or in the wrong hands.",
    TriggerKind.LEGAL: "Law, a lawyer or an authority is brought up.",
    TriggerKind.SAFETY: "People or things may be in danger.",
    TriggerKind.VULNERABLE: "The customer's situation asks for particular care.",
    TriggerKind.REPEATED: "The customer has written about this before.",
    TriggerKind.SERVICE_FAILURE: "Something of ours does not work or did not come.",
    TriggerKind.UNCLEAR: "What the customer wants cannot be told from the words.",
    TriggerKind.LOW_CONFIDENCE: "The rules cannot read this well enough to be sure.",
}
_FURTHER = 0.7
"""Share of its bar that is enough for a further kind where one that needs review is up already: by then a false
alarm costs a reviewer a glance, a miss a wrong answer. Kinds that escalate keep their bar."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Concepts that raise a flag together."""

    kind: TriggerKind
    name: str
    groups: tuple[frozenset[str], ...]
    none: frozenset[str]


def raised(messages: Sequence[tuple[int, Sequence[Reading]]], heading: Sequence[Reading] = ()) -> tuple[Trigger, ...]:
    """The flags a customer's messages raise, each kind once, with the sentence that says it most plainly.

    Messages come with their positions in the thread; a `heading` adds to what the whole says, but raises nothing.
    """
    flags = {
        frame.kind: trigger(frame.kind, position, reading, frame.name)
        for position, found in reversed(messages)
        for reading in reversed(found)
        for frame in _fitting(reading)
    }
    enough = learned().enough
    likely = [(TriggerKind(judged.kind), judged) for judged in judge([found for _, found in messages], heading)]
    for kind, judged in likely:
        if judged.probability >= enough[kind]:
            flags.setdefault(kind, _judged(kind, messages, judged))
    if flags:
        for kind, judged in likely:
            if kind not in ALWAYS_ESCALATE and judged.probability >= enough[kind] * _FURTHER:
                flags.setdefault(kind, _judged(kind, messages, judged))
    return tuple(flags[kind] for kind in TriggerKind if kind in flags)


def trigger(kind: TriggerKind, message: int, reading: Reading, rule: str, why: str = "") -> Trigger:
    """A flag of a kind, quoting a sentence."""
    start, end = reading.span
    return Trigger(
        kind, message, reading.text[start:end], start=start, end=end, why=why or _WHY[kind], rule=f"{kind}.{rule}"
    )


def _judged(kind: TriggerKind, messages: Sequence[tuple[int, Sequence[Reading]]], judged: Judged) -> Trigger:
    position, found = messages[judged.message]
    return trigger(kind, position, found[judged.sentence], judged.because or "words")


def _fitting(reading: Reading) -> Iterator[_Frame]:
    said = reading.stated
    for frame in _frames():
        if frame.none & said or not all(group & said for group in frame.groups):
            continue
        yield frame


@once
def _frames() -> tuple[_Frame, ...]:
    raw: dict[str, Any] = table("frames.toml")
    return tuple(
        _Frame(
            kind=TriggerKind(entry["kind"]),
            name=entry["name"],
            groups=tuple(frozenset(group.split("|")) for group in entry["all"]),
            none=frozenset(entry.get("none", ())),
        )
        for entry in raw["frame"]
    )
