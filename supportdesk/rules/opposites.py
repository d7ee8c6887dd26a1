"""Clauses with what they affirm and deny, and whether two about the same thing say opposite things of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supportdesk.rules.drafts import clauses
from supportdesk.rules.phrases import Hit, Phrases
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token
from supportdesk.rules.topics import LANGUAGES, topic
from supportdesk.rules.values import flat, word_set

_BEFORE = 3
"""How many words before a word its denial may stand."""
_REACH = 3
"""Words a plain denial reaches ahead."""
_BACK = {"de": 3, "nl": 3, "fr": 2}
"""Words it reaches back where it follows what it denies; one elsewhere."""
_LOOSE = frozenset(("order in time", "same", "whole", "kept", "lasting", "duty"))
"""Pairs whose words mean other things too: they count only where the clauses are much alike."""
_MUCH = 0.6
_SOME, _LEAST = 0.45, 0.34
_WHOLE = 100
_SHARED = 2
_SHORT = 4
"""Content words a clause without a verb has at most: "but not wear", "and accidents"."""


@dataclass(frozen=True, slots=True)
class Side:
    """One clause, ready to be compared."""

    tokens: tuple[Token, ...]
    """Its words."""
    topic: frozenset[str]
    """What it is about."""
    around: frozenset[str]
    """What the whole sentence is about."""
    heading: frozenset[str]
    """What the heading above it, or the record's key, is about."""
    signs: Mapping[str, int]
    """Which side of each pair of opposites it is on; a clause without a verb takes that of the clause before."""
    denied: frozenset[str]
    """The topic words a plain denial reaches."""
    whole: bool
    """Whether it has a verb, so that not denying is asserting."""
    narrowed: frozenset[str]
    """Topic words beside those it restricts with "only"; empty without."""


def sides(tokens: Sequence[Token], language: str, setting: frozenset[str] = frozenset()) -> tuple[Side, ...]:
    """The clauses of a sentence that assert something; conditions and exceptions are left out."""
    code = language if language in LANGUAGES else "en"
    around = frozenset(topic(tokens, code))
    found: list[Side] = []
    before: Mapping[str, int] = {}
    supposed = False
    leading: frozenset[str] = frozenset()
    for first, after in clauses(tokens, code):
        words = tuple(tokens[first:after])
        supposed = supposes(words, code) or (supposed and words[0].text in _alternatives())
        if supposed:
            before = {}
            continue
        about = frozenset(topic(words, code))
        if not about:
            continue
        mine, denied = signs(words), _denied(words, code)
        if not found and not mine and not denied and not _has_verb(words) and words[-1].text not in ".;:!":
            leading |= about
            continue
        if leading and not found:
            about |= leading
        verbless = found and len(about) <= _SHORT and not _has_verb(words)
        if verbless and not mine:
            mine = {name: -side if denied else side for name, side in before.items()}
        if not verbless:
            before = mine
        only = any(t.text in word_set("statements.toml", "words", "only") for t in words)
        narrowed = about if only else frozenset[str]()
        found.append(Side(words, about, around, setting, mine, denied, _has_verb(words), narrowed))
    if leading and not found:
        words = tuple(tokens)
        found.append(Side(words, around, around, setting, signs(words), frozenset(), False, frozenset()))
    return tuple(found)


