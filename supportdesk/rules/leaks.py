"""What internal notes and records for our eyes say, told again in a draft."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark, place_name
from supportdesk.rules.phrases import Phrases
from supportdesk.rules.sources import Line, SourceIndex, keys
from supportdesk.rules.tables import once, table
from supportdesk.rules.topics import LANGUAGES, is_concept, is_plain_word, topic
from supportdesk.rules.values import word_set

_MOST = 3
_SHARE = 0.5
"""How much of a note's own words a sentence must repeat to tell it again."""
_STEM = 5
"""Letters by which inflected forms of a word are taken together."""


@dataclass(frozen=True, slots=True)
class Note:
    """A line for our eyes only."""

    line: Line
    """The line."""
    delicate: bool
    """Whether it says what would hurt or expose somebody, rather than a mere fact of the case."""
    hot: frozenset[str]
    """The topic words that make it delicate."""


def findings(draft: Draft, index: SourceIndex) -> Iterator[Finding]:
    """Sentences of a draft that repeat what only we may read, at most one finding each."""
    notes = index.remembered("notes", _notes)
    open_words = index.remembered("open words", _open_words)
    seen = index.remembered("open stems", _open_stems)
    assert isinstance(notes, tuple)
    assert isinstance(open_words, frozenset)
    assert isinstance(seen, frozenset)
    for statement in draft.statements:
        if statement.frame:
            continue
        found = _repeated(draft, statement, notes, open_words, index) or _told(draft, statement)
        found = found or _hinted(draft, statement, notes, seen)
        if found is not None:
            yield found


def is_internal(line: Line) -> bool:
    """Whether a line is a note, or a record for our eyes only."""
    if line.source is SourceKind.RECORD:
        ref = line.ref.casefold()
        parts = {p for p in re.split(r"[._\-]", ref) if p}
        public = any(key in ref for key in word_set("privacy.toml", "people", "public_keys"))
        return not public and bool(parts & word_set("privacy.toml", "people", "internal_keys"))
    return line.author is Author.INTERNAL


def _notes(index: SourceIndex) -> tuple[Note, ...]:
    """Lines for our eyes only, and whether they are delicate rather than mere facts of the case."""
    found = []
    for line in index.lines:
        if is_internal(line):
            code = line.language if line.language in LANGUAGES else "en"
            hits = _delicate(code).find(line.tokens)
            hot = frozenset(w for h in hits for w in topic(line.tokens[h.first : h.last + 1], code))
            rated = line.source is SourceKind.RECORD and bool(line.topic or line.values)
            found.append(Note(line, bool(hits) or rated, hot))
    return tuple(found)


def _open_words(index: SourceIndex) -> frozenset[str]:
    """What the customer may know: topic words of everything but the notes."""
    return frozenset(w for line in index.lines if not is_internal(line) for w in line.topic | line.setting)


def _repeated(
    draft: Draft,
    statement: Statement,
    notes: tuple[Note, ...],
    open_words: frozenset[str],
    index: SourceIndex,
) -> Finding | None:
    mine = {key for v in statement.values for key in keys(v) if v.kind not in ("number",)}
    told = _together(statement, notes, open_words)
    for note in (*notes, *((told,) if told else ())):
        line, delicate = note.line, note.delicate
        own = line.topic - open_words
        said = statement.topic
        if draft.language != line.language:
            own = frozenset(w for w in own if is_concept(w))
        shared = own & said
        weight = sum(map(index.weight, own)) or 1.0
        share = sum(map(index.weight, shared)) / weight
        values = {key for v in line.values for key in keys(v) if v.kind not in ("number",)}
        same = bool(mine & values) and not any(_elsewhere(key, index) for key in mine & values)
        close = len(shared) >= 2 and (share >= _SHARE or len(shared) >= _MOST or delicate)
        close = close or bool(shared & note.hot) or note is told
        if not (close or (same and (shared or delicate)) or (delicate and shared and share >= _SHARE)):
            continue
        return mark(
            draft,
            (statement.start, statement.end),
            FindingKind.PRIVACY,
            "internal_note",
            f"It tells the customer what stands in {place_name(line)} only.",
            "Take it out, or confirm that the customer may know it.",
            evidence=(line.evidence,),
            blocking=delicate,
        )
    return None


def _open_stems(index: SourceIndex) -> frozenset[str]:
    """Beginnings of every longer word that stands where the customer may see it."""
    return frozenset(t.text[:_STEM] for line in index.lines if not is_internal(line) for t in line.tokens)


def _hinted(draft: Draft, statement: Statement, notes: tuple[Note, ...], seen: frozenset[str]) -> Finding | None:
    """A rare word that of all sources only a note has: worth a look, though the rest is put differently."""
    mine = {
        t.text[:_STEM]
        for t in statement.tokens
        if t.kind == "w" and len(t.text) >= _STEM and not is_plain_word(t.text, draft.language)
    } - seen
    for note in notes if mine else ():
        if any(t.text[:_STEM] in mine for t in note.line.tokens):
            return mark(
                draft,
                (statement.start, statement.end),
                FindingKind.PRIVACY,
                "internal_note",
                f"It uses a word that stands in {place_name(note.line)} only.",
                "Take it out, or confirm that the customer may know it.",
                rule="privacy.internal_note.hint",
                evidence=(note.line.evidence,),
                blocking=False,
            )
    return None


def _together(statement: Statement, notes: tuple[Note, ...], open_words: frozenset[str]) -> Note | None:
    """A note whose sentences a statement sums up, though it repeats none of them."""
    groups: dict[str, list[Note]] = {}
    for note in notes:
        groups.setdefault(note.line.group, []).append(note)
    for several in groups.values():
        own = frozenset().union(*(n.line.topic for n in several)) - open_words
        shared = own & statement.topic
        if len(several) > 1 and len(shared) >= _MOST:
            line = max(several, key=lambda n: len(n.line.topic & shared)).line
            return Note(line, any(n.delicate for n in several), frozenset())
    return None


def _elsewhere(key: tuple[str, Hashable], index: SourceIndex) -> bool:
    """Whether a value also stands where the customer may see it."""
    kind, norm = key
    return any(not is_internal(line) for line, _ in index.by_norm.get((kind, norm), ()))


def _told(draft: Draft, statement: Statement) -> Finding | None:
    """A sentence that speaks of our notes, ratings or suspicions by name."""
    hits = statement.hits.get("privacy.internal", ())
    if not hits or not statement.has("commitments.you", "commitments.we"):
        return None
    return mark(
        draft,
        (statement.start, statement.end),
        FindingKind.PRIVACY,
        "internal_note",
        "It speaks of what we note about customers among ourselves.",
        "Take it out.",
        rule="privacy.internal_note.words",
    )


@once
def _delicate(code: str) -> Phrases:
    return Phrases({"delicate": table("privacy.toml")[code]["sensitive"]})
