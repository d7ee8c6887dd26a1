"""Why something is asked again and again: proposed from what became of the tickets, for a person to confirm."""

from __future__ import annotations

from supportdesk.domain.theme import Cause, ThemeFacts

OFTEN = 0.4
"""A theme whose tickets share something this often probably has it for a cause."""


def propose(facts: ThemeFacts) -> tuple[Cause, str]:
    """The likeliest cause and what it rests on, in words and numbers.

    What people had to do with the tickets speaks first: sending them on, asking for details, rewriting drafts.
    Where nothing stands out, it is a matter of what there is to read.
    """
    n = facts.tickets or 1
    shares = {
        Cause.ROUTING: facts.rerouted / n,
        Cause.FORM: facts.asked / n,
        Cause.SOURCE: facts.corrected / facts.sent if facts.sent >= max(3, n // 4) else 0.0,
    }
    words = {
        Cause.ROUTING: f"{facts.rerouted} of {facts.tickets} were sent on to another queue",
        Cause.FORM: f"in {facts.asked} of {facts.tickets} a detail had to be asked for",
        Cause.SOURCE: f"{facts.corrected} of {facts.sent} drafts were rewritten",
    }
    cause = max(shares, key=lambda c: shares[c])
    if shares[cause] >= OFTEN:
        return cause, words[cause]
    if not facts.article:
        return Cause.INSTRUCTIONS, "no article answers it"
    if facts.sent and facts.cited < facts.sent * OFTEN:
        return (
            Cause.INSTRUCTIONS,
            f"“{facts.article}” seems to answer it, but {facts.cited} of {facts.sent} replies used it",
        )
    return Cause.POLICY, f"“{facts.article}” answers it, and it is asked all the same"
