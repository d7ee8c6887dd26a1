"""Ways through menus ("Settings > Billing > Cancel") that a draft describes, against those the sources describe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import FindingKind, Support
from supportdesk.rules.drafts import Draft
from supportdesk.rules.marks import mark, place_name, said
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tokens import fold_word

_LABEL = r"[^\W\d_][\w'’\-]*(?: [\w'’\-]+){0,3}"
_PATH = re.compile(rf"{_LABEL}(?:\s?(?:>|›|→|»|->)\s?{_LABEL})+")
_ARROW = re.compile(r"\s?(?:>|›|→|»|->)\s?")


def claims(draft: Draft, index: SourceIndex) -> Iterator[tuple[Claim, Finding | None]]:
    """Each way through menus, with a finding where no source describes it."""
    known = index.remembered("paths", _known)
    assert isinstance(known, Mapping)
    for match in _PATH.finditer(draft.text):
        start, labels = _labels(match)
        place = (start, match.end())
        line = next((li for path, li in known.items() if _within(labels, path)), None)
        quote = draft.text[start : match.end()]
        if line is not None:
            yield Claim(*place, quote, "step", Support.SUPPORTED, (line.evidence,)), None
            continue
        rival = max(known.items(), key=lambda item: len(set(item[0]) & set(labels)), default=None)
        near = rival[1] if rival and set(rival[0]) & set(labels) else None
        subkind = "contradicted" if near else "unsupported"
        why = f"{place_name(near)} says “{said(near)}”" if near else "no source describes this way"
        finding = mark(
            draft,
            place,
            FindingKind.FACT,
            subkind,
            f"The steps cannot be confirmed: {why}.",
            "Give the steps as the article does.",
            rule=f"fact.step.{subkind}",
            evidence=(near.evidence,) if near else (),
        )
        support = Support.CONTRADICTED if near else Support.UNSUPPORTED
        yield Claim(*place, quote, "step", support, finding.evidence), finding


def _known(index: SourceIndex) -> dict[tuple[str, ...], Line]:
    stepped = [line for line in index.lines if _ARROW.search(line.text)]
    return {_labels(match)[1]: line for line in stepped for match in _PATH.finditer(line.text)}


def _labels(match: re.Match[str]) -> tuple[int, tuple[str, ...]]:
    """(where the first label begins, the labels folded): prose before the first label and after the last is cut."""
    parts = _ARROW.split(match.group())
    words = parts[0].split(" ")
    first = len(words) - 1
    while first > 0 and words[first - 1][:1].isupper() and len(words) - first < 3:
        first -= 1
    start = match.start() + len(" ".join(words[:first])) + (1 if first else 0)
    kept = [" ".join(words[first:]), *parts[1:]]
    return start, tuple(_folded(part) for part in kept)


def _folded(label: str) -> str:
    return " ".join(fold_word(word) for word in label.split())


def _within(labels: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether labels follow each other in a path; prose may cling to the first and the last."""
    for at in range(len(path) - len(labels) + 1):
        pairs = list(zip(labels, path[at:], strict=False))
        last = len(pairs) - 1
        if all(_same(mine, theirs, last=at == last) for at, (mine, theirs) in enumerate(pairs)):
            return True
    return False


def _same(mine: str, theirs: str, *, last: bool) -> bool:
    """Whether two labels agree, with prose before the first or after the last."""
    if mine == theirs or mine.endswith(" " + theirs) or theirs.endswith(" " + mine):
        return True
    return last and mine.split()[0] == theirs.split()[0]
