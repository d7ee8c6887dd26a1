"""Making a finding from a place in a draft."""

from __future__ import annotations

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind
from supportdesk.rules.drafts import Draft
from supportdesk.rules.sources import Line


def mark(
    draft: Draft,
    place: tuple[int, int],
    kind: FindingKind,
    subkind: str,
    why: str,
    settle: str,
    *,
    rule: str = "",
    evidence: tuple[Evidence, ...] = (),
    blocking: bool = True,
    about: str = "",
) -> Finding:
    """A finding over `draft.text[start:end]`."""
    start, end = place
    return Finding(
        kind=kind,
        subkind=subkind,
        start=start,
        end=end,
        quote=draft.text[start:end],
        why=why,
        evidence=evidence,
        blocking=blocking,
        settle=settle,
        rule=rule or f"{kind.value}.{subkind}",
        about=about,
    )


def place_name(line: Line) -> str:
    """How a sentence names the source a line stands in."""
    if line.source is SourceKind.RECORD:
        return f"the record {line.ref}"
    if line.source is SourceKind.ARTICLE:
        return f"the article {line.ref}"
    if line.author is Author.INTERNAL:
        return f"internal note {int(line.ref) + 1}"
    who = "an agent" if line.author is Author.AGENT else "the customer"
    return f"message {int(line.ref) + 1}, by {who},"


def said(line: Line, most: int = 120) -> str:
    """A line's words, shortened for a sentence."""
    text = " ".join(line.text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
