"""Why a ticket may not take the routine path: flags raised from what a sentence says, each with its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from supportdesk.domain.preparation import Trigger
from supportdesk.domain.words import TriggerKind
from supportdesk.rules.clauses import Reading
from supportdesk.rules.tables import table

_WHY = {
    TriggerKind.COMPLAINT: "The customer is dissatisfied and says so.",
    TriggerKind.CANCELLATION: "The customer wants to end or cancel something.",
    TriggerKind.BILLING_DISPUTE: "The customer disputes a charge.",
    TriggerKind.REFUND: "The customer asks for money back.",
    TriggerKind.ACCESS: "The customer cannot get into their account.",
    TriggerKind.ACCOUNT_CHANGE: "The customer wants account details changed.",
    TriggerKind.COMMITMENT_REQUEST: "The customer asks us to promise something.",
    TriggerKind.PRIVACY: "Personal data is asked for, exposed or in the wrong hands.",
    TriggerKind.LEGAL: "Law, a lawyer or an authority is brought up.",
    TriggerKind.SAFETY: "People or things may be in danger.",
    TriggerKind.VULNERABLE: "The customer's situation asks for particular care.",
    TriggerKind.REPEATED: "The customer has written about this before.",
    TriggerKind.SERVICE_FAILURE: "Something of ours does not work for the customer.",
    TriggerKind.UNCLEAR: "What the customer wants cannot be told from the words.",
    TriggerKind.LOW_CONFIDENCE: "The rules cannot read this well enough to be sure.",
}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Concepts that raise a flag together."""

    kind: TriggerKind
    name: str
    groups: tuple[frozenset[str], ...]
    none: frozenset[str]
    always: bool


def raised(message: int, found: Sequence[Reading]) -> tuple[Trigger, ...]:
    """The flags one message raises, each kind once, with its plainest sentence."""
    best: dict[TriggerKind, Trigger] = {}
    for reading in found:
        for frame in _fitting(reading):
            if frame.kind not in best:
                best[frame.kind] = trigger(frame.kind, message, reading, frame.name)
    return tuple(best[kind] for kind in TriggerKind if kind in best)


def trigger(kind: TriggerKind, message: int, reading: Reading, rule: str, why: str = "") -> Trigger:
    """A flag of a kind, quoting a sentence."""
    start, end = reading.span
    return Trigger(
        kind, message, reading.text[start:end], start=start, end=end, why=why or _WHY[kind], rule=f"{kind}.{rule}"
    )


def _fitting(reading: Reading) -> Iterator[_Frame]:
    said = reading.stated | reading.structure
    supposed = _supposed(reading)
    for frame in _frames():
        if supposed and not frame.always:
            continue
        if frame.none & said or not all(group & said for group in frame.groups):
            continue
        yield frame


def _supposed(reading: Reading) -> bool:
    """Whether a sentence supposes or asks in general rather than tells or wishes."""
    ways = reading.structure
    if "_past" in ways or "_please" in ways:
        return False
    return bool(ways & {"_if", "_think", "_changed"}) or ("_q" in ways and bool(ways & {"_how", "_would"}))


@cache
def _frames() -> tuple[_Frame, ...]:
    return tuple(_frame(entry) for entry in _entries())


def _entries() -> Iterable[dict[str, object]]:
    entries = table("frames.toml")["frame"]
    return entries if isinstance(entries, list) else []


def _frame(entry: dict[str, object]) -> _Frame:
    groups, none = entry["all"], entry.get("none", [])
    return _Frame(
        kind=TriggerKind(str(entry["kind"])),
        name=str(entry["name"]),
        groups=tuple(frozenset(group.split("|")) for group in groups) if isinstance(groups, list) else (),
        none=frozenset(none) if isinstance(none, list) else frozenset(),
        always=bool(entry.get("always", False)),
    )
