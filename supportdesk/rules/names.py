"""Names of firms, places and products in a draft that no source mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import FindingKind, Support
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.marks import mark, place_name, said
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import fold_word
from supportdesk.rules.topics import is_plain_word
from supportdesk.rules.values import flat, word_set

_NAME = re.compile(r"(?<![\w@./>-])[A-ZÀ-ÖØ-Þ][\w'’&\-]*[a-zà-öø-ÿ0-9][\w'’&\-]*(?: (?:[A-ZÀ-ÖØ-Þ][\w'’&\-]+))*")


def claims(draft: Draft, index: SourceIndex, taken: list[tuple[int, int]]) -> Iterator[tuple[Claim, Finding | None]]:
    """Each name no source has; `taken` are places other checks have marked."""
    for statement in draft.statements:
        if statement.frame:
            continue
        yield from _brands(draft, statement, index)
        if draft.language in ("de", ""):
            continue  # German capitals say nothing.
        for start, end in _names(statement, index, draft.language):
            if any(a < end and start < b for a, b in taken):
                continue
            quote = draft.text[start:end]
            finding = mark(
                draft,
                (start, end),
                FindingKind.FACT,
                "unsupported",
                "No message, record or article mentions this name.",
                "Show where it comes from, or take it out.",
                rule="fact.name.unsupported",
                blocking=False,
            )
            yield Claim(start, end, quote, "name", Support.UNSUPPORTED), finding


def _brands(draft: Draft, statement: Statement, index: SourceIndex) -> Iterator[tuple[Claim, Finding | None]]:
    for token in statement.tokens:
        group = _brand_groups().get(token.text) if token.kind == "w" else None
        if group is None or token.text in index.words:
            continue
        rival = _rival(group, index)
        quote = draft.text[token.start : token.end]
        if not quote[0].isupper():
            continue
        subkind = "contradicted" if rival else "unsupported"
        why = f"{place_name(rival)} says “{said(rival)}”" if rival else "no source mentions it"
        finding = mark(
            draft,
            (token.start, token.end),
            FindingKind.FACT,
            subkind,
            f"It says {quote}, but {why}.",
            "Correct the name, or show where it stands.",
            rule="fact.brand",
            evidence=(rival.evidence,) if rival else (),
            blocking=rival is not None,
        )
        support = Support.CONTRADICTED if rival else Support.UNSUPPORTED
        yield Claim(token.start, token.end, quote, "name", support, finding.evidence), finding


def _rival(group: str, index: SourceIndex) -> Line | None:
    """A line that names another of the same sort, or holds one under a key that says so."""
    for word, found in _brand_groups().items():
        if found == group and word in index.words:
            return index.lines[index.words[word][0]]
    keys = {"courier": ("=courier",), "card": ("=card", "brand")}.get(group, ())
    return next((line for line in index.lines if line.group and line.setting & set(keys) and line.topic), None)


@once
def _brand_groups() -> dict[str, str]:
    groups = table("polarity.toml")["groups"]
    return {
        w: k.removeprefix("brands_") for k, words in groups.items() if k.startswith("brands_") for w in words.split()
    }


def _names(statement: Statement, index: SourceIndex, language: str) -> Iterator[tuple[int, int]]:
    months = flat("dates.toml", "months") | flat("dates.toml", "weekdays")
    for match in _NAME.finditer(statement.text):
        words = [fold_word(w) for w in re.findall(r"[^\W_]+", match.group())]
        before = statement.text[: match.start()].rstrip()
        if not before or before[-1] in '.:!?"“„»(•-*>' or words[0] in months:
            continue
        known = word_set("statements.toml", "words", "capitals")
        strange = [w for w in words if w not in index.words and not is_plain_word(w, language) and w not in known]
        if strange and len(strange[0]) > 2 and strange[0] not in _brand_groups():
            yield statement.start + match.start(), statement.start + match.end()
