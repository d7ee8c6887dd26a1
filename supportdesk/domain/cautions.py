"""What to know before words leave, though it does not hold them: said in the dialog and beside the draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from supportdesk.domain.case import Case
from supportdesk.domain.words import ALWAYS_ESCALATE, Author, Path


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing to know before sending."""

    words: str
    """What it is, in plain words."""
    weighs: bool = False
    """Whether sending all the same is said in so many words, and recorded."""
    message: int = -1
    """Position of the message it is about, where there is one."""


def cautions(case: Case) -> tuple[Caution, ...]:
    """What to know before answering, the gravest first."""
    return (*_escalation(case), *_note(case))


def unescalated(case: Case) -> bool:
    """Whether an answer would leave on the escalation path though nobody has decided an escalation."""
    return any(caution.weighs for caution in cautions(case))


def _escalation(case: Case) -> Iterator[Caution]:
    always = [kind for kind in case.ticket.triggers if kind in set(ALWAYS_ESCALATE)]
    if case.ticket.path is not Path.ESCALATION and not always:
        return
    flags = always or list(case.ticket.triggers)
    on = "On the escalation path" + (f": {', '.join(flags)}." if flags else ".")
    if case.escalation_decided:
        yield Caution(f"{on} An escalation was decided; what was decided stands in the thread.")
    else:
        yield Caution(f"{on} Nobody has decided an escalation.", weighs=True)


def _note(case: Case) -> Iterator[Caution]:
    for message in reversed(case.thread.messages):
        if message.author is Author.CUSTOMER:
            return
        if message.author is Author.INTERNAL:
            line = next((line.strip() for line in message.text.splitlines() if line.strip()), "")
            words = f"A note is newer than the requester's last message [{message.position + 1}]: “{line[:80]}”"
            yield Caution(words, message=message.position)
            return
