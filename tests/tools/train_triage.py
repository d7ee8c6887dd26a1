"""Learn the triage's weights: `python tests/tools/train_triage.py [--check]`.

From the building set (and, where they lie beside the project, the public intent corpora, less the texts that
`make judge` measures on) to `supportdesk/rules/data/weights.json`. Logistic regression with an L1 penalty by
FTRL-Proximal (McMahan et al. 2013), in stages: what a sentence is about, one model a kind; then, over all kinds
together, whether it is meant now, from the out-of-fold scores of the first stage and the small words; beside them
what a letter is about as a whole; last, how much the plainest sentence and the whole letter count.
A few minutes with a C compiler, hours without, the same result every time.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from ftrl import ABSENT, PRESENT, SILENT, Runs, fit, linear  # noqa: E402
from triage_bars import KINDS, SHORT_TEXT, thresholds, way  # noqa: E402
from triage_examples import FOLDS, Example, building, public  # noqa: E402
from triage_letters import Judgement, Letters, join, learn_joined  # noqa: E402

from supportdesk.rules.features import Features, category_features, manner_features  # noqa: E402
from supportdesk.rules.weights import FLOOR  # noqa: E402

WEIGHTS = ROOT / "supportdesk" / "rules" / "data" / "weights.json"
TOPICS: dict[str, Any] = {"rounds": 8, "alpha": 0.5, "l1": 0.3, "l2": 60.0, "least": 0.02, "wanted_weight": 3.0}
"""How the first stage learns; chosen by what unseen letters of the building set are told apart best with."""
SMALLEST, LETTER_SMALLEST = 0.06, 0.3
"""A weight below this is not worth its line; a letter's features are many, and each counts for little."""


def bare(features: Features) -> Features:
    """The words without their concepts: learning from both keeps the model from leaning on the tables alone."""
    return {
        name: value for name, value in features.items() if name.split(" ", 1)[0] in {"w", "b", "s", "t", "n", "m", "f"}
    }


def learn_topics(examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """First stage: for each kind, what speaks for it. Of a run with the kind only its plainest sentence counts."""
    seen = Counter(name for e in examples for view in e.views for name in view.about)
    known = {name for name, count in seen.items() if count > 1}
    runs: list[list[Features]] = []
    lessons: list[tuple[frozenset[str], frozenset[str]]] = []
    weights: list[float] = []
    for e in examples:
        full = [{n: v for n, v in view.about.items() if n in known} for view in e.views]
        plain = [bare(features) for features in full]
        for run, kinds, may in e.lessons():
            runs += [[way[at] for at in run] for way in (full, plain)]
            lessons += [(kinds, may)] * 2
            weights += [e.weight] * 2
    flat = Runs(runs)
    models = {}
    for kind in KINDS:
        wanted = bytes(SILENT if kind in may else PRESENT if kind in kinds else ABSENT for kinds, may in lessons)
        models[kind] = flat.learn(wanted, weights, **TOPICS, seed=kind)
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


def learn_manner(examples: Sequence[Example]) -> dict[str, float]:
    """Second stage, over all kinds together: whether what a sentence is about is meant now."""
    rows: list[tuple[Features, bool, float]] = []
    for e in examples:
        for run, kinds, may in e.lessons():
            for kind in (k for k in KINDS if k not in may):
                scored = e.topics[kind]
                if kind in kinds:
                    best = max(run, key=scored.__getitem__)
                    rows.append((manner_features(kind, scored[best], e.views[best].meant), True, e.weight))
                    continue
                rows += [
                    (manner_features(kind, scored[at], e.views[at].meant), False, e.weight)
                    for at in run
                    if scored[at] > -3
                ]
    return fit(rows, 5, 0.05, 0.3, 20.0, 0.01, 1)


def said(manner: Mapping[str, float], example: Example) -> dict[str, float]:
    """How plainly a text raises each kind: the score of its plainest sentence."""
    found = {}
    for kind in KINDS:
        best = FLOOR
        for topic, view in zip(example.topics[kind], example.views, strict=True):
            if topic > -4:
                best = max(best, linear(manner, manner_features(kind, topic, view.meant)))
        found[kind] = best
    return found


def judge_out_of_fold(examples: Sequence[Example], letters: Letters) -> tuple[dict[str, float], list[Judgement]]:
    """The last stage, and what stages that never saw a text say of it."""
    manners = [learn_manner([e for e in examples if e.fold != held]) for held in range(FOLDS)]
    rows = [
        (e, said(manners[e.fold], e), whole)
        for e, whole in zip(examples, letters.scored_out_of_fold(), strict=True)
        if e.readings
    ]
    judged = []
    for held in range(FOLDS):
        joined = learn_joined([row for row in rows if row[0].fold != held])
        judged += [(e, join(joined, e, plain, whole)) for e, plain, whole in rows if e.fold == held]
    return learn_joined(rows), judged


def learn_gist(examples: Sequence[Example], rounds: int = 12) -> dict[str, float]:
    """Whether a whole message can be acted on at all; learned from the building set alone."""
    rows = [(e.gist, "unclear" in e.kinds, 4.0 if "unclear" in e.kinds else 1.0) for e in examples if e.gist]
    return fit(rows, rounds, 0.2, 0.2, 1.0, 0.0, 2)


CATEGORIES = ("account", "billing", "claims", "complaint", "feedback", "general", "orders", "sales", "technical")


def category_rows(judged: Sequence[Judgement], bars: Mapping[str, float]) -> list[tuple[Features, str, int]]:
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


def dump(
    topics: Mapping[str, Mapping[str, float]],
    whole: Mapping[str, Mapping[str, float]],
    plain: Mapping[str, Mapping[str, float]],
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
        *(line for name, weights in plain.items() for line in (f'"{name}": {{', _plain(weights), "},")),
        f'"whole_bias": {json.dumps([round(whole[kind].get("#", 0.0) * 100) for kind in KINDS])},',
        '"whole": {',
        _table(whole, LETTER_SMALLEST),
        "},",
        f'"category": {{"names": {json.dumps(list(categories))},',
        f'"bias": {json.dumps([round(own.get("#", 0.0) * 100) for own in categories.values()])},',
        '"about": {',
        _table(categories, SMALLEST),
        "}},",
        '"about": {',
        _table(topics, SMALLEST),
        "}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _table(models: Mapping[str, Mapping[str, float]], smallest: float) -> str:
    """A line a feature: place of a model and its weight, for every model the feature matters to."""
    rows: dict[str, list[int]] = {}
    for index, model in enumerate(models.values()):
        for name, weight in model.items():
            if name != "#" and abs(weight) >= smallest:
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


def learn(examples: Sequence[Example]) -> tuple[str, list[Judgement]]:
    """The weights of all examples, and what models that had not seen them said of each."""
    score_out_of_fold(examples)
    letters = Letters(examples)
    joined, judged = judge_out_of_fold(examples, letters)
    bars = thresholds(judged)
    categories = learn_categories(category_rows(judged, bars))
    plain, gist = {"meant": learn_manner(examples), "joined": joined}, learn_gist(examples)
    return dump(learn_topics(examples), letters.learned(), plain, gist, bars, categories), judged


def report(judged: Sequence[Judgement], bars: Mapping[str, float]) -> None:
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
