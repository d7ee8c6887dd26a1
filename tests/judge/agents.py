"""What real agents wrote: how often the checks stop a reply that was right.

Their replies rest on what their systems showed them, which goes in as records, and on their policy, which goes in
as an article. They also promise things, rightly: a commitment raised there is no false alarm, only a count.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from supportdesk.domain.words import FindingKind

from .intervals import Share
from .patterns import faults
from .rows import Row
from .rules import check_rule
from .sets import Record

SEED = 20260302
TURNS = 200
"""Replies drawn from tau's retail dialogues."""

_TURN = re.compile(r"^(user|assistant|tool): ", re.MULTILINE)


def tau(root: Path) -> list[Row]:
    """Replies of tau's retail agent."""
    policy = (root / "policies" / "tau2_retail_policy.md").read_text(encoding="utf-8")
    articles = [{"slug": "policy", "title": "Retail policy", "text": policy}]
    lines = (root / "threads" / "tau_retail_fewshot_69.jsonl").read_text(encoding="utf-8").splitlines()
    drafts = [d for line in lines for d in _replies(_tau_turns(json.loads(line)["messages_display"]), articles, {})]
    return _quiet("tau agents", random.Random(SEED).sample(drafts, min(TURNS, len(drafts))))


def abcd(root: Path) -> list[Row]:
    """Replies of ABCD's agents."""
    guidelines = json.loads((root / "policies" / "abcd_guidelines.json").read_text(encoding="utf-8"))
    articles = [
        {"slug": flow.lower().replace(" ", "-"), "title": flow, "text": "\n".join(_strings(content))}
        for flow, content in guidelines.items()
    ]
    talks: dict[int, Any] = {}
    for path in (root / "policies" / "abcd_abcd_sample.json", root / "threads" / "abcd_dialogstudio_5.json"):
        talks |= {talk["convo_id"]: talk for talk in json.loads(path.read_text(encoding="utf-8"))}
    drafts = [
        draft
        for talk in talks.values()
        for draft in _replies([tuple(turn) for turn in talk["original"]], articles, {"scenario": talk["scenario"]})
    ]
    return _quiet("ABCD agents", drafts)


def _tau_turns(display: str) -> list[tuple[str, str]]:
    """Speaker and words of each turn."""
    cuts = list(_TURN.finditer(display))
    ends = [cut.start() for cut in cuts[1:]] + [len(display)]
    names = {"user": "customer", "assistant": "agent", "tool": "action"}
    return [(names[cut[1]], display[cut.end() : end].strip()) for cut, end in zip(cuts, ends, strict=True)]


def _replies(
    turns: Sequence[tuple[str, str]], articles: list[dict[str, str]], records: dict[str, object]
) -> Iterator[Record]:
    """Each of an agent's turns as a draft, with all that came before it."""
    messages: list[dict[str, str]] = []
    shown: list[object] = []
    for speaker, words in turns:
        words = words.replace("###STOP###", "").strip()
        if speaker == "action":
            shown = [*shown, _value(words)]
        elif words and words != "None":
            if speaker == "agent" and messages:
                yield {
                    "channel": "chat",
                    "messages": list(messages),
                    "records": {**records, "shown": shown},
                    "articles": articles,
                    "draft": words,
                }
            messages.append({"from": speaker, "text": words})


def _value(words: str) -> object:
    """What a system showed, as JSON where it is."""
    try:
        return json.loads(words)
    except json.JSONDecodeError:
        return words


def _strings(value: object) -> Iterator[str]:
    """All strings of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _quiet(name: str, drafts: Sequence[Record]) -> list[Row]:
    """Share of replies that raise no blocking finding, of any kind and per kind."""
    rule = check_rule()
    seen = [[s for s in rule(draft) if s.blocking] for draft in drafts]
    basic = [faults(draft) for draft in drafts]
    n = len(drafts)
    others = [[s for s in found if s.kind != "commitment"] for found in seen]
    plain = [[s for s in found if s.kind != "commitment"] for found in basic]
    out = [Row(name, "pass but for commitments", _none(others), None, f"{_none(plain).value:.2f}", 0.85)]
    for kind in FindingKind:
        mine = [[s for s in found if s.kind == kind] for found in seen]
        lesser = [[s for s in found if s.kind == kind] for found in basic]
        out.append(Row(name, f"without {kind.value}", _none(mine), None, f"{_none(lesser).value:.2f}"))
    return out if n else []


def _none(found: Sequence[Sequence[object]]) -> Share:
    """How many have none."""
    return Share(sum(not f for f in found), len(found))
