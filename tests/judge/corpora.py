"""Public corpora that lie beside the project, where they are there: intents, PII, agents' replies, mail threads.

Nothing of them is copied. Samples are drawn with a fixed seed, so that two runs see the same texts.
"""

from __future__ import annotations

import json
import os
import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import Author
from supportdesk.domain.words import Path as Way

from . import agents, mails
from .centroids import trained
from .identifiers import shares
from .intervals import Share
from .patterns import spans
from .rows import NotThere, Row
from .rules import identifier_rule, triage_rule

SEED = 20260301
_STREET = re.compile(r"(?=.*\d).*[^\W\d_]{3,}.*[^\W\d_]{4,}", re.DOTALL)
PER_LABEL = 60
"""Texts drawn per expected label."""


def corpora() -> Path:
    """The folder of corpora: SUPPORTDESK_CORPORA, or `shared/corpora` beside the project or above it.

    Raises NotThere when there is none.
    """
    named = os.environ.get("SUPPORTDESK_CORPORA")
    places = [Path(named)] if named else [p / "shared" / "corpora" for p in Path(__file__).resolve().parents]
    for place in places:
        if place.is_dir():
            return place
    raise NotThere("no folder of corpora (SUPPORTDESK_CORPORA, or shared/corpora beside the project)")


def rows() -> tuple[list[Row], list[str]]:
    """All that can be measured, and a line for each part that cannot."""
    root = corpora()
    parts: Sequence[Callable[[Path], list[Row]]] = (
        intents,
        presidio,
        agents.tau,
        agents.abcd,
        mails.quoting,
        mails.summaries,
    )
    out: list[Row] = []
    remarks: list[str] = []
    for part in parts:
        try:
            out += part(root)
        except (NotThere, FileNotFoundError) as error:
            remarks.append(f"{part.__name__}: {error}")
    return out, remarks


def mapping() -> Mapping[str, Any]:
    """What the corpora's labels mean here."""
    return tomllib.loads(Path(__file__).with_name("corpora.toml").read_text(encoding="utf-8"))


def intents(root: Path) -> list[Row]:
    """Triggers on banking77, DSTC11 insurance and NLU++ banking."""
    rule, plain = triage_rule(), trained()
    words = mapping()
    out: list[Row] = []
    for name, wanted in _wanted(root / "intents", words):
        guesses: dict[str, frozenset[str]] = {}
        flags: dict[str, frozenset[str]] = {}
        ways: dict[str, Way] = {}
        for text in {text for texts in wanted.values() for text in texts}:
            result = rule(Thread((Message(Author.CUSTOMER, text, channel="chat"),), channel="chat"))
            flags[text] = frozenset(t.kind.value for t in result.triggers)
            ways[text] = result.path
            guesses[text] = plain.kinds(text) if plain else frozenset()
        for label, texts in sorted(wanted.items()):
            compared = ""
            if label == "routine":
                share = Share(sum(ways[t] is Way.ROUTINE for t in texts), len(texts))
                compared = _of(not guesses[t] for t in texts)
            elif label == "any trigger":
                share = Share(sum(bool(flags[t]) for t in texts), len(texts))
                compared = _of(bool(guesses[t]) for t in texts)
            else:
                share = Share(sum(label in flags[t] for t in texts), len(texts))
                compared = _of(label in guesses[t] for t in texts)
            out.append(Row(name, label, share, None, compared if plain else ""))
    return out


def _of(verdicts: Iterator[bool] | Any) -> str:
    """A share in two digits."""
    seen = list(verdicts)
    return f"{sum(seen) / len(seen):.2f}" if seen else ""


def _wanted(folder: Path, words: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Per corpus the texts drawn for each expected label."""
    for name, file in (("banking77", "banking77_train.jsonl"), ("dstc11", "dstc11_insurance.jsonl")):
        meaning = {
            intent: label
            for label, intents_ in (
                *words[name]["triggers"].items(),
                ("any trigger", words[name]["any"]),
                ("routine", words[name]["routine"]),
            )
            for intent in intents_
        }
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for record in _read(folder / file):
            if label := meaning.get(record["intent"]):
                texts[label].append(record["text"])
        yield name, _draw(texts)
    texts = defaultdict(list)
    for record in _read(folder / "nlupp_banking_folds0-9.jsonl"):
        for flag in record["flags"]:
            if label := words["nlupp"]["flags"].get(flag):
                texts[label].append(record["text"])
        if not record["flags"] and "request_info" in record["intents"]:
            texts["routine"].append(record["text"])
        if "security" in record["flags"]:
            texts["any trigger"].append(record["text"])
    yield "nlu++", _draw(texts)


def drawn(root: Path, words: Mapping[str, Any]) -> frozenset[str]:
    """Every text the intents are measured on, so that nobody learns from them."""
    return frozenset(
        text for _, wanted in _wanted(root / "intents", words) for texts in wanted.values() for text in texts
    )


def _draw(texts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """A sample of each label's texts, each once."""
    chance = random.Random(SEED)
    drawn = {}
    for label in sorted(texts):
        pool = sorted(set(texts[label]))
        drawn[label] = chance.sample(pool, min(len(pool), PER_LABEL * (5 if label == "routine" else 2)))
    return drawn


def _read(path: Path) -> Iterator[Mapping[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def presidio(root: Path) -> list[Row]:
    """Identifiers on presidio's generated sentences, per kind.

    The corpus calls bare house numbers and postcodes addresses as well; only those with a street's name count.
    """
    kinds: Mapping[str, str] = mapping()["presidio"]["kinds"]
    find = identifier_rule()
    raw = json.loads((root / "pii" / "presidio_generated_small.json").read_text(encoding="utf-8"))
    records = [
        {
            "spans": [
                {"kind": kinds[s["entity_type"]], "start": s["start_position"], "end": s["end_position"]}
                for s in item["spans"]
                if s["entity_type"] in kinds
                and (kinds[s["entity_type"]] != "address" or _STREET.search(s["entity_value"]))
            ]
        }
        for item in raw
    ]
    seen = [find(item["full_text"]) for item in raw]
    basic = [spans(item["full_text"]) for item in raw]
    out = []
    for kind in sorted({s["kind"] for r in records for s in r["spans"]}):
        recall, precision = shares(records, seen, (kind,))
        lesser = shares(records, basic, (kind,))
        out.append(Row("presidio", kind, recall, precision, f"{lesser[0].value:.2f}/{lesser[1].value:.2f}"))
    return out
