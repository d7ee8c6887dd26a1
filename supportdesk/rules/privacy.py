"""Personal data in a draft that the recipient did not give and does not need; and identifiers in any text."""

from __future__ import annotations

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind
from supportdesk.rules.drafts import Draft
from supportdesk.rules.identifiers import Identifier, identifiers
from supportdesk.rules.sources import SourceIndex

__all__ = ["Identifier", "called_for", "findings", "identifiers"]

_SECRET = frozenset(("card", "iban", "national_id", "credential", "one_time_code"))


def called_for(index: SourceIndex) -> bool:
    """Whether the thread holds personal data beyond a name and a mail address."""
    return any(
        i.kind not in ("email", "phone", "ip") for m in index.sources.thread.messages for i in identifiers(m.text)
    )


def findings(draft: Draft, index: SourceIndex) -> list[Finding]:
    """Personal data that should not leave with this draft."""
    given = _given(index)
    found = []
    for item in identifiers(draft.text):
        key = _key(item.value)
        if item.kind in _SECRET:
            found.append(
                _finding(draft, item, "full_identifier", f"It spells out a full {item.kind.replace('_', ' ')}.")
            )
        elif item.kind in ("address", "date_of_birth", "phone", "email", "ip") and key not in given:
            if any(key in _key(a.text) for a in index.sources.articles):
                continue
            found.append(
                _finding(
                    draft, item, "not_given", f"The customer gave no such {item.kind.replace('_', ' ')} in this thread."
                )
            )
    return found


def _given(index: SourceIndex) -> frozenset[str]:
    """What the requester wrote themselves."""
    return frozenset(
        _key(i.value)
        for m in index.sources.thread.messages
        if m.author is not Author.INTERNAL
        for i in identifiers(m.text)
    )


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _finding(draft: Draft, item: Identifier, subkind: str, why: str) -> Finding:
    return Finding(
        kind=FindingKind.PRIVACY,
        subkind=subkind,
        start=item.start,
        end=item.end,
        quote=draft.text[item.start : item.end],
        why=why,
        blocking=True,
        settle="Take it out or mask all but the last characters.",
        rule=f"privacy.{item.kind}.{subkind}",
    )
