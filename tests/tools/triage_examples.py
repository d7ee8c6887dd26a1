"""What the triage learns from: the building set's letters, and intents of the public corpora."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from judge.corpora import corpora, drawn, mapping
from judge.rows import NotThere
from judge.sets import BUILDING, Record, load

from supportdesk.rules.clauses import Reading, read, readings
from supportdesk.rules.features import Features, View, gist_features, views
from supportdesk.rules.quoting import own_text
from supportdesk.rules.sentences import sentences

FOLDS = 4
CALM_ABROAD = 1.8
"""How much more a routine text counts outside English, where the building set has few of them."""
MARKED = 2.0
"""How much more a whole letter with marks counts than a sentence or two."""
CORPUS_WEIGHT = 0.35
CORPUS_TEXTS = 3000


@dataclass(slots=True)
class Example:
    """One labelled text, its sentences as the weights see them."""

    views: tuple[View, ...]
    kinds: frozenset[str]
    fold: int
    weight: float = 1.0
    may: frozenset[str] = frozenset()
    """Kinds one could argue about: they teach nothing either way."""
    language: str = "en"
    text: str = ""
    gist: Features = field(default_factory=dict)
    category: str = ""
    """What it is about, where somebody said so."""
    readings: tuple[Reading, ...] = ()
    """Its sentences, for the category."""
    topics: dict[str, list[float]] = field(default_factory=dict)
    """Out-of-fold first-stage scores by kind, one a sentence."""
    marked: bool = False
    """Whether somebody marked which sentences raise what."""
    told: tuple[tuple[range, frozenset[str]], ...] = ()
    """Runs of sentences and the kinds they raise, where somebody marked them."""

    def lessons(self) -> Iterator[tuple[range, frozenset[str], frozenset[str]]]:
        """Runs of sentences, the kinds one of each run raises, and those it teaches nothing about.

        Unmarked, the whole text is one run. Marked, each mark is one, and every other sentence raises nothing
        that the text does not raise elsewhere: a reader may have marked one of two that say the same.
        """
        if not self.marked:
            yield range(len(self.views)), self.kinds, self.may
            return
        marked = {at for run, _ in self.told for at in run}
        for run, kinds in self.told:
            yield run, kinds, self.may | (self.kinds - kinds)
        for at in range(len(self.views)):
            if at not in marked:
                yield range(at, at + 1), frozenset(), self.may | self.kinds


def fold_of(key: str, folds: int) -> int:
    return zlib.crc32(key.encode()) % folds


def building(folds: int = FOLDS) -> list[Example]:
    """The project's own labelled texts; texts of one group (tellings in several languages) share a fold."""
    return [_example(record, folds) for path in sorted(BUILDING.glob("triage*.jsonl")) for record in load(path)]


def _example(record: Record, folds: int) -> Example:
    """One record, read message by message as the triage reads it."""
    expect = record["expect"]
    read_: list[Reading] = []
    seen: list[View] = []
    told = []
    for number, message in enumerate(record["messages"]):
        if message["from"] != "customer":
            continue
        text, language = message["text"], expect["language"]
        own = tuple(read(text, span, language) for span in sentences(own_text(text)))
        told += _told(own, [m for m in expect.get("marks", ()) if m["message"] == number], len(read_))
        read_ += own
        seen += views(own)
    kinds = frozenset(expect["triggers"])
    return Example(
        tuple(seen),
        kinds,
        fold_of(record.get("group") or record["id"], folds),
        MARKED if "marks" in expect else CALM_ABROAD if not kinds and expect["language"] != "en" else 1.0,
        may=frozenset(expect.get("may", ())),
        language=expect["language"],
        text="\n\n".join(m["text"] for m in record["messages"] if m["from"] == "customer"),
        gist=gist_features(read_),
        category=expect.get("category", ""),
        readings=tuple(read_),
        marked="marks" in expect,
        told=tuple(told),
    )


def _told(
    own: Sequence[Reading], marks: Sequence[Mapping[str, Any]], first: int
) -> Iterator[tuple[range, frozenset[str]]]:
    """For each mark the run of sentences it covers, counted from the ticket's first."""
    for mark in marks:
        shared = [max(0, min(r.span.end, mark["end"]) - max(r.span.start, mark["start"])) for r in own]
        covered = [
            at
            for at, n in enumerate(shared)
            if n * 2 >= min(own[at].span.end - own[at].span.start, mark["end"] - mark["start"])
        ]
        if covered:
            yield range(first + covered[0], first + covered[-1] + 1), frozenset(mark["kinds"])


def public(folds: int = FOLDS) -> list[Example]:
    """Intents of the corpora that mean a trigger or routine beyond doubt, without the texts measured on."""
    try:
        root = corpora() / "intents"
    except NotThere:
        return []
    words = mapping()
    kept: list[Example] = []
    taken = drawn(root.parent, words)
    for text, kinds in _public_texts(root, words):
        if text in taken or (kinds and _in_general(text)):
            continue
        seen = views(readings(text, "en"))
        if seen:
            kept.append(Example(seen, kinds, fold_of(text, folds), CORPUS_WEIGHT, text=text))
    random.Random(0).shuffle(kept)
    return kept[:CORPUS_TEXTS]


def _public_texts(root: Path, words: Mapping[str, Any]) -> Iterable[tuple[str, frozenset[str]]]:
    for name, file in (("banking77", "banking77_train.jsonl"), ("dstc11", "dstc11_insurance.jsonl")):
        meaning = {intent: kind for kind, intents in words[name]["triggers"].items() for intent in intents}
        for record in load(root / file):
            if record["intent"] in meaning:
                yield record["text"], frozenset({meaning[record["intent"]]})
            elif record["intent"] in words[name]["routine"]:
                yield record["text"], frozenset()
    for record in load(root / "nlupp_banking_folds0-9.jsonl"):
        flags = words["nlupp"]["flags"]
        kinds = frozenset(flags[flag] for flag in record["flags"] if flag in flags)
        if kinds or (not record["flags"] and len(record["text"].split()) > 3):
            yield record["text"], kinds


def _in_general(text: str) -> bool:
    """Whether a text asks how something is done: the corpora count that as the intent, the desk does not."""
    return text.lower().lstrip().startswith(("how ", "what ", "where ", "can i ", "is it ", "do i ", "could i "))
