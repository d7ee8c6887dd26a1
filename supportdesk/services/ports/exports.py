"""Everything a desk holds, as the services need it for taking it elsewhere and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Exports(Protocol):
    """Tickets as they are kept."""

    def after(self, ticket_id: int, limit: int) -> tuple[int, ...]:
        """Ids of the next tickets, ascending."""
        ...

    def count(self) -> int:
        """How many tickets there are."""
        ...

    def ticket(self, ticket_id: int) -> dict[str, Any]:
        """A ticket and all that hangs on it, as plain values."""
        ...

    def audit(self, ticket_id: int) -> Iterator[dict[str, Any]]:
        """A ticket's records, oldest first; the desk's own for 0."""
        ...

    def contents(self, digests: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Kept contents by their SHA-256; those that were erased are left out."""
        ...

    def put_back(self, ticket_id: int, kept: Mapping[str, Any], at: datetime) -> None:
        """Give a ticket that was just made what was prepared and drafted for it."""
        ...
