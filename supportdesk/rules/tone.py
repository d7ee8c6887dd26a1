"""How a draft sounds: blame, dismissal, flippancy, hollow phrases, shouting, the wrong language or form of address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind
from supportdesk.rules import address
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.language import UNKNOWN, detect, leads
from supportdesk.rules.leanings import Weighed
from supportdesk.rules.marks import mark
from supportdesk.rules.phrases import Phrases
from supportdesk.rules.quoting import own_text
from supportdesk.rules.sources import SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import tokens
from supportdesk.rules.topics import LANGUAGES, is_plain_word
from supportdesk.rules.values import word_set

_CAPITALS = re.compile(r"(?<![\w@./#-])[A-ZÀ-ÖØ-Þ]{2,}(?:['’][A-Z]+)?(?![\w@/-])(?!\.\w)")
_BANGS = re.compile(r"[!¡]{2,}|\?!|!\?")
_LONG = 8
"""Words a passage needs before its language is judged."""
_HEARD, _SURE, _BORNE_OUT = 0.25, 0.8, 0.3
"""How likely a statement hurts: worth a look; enough to hold approval; the same where a phrase says so too."""
_WHY = {
    "blame": "It puts the blame on the customer.",
    "dismissal": "It brushes the customer off.",
    "insult": "It talks down to the customer.",
    "flippancy": "It makes light of the matter.",
    "over_familiarity": "It is more familiar than a customer has to bear.",
}
_SETTLE = {
    "blame": "Say what happened and what helps, without fault.",
    "dismissal": "Say what can be done, or whom they can turn to.",
    "insult": "Take it out.",
    "flippancy": "Say it plainly.",
    "over_familiarity": "Address the customer neutrally.",
}


@dataclass(frozen=True, slots=True)
class Feeling:
    """How the customer sounds."""

    upset: bool
    """Angry, or complaining."""
    grieving: bool
    """Writes of a death or a grave illness."""
    troubled: bool = False
    """Writes of illness, an accident or want."""
    cross: bool = False
    """Shows displeasure, if only in a word or a row of signs."""


def feeling(index: SourceIndex) -> Feeling:
    """How the customer sounds in what they last wrote."""
    angry = grieving = troubled = 0
    for message in index.sources.thread.customer_messages[-3:]:
        text = own_text(message.text)
        words = tokens(text)
        code = index.language if index.language in LANGUAGES else "en"
        for hit in _feelings(code).find(words):
            angry += hit.name == "tone.angry"
            grieving += hit.name == "tone.grief"
            troubled += hit.name == "tone.hard"
        angry += len(_BANGS.findall(text)) > 0 or _exclaims(index, message.position)
        angry += len([c for c in _CAPITALS.findall(text) if len(c) > 3]) > 2
    return Feeling(upset=angry >= 2, grieving=grieving >= 1, troubled=troubled >= 1, cross=angry >= 1)


def _exclaims(index: SourceIndex, position: int) -> bool:
    """Whether a sentence about what went wrong ends in an exclamation mark."""
    wrong = word_set("tone.toml", "wrong", "topics")
    return any(
        line.source is SourceKind.MESSAGE
        and line.ref == str(position)
        and not line.quoted
        and line.text.rstrip(" )\"'»”").endswith("!")
        and line.topic & wrong
        for line in index.lines
    )


def findings(draft: Draft, index: SourceIndex, weighed: Sequence[Weighed]) -> list[Finding]:
    """Everything about a draft's tone, each with its place."""
    mood = index.remembered("feeling", feeling)
    assert isinstance(mood, Feeling)
    found: list[Finding] = []
    for one in weighed:
        by_words = list(_manners(draft, one, mood))
        found += by_words or _learned(draft, one, mood)
    found += _signs(draft, mood)
    found += _shouting(draft, index)
    found += _unfeeling(draft, mood)
    found += _language(draft, index)
    found += address.findings(draft, index)
    return found


def _learned(draft: Draft, one: Weighed, mood: Feeling) -> Iterator[Finding]:
    """What no phrase shows but the learned weights hear."""
    if not one.leans("hurts", _HEARD):
        return
    kind = one.leanings["hurts"].kind
    severe = kind in ("blame", "dismissal") or (kind == "flippancy" and (mood.upset or mood.grieving))
    yield mark(
        draft,
        (one.statement.start, one.statement.end),
        FindingKind.TONE,
        kind,
        _WHY[kind],
        _SETTLE[kind],
        rule=f"tone.{kind}.learned",
        blocking=severe and one.leans("hurts", _SURE),
    )


def _manners(draft: Draft, one: Weighed, mood: Feeling) -> Iterator[Finding]:
    statement = one.statement
    for subkind in ("insult", "blame", "dismissal", "flippancy", "over_familiarity"):
        for hit in statement.hits.get(f"tone.{subkind}", ()):
            if subkind == "insult" and hit.first == hit.last and not _aimed(statement):
                continue
            softened = statement.has("tone.softener")
            severe = subkind in ("blame", "insult", "dismissal") or (
                subkind == "flippancy" and (mood.upset or mood.grieving)
            )
            wide = subkind in ("blame", "dismissal")
            place = (statement.start, statement.end) if wide else statement.span(hit.first, hit.last)
            blocking = severe and not (softened and subkind != "insult") and one.leans("hurts", _BORNE_OUT)
            yield mark(draft, place, FindingKind.TONE, subkind, _WHY[subkind], _SETTLE[subkind], blocking=blocking)
            break


def _aimed(statement: Statement) -> bool:
    """Whether a harsh word is aimed at the reader or their request."""
    return statement.has("commitments.you") or statement.has("tone.blame", "tone.dismissal")


