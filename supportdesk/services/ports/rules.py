"""What the corrections of checks need from the store."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from supportdesk.domain.correction import CheckCorrection, RuleFigures


class Corrected(Protocol):
    """Corrections of checks, and each rule's figures."""

    def add(self, correction: CheckCorrection) -> int:
        """Keep a correction; returns its number."""
        ...

    def get(self, number: int) -> CheckCorrection:
        """One correction. Raises NotFound."""
        ...

    def all(self, since: datetime, until: datetime) -> tuple[CheckCorrection, ...]:
        """The corrections of a period, oldest first."""
        ...

    def figures(self, since: datetime, until: datetime) -> tuple[RuleFigures, ...]:
        """How each rule did in drafts of a period, the busiest first."""
        ...