def opposed(mine: Side, theirs: Side, alike: float, *, record: bool = False, perhaps: bool = False) -> str:
    """How a clause contradicts a source clause, in a few words; empty where it does not.

    `perhaps` asks for what is worth a look: words with other meanings count, and verbs no table knows.
    """
    if elsewhere(mine, theirs) and not record:
        return ""
    for name, side in mine.signs.items():
        if side < 0 and theirs.narrowed and not mine.narrowed:
            continue  # "Not included" agrees with "included in that rate only".
        loose = name in _LOOSE and alike < (_LEAST if perhaps and name != "order in time" else _MUCH)
        if side * theirs.signs.get(name, 0) < 0 and not loose:
            return "It says the opposite"
    firm = [n for n in mine.signs if n not in _LOOSE and mine.signs[n] * theirs.signs.get(n, 0) > 0]
    whole = mine.whole or (perhaps and bool(mine.denied))
    if not firm and not record and whole and _denied_by_one(mine, theirs, alike, _LEAST if perhaps else _SOME):
        return "It says the opposite"
    if theirs.narrowed and not mine.narrowed and alike >= _SOME and _beside(mine, theirs):
        return "It goes beyond the rule"
    for members in _groups().values():
        named, meant = mine.topic & members, theirs.topic & members
        apart = (
            named and meant and not named & (theirs.topic | theirs.around | theirs.heading) and not meant & mine.around
        )
        if apart and alike >= _SOME and mine.topic & theirs.topic - members:
            return "It names something else"
    return ""


def elsewhere(mine: Side, theirs: Side) -> bool:
    """Whether what sets a clause apart stands in another clause of the sentence: it is that one to compare with."""
    return bool((mine.topic - theirs.topic - cues()) & (theirs.around - theirs.topic) and theirs.whole)


def concur(mine: Side, theirs: Side) -> bool:
    """Whether two clauses say the same of the same thing."""
    if elsewhere(mine, theirs):
        return False
    firm = any(n not in _LOOSE and mine.signs[n] * theirs.signs.get(n, 0) > 0 for n in mine.signs)
    return firm or (bool(mine.denied) == bool(theirs.denied) and not mine.signs and theirs.whole)


def supposes(words: Sequence[Token], language: str) -> bool:
    """Whether a clause only supposes something, gives a reason, or names an exception."""
    code = language if language in LANGUAGES else "en"
    if len(words) > 1 and words[0].text in ("ya", "ja") and words[1].text == "que":
        return True
    return any(t.text in word_set("statements.toml", "supposing", code) for t in words[:2])


def excepted(tokens: Sequence[Token], language: str) -> frozenset[str]:
    """What the exceptions in a sentence are about: "unless the item arrived damaged"."""
    code = language if language in LANGUAGES else "en"
    exceptions = word_set("statements.toml", "supposing", "except")
    found: set[str] = set()
    for first, after in clauses(tokens, code):
        if any(t.text in exceptions for t in tokens[first : first + 2]):
            found.update(topic(tokens[first:after], code))
    return frozenset(found)


def signs(tokens: Sequence[Token]) -> Mapping[str, int]:
    """The side of each pair of opposites a clause is on: 1, -1, or 0 where it names both."""
    hits = _pairs().find(tokens)
    denials = [h for h in hits if h.name == "not"]
    found: dict[str, set[int]] = {}
    taken: set[tuple[str, int]] = set()
    for hit in sorted((h for h in hits if h.name != "not"), key=lambda h: (h.first - h.last, h.first)):
        name, side = hit.name.rsplit(" ", 1)
        # "no charge" is not a charge denied: the longest phrase takes its words.
        mine = {(name, at) for at in range(hit.first, hit.last + 1)}
        if taken & mine:
            continue
        taken |= mine
        found.setdefault(name, set()).add(-int(side) if _reached(hit, denials) else int(side))
    if "whole" not in found and _in_part(tokens):
        found["whole"] = {-1}
    if "cost" not in found and not denials and _priced(tokens):
        found["cost"] = {-1}
    return {name: sum(given) for name, given in found.items()}


def _in_part(tokens: Sequence[Token]) -> bool:
    """Whether a percentage below the whole is named: "80 % of the price"."""
    signs_of = word_set("numbers.toml", "percent")
    return any(
        t.text in signs_of and at and tokens[at - 1].text.isdecimal() and 0 < int(tokens[at - 1].text) < _WHOLE
        for at, t in enumerate(tokens)
    )


