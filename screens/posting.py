"""Sending from the workstation: only when something is due, so that an idle desk writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supportdesk.domain.words import OutboxState

if TYPE_CHECKING:
    from supportdesk.services.delivery import Sent
    from supportdesk.services.desk import Desk


def send_due(desk: Desk) -> tuple[Sent, ...]:
    """Send the replies whose time has come; looks before it writes."""
    now = desk.clock.now()
    waiting = desk.sending.entries([OutboxState.QUEUED])
    return desk.sending.send_due() if any(entry.not_before <= now for entry in waiting) else ()
