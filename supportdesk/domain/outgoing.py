"""A reply on its way out: what is to leave, how far it got and what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from supportdesk.domain.thread import Address
from supportdesk.domain.words import OutboxState
from supportdesk.text import clean, fold

OWN_MARK = "X-Supportdesk"
"""Header every mail of ours carries, with the desk's id, so that our own mail coming back is recognised."""

SUBJECT_LIMIT = 250
"""Characters of a subject that a reply repeats."""

# How mail programs of many languages say "Re:"; a reply keeps one "Re:" instead of collecting them.
_PREFIXES = (
    "re|aw|antw|antwort|sv|vs|vedr|rép|rep|ref|res|rif|r|odp|ynt|vá|va|atb|bls|odg|απ|σχετ|отв|ответ|hb|hts"
    "|תשובה|השב|رد|답장|회신|返信|回复|回覆|答复"
)
_REPLY = re.compile(rf"\s*(?:{_PREFIXES})\s*(?:\[\d{{1,4}}\]|\(\d{{1,4}}\)|\^\d{{1,4}})?\s*[:\uff1a]", re.IGNORECASE)


class Stage(StrEnum):
    """How far a transmission has gone; made durable before the step it names begins."""

    ENVELOPE = "envelope"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes with a reply."""

    name: str
    """The name the recipient sees; made harmless when the mail is composed."""
    media_type: str
    """Such as `application/pdf`; anything unusable becomes `application/octet-stream`."""
    content: bytes
    """The file itself."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An approved reply, whole: composing it twice gives the same bytes."""

    message_id: str
    """Message-ID without angle brackets, fixed before the first try."""
    sender: Address
    """Whom it comes from; also the envelope sender."""
    to: tuple[str, ...]
    """Mail addresses, bare."""
    cc: tuple[str, ...] = ()
    """Mail addresses that get it openly besides."""
    bcc: tuple[str, ...] = ()
    """Mail addresses that get it unseen by the others; never in a header."""
    subject: str = ""
    """Subject line; a reply's gets one `Re:`."""
    text: str = ""
    """The words that were approved."""
    in_reply_to: str = ""
    """Message-ID it answers, without angle brackets; empty for a new thread."""
    references: tuple[str, ...] = ()
    """Message-IDs of the thread, oldest first, without angle brackets."""
    attachments: tuple[OutgoingFile, ...] = ()
    """Files that go with it."""
    at: datetime = field(kw_only=True)
    """When it was approved to leave; with a time zone."""
    signature: str = ""
    """The queue's signature, put under the text after `-- `."""
    desk: str = ""
    """The desk's id for the own-mail mark; empty for the sender's domain."""
    only: tuple[str, ...] = ()
    """When some recipients have it already: those still to be served; empty for all."""

    def __post_init__(self) -> None:
        """Raise ValueError for a time without a zone."""
        if self.at.tzinfo is None:
            raise ValueError("an outgoing mail's time needs a time zone")

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom the envelope names: To, Cc and Bcc, or `only` those; each address once."""
        once: dict[str, str] = {}
        for address in self.only or (*self.to, *self.cc, *self.bcc):
            local, _, domain = address.rpartition("@")
            once.setdefault(f"{local}@{domain.lower()}", address)
        return tuple(once.values())

    @property
    def whole_subject(self) -> str:
        """The subject as it leaves."""
        replying = self.in_reply_to or self.references
        return reply_subject(self.subject) if replying else fold(clean(self.subject))

    @property
    def body(self) -> str:
        """Text and signature as they leave, without invisible characters, ending in one newline."""
        text = clean(self.text).rstrip()
        signature = clean(self.signature).strip()
        return f"{text}\n\n-- \n{signature}\n" if signature else f"{text}\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try to deliver: `sent` and `failed` are facts, `uncertain` is for a person to settle."""

    state: OutboxState
    """Sent, failed or uncertain; nothing else."""
    response: str
    """What the other side said, or what happened, as one clean line."""
    accepted: tuple[str, ...] = ()
    """Recipients the other side took; with `uncertain`, those it would have taken."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Recipients it did not take, and its words for each."""
    retry_to: tuple[str, ...] = ()
    """Recipients that certainly did not get it and may be tried again later."""
    desk_wide: bool = False
    """Whether any other mail would have met the same: the server is away, the password wrong, the disk full."""
    already: bool = False
    """Whether an earlier try had delivered it."""

    def __post_init__(self) -> None:
        """Raise ValueError for a state a try cannot end in, or a retry that could send twice."""
        if self.state not in (OutboxState.SENT, OutboxState.FAILED, OutboxState.UNCERTAIN):
            raise ValueError(f"a delivery cannot end as {self.state}")
        if self.state is OutboxState.UNCERTAIN and self.retry_to:
            raise ValueError("an uncertain delivery may not be retried by itself")
        if set(self.retry_to) & set(self.accepted):
            raise ValueError("a recipient that has it may not be retried")

    @property
    def per_recipient(self) -> dict[str, str]:
        """Every recipient's result: the state, or the words of the refusal."""
        return {**dict.fromkeys(self.accepted, self.state.value), **self.refused}


def bare_subject(subject: str) -> str:
    """A subject without the reply prefixes of any known language, on one clean line."""
    rest = fold(clean(subject))
    at = 0
    while match := _REPLY.match(rest, at):
        at = match.end()
    return rest[at:].strip()


def reply_subject(subject: str) -> str:
    """The subject of a reply: one `Re:` and at most SUBJECT_LIMIT characters. Idempotent."""
    rest = bare_subject(subject)
    if len(rest) > SUBJECT_LIMIT:
        rest = rest[: SUBJECT_LIMIT - 1].rstrip() + "…"
    return f"Re: {rest}".rstrip()
