"""Who works at the desk and what they may promise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from supportdesk.domain.findings import Commitment
from supportdesk.domain.words import CommitmentKind


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who works at the desk."""

    login: str
    """The operating system's user name, or the name a forced SSH command gives."""
    name: str = ""
    """How colleagues call them."""
    role: str = "agent"
    """agent, lead, approver, or a role the team names."""
    active: bool = True
    """Whether they may decide anything now."""

    def __str__(self) -> str:
        """The name, or the login where none is known."""
        return self.name or self.login


@dataclass(frozen=True, slots=True)
class AuthorityRule:
    """One line of `[authority]`: a role may grant a kind of commitment up to an amount."""

    role: str
    """Whom it empowers."""
    kind: CommitmentKind
    """Which sort of commitment."""
    up_to: Decimal | None = None
    """Largest amount, in `currency`; None for no limit. Ignored for kinds without money."""
    currency: str = ""
    """ISO 4217 code the limit is in; empty for any."""
    queue: str = ""
    """Only in this queue; empty for all."""


def authorised(person: Person, commitment: Commitment, rules: Iterable[AuthorityRule], queue: str) -> bool:
    """Whether a person may make a commitment by themselves.

    An amount that is not named counts as more than any limit; a currency the rule does not name, likewise.
    """
    for rule in rules:
        if rule.role != person.role or rule.kind is not commitment.kind or (rule.queue and rule.queue != queue):
            continue
        if rule.kind is not CommitmentKind.MONEY or rule.up_to is None:
            return True
        if commitment.amount is None or commitment.amount > rule.up_to:
            continue
        if not rule.currency or rule.currency == commitment.currency:
            return True
    return False
