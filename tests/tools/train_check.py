"""Learn what a draft's statements do: `python tests/tools/train_check.py [--check]`.

From labelled sentences (`building/check-sentences*.txt`) and the drafts of `building/check*.jsonl` to
`supportdesk/rules/data/leanings.json`: whether a statement binds us, hurts the reader, or advises, and of which
kind. Logistic regression with an L1 penalty, plain Python, half a minute, the same result every time.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "tools")]

from ftrl_online import Ftrl, probability  # noqa: E402
from judge.sets import BUILDING, Record, articles_of, load, thread_of  # noqa: E402
from triage_examples import fold_of  # noqa: E402

from supportdesk.rules.commitments import bindings  # noqa: E402
from supportdesk.rules.covered import covered  # noqa: E402
from supportdesk.rules.drafts import Draft, Statement, read  # noqa: E402
from supportdesk.rules.leanings import seen  # noqa: E402
from supportdesk.rules.sources import SourceIndex, Sources  # noqa: E402
from supportdesk.rules.traits import Traits  # noqa: E402

WEIGHTS = ROOT / "supportdesk" / "rules" / "data" / "leanings.json"
HEADS = {
    "binds": ("money", "deadline", "exception", "service", "outcome"),
    "hurts": ("blame", "dismissal", "flippancy", "over_familiarity"),
    "advises": ("medical", "legal", "financial", "safety"),
    "asks": ("secret",),
}
SAME = {
    "service_change": "service",
    "insult": "dismissal",
    "familiar": "over_familiarity",
    "credential_request": "secret",
    "asks_secret": "secret",
}
JUDGED = ("commitment", "tone", "advice", "privacy")
"""Kinds of fault the heads are about."""
FOLDS = 4
USED = {"check.jsonl": 0.5}
"""Weight of a set the phrase tables were written against: their hits in it say more than they do elsewhere."""
FAVOUR = 2.0
"""How much more a statement with a head's label counts than one without."""
SMALLEST = 0.04


@dataclass(slots=True)
class Example:
    """One labelled statement; a labelled text of several counts by the one that shows its label most."""

    views: tuple[Traits, ...]
    label: str
    group: str
    weight: float
    text: str
    source: str


def examples() -> list[Example]:
    found = [e for path in sorted(BUILDING.glob("check-sentences*.txt")) for e in _sentences(path)]
    for path in sorted(BUILDING.glob("check*.jsonl")):
        for record in load(path):
            found += _drafted(record, USED.get(path.name, 1.0), path.name)
    return found


def _sentences(path: Path) -> Iterator[Example]:
    code = label = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code, label = line.strip("[]").split()
        elif line.strip() and not line.startswith("#"):
            draft = read(line, code)
            draft = Draft(line, code, draft.statements)
            views = tuple(_view(statement, draft, None) for statement in draft.statements)
            yield Example(views, SAME.get(label, label), line, 1.0, line, path.name)


def _drafted(record: Record, weight: float, source: str) -> Iterator[Example]:
    index = SourceIndex(Sources(thread_of(record), articles_of(record), record["expect"]["language"]))
    draft = read(record["draft"], index.language)
    group = record["id"].rsplit("-", 1)[0]
    for statement in draft.statements:
        label = _label(statement, record)
        if not statement.frame and label != "other":
            yield Example((_view(statement, draft, index),), label, group, weight, statement.text, source)


def _label(statement: Statement, record: Record) -> str:
    """The kind of fault planted in a statement; empty for none, `other` for one no head knows."""
    for fault in record["expect"]["faults"]:
        if fault["quote"] and fault["start"] < statement.end and statement.start < fault["end"]:
            kind = SAME.get(fault["subkind"], fault["subkind"])
            if fault["kind"] in JUDGED:
                return kind if any(kind in kinds for kinds in HEADS.values()) else "other"
    return ""


def _view(statement: Statement, draft: Draft, index: SourceIndex | None) -> Traits:
    every = bindings(statement, draft.language or "en")
    over = [b for b in every if index is not None and covered(statement, b, draft, index)]
    return seen(statement, draft, index, every, over)