def _signs(draft: Draft, mood: Feeling) -> Iterator[Finding]:
    for subkind in ("flippancy", "over_familiarity"):
        for sign in _marks(subkind):
            at = draft.text.find(sign)
            if at >= 0:
                yield mark(
                    draft,
                    (at, at + len(sign)),
                    FindingKind.TONE,
                    subkind,
                    _WHY[subkind],
                    _SETTLE[subkind],
                    rule=f"tone.{subkind}.sign",
                    blocking=mood.upset or mood.grieving,
                )
                break


@once
def _feelings(code: str) -> Phrases:
    return Phrases({f"tone.{name}": table("tone.toml")[code][name] for name in ("angry", "grief", "hard")})


@once
def _marks(subkind: str) -> tuple[str, ...]:
    signs = table("tone.toml")["signs"]
    faces = [f" {face}" for face in signs["faces"].split() if not face.isalpha()] if subkind == "flippancy" else []
    return (*signs[subkind].split(), *faces)


def _shouting(draft: Draft, index: SourceIndex) -> Iterator[Finding]:
    """Words in capitals that are no names, and rows of exclamation marks."""
    runs: list[list[re.Match[str]]] = []
    for match in _CAPITALS.finditer(draft.text):
        if runs and not re.search(r"[^\W\d]|[\n]{2}", draft.text[runs[-1][-1].end() : match.start()]):
            runs[-1].append(match)
        else:
            runs.append([match])
    for run in runs:
        words = [m.group() for m in run if _is_plain(m.group(), index)]
        letters = sum(map(len, words))
        if len(words) >= 3 or (len(words) >= 2 and letters >= 9) or (len(words) == 1 and len(words[0]) >= 4):
            yield mark(
                draft,
                (run[0].start(), run[-1].end()),
                FindingKind.TONE,
                "shouting",
                "Words in capitals read as shouting.",
                "Write it in ordinary letters.",
                blocking=len(words) >= 3,
            )
    for match in _BANGS.finditer(draft.text):
        yield mark(
            draft,
            match.span(),
            FindingKind.TONE,
            "shouting",
            "A row of exclamation marks reads as shouting.",
            "One is enough.",
            rule="tone.shouting.marks",
            blocking=False,
        )
        break


def _is_plain(word: str, index: SourceIndex) -> bool:
    """Whether a capitalised word is an ordinary word rather than a name or an abbreviation."""
    if any(word in line.text for line in index.lines[:200] if line.author is not Author.CUSTOMER):
        return False
    return is_plain_word(word.casefold(), index.language or "en") or (len(word) >= 6 and word.casefold() in index.words)


def _unfeeling(draft: Draft, mood: Feeling) -> Iterator[Finding]:
    """What is missing beside anger or grief, and what rings hollow there."""
    body = [s for s in draft.statements if not s.frame]
    if not (mood.cross or mood.grieving or mood.troubled) or not body:
        return
    whom = "grieving" if mood.grieving else "upset" if mood.cross else "in trouble"
    if not any(_acknowledges(s) for s in draft.statements):
        yield mark(
            draft,
            (body[0].start, body[0].end),
            FindingKind.TONE,
            "missing_acknowledgement",
            f"The customer is {whom}, and nothing in the reply takes it up.",
            "Acknowledge what went wrong for them in your own words.",
            blocking=False,
            about="missing acknowledgement",
        )
    for statement in draft.statements:
        hollow = statement.hits.get("tone.stock", ())
        cheerful = statement.hits.get("tone.cheer", ()) if mood.grieving or not statement.frame else ()
        if hollow:
            yield mark(
                draft,
                (statement.start, statement.end),
                FindingKind.TONE,
                "stock_phrase",
                f"A stock phrase rings hollow to somebody who is {whom}.",
                "Say it in words that fit this case.",
                blocking=False,
            )
        elif cheerful and mood.grieving:
            yield mark(
                draft,
                statement.span(cheerful[0].first, cheerful[0].last),
                FindingKind.TONE,
                "flippancy",
                "Good cheer is out of place beside a death or grave illness.",
                "Say it plainly.",
                rule="tone.flippancy.cheer",
            )


def _acknowledges(statement: Statement) -> bool:
    """Whether a statement takes up how the customer feels, in more than a stock phrase."""
    hollow = statement.hits.get("tone.stock", ())
    return any(
        not any(h.first <= a.first and a.last <= h.last for h in hollow)
        for a in statement.hits.get("tone.acknowledge", ())
    )


def _language(draft: Draft, index: SourceIndex) -> Iterator[Finding]:
    """A draft, or a passage of it, in another language than the customer's."""
    if not index.language or not draft.text.strip():
        return
    names = (index.language, UNKNOWN, "")
    whole = detect(draft.text) if len(draft.text.split()) >= _LONG else UNKNOWN
    if whole not in names:
        body = [s for s in draft.statements if not s.frame] or list(draft.statements)
        yield _foreign(draft, (body[0].start, body[-1].end), whole, index.language)
        return
    for statement in draft.statements:
        if sum(t.kind == "w" for t in statement.tokens) >= _LONG and not statement.frame:
            code = detect(statement.text)
            if code not in names and code in LANGUAGES and leads(statement.text, code, index.language):
                yield _foreign(draft, (statement.start, statement.end), code, index.language)


def _foreign(draft: Draft, place: tuple[int, int], code: str, wanted: str) -> Finding:
    return mark(
        draft,
        place,
        FindingKind.TONE,
        "wrong_language",
        f"It is written in “{code}”, but the customer writes in “{wanted}”.",
        "Answer in the customer’s language.",
    )
