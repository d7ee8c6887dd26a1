"""What the checks see in a draft."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.words import CommitmentKind, FindingKind, Item, Support


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of fact in a draft and what the sources say about it."""

    start: int
    """Offset in the draft."""
    end: int
    """Offset just after it."""
    quote: str
    """The words in the draft."""
    what: str
    """What kind of fact: amount, date, duration, number, name, status, policy, step, link, phone, address…"""
    support: Support
    """Supported, unsupported or contradicted."""
    evidence: tuple[Evidence, ...] = ()
    """The lines that support or contradict it."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A statement in a draft that binds us."""

    start: int
    """Offset in the draft."""
    end: int
    """Offset just after it."""
    quote: str
    """The words in the draft."""
    kind: CommitmentKind
    """How it binds us."""
    amount: Decimal | None = None
    """How much money, where it says."""
    currency: str = ""
    """ISO 4217 code, empty if none is named."""
    due: date | None = None
    """By when, where it says."""
    evidence: tuple[Evidence, ...] = ()
    """Policy lines that allow it, or the line that asked for it."""

    @property
    def fingerprint(self) -> str:
        """Stays the same while kind and words do."""
        return fingerprint("commitment", self.kind.value, self.quote)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check noticed in a draft."""

    kind: FindingKind
    """Which check."""
    subkind: str
    """What exactly: `money`, `unsupported`, `other_person`, `blame`, …"""
    start: int
    """Offset in the draft."""
    end: int
    """Offset just after it."""
    quote: str
    """The words in the draft."""
    why: str
    """One sentence for the reviewer."""
    evidence: tuple[Evidence, ...] = ()
    """The lines it rests on."""
    blocking: bool = True
    """Whether the check is sure that these words must not leave as they are."""
    settle: str = ""
    """What would settle it, as a short instruction."""
    rule: str = ""
    """Name of the rule that fired, for counting its errors."""
    about: str = ""
    """What it is about where that is not the draft's words: the question that was not answered."""

    @property
    def fingerprint(self) -> str:
        """Stays the same while the words it is about do, wherever they move."""
        return fingerprint(self.kind.value, self.subkind, self.about or self.quote)

    @property
    def item(self) -> Item:
        """The checklist item it belongs to."""
        return _ITEM[self.kind]


_ITEM = {
    FindingKind.COMMITMENT: Item.COMMITMENTS,
    FindingKind.FACT: Item.FACTS,
    FindingKind.LINK: Item.FACTS,
    FindingKind.ADVICE: Item.FACTS,
    FindingKind.THREAD: Item.FACTS,
    FindingKind.TONE: Item.TONE,
    FindingKind.PRIVACY: Item.PRIVACY,
}


@dataclass(frozen=True, slots=True)
class Examination:
    """All the checks' results for one draft text."""

    findings: tuple[Finding, ...] = ()
    """In the order they stand in the draft."""
    claims: tuple[Claim, ...] = ()
    """Every statement of fact, supported ones too."""
    commitments: tuple[Commitment, ...] = ()
    """Every statement that binds us."""
    privacy_called_for: bool = False
    """Whether the draft or thread asks for the privacy item."""

    def waits(self, finding: Finding) -> bool:
        """Whether approval waits until a person settled a finding: what blocks, and every fact no source bears out.

        How sure the check is decides how it is shown; that a claim has no source is never passed over. What a promise
        says of its own day or sum is a matter of authority.
        """
        if finding.blocking or finding.kind is not FindingKind.FACT:
            return finding.blocking
        return not any(c.start <= finding.start and finding.end <= c.end for c in self.commitments)


def fingerprint(*parts: str) -> str:
    """16 hex digits that identify the parts, white space folded and case ignored."""
    folded = "\x1f".join(" ".join(part.split()).casefold() for part in parts)
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:16]
