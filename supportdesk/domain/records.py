"""What the desk keeps about its own doings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from supportdesk.domain.words import CommitmentKind, OutboxState


@dataclass(frozen=True, slots=True)
class Lease:
    """Who has a ticket, and since when."""

    login: str
    """Who."""
    since: datetime
    """Since when, UTC."""
    left_ms: int = 0
    """Milliseconds until it ends by itself."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One link of the chain of records."""

    id: int
    """Its number."""
    at: datetime
    """When, UTC."""
    actor: str
    """Login, `assistant` or `desk`."""
    action: str
    """What was done."""
    ticket_id: int
    """About which ticket; 0 for none."""
    body: Mapping[str, object] = field(default_factory=dict)
    """The particulars."""
    hash: str = ""
    """Hash over this link and the previous one."""


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """An approved reply on its way out."""

    id: int
    """Its number."""
    approval_id: int
    """The approval it rests on."""
    ticket_id: int
    """Whose ticket."""
    message_id: str
    """Message-ID it goes out with, fixed before anything is sent."""
    state: OutboxState
    """Where it is."""
    stage: str
    """How far a claimed one got: empty, `envelope` or `data`."""
    not_before: datetime
    """Held back until then, so that it can be recalled; UTC."""
    attempts: int
    """How often it was tried."""
    digest: str
    """The approval's digest."""
    payload: Mapping[str, object]
    """What the approval binds."""
    result: Mapping[str, object] = field(default_factory=dict)
    """What the server said, per recipient."""
    claimed_by: str = ""
    """Which process has it."""
    changed_at: datetime | None = None
    """When its state last changed, UTC."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A request to make a commitment beyond one's authority, and what became of it."""

    id: int
    """Its number."""
    ticket_id: int
    """Whose ticket."""
    revision_id: int
    """The words it is about; other words need another grant."""
    fingerprint: str
    """The commitment in those words."""
    quote: str
    """The commitment as it stands in the draft."""
    kind: CommitmentKind
    """How it binds us."""
    amount: Decimal | None
    """How much money, where it says."""
    currency: str
    """ISO 4217 code, empty if none is named."""
    asked_by: str
    """Login of who asks."""
    asked_at: datetime
    """When, UTC."""
    asked_reason: str
    """Why, in words."""
    state: str = "asked"
    """asked, granted or refused."""
    decided_by: str = ""
    """Login of who granted or refused."""
    decided_at: datetime | None = None
    """When, UTC."""
    decided_reason: str = ""
    """Why, in words."""
    used: bool = False
    """Whether an approval used it up."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Something that could not be read and was kept whole."""

    id: int
    """Its number."""
    source: str
    """Where it came from: `inbox.mbox#17`."""
    reason: str
    """Why it could not be read."""
    size: int
    """Bytes."""
    at: datetime
    """When, UTC."""
    sha256: str = ""
    """Digest of the content."""
    state: str = "waiting"
    """`waiting`, or `read` once it could be read after all."""
