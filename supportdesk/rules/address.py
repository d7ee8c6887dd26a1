"""Forms of address: a draft more familiar than the thread, or less, and greetings that do not fit a formal letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind
from supportdesk.rules.drafts import Draft
from supportdesk.rules.marks import mark
from supportdesk.rules.phrases import Phrases
from supportdesk.rules.quoting import own_text
from supportdesk.rules.sources import SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import tokens
from supportdesk.rules.topics import LANGUAGES
from supportdesk.rules.values import word_set

_SIGNED = 5
"""How many words before its end a letter's signature may begin."""


def findings(draft: Draft, index: SourceIndex) -> Iterator[Finding]:
    """Familiar where the thread is formal, or both in one reply."""
    code = draft.language
    if code not in LANGUAGES or index.language not in ("", code):
        return
    if (place := _too_casual(draft, index)) is not None:
        yield _misaddressed(draft, place, "The greeting is familiar, though the customer writes formally.")
        return
    if code == "en":
        return
    formal = _forms(draft.text, code, "formal")
    familiar = _forms(draft.text, code, "familiar")
    if not familiar and not formal:
        return
    wanted = index.remembered(f"address {code}", lambda i: _wanted(i, code))
    if familiar and (
        (formal and (code in ("de", "fr", "it", "pt") or len(formal) > len(familiar)))
        or wanted == "formal"
        or (not wanted and code in ("de", "fr"))
    ):
        yield _misaddressed(draft, familiar[0], "The customer is addressed familiarly, though the thread is formal.")
    elif formal and not familiar and wanted == "familiar" and code in ("de", "fr", "nl"):
        yield _misaddressed(
            draft, formal[0], "The customer is addressed formally, though the thread is on familiar terms."
        )


def _too_casual(draft: Draft, index: SourceIndex) -> tuple[int, int] | None:
    """The greeting, where a formal letter is answered by a first name or a "hey"."""
    formal = index.remembered("formal letter", _is_formal_letter)
    if not formal or not draft.statements:
        return None
    opening = draft.statements[0]
    found = {h.name for h in _openings().find(opening.tokens) if h.first == 0}
    titles = word_set("privacy.toml", "people", "titles")
    words = [t.text for t in opening.tokens if t.kind == "w"]
    bare = "bare" in found and len(words) in (2, 3) and not set(words) & titles
    if opening.frame and ("casual" in found or bare):
        return opening.start, opening.end
    return None


def _is_formal_letter(index: SourceIndex) -> bool:
    """Whether the customer opened or signed as one does in a formal letter."""
    messages = index.sources.thread.customer_messages
    if not messages:
        return False
    words = tokens(own_text(messages[-1].text))
    return any(
        h.name == "formal" and (h.first <= 1 or h.first >= len(words) - _SIGNED) for h in _openings().find(words)
    )


@once
def _openings() -> Phrases:
    data = table("tone.toml")["address"]
    return Phrases({name: data[f"{name}_openings"] for name in ("formal", "casual", "bare")})


def _misaddressed(draft: Draft, place: tuple[int, int], why: str) -> Finding:
    return mark(
        draft,
        place,
        FindingKind.TONE,
        "form_of_address",
        why,
        "Keep to one form of address, the one the customer uses.",
        blocking=False,
        about="form of address",
    )


def _wanted(index: SourceIndex, code: str) -> str:
    """The form the thread has settled on: the agents' last words first, then the customer's."""
    for author in (Author.AGENT, Author.CUSTOMER):
        text = "\n".join(own_text(m.text) for m in index.sources.thread.messages if m.author is author)
        formal, familiar = len(_forms(text, code, "formal")), len(_forms(text, code, "familiar"))
        if formal != familiar:
            return "formal" if formal > familiar else "familiar"
    return ""


def _forms(text: str, code: str, which: str) -> list[tuple[int, int]]:
    """Where words of one form of address stand; at a sentence's start German "Sie" could be anybody."""
    words = word_set("tone.toml", "address", f"{code}_{which}")
    cased = code == "de" and which == "formal"
    found = []
    for match in re.finditer(r"[^\W\d_]+['’]?", text):
        word = match.group().replace("’", "'")
        if (word if cased or code == "it" else word.casefold()) not in words:
            continue
        before = text[: match.start()].rstrip()
        if cased and (not before or before[-1] in ".!?:\n>-*•"):
            continue
        found.append(match.span())
    return found
