"""What a sentence says and how it is meant: its concepts, and whether they are denied, asked, wished or supposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from supportdesk.rules.lexicon import Mention, mentions, plain_words
from supportdesk.rules.sentences import Span, sentences
from supportdesk.rules.tokens import Token, tokens

_BREAKS = frozenset(",;:()[]–—/|•")
_BEFORE, _AFTER = 5, 3
"""How many words before and after itself a denial reaches, within its clause."""
_TRAILING = frozenset({"de", "nl", "fr", "und"})
"""Languages that put the denial after the verb: 'funktioniert nicht', 'werkt niet', 'fonctionne pas'."""
_ENDS = "?？؟"


@dataclass(frozen=True)
class Reading:
    """One sentence, understood."""

    text: str
    """The whole message it stands in."""
    span: Span
    """Where it stands."""
    language: str
    """The language it was read in."""
    tokens: tuple[Token, ...]
    """Its words, numbers and signs, with their places in the message."""
    words: tuple[str, ...]
    """Their plain forms."""
    mentions: tuple[Mention, ...]
    """The concepts they bring up, the small words' included."""
    clauses: tuple[int, ...]
    """Number of the clause each token belongs to, from 0."""

    @property
    def quote(self) -> str:
        """The words themselves, verbatim."""
        return self.text[self.span.start : self.span.end]

    @cached_property
    def structure(self) -> frozenset[str]:
        """Names of the small-word concepts it holds, such as `_if` or `_want`; `_q` for a question mark at its end."""
        found = {mention.concept for mention in self.mentions if mention.concept[0] == "_"}
        if self.quote.rstrip("\"'”’)»*_ \n").endswith(tuple(_ENDS)):
            found.add("_q")
        return frozenset(found)

    @cached_property
    def content(self) -> tuple[Mention, ...]:
        """The mentions that are about things rather than about how they are meant."""
        return tuple(mention for mention in self.mentions if mention.concept[0] != "_")

    @cached_property
    def denied(self) -> frozenset[int]:
        """Which of `content`, by index, are denied by a word of their clause."""
        denials = [m for m in self.mentions if m.concept == "_neg"]
        if not denials:
            return frozenset()
        reach_after = _AFTER if self.language in _TRAILING else 0
        found = set()
        for index, mention in enumerate(self.content):
            for denial in denials:
                if denial.first >= mention.first and denial.last <= mention.last:
                    continue  # "not working" denies itself; it is no denied "working"
                near = 0 < mention.first - denial.last <= _BEFORE or 0 < denial.first - mention.last <= reach_after
                if near and self.clauses[denial.first] == self.clauses[mention.first]:
                    found.add(index)
        return frozenset(found)

    @cached_property
    def stated(self) -> frozenset[str]:
        """Names of the content concepts that are brought up without being denied."""
        return frozenset(m.concept for index, m in enumerate(self.content) if index not in self.denied)

    def where(self, concepts: Sequence[str]) -> Span:
        """From the first to the last token that brings up one of the concepts; the whole where none does."""
        hits = [m for m in self.mentions if m.concept in concepts]
        if not hits:
            return self.span
        return Span(self.tokens[min(m.first for m in hits)].start, self.tokens[max(m.last for m in hits)].end)


def read(text: str, span: Span, language: str) -> Reading:
    """Understand one sentence of a message."""
    found = tokens(text[span.start : span.end], span.start)
    words = plain_words(found)
    brought_up = mentions(words, language)
    return Reading(text, span, language, found, tuple(words), brought_up, _clauses(found, brought_up))


def readings(text: str, language: str) -> tuple[Reading, ...]:
    """Understand every sentence of a message, in order."""
    return tuple(read(text, span, language) for span in sentences(text))


def _clauses(found: Sequence[Token], brought_up: Sequence[Mention]) -> tuple[int, ...]:
    """Number the clauses: a comma, a dash or a word like 'but' begins the next."""
    starts = {mention.first for mention in brought_up if mention.concept == "_but"}
    numbers, number = [], 0
    for index, token in enumerate(found):
        if token.text in _BREAKS or index in starts:
            number += 1
        numbers.append(number)
    return tuple(numbers)
