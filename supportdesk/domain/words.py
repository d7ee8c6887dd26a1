"""The desk's vocabulary: every closed set of words, exactly as shown on screen and written to JSON."""

from __future__ import annotations

from enum import StrEnum


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    INTERNAL = "internal"


class MessageKind(StrEnum):
    """What sort of mail a message is; only `ordinary` ones get a draft."""

    ORDINARY = "ordinary"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    BULK = "bulk"
    OWN = "own"
    INVITE = "invite"


class Priority(StrEnum):
    """How soon a ticket wants an answer, least first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for urgent."""
        return list(Priority).index(self)


class Path(StrEnum):
    """Which way a ticket may go, least guarded first."""

    ROUTINE = "routine"
    REVIEW = "review"
    ESCALATION = "escalation"

    @property
    def rank(self) -> int:
        """0 for routine up to 2 for escalation."""
        return list(Path).index(self)


class Sentiment(StrEnum):
    """How the customer's latest words sound."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    FRUSTRATED = "frustrated"
    ANGRY = "angry"
    DISTRESSED = "distressed"


class Status(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    PAUSED = "paused"
    ESCALATED = "escalated"
    SOLVED = "solved"
    CLOSED = "closed"

    @property
    def group(self) -> str:
        """`open`, `waiting` or `resolved`."""
        if self in (Status.NEW, Status.OPEN, Status.ESCALATED):
            return "open"
        return "waiting" if self in (Status.PENDING, Status.PAUSED) else "resolved"


class TriggerKind(StrEnum):
    """Why a ticket may not take the routine path."""

    COMPLAINT = "complaint"
    CANCELLATION = "cancellation"
    BILLING_DISPUTE = "billing_dispute"
    REFUND = "refund"
    ACCESS = "access"
    ACCOUNT_CHANGE = "account_change"
    COMMITMENT_REQUEST = "commitment_request"
    PRIVACY = "privacy"
    LEGAL = "legal"
    SAFETY = "safety"
    VULNERABLE = "vulnerable"
    REPEATED = "repeated"
    SERVICE_FAILURE = "service_failure"
    UNCLEAR = "unclear"
    LOW_CONFIDENCE = "low_confidence"


ALWAYS_ESCALATE = frozenset({TriggerKind.SAFETY, TriggerKind.LEGAL, TriggerKind.PRIVACY, TriggerKind.VULNERABLE})
"""Triggers that escalate whatever the settings, the rules or a model say."""


class FlagSource(StrEnum):
    """Who raised a trigger. A flag can be raised by either and lowered by neither."""

    RULE = "rule"
    MODEL = "model"


class SourceKind(StrEnum):
    """What a piece of evidence points into."""

    MESSAGE = "message"
    RECORD = "record"
    ARTICLE = "article"


class FindingKind(StrEnum):
    """What a check looks for in a draft."""

    COMMITMENT = "commitment"
    FACT = "fact"
    PRIVACY = "privacy"
    TONE = "tone"
    ADVICE = "advice"
    THREAD = "thread"
    LINK = "link"


class CommitmentKind(StrEnum):
    """How a statement binds us."""

    MONEY = "money"
    DEADLINE = "deadline"
    EXCEPTION = "exception"
    SERVICE_CHANGE = "service_change"
    OUTCOME = "outcome"


class Support(StrEnum):
    """What the sources say about a claim."""

    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"


class DraftKind(StrEnum):
    """What a draft is for."""

    REPLY = "reply"
    CLARIFICATION = "clarification"


class Item(StrEnum):
    """The checklist items every desk has; a team may add names of its own, never remove these."""

    THREAD = "thread"
    FACTS = "facts"
    COMMITMENTS = "commitments"
    TONE = "tone"
    PRIVACY = "privacy"


class AnswerValue(StrEnum):
    """What a reviewer says of a checklist item."""

    CONFIRMED = "confirmed"
    PROBLEM = "problem"
    NOT_JUDGED = "not_judged"


class DecisionKind(StrEnum):
    """What a reviewer decides about a ticket."""

    APPROVE = "approve"
    REQUEST_INFORMATION = "request_information"
    REROUTE = "reroute"
    ESCALATE = "escalate"
    REJECT = "reject"
    PAUSE = "pause"

    @property
    def sends(self) -> bool:
        """Whether the decision lets words leave."""
        return self in (DecisionKind.APPROVE, DecisionKind.REQUEST_INFORMATION)

    @property
    def label(self) -> str:
        """The name on a button."""
        return {
            DecisionKind.REQUEST_INFORMATION: "Request info",
        }.get(self, self.value.capitalize())


class Settled(StrEnum):
    """How a person settled a finding without editing it away."""

    EVIDENCE = "evidence"
    OVERRIDE = "override"
    GRANT = "grant"


class OutboxState(StrEnum):
    """Where an approved reply is on its way out."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
