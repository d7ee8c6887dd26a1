"""What the review of a ticket needs from the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from supportdesk.domain.case import Answer, Revision, Settlement
from supportdesk.domain.findings import Commitment, Examination
from supportdesk.domain.preparation import Preparation, Trigger
from supportdesk.domain.records import Grant, Lease


class Reviews(Protocol):
    """Preparations, revisions, answers and what was seen."""

    def add_preparation(self, ticket_id: int, preparation: Preparation, at: datetime) -> int:
        """Keep a preparation; returns its id."""
        ...

    def preparation(self, ticket_id: int) -> Preparation | None:
        """The latest preparation."""
        ...

    def raise_flags(self, ticket_id: int, triggers: Iterable[Trigger], at: datetime) -> None:
        """Raise flags; those already there stay as they are."""
        ...

    def flags(self, ticket_id: int) -> tuple[Trigger, ...]:
        """Flags that are up."""
        ...

    def clear_flag(self, ticket_id: int, kind: str, by: str, reason: str, at: datetime) -> int:
        """Lower every flag of a kind; returns how many."""
        ...

    def add_revision(self, ticket_id: int, revision: Revision, examination: Examination, at: datetime) -> Revision:
        """Keep a new revision with what the checks say of it; returns it with number and id."""
        ...

    def revision(self, ticket_id: int) -> tuple[Revision, Examination] | None:
        """The latest revision and its examination."""
        ...

    def revisions(self, ticket_id: int) -> tuple[Revision, ...]:
        """All revisions, oldest first."""
        ...

    def add_answer(self, ticket_id: int, answer: Answer, at: datetime) -> None:
        """Record an answer; the latest counts."""
        ...

    def answers(self, ticket_id: int) -> tuple[Answer, ...]:
        """Every reviewer's latest answer per item."""
        ...

    def add_settlement(self, ticket_id: int, revision_id: int, settlement: Settlement, at: datetime) -> None:
        """Record how a finding was settled."""
        ...

    def settlements(self, ticket_id: int) -> tuple[Settlement, ...]:
        """All settlements of a ticket."""
        ...

    def see(self, ticket_id: int, login: str, message_ids: Iterable[int], at: datetime) -> int:
        """Record messages as seen; returns how many were new."""
        ...

    def seen(self, ticket_id: int, login: str) -> frozenset[int]:
        """Row ids of the messages a person has seen."""
        ...

    def rejected(self, revision_id: int) -> bool:
        """Whether a revision was rejected."""
        ...

    def ask_grant(
        self, ticket_id: int, revision_id: int, commitment: Commitment, by: str, why: str, at: datetime
    ) -> int:
        """Ask for a commitment beyond one's authority; returns the request's id."""
        ...

    def grant(self, grant_id: int) -> Grant:
        """A request. Raises NotFound."""
        ...

    def grants_waiting(self, ticket_id: int | None = None) -> tuple[Grant, ...]:
        """Requests for words that are still a ticket's latest and nobody decided, oldest first."""
        ...

    def decide_grant(self, grant_id: int, by: str, *, granted: bool, reason: str, at: datetime) -> None:
        """Grant or refuse. The database refuses one's own and those beyond one's authority."""
        ...

    def use_grants(self, revision_id: int, approval_id: int) -> int:
        """Use up a revision's grants for its approval; returns how many."""
        ...

    def grants(self, ticket_id: int, revision_id: int) -> frozenset[str]:
        """Fingerprints of commitments granted for a revision and not used yet."""
        ...

    def lease(self, ticket_id: int) -> Lease | None:
        """Who has a ticket now, by the boot clock."""
        ...

    def set_lease(self, ticket_id: int, login: str, milliseconds: int) -> None:
        """Give a ticket to somebody for so long; 0 frees it."""
        ...
