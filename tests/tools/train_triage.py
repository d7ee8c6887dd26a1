"""Learn the triage's weights: `python tests/tools/train_triage.py [--check]`.

From the building set (and, where they lie beside the project, the public intent corpora, less the texts that
`make judge` measures on) to `supportdesk/rules/data/weights.json`. Logistic regression with an L1 penalty by
FTRL-Proximal (McMahan et al. 2013), in two stages: what a sentence is about, one model a kind; then, over all
kinds together, whether it is meant now, from the out-of-fold scores of the first stage and the small words.
Plain Python, a few minutes, the same result every time.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from judge.corpora import corpora, drawn, mapping  # noqa: E402
from judge.rows import NotThere  # noqa: E402
from judge.sets import BUILDING, load  # noqa: E402

from supportdesk.domain.words import ALWAYS_ESCALATE, TriggerKind  # noqa: E402
from supportdesk.rules.clauses import Reading, readings  # noqa: E402
from supportdesk.rules.features import (  # noqa: E402
    Features,
    View,
    category_features,
    gist_features,
    manner_features,
    views,
)

WEIGHTS = ROOT / "supportdesk" / "rules" / "data" / "weights.json"
KINDS = tuple(k.value for k in TriggerKind if k not in (TriggerKind.UNCLEAR, TriggerKind.LOW_CONFIDENCE))
FOLDS = 4
ROUTINE = 0.94
"""Share of the building set's tickets without a trigger that the thresholds leave in peace, out of fold."""
BARS = (0.2, 0.25, 0.3, 0.34, 0.38, 0.42, 0.46, 0.5, 0.55, 0.6, 0.65)
"""Bars that are tried for each kind."""
HARM_FOUND = 0.88
"""Share of what must escalate that the bars let through, out of fold, whatever it costs in calm."""
LOWEST = 0.12
"""No bar lies below this."""
FURTHER = 0.7
"""As in `rules/triggers.py`: share of its bar that is enough for a further kind."""
SHORT_TEXT = 45
"""Letters up to which a text is too terse to stand for real tickets when bars are set."""
CALM_ABROAD = 1.8
"""How much more a routine text counts outside English, where the building set has few of them."""
CORPUS_WEIGHT = 0.35
CORPUS_TEXTS = 3000
SMALLEST = 0.06
"""A weight below this is not worth its line."""


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


class Ftrl:
    """One linear model, learned one example at a time; most weights end at exactly 0."""

    def __init__(self, alpha: float, l1: float, l2: float) -> None:
        """Set the learning rate and the penalties."""
        self.alpha, self.l1, self.l2 = alpha, l1, l2
        self.z: dict[str, float] = {}
        self.n: dict[str, float] = {}

    def weight(self, name: str) -> float:
        z = self.z.get(name, 0.0)
        if -self.l1 <= z <= self.l1:
            return 0.0
        held = z - self.l1 if z > 0 else z + self.l1
        return -held / ((1.0 + math.sqrt(self.n.get(name, 0.0))) / self.alpha + self.l2)

    def score(self, features: Features) -> float:
        return self.weight("#") + sum(self.weight(name) * value for name, value in features.items())

    def learn(self, features: Features, gradient: float) -> None:
        for name, value in (*features.items(), ("#", 1.0)):
            step = gradient * value
            old = self.n.get(name, 0.0)
            new = old + step * step
            shift = (math.sqrt(new) - math.sqrt(old)) / self.alpha
            self.z[name] = self.z.get(name, 0.0) + step - shift * self.weight(name)
            self.n[name] = new

    def weights(self) -> dict[str, float]:
        return {name: w for name in self.z if (w := self.weight(name)) != 0.0}


