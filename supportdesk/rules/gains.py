"""What the customer is told they get, or how things stand for them now."""

from __future__ import annotations

from collections.abc import Iterator

from supportdesk.rules.bindings import Binding, definite, harmless, soft
from supportdesk.rules.drafts import Statement
from supportdesk.rules.moods import Mood, hits, tense_at
from supportdesk.rules.tokens import Token
from supportdesk.rules.topics import LANGUAGES
from supportdesk.rules.values import word_set


def received(statement: Statement, mood: Mood) -> Iterator[Binding]:
    """You will get your money back."""
    first, after = mood.first, mood.after
    for hit in hits(statement, "get", first, after):
        if soft(statement, mood, hit.first, ("hedge", "not", "can")):
            continue
        money = (
            hits(statement, "money_noun", first, after)
            or hits(statement, "money", first, after)
            or any(v.kind in ("amount", "percent") and first <= v.first < after for v in statement.values)
        )
        if money:
            yield Binding("money", first, after, "commitment.money.received", standing=mood.generic)
        elif hits(statement, "service_noun", first, after):
            yield Binding("service", first, after, "commitment.service.received", standing=mood.generic)


def on_its_way(statement: Statement, mood: Mood) -> Iterator[Binding]:
    """Your replacement is on its way."""
    first, after = mood.first, mood.after
    for kind in ("money", "service"):
        for noun in hits(statement, f"{kind}_noun", first, after):
            for way in hits(statement, "way", noun.last, after):
                if not mood.generic and not soft(statement, mood, way.first, ("hedge", "not", "can")):
                    yield Binding(kind, first, after, f"commitment.{kind}.way", done=True)
                    return


def effective(statement: Statement, mood: Mood) -> Iterator[Binding]:
    """Frozen as of today; your limit now stands at 20,000: a change told by its effect."""
    first, after = mood.first, mood.after
    for hit in hits(statement, "effective", first, after):
        if (
            not _held_back(statement, mood, after)
            and not mood.generic
            and not hits(statement, "condition", first, after)
        ):
            yield Binding("service", first, max(after, hit.last + 1), "commitment.service.effective", done=True)
            return
    now = [i for i in range(first, after) if statement.tokens[i].text in word_set("statements.toml", "words", "now")]
    told = mood.you and any(
        t.text in word_set("statuses.toml", "keys", "verbs") or t.text in _STATES for t in _words(statement, mood)
    )
    if now and told and not mood.we and not _held_back(statement, mood, after):
        yield Binding("service", first, after, "commitment.service.now", done=True)


_STATES = frozenset(("stands", "runs", "lauft", "steht", "court", "corre", "loopt", "staat"))


def ahead(statement: Statement, mood: Mood, language: str) -> Iterator[Binding]:
    """The crossing will be calm; the switch will go through: what will be, said as certain."""
    first, after = mood.first, mood.after
    if mood.we or mood.generic or _held_back(statement, mood, after):
        return
    own = [
        h.first
        for h in hits(statement, "future", first, after)
        if statement.tokens[h.first].text in _auxiliaries(language)
    ]
    endings = [i for i in range(first + 1, after) if _will(statement, i, language)]
    at = min((*own, *endings), default=-1)
    if at < 0:
        return
    near = range(at, min(at + 4, after))
    told = any(
        h.first in near for n in ("neutral", "process", "get", "burden") for h in hits(statement, n, first, after)
    )
    subject = any(t.text in _addressed(language) for t in statement.tokens[first : at + 1])
    if told or subject or harmless(statement, "service", at, after) or not definite(statement, first, at + 1):
        return
    if statement.has("statements.request", "statements.courtesy"):
        return
    yield Binding("outcome", first, after, "commitment.outcome.ahead")


def _will(statement: Statement, at: int, language: str) -> bool:
    """Whether a verb's ending puts somebody else's deed into the future; the accent tells it from nouns."""
    if tense_at(statement, at, language) != "other_future":
        return False
    token = statement.tokens[at]
    raw = statement.text[token.start - statement.start : token.end - statement.start].casefold()
    return language == "fr" or raw.endswith(("rá", "rán", "rão", "rà", "ranno"))


def _auxiliaries(language: str) -> frozenset[str]:
    return word_set("statements.toml", "auxiliaries", language if language in LANGUAGES else "en")


def _addressed(language: str) -> frozenset[str]:
    """Words by which the customer is the one who will do something."""
    return word_set("statements.toml", "addressed", language if language in LANGUAGES else "en")


def _words(statement: Statement, mood: Mood) -> tuple[Token, ...]:
    return statement.tokens[mood.first : mood.after]


def _held_back(statement: Statement, mood: Mood, at: int) -> bool:
    return statement.question or soft(statement, mood, at, ("hedge", "not", "can", "process"))


def verdict(statement: Statement, mood: Mood) -> Iterator[Binding]:
    """Done; guaranteed: a clause that says nothing but that it is settled."""
    spoken = [i for i in range(mood.first, mood.after) if statement.tokens[i].kind == "w"]
    for hit in hits(statement, "verdict", mood.first, mood.after):
        alone = spoken and hit.first == spoken[0] and hit.last == spoken[-1]
        if alone and len(statement.clauses) > 1 and not statement.frame:
            yield Binding("outcome", 0, len(statement.tokens), "commitment.outcome.verdict", done=True)
            return


def unburdened(statement: Statement, mood: Mood) -> Iterator[Binding]:
    """We won't charge you: a burden, denied for the future."""
    if not (mood.future or mood.you):
        return
    for hit in hits(statement, "burden", mood.first, mood.after):
        denied = any(
            n.first < hit.first for name in ("not", "lacking") for n in hits(statement, name, mood.first, mood.after)
        )
        if denied and mood.future and not mood.past and not hits(statement, "hedge", mood.first, mood.after):
            yield Binding("money", mood.first, mood.after, "commitment.money.unburdened", standing=mood.generic)
            return
