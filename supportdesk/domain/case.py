"""A review in progress: the draft's revisions, the answers given, and all a reviewer has in front of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supportdesk.domain.evidence import Article, Evidence
from supportdesk.domain.findings import Commitment, Examination, Finding
from supportdesk.domain.people import AuthorityRule, Person, authorised
from supportdesk.domain.preparation import Preparation
from supportdesk.domain.thread import Thread, Ticket
from supportdesk.domain.words import AnswerValue, DraftKind, FindingKind, Item, Settled


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a draft's words; never changed, only followed by the next."""

    number: int
    """From 1, per ticket."""
    text: str
    """The body, as a person or the assistant wrote it."""
    subject: str
    """Subject line of the reply."""
    by: str
    """Login of who wrote it, or `assistant`."""
    thread_version: int
    """The state of the thread it was written for."""
    kind: DraftKind = DraftKind.REPLY
    """A reply, or a request for details."""
    to: tuple[str, ...] = ()
    """Mail addresses it would go to."""
    cc: tuple[str, ...] = ()
    """Mail addresses it would go to openly besides."""
    bcc: tuple[str, ...] = ()
    """Mail addresses it would go to unseen by the others."""
    attachments: tuple[str, ...] = ()
    """SHA-256 digests of the files that would go with it."""
    citations: tuple[str, ...] = ()
    """Slugs of articles it rests on."""
    id: int = 0
    """Row number in the store."""
    at: datetime | None = None
    """When it was written, UTC."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer said of one checklist item."""

    item: str
    """Which item."""
    value: AnswerValue
    """Confirmed, problem or not judged."""
    by: str
    """Login."""
    revision: int
    """Id of the revision whose words it speaks of."""
    thread_version: int
    """The state of the thread it speaks of."""
    reason: str = ""
    """Reason code, for a problem."""
    note: str = ""
    """Free words."""
    at: datetime | None = None
    """When, UTC."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a person settled one finding without editing it away."""

    fingerprint: str
    """Which finding."""
    how: Settled
    """Evidence given, overridden with a reason, or granted by an authorised person."""
    by: str
    """Login of who settled it."""
    reason: str
    """Why, in words."""
    evidence: Evidence | None = None
    """The line they pointed at, where they did."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a reviewer has in front of them about one ticket."""

    ticket: Ticket
    """The matter."""
    thread: Thread
    """Its messages and records."""
    preparation: Preparation | None
    """What the assistant made; None before the first."""
    revision: Revision | None
    """The draft's present words; None where there are none."""
    examination: Examination
    """What the checks say of those words."""
    reviewer: Person
    """Who looks at it."""
    answers: tuple[Answer, ...] = ()
    """Latest answer per item, whether or not it still counts."""
    settlements: tuple[Settlement, ...] = ()
    """Findings people settled."""
    seen: frozenset[int] = frozenset()
    """Positions of the messages that were on this reviewer's screen."""
    authority: tuple[AuthorityRule, ...] = ()
    """The desk's rules on who may promise what."""
    grants: frozenset[str] = frozenset()
    """Fingerprints of commitments someone else granted for this revision."""
    team_items: tuple[str, ...] = ()
    """Checklist items the team added."""
    four_eyes: frozenset[str] = frozenset()
    """Trigger kinds for which the draft's author may not approve it."""
    rejected: bool = False
    """Whether these very words were rejected before."""
    articles: tuple[Article, ...] = ()
    """The articles the checks may look facts up in."""
    escalation_decided: bool = False
    """Whether an owner has decided an escalation of this ticket."""

    @property
    def items(self) -> tuple[str, ...]:
        """The checklist items this case calls for, in order."""
        privacy = (Item.PRIVACY.value,) if self.examination.privacy_called_for else ()
        base = (Item.THREAD.value, Item.FACTS.value, Item.COMMITMENTS.value, Item.TONE.value)
        return base + privacy + self.team_items

    def answer(self, item: str) -> Answer | None:
        """The answer that counts for an item: this reviewer's, on these words and this thread; else None."""
        for answer in reversed(self.answers):
            if answer.item != item or answer.by != self.reviewer.login:
                continue
            current = answer.thread_version == self.ticket.thread_version
            if item != Item.THREAD:
                # Where there is no draft, what was said of it is of no draft: mails nobody drafts for are decided too.
                current = current and answer.revision == (self.revision.id if self.revision else 0)
            return answer if current else None
        return None

    def settled(self, finding: Finding) -> Settlement | None:
        """How a person settled this finding; None while it is open."""
        return next((s for s in self.settlements if s.fingerprint == finding.fingerprint), None)

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Findings that wait for a person to settle them. Commitments are a matter of authority: see `unauthorised`."""
        return tuple(
            f
            for f in self.examination.findings
            if self.examination.waits(f) and f.kind is not FindingKind.COMMITMENT and self.settled(f) is None
        )

    @property
    def unseen(self) -> tuple[int, ...]:
        """Positions of messages that were not on this reviewer's screen yet."""
        return tuple(m.position for m in self.thread.messages if m.position not in self.seen)

    @property
    def unauthorised(self) -> tuple[Commitment, ...]:
        """Commitments this reviewer may not make and nobody has granted."""
        # "Not a commitment" is somebody else's word, or it would be a way round the authority.
        others = {s.fingerprint for s in self.settlements if s.how is Settled.OVERRIDE and s.by != self.reviewer.login}
        return tuple(
            c
            for c in self.examination.commitments
            if c.fingerprint not in self.grants
            and c.fingerprint not in others
            and not authorised(self.reviewer, c, self.authority, self.ticket.queue)
        )