def probability(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def linear(weights: Mapping[str, float], features: Features) -> float:
    return weights.get("#", 0.0) + sum(weights.get(n, 0.0) * v for n, v in features.items())


def fold_of(key: str, folds: int) -> int:
    return zlib.crc32(key.encode()) % folds


def building(folds: int = FOLDS) -> list[Example]:
    """The project's own labelled texts; texts of one group (tellings in several languages) share a fold."""
    found = []
    for path in sorted(BUILDING.glob("triage*.jsonl")):
        for record in load(path):
            expect = record["expect"]
            text = "\n\n".join(m["text"] for m in record["messages"] if m["from"] == "customer")
            read = readings(text, expect["language"])
            key = record.get("group") or record["id"]
            kinds = frozenset(expect["triggers"])
            calm = CALM_ABROAD if not kinds and expect["language"] != "en" else 1.0
            found.append(
                Example(
                    views(read),
                    kinds,
                    fold_of(key, folds),
                    calm,
                    may=frozenset(expect.get("may", ())),
                    language=expect["language"],
                    text=text,
                    gist=gist_features(read),
                    category=expect.get("category", ""),
                    readings=read,
                )
            )
    return found


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


def bare(features: Features) -> Features:
    """The words without their concepts: learning from both keeps the model from leaning on the tables alone."""
    return {
        name: value for name, value in features.items() if name.split(" ", 1)[0] in {"w", "b", "s", "t", "n", "m", "f"}
    }


def learn_topics(examples: Sequence[Example], rounds: int = 8) -> dict[str, dict[str, float]]:
    """First stage: for each kind, what speaks for it. Of a text with the kind only its plainest sentence counts."""
    seen = Counter(name for e in examples for view in e.views for name in view.about)
    known = {name for name, count in seen.items() if count > 1}
    rows = []
    for e in examples:
        full = [{n: v for n, v in view.about.items() if n in known} for view in e.views]
        rows.append((full, e.kinds, e.may, e.weight))
        rows.append(([bare(features) for features in full], e.kinds, e.may, e.weight))
    models = {}
    for kind in KINDS:
        model, order = Ftrl(0.5, 0.1, 1.0), random.Random(kind)
        shuffled = list(rows)
        for _ in range(rounds):
            order.shuffle(shuffled)
            for sentences, kinds, may, weight in shuffled:
                if kind in may:
                    continue
                if kind in kinds:
                    best = max(sentences, key=model.score) if len(sentences) > 1 else sentences[0]
                    gradient = (probability(model.score(best)) - 1) * weight * 3.0
                    if abs(gradient) > 0.02:
                        model.learn(best, gradient)
                    continue
                for features in sentences:
                    gradient = probability(model.score(features)) * weight
                    if gradient > 0.02:
                        model.learn(features, gradient)
        models[kind] = model.weights()
    return models


def topic_scores(models: Mapping[str, Mapping[str, float]], example: Example) -> dict[str, list[float]]:
    return {
        kind: [
            weights.get("#", 0.0) + sum(weights.get(n, 0.0) * v for n, v in view.about.items())
            for view in example.views
        ]
        for kind, weights in models.items()
    }


def score_out_of_fold(examples: Sequence[Example], folds: int = FOLDS) -> None:
    """Fill in each example's first-stage scores by models that never saw it."""
    for held in range(folds):
        models = learn_topics([e for e in examples if e.fold != held])
        for e in examples:
            if e.fold == held:
                e.topics = topic_scores(models, e)


def learn_manner(examples: Sequence[Example], rounds: int = 5) -> dict[str, float]:
    """Second stage, over all kinds together: whether what a sentence is about is meant now."""
    rows: list[tuple[Features, bool, float]] = []
    for e in examples:
        for kind in KINDS:
            if kind in e.may:
                continue
            scored = e.topics[kind]
            if kind in e.kinds:
                best = max(range(len(scored)), key=scored.__getitem__)
                rows.append((manner_features(kind, scored[best], e.views[best].meant), True, e.weight))
                continue
            rows += [
                (manner_features(kind, topic, view.meant), False, e.weight)
                for topic, view in zip(scored, e.views, strict=True)
                if topic > -3
            ]
    return fit(rows, rounds, 0.2, 0.3, 3.0, 0.01, 1)


def judge(manner: Mapping[str, float], example: Example) -> dict[str, float]:
    """The probability of each kind for a text: that of its plainest sentence."""
    found = {}
    for kind in KINDS:
        best = -9.0
        for topic, view in zip(example.topics[kind], example.views, strict=True):
            if topic > -4:
                features = manner_features(kind, topic, view.meant)
                best = max(best, manner.get("#", 0.0) + sum(manner.get(n, 0.0) * v for n, v in features.items()))
        found[kind] = probability(best)
    return found


def learn_gist(examples: Sequence[Example], rounds: int = 12) -> dict[str, float]:
    """Whether a whole message can be acted on at all; learned from the building set alone."""
    rows = [(e.gist, "unclear" in e.kinds, 4.0 if "unclear" in e.kinds else 1.0) for e in examples if e.gist]
    return fit(rows, rounds, 0.2, 0.2, 1.0, 0.0, 2)


CATEGORIES = ("account", "billing", "claims", "complaint", "feedback", "general", "orders", "sales", "technical")


def category_rows(
    judged: Sequence[tuple[Example, dict[str, float]]], bars: Mapping[str, float]
) -> list[tuple[Features, str, int]]:
    """Features, category and fold of each text whose category is known, with the flags it would raise unseen."""
    return [
        (category_features(e.readings, [k for k in KINDS if p[k] >= bars[k]]), e.category, e.fold)
        for e, p in judged
        if e.category
    ]


def learn_categories(rows: Sequence[tuple[Features, str, int]]) -> dict[str, dict[str, float]]:
    """One model a category: what speaks for it rather than for any other."""
    return {
        name: fit([(features, category == name, 1.0) for features, category, _ in rows], 8, 0.3, 0.15, 2.0, 0.01, name)
        for name in CATEGORIES
    }


def fit(
    rows: Sequence[tuple[Features, bool, float]],
    rounds: int,
    alpha: float,
    l1: float,
    l2: float,
    least: float,
    seed: int | str,
) -> dict[str, float]:
    """The weights of one linear model; gradients below `least` are not worth a step."""
    model, order, shuffled = Ftrl(alpha, l1, l2), random.Random(seed), list(rows)
    for _ in range(rounds):
        order.shuffle(shuffled)
        for features, wanted, weight in shuffled:
            gradient = (probability(model.score(features)) - wanted) * weight
            if abs(gradient) > least:
                model.learn(features, gradient)
    return model.weights()


def thresholds(judged: Sequence[tuple[Example, dict[str, float]]]) -> dict[str, float]:
    """A bar for each kind: harm is found first, then coordinate ascent on recalls, calm and right paths."""
    rows = [
        (e.kinds, e.kinds | e.may, [p[k] for k in KINDS])
        for e, p in judged
        if e.gist and "unclear" not in e.kinds and len(e.text) > SHORT_TEXT
    ]
    bars = dict.fromkeys(KINDS, 0.4)
    for kind in ALWAYS_ESCALATE:
        having = sorted(chances[KINDS.index(kind)] for kinds, _, chances in rows if kind in kinds)
        bars[kind.value] = round(max(LOWEST, min(0.4, having[int(len(having) * (1 - HARM_FOUND))])), 2)
    best = _worth(rows, bars)
    for _ in range(3):
        for kind in (k for k in KINDS if k not in ALWAYS_ESCALATE):
            for bar in BARS:
                tried = {**bars, kind: bar}
                worth = _worth(rows, tried)
                if worth > best + 1e-9:
                    best, bars = worth, tried
    return bars


def _worth(rows: Sequence[tuple[frozenset[str], frozenset[str], list[float]]], bars: Mapping[str, float]) -> float:
    """How well bars serve: recall of each kind up to its goal, calm tickets left in peace, right paths."""
    limits = [bars[k] for k in KINDS]
    having, hits = [0] * len(KINDS), [0] * len(KINDS)
    calm = quiet = right = 0
    for kinds, allowed, chances in rows:
        up = {k for k, p, bar in zip(KINDS, chances, limits, strict=True) if p >= bar}
        if up:
            up |= {
                k
                for k, p, bar in zip(KINDS, chances, limits, strict=True)
                if p >= bar * FURTHER and k not in ALWAYS_ESCALATE
            }
        right += way(kinds) == way((up - allowed) | kinds if way(up) == way(kinds) else up)
        if not kinds:
            calm += 1
            quiet += not up
        for at, kind in enumerate(KINDS):
            if kind in kinds:
                having[at] += 1
                hits[at] += kind in up
    recalls = [
        min(1.0, hit / max(1, have) / (0.95 if kind in ALWAYS_ESCALATE else 0.86))
        * (2 if kind in ALWAYS_ESCALATE else 1)
        for kind, hit, have in zip(KINDS, hits, having, strict=True)
    ]
    return 3 * right / len(rows) + 3 * min(ROUTINE, quiet / max(1, calm)) + 1.5 * sum(recalls) / len(recalls)


def dump(
    topics: Mapping[str, Mapping[str, float]],
    manner: Mapping[str, float],
    gist: Mapping[str, float],
    bars: Mapping[str, float],
    categories: Mapping[str, Mapping[str, float]],
) -> str:
    """The weights as JSON, a feature a line, in hundredths."""
    lines = [
        "{",
        f'"kinds": {json.dumps(KINDS)},',
        f'"enough": {json.dumps(bars)},',
        f'"bias": {json.dumps([round(topics[kind].get("#", 0.0) * 100) for kind in KINDS])},',
        '"gist": {',
        _plain(gist),
        "},",
        '"meant": {',
        _plain(manner),
        "},",
        f'"category": {{"names": {json.dumps(list(categories))},',
        f'"bias": {json.dumps([round(own.get("#", 0.0) * 100) for own in categories.values()])},',
        '"about": {',
        _table(categories),
        "}},",
        '"about": {',
        _table(topics),
        "}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _table(models: Mapping[str, Mapping[str, float]]) -> str:
    """A line a feature: place of a model and its weight, for every model the feature matters to."""
    rows: dict[str, list[int]] = {}
    for index, model in enumerate(models.values()):
        for name, weight in model.items():
            if name != "#" and abs(weight) >= SMALLEST:
                rows.setdefault(name, []).extend((index, round(weight * 100)))
    return ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(' '.join(map(str, row)))}"
        for name, row in sorted(rows.items())
    )


