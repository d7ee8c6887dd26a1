"""What people say of the checks themselves: that a finding is none, or that one was missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """What was wrong with a check."""

    WRONG = "wrong"
    """It marked what is none."""
    MISSED = "missed"
    """It did not mark what is one."""


@dataclass(frozen=True, slots=True)
class CheckCorrection:
    """One person's word on one check of one draft; kept for good."""

    id: int
    """Its number."""
    ticket_id: int
    """The ticket."""
    revision_id: int
    """The draft's words it is about."""
    at: datetime
    """When it was said."""
    by: str
    """Login of who said it."""
    what: Fault
    """Whether a finding is wrong or one was missed."""
    rule: str
    """The rule that fired; empty where none did."""
    kind: str
    """commitment, fact, privacy…"""
    subkind: str
    """money, contradicted, other_person…"""
    fingerprint: str
    """The finding's fingerprint; that of kind and words where none was found."""
    words: str
    """Fingerprint of the whole draft text."""
    quote: str
    """The words it is about."""
    reason: str
    """Why."""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How one rule does."""

    rule: str
    """Its name; empty for what no rule found."""
    hits: int
    """Findings it made, each once a ticket."""
    blocking: int
    """Those among them that held approval."""
    overrides: int
    """Those a reviewer settled with a reason instead of evidence."""
    wrong: int
    """Those somebody called wrong."""
    missed: int
    """What it should have found and did not, as far as people said."""

    @property
    def false_alarms(self) -> float | None:
        """Share of its findings that people overrode or called wrong; None without a finding."""
        return min(1.0, max(self.overrides, self.wrong) / self.hits) if self.hits else None