def _priced(tokens: Sequence[Token]) -> bool:
    """Whether a price is named: "Hunde kosten 8 Euro pro Nacht"."""
    money = flat("numbers.toml", "currencies")
    verbs = word_set("polarity.toml", "costing")
    return any(t.text in verbs for t in tokens) and any(
        t.text in money and any(n.kind == "n" and n.text != "0" for n in tokens[max(0, at - 1) : at + 2])
        for at, t in enumerate(tokens)
    )


def _reached(hit: Hit, denials: Sequence[Hit]) -> bool:
    """Whether a denial outside a phrase reaches it."""
    return any(
        d.first not in range(hit.first, hit.last + 1)
        and (0 < hit.first - d.last <= _BEFORE or 0 < d.first - hit.last <= 1)
        for d in denials
    )


def _denied_by_one(mine: Side, theirs: Side, alike: float, least: float) -> bool:
    """Whether one clause denies what the other asserts of the same thing."""
    shared = mine.topic & theirs.topic
    together = len((mine.topic | mine.around) & (theirs.topic | theirs.around | theirs.heading))
    if together < _SHARED and not (alike >= _MUCH and len(mine.topic) <= _SHARED and shared):
        return False
    if mine.denied & theirs.denied or bool(mine.denied) == bool(theirs.denied) or alike < least:
        return False
    return bool((mine.denied ^ theirs.denied) & shared)


def _beside(mine: Side, theirs: Side) -> bool:
    """Whether a shared word has another neighbour in each: "Team plan" where only the "Business plan" is meant."""
    for word in mine.topic & theirs.topic:
        here, there = _neighbours(mine, word), _neighbours(theirs, word)
        if here - theirs.topic and there - mine.topic and len(mine.topic & theirs.topic) >= _SHARED:
            return True
    return False


def _neighbours(side: Side, word: str) -> frozenset[str]:
    """Topic words right before a topic word."""
    keys = [next(iter(topic([t], "en")), "") for t in side.tokens]
    return frozenset(keys[i - 1] for i in range(1, len(keys)) if keys[i] == word and keys[i - 1])


def _denied(words: Sequence[Token], language: str) -> frozenset[str]:
    """The topic words a denial reaches: what is denied, not of whom."""
    found: set[str] = set()
    behind = _BACK.get(language, 1)
    for hit in _pairs().find(words):
        if hit.name == "not":
            found.update(topic(words[max(0, hit.first - behind) : hit.last + 1 + _REACH], language))
    return frozenset(found)


def _has_verb(words: Sequence[Token]) -> bool:
    return any(t.text in _verbs() for t in words)


def _alternatives() -> frozenset[str]:
    """Words that carry a supposition on: "if you need help or wish to order"."""
    return word_set("statements.toml", "words", "alternatives")


@once
def _verbs() -> frozenset[str]:
    """Small verbs of all languages, by which a clause is known to have one."""
    tables = table("commitments.toml")
    phrases = [p for code in LANGUAGES for name in ("be", "can", "past", "future", "hedge") for p in tables[code][name]]
    words = {p for p in phrases if not any(sign in p for sign in " _*|")} - {"if", "whether", "maybe", "perhaps"}
    return frozenset(words) | word_set("statuses.toml", "keys", "verbs") | word_set("statements.toml", "words", "verbs")


def cues() -> frozenset[str]:
    """Topic words that say which side a clause is on rather than what it is about."""
    return word_set("polarity.toml", "cues")


@once
def _pairs() -> Phrases:
    merged: dict[str, list[str]] = {}
    for pair in table("polarity.toml")["pairs"]:
        merged[f"{pair['name']} 1"] = pair["plus"]
        merged[f"{pair['name']} -1"] = pair["minus"]
    tables = table("commitments.toml")
    merged["not"] = sorted(
        {p for code in LANGUAGES for p in tables[code]["not"] if " " not in p and p not in ("ni", "ne", "leider")}
    )
    return Phrases(merged)


@once
def _groups() -> Mapping[str, frozenset[str]]:
    names = [name for name in table("polarity.toml")["groups"] if not name.startswith("brands_")]
    return {name: word_set("polarity.toml", "groups", name) for name in names}