def _plain(weights: Mapping[str, float]) -> str:
    return ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}:{round(weight * 100)}"
        for name, weight in sorted(weights.items())
        if abs(weight) >= 0.01
    )


def learn(examples: Sequence[Example]) -> tuple[str, list[tuple[Example, dict[str, float]]]]:
    """The weights of all examples, and what models that had not seen them said of each."""
    score_out_of_fold(examples)
    manner = learn_manner(examples)
    judged = [(e, judge(manner, e)) for e in examples]
    bars = thresholds(judged)
    categories = learn_categories(category_rows(judged, bars))
    return dump(learn_topics(examples), manner, learn_gist(examples), bars, categories), judged


def report(judged: Sequence[tuple[Example, dict[str, float]]], bars: Mapping[str, float]) -> None:
    """Recall per kind and the share of right paths, out of fold, on the building set."""
    own = [(e, p) for e, p in judged if e.gist and "unclear" not in e.kinds and len(e.text) > SHORT_TEXT]
    for kind in KINDS:
        having = [p for e, p in own if kind in e.kinds]
        raised = [e for e, p in own if p[kind] >= bars[kind]]
        hits = sum(p[kind] >= bars[kind] for p in having)
        right = sum(kind in e.kinds for e in raised)
        print(f"{kind:20} recall {hits}/{len(having)} {hits / len(having):.2f}  precision {right}/{len(raised)}")
    calm = [p for e, p in own if not e.kinds]
    quiet = sum(all(p[k] < bars[k] for k in KINDS) for p in calm)
    paths = sum(way(e.kinds) == way({k for k in KINDS if p[k] >= bars[k]}) for e, p in own)
    held = [e for e, _ in judged if e.gist]
    told = {True: [0, 0], False: [0, 0]}
    for fold in range(FOLDS):
        gist = learn_gist([e for e in held if e.fold != fold])
        for e in held:
            if e.fold == fold:
                score = gist.get("#", 0.0) + sum(gist.get(n, 0.0) * v for n, v in e.gist.items())
                told["unclear" in e.kinds][score > 0] += 1
    print(f"unclear              recall {told[True][1]}/{sum(told[True])}  false {told[False][1]}/{sum(told[False])}")
    rows = category_rows(judged, bars)
    placed = 0
    for fold in range(FOLDS):
        models = learn_categories([row for row in rows if row[2] != fold])
        for features, category, its in rows:
            if its == fold:
                placed += category == max(models, key=lambda name: linear(models[name], features))
    print(f"category {placed}/{len(rows)}")
    print(f"routine {quiet}/{len(calm)} {quiet / len(calm):.3f}  path {paths}/{len(own)} {paths / len(own):.3f}")


def way(kinds: Iterable[str]) -> int:
    """0 routine, 1 review, 2 escalation."""
    found = set(kinds)
    return 2 if found & ALWAYS_ESCALATE else 1 if found else 0


def main() -> None:
    """Learn and write, or only say what would be found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="report only, write nothing")
    options = parser.parse_args()
    examples = [e for e in building() + public() if e.views]
    text, judged = learn(examples)
    report(judged, json.loads(text)["enough"])
    print(f"{len(examples)} texts, {len(text) // 1000} kB, bars {json.loads(text)['enough']}")
    if not options.check:
        WEIGHTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