def learn(rows: Sequence[tuple[tuple[Traits, ...], bool, float]], rounds: int = 6) -> dict[str, float]:
    """One model; of a text with the label only the statement that shows it most counts."""
    model, order, shuffled = Ftrl(0.5, 0.15, 1.0), random.Random(7), list(rows)
    for _ in range(rounds):
        order.shuffle(shuffled)
        for views, wanted, weight in shuffled:
            if wanted:
                best = max(views, key=model.score) if len(views) > 1 else views[0]
                gradient = (probability(model.score(best)) - 1) * weight * FAVOUR
                if abs(gradient) > 0.02:
                    model.learn(best, gradient)
                continue
            for view in views:
                gradient = probability(model.score(view)) * weight
                if gradient > 0.02:
                    model.learn(view, gradient)
    return model.weights()


def learn_all(every: Sequence[Example]) -> dict[str, dict[str, float]]:
    """The models of all heads and, among each head's own statements, of its kinds."""
    counts = Counter(name for e in every for view in e.views for name in view)
    known = {name for name, count in counts.items() if count > 1}
    slim = [tuple({n: v for n, v in view.items() if n in known} for view in e.views) for e in every]
    models = {}
    for head, kinds in HEADS.items():
        models[head] = learn([(s, e.label in kinds, e.weight) for s, e in zip(slim, every, strict=True)])
        own = [(s, e) for s, e in zip(slim, every, strict=True) if e.label in kinds]
        for kind in kinds:
            models[kind] = learn([(s, e.label == kind, e.weight) for s, e in own], rounds=4)
    return models


def score(weights: Mapping[str, float], example: Example) -> float:
    return max(
        probability(weights.get("#", 0.0) + sum(weights.get(n, 0.0) * v for n, v in view.items()))
        for view in example.views
    )


def report(every: Sequence[Example]) -> None:
    """Recall and false alarms of each head, by models that had not seen the thread or sentence."""
    judged: dict[str, list[tuple[Example, float]]] = {head: [] for head in HEADS}
    for held in range(FOLDS):
        models = learn_all([e for e in every if fold_of(e.group, FOLDS) != held])
        for head in HEADS:
            judged[head] += [(e, score(models[head], e)) for e in every if fold_of(e.group, FOLDS) == held]
    for head, pairs in judged.items():
        for source in sorted({e.source for e in every}):
            own = [(e.label in HEADS[head], p) for e, p in pairs if e.source == source]
            wanted = sum(y for y, _ in own)
            line = f"{head:8} {source:20}"
            for bar in (0.3, 0.5, 0.7):
                hits = sum(y and p >= bar for y, p in own)
                false = sum(not y and p >= bar for y, p in own)
                line += f"  {bar}: {hits}/{wanted} {hits / max(wanted, 1):.2f}, false {false}/{len(own) - wanted}"
            print(line)


def dump(models: Mapping[str, Mapping[str, float]]) -> str:
    """The weights as JSON, a trait a line, in hundredths."""
    names = [name for head, kinds in HEADS.items() for name in (head, *kinds)]
    rows: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        for trait, weight in models[name].items():
            if trait != "#" and abs(weight) >= SMALLEST:
                rows.setdefault(trait, []).extend((index, round(weight * 100)))
    lines = [
        "{",
        f'"heads": {json.dumps({head: list(kinds) for head, kinds in HEADS.items()})},',
        f'"bias": {json.dumps([round(models[name].get("#", 0.0) * 100) for name in names])},',
        '"rows": {',
        ",\n".join(
            f"{json.dumps(trait, ensure_ascii=False)}:{json.dumps(row, separators=(',', ':'))}"
            for trait, row in sorted(rows.items())
        ),
        "}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Learn and write, or only say what would be found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="report out of fold, write nothing")
    options = parser.parse_args()
    every = examples()
    if options.check:
        report(every)
        return
    text = dump(learn_all(every))
    WEIGHTS.write_text(text, encoding="utf-8")
    print(f"{len(every)} statements, {len(text) // 1000} kB")


if __name__ == "__main__":
    main()
