"""Who acts in a clause, and how: the grammar that tells "we will refund" from "you can ask for a refund"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from supportdesk.rules.drafts import Statement
from supportdesk.rules.phrases import Hit
from supportdesk.rules.tables import once, table
from supportdesk.rules.topics import LANGUAGES
from supportdesk.rules.values import word_set

_ENDED = ("money", "service", "outcome", "process", "event")


@dataclass(frozen=True, slots=True)
class Mood:
    """One clause's subject and mood."""

    first: int
    """Index of its first token."""
    after: int
    """Index just after its last."""
    we: bool
    """Whether somebody who speaks for us is in it, or carried over from the clause before."""
    carried: bool
    """Whether that somebody stands in the clause before."""
    you: bool
    """Whether the customer is in it."""
    future: bool
    """Whether an auxiliary puts it into the future."""
    verb_future: bool
    """Whether a verb's own ending does."""
    past: bool
    """Whether it says what has been done."""
    present: bool
    """Whether it says what is being done now."""
    generic: bool
    """Whether it speaks of everybody."""

    def acts(self, statement: Statement, at: int) -> bool:
        """Whether the subject nearest before a verb is one of us."""
        if not self.we:
            return False
        others = word_set("statements.toml", "words", "others")
        ours = max((h.first for h in hits(statement, "we", self.first, min(at, self.after))), default=-1)
        theirs = max(
            (i for i in range(self.first, min(at, self.after)) if statement.tokens[i].text in others), default=-1
        )
        if ours < 0 and not self.carried:
            # German and Dutch put the verb before the subject: "Den Betrag erstatten wir."
            return bool(hits(statement, "we", self.first, self.after))
        return ours >= theirs or self._spoken_to(statement, ours, theirs, at)

    def _spoken_to(self, statement: Statement, ours: int, theirs: int, at: int) -> bool:
        """Whether the other person between us and the verb is its object: "wir werden Sie …", "nous vous …"."""
        if statement.tokens[theirs].text in word_set("statements.toml", "words", "objects") and ours >= 0:
            finite = any(ours < h.first < theirs for n in ("future", "past") for h in hits(statement, n, ours, at))
            return theirs - ours == 1 or finite
        return False


def moods(statement: Statement, language: str) -> tuple[Mood, ...]:
    """The mood of each clause; one without a subject of its own keeps that of the clause before."""
    found: list[Mood] = []
    for first, after in statement.clauses:
        found.append(_mood(statement, first, after, language, found[-1] if found else None))
    return tuple(found)


def _mood(statement: Statement, first: int, after: int, language: str, before: Mood | None) -> Mood:
    others = word_set("statements.toml", "words", "others")
    we = bool(hits(statement, "we", first, after))
    future = bool(hits(statement, "future", first, after))
    past = bool(hits(statement, "past", first, after))
    present = bool(hits(statement, "present", first, after))
    endings = {tense_at(statement, h.first, language) for n in _ENDED for h in hits(statement, n, first, after)}
    we = we or bool(endings & {"we_future", "we_present"})
    joined = statement.tokens[first].text in word_set(
        "statements.toml", "joints", language if language in LANGUAGES else "en"
    )
    subject = any(t.text in others for t in statement.tokens[first : min(first + 3, after)])
    carried = bool(before and before.we and not we and joined and not subject)
    if carried and before:
        future, past, present = future or before.future, past or before.past, present or before.present
    return Mood(
        first=first,
        after=after,
        we=we or carried,
        carried=carried,
        you=bool(hits(statement, "you", first, after)),
        future=future,
        verb_future=bool(endings & {"we_future", "other_future"}),
        past=past,
        present=present,
        generic=_generic(statement, first, after),
    )


def _generic(statement: Statement, first: int, after: int) -> bool:
    """Whether a clause begins with everybody, or says "always" anywhere."""
    everybody = word_set("statements.toml", "words", "habitual")
    return any(
        h.first <= first + 3 or statement.tokens[h.first].text in everybody
        for h in hits(statement, "generic", first, after)
    )


def hits(statement: Statement, name: str, first: int, after: int) -> tuple[Hit, ...]:
    """Phrases of a class of commitments.toml that begin in a token range."""
    return tuple(h for h in statement.hits.get(f"commitments.{name}", ()) if first <= h.first < after)


def clause_of(statement: Statement, at: int) -> tuple[int, int]:
    """The clause a token lies in."""
    return next(((a, b) for a, b in statement.clauses if a <= at < b), (0, len(statement.tokens)))


@lru_cache(maxsize=20_000)
def tense(word: str, language: str) -> str:
    """What a Romance verb's ending says: we_future, we_present, conditional, participle…; empty elsewhere."""
    for ending, name in _endings(language):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return name
    return ""


def tense_at(statement: Statement, at: int, language: str) -> str:
    """The tense of a token; short first-person endings need the accent that tells them from nouns."""
    token = statement.tokens[at]
    raw = statement.text[token.start - statement.start : token.end - statement.start].casefold()
    if len(raw) > 3:
        if raw.endswith({"es": "ré", "it": "rò", "pt": "rei", "fr": "rai"}.get(language, "\0")):
            return "we_future"
        if raw.endswith({"es": "é", "pt": "ei"}.get(language, "\0")):
            return "we_past"
    return tense(token.text, language)


@once
def _endings(language: str) -> tuple[tuple[str, str], ...]:
    endings = table("commitments.toml")["verb_endings"].get(language, {})
    pairs = [(ending, name) for name, several in endings.items() for ending in several]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))
