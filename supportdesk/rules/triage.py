"""One thread, understood: what it is about, what stands against routine, where it goes, what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supportdesk.domain.preparation import Triage, Trigger
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import Author, MessageKind, Path, TriggerKind
from supportdesk.rules.category import category as categorise
from supportdesk.rules.clauses import Reading, read
from supportdesk.rules.language import READABLE, UNKNOWN, detect
from supportdesk.rules.missing import missing
from supportdesk.rules.priority import priority
from supportdesk.rules.questions import Turn, unresolved
from supportdesk.rules.quoting import own_text
from supportdesk.rules.routing import route
from supportdesk.rules.sentences import sentences
from supportdesk.rules.sentiment import sentiment
from supportdesk.rules.summary import summary
from supportdesk.rules.triggers import raised, trigger

_FIRST, _LAST = 150, 50
"""Sentences of one message that are read from its beginning and from its end; a longer one is a log or a book."""
_UNREAD = frozenset({MessageKind.AUTO_REPLY, MessageKind.BOUNCE, MessageKind.OWN})
"""Sorts of mail nobody wrote to us: they raise nothing."""


@dataclass(frozen=True, slots=True)
class History:
    """What the desk remembers of the requester beside this thread."""

    open_same_matter: int = 0
    """Other tickets of theirs about the same matter that are not resolved."""
    reopened: int = 0
    """How often this ticket came back after it was solved."""
    earlier_subjects: tuple[str, ...] = ()
    """Subjects of their earlier tickets, latest first."""


def triage(thread: Thread, routing: Routing, history: History | None = None) -> Triage:
    """Read a thread: flags with the customer's words, category, route, open questions, missing details, summary.

    Only the customer's own words raise flags: quoted and forwarded parts, signatures and agents' words do not.
    """
    past = history or History()
    own = [own_text(message.text) for message in thread.messages]
    language = _language(thread, own)
    turns = [_turn(message, text, language) for message, text in zip(thread.messages, own, strict=True)]
    customer = [turn for turn in turns if turn.author is Author.CUSTOMER]
    triggers = list(_triggers(customer, past, language))
    kinds = frozenset(found.kind for found in triggers)
    said = [reading for turn in customer for reading in turn.readings]
    subject = _subject(thread, language)
    name, sure = categorise([*subject, *said], kinds, routing.categories)
    mood = sentiment(customer[-1].readings if customer else (), kinds)
    texts = [text for text, message in zip(own, thread.messages, strict=True) if message.author is not Author.INTERNAL]
    goes = route(name, triggers, routing, thread, priority=priority(name, kinds, mood, said), words="\n".join(texts))
    topics = frozenset({kind.value for kind in kinds} | ({"own_matter"} if _own_matter(said) else set()))
    return Triage(
        category=name,
        priority=goes.priority,
        language=language,
        sentiment=mood,
        triggers=tuple(triggers),
        path=goes.path,
        queue=goes.queue,
        queue_reason=goes.reason,
        missing=missing(thread, name, topics, routing, language, texts),
        unresolved=unresolved(turns),
        summary=summary(turns, triggers),
        confidence=round(sure if goes.path is Path.ROUTINE else max(sure, 0.8), 2),
    )


def _language(thread: Thread, own: Sequence[str]) -> str:
    """The language the customer writes in; the agents' where the customer wrote too little to tell."""
    words = [text for message, text in zip(thread.messages, own, strict=True) if message.author is Author.CUSTOMER]
    found = detect("\n".join(words)[:6000])
    if found == UNKNOWN and thread.subject:
        found = detect(f"{thread.subject}\n" + "\n".join(words)[:6000])
    if found == UNKNOWN:
        others = [t for m, t in zip(thread.messages, own, strict=True) if m.author is Author.AGENT]
        found = detect("\n".join(others)[:6000]) if others else UNKNOWN
    return found


def _turn(message: Message, text: str, language: str) -> Turn:
    if message.kind in _UNREAD:
        return Turn(message.position, message.author, ())
    spans = sentences(text)
    if len(spans) > _FIRST + _LAST:
        spans = spans[:_FIRST] + spans[-_LAST:]
    return Turn(message.position, message.author, tuple(read(message.text, span, language) for span in spans))


def _subject(thread: Thread, language: str) -> tuple[Reading, ...]:
    return tuple(read(thread.subject, span, language) for span in sentences(thread.subject[:500]))


def _triggers(customer: Sequence[Turn], past: History, language: str) -> Sequence[Trigger]:
    """Each kind once, from the message that raises it first."""
    found: dict[TriggerKind, Trigger] = {}
    for turn in customer:
        for flag in raised(turn.position, turn.readings):
            found.setdefault(flag.kind, flag)
    if TriggerKind.REPEATED not in found and (past.open_same_matter or past.reopened):
        why = "This ticket was solved before." if past.reopened else "The requester has another ticket about this."
        found[TriggerKind.REPEATED] = Trigger(TriggerKind.REPEATED, -1, "", why=why, rule="repeated.history")
    words = [reading for turn in customer for reading in turn.readings if any(w[:1].isalpha() for w in reading.words)]
    if language not in READABLE and words:
        why = "The rules cannot read this language; a person has to."
        position = next(turn.position for turn in customer if words[0] in turn.readings)
        found.setdefault(
            TriggerKind.LOW_CONFIDENCE, trigger(TriggerKind.LOW_CONFIDENCE, position, words[0], "language", why)
        )
    if not words and customer:
        why = "The message has no words of the customer's own."
        found[TriggerKind.UNCLEAR] = Trigger(
            TriggerKind.UNCLEAR, customer[-1].position, "", why=why, rule="unclear.empty"
        )
    return [found[kind] for kind in TriggerKind if kind in found]


def _own_matter(readings: Sequence[Reading]) -> bool:
    """Whether something happened to the writer, rather than a question in general."""
    return any(
        "_me" in reading.structure
        and ("_past" in reading.structure or reading.stated & {"late", "broken", "wrong_charge", "crash", "injure"})
        for reading in readings
    )
