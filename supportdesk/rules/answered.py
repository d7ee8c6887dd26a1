"""The customer's questions that a draft leaves unanswered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark
from supportdesk.rules.matching import agree
from supportdesk.rules.phrases import Phrases
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token
from supportdesk.rules.topics import LANGUAGES, is_concept, topic
from supportdesk.rules.values import word_set

_MOST = 8
"""Questions looked at, the latest; whoever asks more expects no full list."""
_SHARE = 0.34
"""How much of a question's weight a sentence must share to speak of it."""
_MOSTLY = 0.55
"""The same where a time or an amount is asked for: "when do I get my money" is not "when did you get the lamp"."""
_LINES, _TOLD = 4, 0.4
"""Source lines looked at for one question; how much of such a line a sentence must tell."""
_GIVES = {
    "time": ("duration", "date", "weekday", "relative", "period", "time"),
    "amount": ("amount", "percent", "number", "quantity"),
}
_SORTS = ("time", "amount", "reason", "manner", "thing")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that stands open when the draft is written."""

    line: Line
    """The sentence that asks it."""
    sort: str
    """time, amount, reason, manner, thing, or empty for yes or no."""
    topic: frozenset[str]
    """What it is about: its own words, or those before it where it has none."""
    own: bool
    """Whether it has words of its own."""


def findings(draft: Draft, index: SourceIndex, *, again: bool = False) -> list[Finding]:
    """One finding for each open question that no sentence of the draft takes up.

    `again` says that the draft asks for what it has been given: that holds no question open.
    """
    asked = index.remembered("asked", _asked)
    assert isinstance(asked, tuple)
    body = [s for s in draft.statements if not s.frame] or list(draft.statements)
    if not asked or not body:
        return []
    told = [s for s in body if not s.question and not s.has("statements.request")]
    holding = [any(h.name == "holding" for h in _phrases().find(s.tokens)) for s in body]
    missed = [q for q in asked if not _answered(q, asked, list(zip(body, holding, strict=True)), draft, index)]
    back = any(s.has("statements.request") or s.question for s in body)
    if back and not again and (not told or len(missed) == len(asked) == 1):
        # A reply that only asks back cannot answer yet.
        return []
    return [_finding(draft, body, question) for question in missed]


def _asked(index: SourceIndex) -> tuple[Asked, ...]:
    """The questions of the customer's messages since an agent last wrote, the latest last."""
    messages = index.sources.thread.messages
    last = max((m.position for m in messages if m.author is Author.AGENT), default=-1)
    recent = [
        line
        for line in index.lines
        if line.source is SourceKind.MESSAGE
        and line.author is Author.CUSTOMER
        and not line.quoted
        and int(line.ref) > last
    ]
    found: list[Asked] = []
    for at, line in enumerate(recent):
        names = {h.name for h in _phrases().find(line.tokens)}
        marked = line.text.rstrip(" )\"'»”*_\n").endswith(("?", "？")) or "indirect" in names or _inverted(line)
        words = sum(t.kind == "w" for t in line.tokens)
        if not marked or ("idle" in names and words <= 10) or words < 2:
            continue
        before = _alike(recent[at - 1].topic) if at else frozenset[str]()
        for part in _parts(line):
            about = _alike(topic(part, line.language))
            sort = _sort(part)
            found.append(Asked(line, sort, about or before, bool(about)))
            before = about or before
    return tuple(found[-_MOST:])


def _inverted(line: Line) -> bool:
    """Whether a sentence asks by its order alone: "And is there step-free access, my dad's in a wheelchair."."""
    words = [t.text for t in line.tokens if t.kind == "w"][:4]
    while words and words[0] in word_set("answers.toml", "unmarked", "before"):
        words = words[1:]
    return (
        len(words) > 1
        and words[0] in word_set("answers.toml", "unmarked", "verbs")
        and words[1] in word_set("answers.toml", "unmarked", "subjects")
    )


def _parts(line: Line) -> Iterator[Sequence[Token]]:
    """The questions in one sentence: "who pays, and when do I get it back?" is two."""
    code = line.language if line.language in LANGUAGES else "en"
    joints = word_set("statements.toml", "joints", code)
    starts = {h.first for h in _phrases().find(line.tokens) if h.name in _SORTS}
    cuts = [0]
    for at in range(1, len(line.tokens) - 1):
        if line.tokens[at].text in joints and cuts[-1] < at and (at + 1) in starts:
            cuts.append(at)
    for first, after in zip(cuts, [*cuts[1:], len(line.tokens)], strict=True):
        yield line.tokens[first:after]


def _sort(part: Sequence[Token]) -> str:
    """What would answer a question, by its question word; empty for yes or no."""
    found = {h.name for h in _phrases().find(part)} & set(_SORTS)
    return next((s for s in _SORTS if s in found), "")


