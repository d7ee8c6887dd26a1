"""One thread, understood: what it is about, what stands against routine, where it goes, what is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from supportdesk.rules.weights import unclear
from supportdesk.text import clean

_FIRST, _LAST = 150, 50
"""Sentences of one message that are read from its beginning and from its end; a longer one is a log or a book."""
_FEW = 4
"""Words that are too few to tell a language by."""
_VAGUE, _VAGUE_STILL = 0.3, 0.6
"""How unclear a message has to be to be called so; more where other flags say what it is about."""
_HEADED = 5
"""Words of a message up to which its subject line may raise a flag by itself."""
_HEADING = -2
"""Where a subject line stands among messages."""
_UNREAD = frozenset({MessageKind.AUTO_REPLY, MessageKind.BOUNCE, MessageKind.OWN})
"""Sorts of mail nobody wrote to us: they raise nothing."""
_EXPLAINS = frozenset(TriggerKind) - {TriggerKind.SERVICE_FAILURE, TriggerKind.COMPLAINT, TriggerKind.REPEATED}
"""Flags that say what a matter is about, so that it is not unclear."""


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
    subject = _subject(thread, language)
    triggers = list(_triggers(customer, subject, past, language))
    kinds = frozenset(found.kind for found in triggers)
    said = [reading for turn in customer for reading in turn.readings]
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


def _triggers(customer: Sequence[Turn], subject: Sequence[Reading], past: History, language: str) -> Sequence[Trigger]:
    """Each kind once, with the sentence that says it most plainly."""
    spoken = [turn for turn in customer if any(w[:1].isalpha() for r in turn.readings for w in r.words)]
    messages = [(turn.position, turn.readings) for turn in customer]
    words = sum(word[:1].isalpha() for turn in spoken for reading in turn.readings for word in reading.words)
    if spoken and words <= _HEADED:
        # So few words say nothing without what they stand under.
        under = raised([(_HEADING, subject), *messages])
        flags = [_from_subject(flag, spoken[0]) if flag.message == _HEADING else flag for flag in under]
    else:
        flags = list(raised(messages, subject))
    found = {flag.kind: flag for flag in flags}
    if TriggerKind.REPEATED not in found and (past.open_same_matter or past.reopened):
        why = "This ticket was solved before." if past.reopened else "The requester has another ticket about this."
        found[TriggerKind.REPEATED] = Trigger(TriggerKind.REPEATED, -1, "", why=why, rule="repeated.history")
    for flag in _unread(customer, spoken, subject, language, frozenset(found)):
        found[flag.kind] = flag
    return [found[kind] for kind in TriggerKind if kind in found]


def _from_subject(flag: Trigger, turn: Turn) -> Trigger:
    """A flag the subject line raises, told with the first words of the message it stands over."""
    first = next(r for r in turn.readings if any(w[:1].isalpha() for w in r.words))
    why = f"{flag.why} The subject line says '{clean(flag.quote, one_line=True)}'."
    return trigger(flag.kind, turn.position, first, "subject", why)


def _unread(
    customer: Sequence[Turn],
    spoken: Sequence[Turn],
    subject: Sequence[Reading],
    language: str,
    raised_kinds: frozenset[TriggerKind],
) -> Iterator[Trigger]:
    """Flags for what the rules could not read, or nobody could."""
    if not customer:
        return
    if not spoken:
        why = "The message has no words of the customer's own."
        yield Trigger(TriggerKind.UNCLEAR, customer[-1].position, "", why=why, rule="unclear.empty")
    elif language not in READABLE:
        why = "The rules cannot read this language; a person has to."
        if language == UNKNOWN and _doubtful(spoken):
            why = "It is too short or too strange to tell even its language."
            yield trigger(TriggerKind.UNCLEAR, spoken[0].position, spoken[0].readings[0], "language", why)
            return
        yield trigger(TriggerKind.LOW_CONFIDENCE, spoken[0].position, spoken[0].readings[0], "language", why)
    else:
        words = [reading for turn in spoken for reading in turn.readings]
        bar = _VAGUE_STILL if raised_kinds & _EXPLAINS else _VAGUE
        if unclear(words) > bar and unclear([*subject, *words]) > bar / 2:
            why = "It does not say what it is about, or what should happen."
            yield trigger(TriggerKind.UNCLEAR, spoken[0].position, spoken[0].readings[0], "gist", why)


def _doubtful(spoken: Sequence[Turn]) -> bool:
    """Whether there is too little text to call it a foreign language."""
    return sum(len(reading.words) for turn in spoken for reading in turn.readings) <= _FEW


def _own_matter(readings: Sequence[Reading]) -> bool:
    """Whether something happened to the writer, rather than a question in general."""
    return any(
        "_me" in reading.structure
        and ("_past" in reading.structure or reading.stated & {"late", "broken", "wrong_charge", "crash", "injure"})
        for reading in readings
    )
