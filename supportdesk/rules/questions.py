"""Questions the customer asked that nobody has answered yet.

A question is closed by a later message of an agent that states something about it: words or concepts in
common, or the sort of answer it asks for (a time for 'when', a yes or no, a reason, a step). Holding replies
("we are looking into it") and questions back close nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from supportdesk.domain.preparation import Question
from supportdesk.domain.words import Author
from supportdesk.rules.clauses import Reading

MOST = 12
"""Questions that are listed at most; the latest stay."""
_STARTS = {
    sort: frozenset(words.split())
    for sort, words in {
        "answer_time": "when wann quand cuando quando wanneer kiedy",
        "answer_reason": "why warum wieso weshalb pourquoi por porque waarom perche dlaczego czemu",
        "answer_how": "how wie comment como hoe come jak where wo ou donde onde waar dove gdzie",
        "answer_yes": "can could is are do does did will would have has may kann konnen ist sind haben gibt darf puis "
        "peut pouvez avez puedo puede hay tienen es posso pode podem tem ha kan kunt kunnen zijn heb mag potete puo "
        "avete e czy",
    }.items()
}
_LONG = ("how long", "wie lange", "combien de temps", "cuanto tiempo", "quanto tempo", "hoe lang", "jak dlugo")
_MUCH = ("how much", "wie viel", "wieviel", "combien", "cuanto", "quanto", "hoeveel", "ile")
_NUMBER = re.compile(r"\d")
_SMALL = 3
"""Letters a word needs to count as one with content."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the thread, understood."""

    position: int
    """Its place in the thread."""
    author: Author
    """Who wrote it."""
    readings: tuple[Reading, ...]
    """Its own sentences."""


def unresolved(turns: Sequence[Turn]) -> tuple[Question, ...]:
    """The customer's questions that no later message answers, in the order they were asked."""
    found: list[Question] = []
    asked: set[str] = set()
    for index, turn in enumerate(turns):
        if turn.author is not Author.CUSTOMER:
            continue
        for at, reading in enumerate(turn.readings):
            if not is_question(reading) or _idle(reading):
                continue
            key = " ".join(reading.words)
            if key in asked or _closed(reading, turn.readings[at + 1 :], turns[index + 1 :]):
                continue
            asked.add(key)
            start, end = reading.span
            found.append(Question(reading.quote, turn.position, start, end))
    return tuple(found[-MOST:])


def is_question(reading: Reading) -> bool:
    """Whether a sentence asks something: by its mark, or by how it begins where chat leaves the mark out."""
    if "_q" in reading.structure:
        return True
    if reading.quote.rstrip()[-1:] in ".!" or len(reading.words) < 4:
        return False
    return bool(_sort(reading)) and bool(reading.structure & {"_ask", "_how"}) and _begins_asking(reading)


def _begins_asking(reading: Reading) -> bool:
    first = reading.words[:2]
    return any(m.first == 0 and m.concept in ("_ask", "_how") for m in reading.mentions) and first[0] not in ("i", "if")


def _idle(reading: Reading) -> bool:
    """Whether a question wants no answer: rhetoric, greeting, or a bare call for help."""
    said = reading.stated | {m.concept for m in reading.content}
    if "open_help" in said and len(reading.words) <= 9:
        return True
    return "rhetorical" in said and len(reading.words) <= 10


def _sort(reading: Reading) -> str:
    """What would answer it, by the word it begins with or holds early."""
    text = " ".join(reading.words[:12])
    if any(phrase in text for phrase in _LONG):
        return "answer_time"
    if any(phrase in text for phrase in _MUCH):
        return "number"
    for word in reading.words[:6]:
        for sort, starts in _STARTS.items():
            if word in starts:
                return sort
    return ""


def _closed(question: Reading, rest: Sequence[Reading], later: Sequence[Turn]) -> bool:
    if any("_changed" in reading.structure for reading in rest):
        return True
    sort = _sort(question)
    content = _content(question)
    for turn in later:
        if turn.author is Author.INTERNAL:
            continue
        if turn.author is Author.CUSTOMER:
            if any("_changed" in reading.structure for reading in turn.readings):
                return True
            continue
        if _answers(question, sort, content, turn.readings):
            return True
    return False


def _answers(question: Reading, sort: str, content: frozenset[str], reply: Sequence[Reading]) -> bool:
    """Whether an agent's sentences state something that the question asked for."""
    concepts = {m.concept for m in question.content} - {"vague", "rhetorical", "service"}
    for reading in reply:
        if is_question(reading):
            continue
        said = {m.concept for m in reading.content}
        holding = "holding" in said
        fits = sort in said if sort != "number" else bool(_NUMBER.search(reading.quote))
        fits = fits or (sort == "answer_time" and bool(_NUMBER.search(reading.quote)))
        common = len(content & _content(reading))
        if fits and not holding and (common or concepts & said or len(reply) <= 6):
            return True
        if not holding and common >= max(2, len(content) // 2):
            return True
    return False


def _content(reading: Reading) -> frozenset[str]:
    """The stems of a sentence's longer words."""
    small = {word for m in reading.mentions if m.concept[0] == "_" for word in reading.words[m.first : m.last + 1]}
    return frozenset(
        word[:6] for word in reading.words if len(word) > _SMALL and word not in small and word[0].isalpha()
    )