def _answered(
    question: Asked, asked: Sequence[Asked], body: Sequence[tuple[Statement, bool]], draft: Draft, index: SourceIndex
) -> bool:
    """Whether a statement of the body takes a question up; each comes with whether it holds questions open."""
    about = question.topic
    if draft.language != question.line.language:
        about = frozenset(w for w in about if is_concept(w))
    if not about:
        return True
    whole = sum(_weight(w, index) for w in about) or 1.0
    wanted = _GIVES.get(question.sort, ())
    only = sum(q.sort == question.sort for q in asked) == 1
    bearing = _bearing(about, whole, question, index)
    near = 0.0
    for statement, holding in body:
        if statement.question:
            continue
        shared = sum(_weight(w, index) for w in about & _alike(statement.topic)) / whole
        given = [v for v in statement.values if v.kind in wanted]
        gives = bool(given) or (question.sort == "amount" and "=cost" in _alike(statement.topic))
        if shared >= (_MOSTLY if wanted else _SHARE) and (not wanted or gives or holding):
            return True
        if gives and (len(about) == 1 or near >= _MOSTLY):
            return True
        if holding and (len(asked) == 1 or shared > 0 or near > 0):
            return True
        if not question.sort and (only or shared > 0) and _yes_or_no(statement):
            return True
        if any(_tells(statement, line, about, wanted, index) for line in bearing):
            return True
        near = shared
    return False


def _bearing(about: frozenset[str], whole: float, question: Asked, index: SourceIndex) -> list[Line]:
    """The lines of articles and records that speak of what a question asks: what answers it is told from them."""
    known = index.remembered("bearing", _by_alike)
    assert isinstance(known, dict)
    shared: dict[int, float] = {}
    for word in about:
        for number in known.get(word, ()):
            if index.lines[number].language == question.line.language:
                shared[number] = shared.get(number, 0.0) + _weight(word, index) / whole
    bar = _MOSTLY if question.sort in _GIVES else _SHARE
    found = sorted((-share, number) for number, share in shared.items() if share >= bar)
    return [index.lines[number] for _, number in found[:_LINES]]


def _by_alike(index: SourceIndex) -> dict[str, list[int]]:
    """The lines of articles and records by what they are about, worked out once."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(index.lines):
        if line.source is not SourceKind.MESSAGE:
            for word in _alike(line.topic | line.setting):
                found.setdefault(word, []).append(number)
    return found


def _tells(statement: Statement, line: Line, about: frozenset[str], wanted: Sequence[str], index: SourceIndex) -> bool:
    """Whether a statement tells what a line holds: one of its values of the kind wanted, or most of its other words."""
    touched = statement.topic & (line.topic | line.setting)
    if touched and any(
        (not wanted or mine.kind in wanted) and agree(mine, theirs, index)
        for mine in statement.values
        for theirs in line.values
    ):
        return True
    rest = _alike(line.topic) - about
    whole = sum(_weight(w, index) for w in rest)
    shared = sum(_weight(w, index) for w in rest & _alike(statement.topic))
    return not wanted and len(rest) > 1 and shared >= _TOLD * whole


def _yes_or_no(statement: Statement) -> bool:
    words = [t.text for t in statement.tokens[:6] if t.kind == "w"]
    return any(w in word_set("answers.toml", "yes") for w in words[:4])


def _weight(word: str, index: SourceIndex) -> float:
    """A topic word's weight; never nothing, since every word of a question was meant."""
    return 0.3 + index.weight(word)


def _alike(words: Iterable[str]) -> frozenset[str]:
    """Topic words with those folded that stand for one another in an answer: cost and price, parcel and order."""
    return frozenset(_folds().get(w, w) for w in words)


@once
def _folds() -> dict[str, str]:
    folds = table("answers.toml")["folds"]
    return {word: f"={name}" for name, words in folds.items() for word in words.split()}


def _finding(draft: Draft, body: Sequence[Statement], question: Asked) -> Finding:
    """Marked where an answer would stand: at the statement that comes nearest to the question, or the last."""
    words = " ".join(question.line.text.split())
    telling = [s for s in body if not s.question] or body
    place = max(enumerate(telling), key=lambda pair: (len(question.topic & _alike(pair[1].topic)), pair[0]))[1]
    return mark(
        draft,
        (place.start, place.end),
        FindingKind.THREAD,
        "unanswered",
        f"The customer asked “{words[:160]}”, and the reply does not take it up.",
        "Answer it, or say when they will hear.",
        evidence=(question.line.evidence,),
        blocking=False,
        about=f"question {question.sort} {words}",
    )


@once
def _phrases() -> Phrases:
    data = table("answers.toml")
    names = {name: data[name]["words"] for name in ("indirect", "idle", "holding")}
    return Phrases({**data["sorts"], **names})
