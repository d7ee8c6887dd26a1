"""The plain baselines for drafts and identifiers: regular expressions."""

from __future__ import annotations

import re

from .rules import Seen, Span
from .sets import Record

_FAULTS = {
    "commitment": r"\b(?:refund|credit|guarantee|promise|free of charge|we(?:'ll| will)|I(?:'ll| will)|"
    r"garantie\w*|rembours\w*|erstatt\w*|devolv\w*|reembols\w*|rimbors\w*|terugbeta\w*)\b[^.!?\n]*",
    "privacy": r"[\w.+-]+@[\w-]+\.[\w.]+|\+?\d[\d .-]{7,}\d|\b[A-Z]{2}\d\d(?: ?\w{4}){3,}|(?i:password|pin)\b[^.\n]*",
    "tone": r"[^.!?\n]*!!+|\b[A-Z]{4,}(?: [A-Z]{2,})+\b|"
    r"[^.!?\n]*(?:frustration|inconvenience|you should have)[^.!?\n]*",
    "advice": r"[^.!?\n]*\b(?:medicine|tablets?|dose|court|lawyer|invest|tax|sue)\b[^.!?\n]*",
    "link": r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+",
    "thread": r"[^.!?\n]*\b(?:order|account|customer) number\b[^.!?\n]*\?",
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def faults(record: Record) -> list[Seen]:
    """The baseline: one regular expression a kind, and every number no source has."""
    draft = record["draft"]
    known = "\n".join(
        [record.get("subject", ""), repr(record.get("records", {}))]
        + [m["text"] for m in record["messages"]]
        + [a["title"] + "\n" + a["text"] for a in record.get("articles", ())]
    )
    out = [
        Seen(kind, "", match.start(), match.end())
        for kind, pattern in _FAULTS.items()
        for match in re.finditer(pattern, draft)
        if kind not in ("link", "privacy") or match.group() not in known
    ]
    numbers = set(_NUMBER.findall(known))
    return out + [Seen("fact", "", m.start(), m.end()) for m in _NUMBER.finditer(draft) if m.group() not in numbers]


_IDENTIFIERS = {
    "email": r"[\w.+-]+@[\w-]+\.[\w.-]+",
    "phone": r"\+?\(?\d[\d ()./-]{7,}\d",
    "card": r"\b(?:\d[ -]?){13,16}\b",
    "iban": r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
    "national_id": r"\b\d{3}-\d{2}-\d{4}\b|\b[A-Z]{2}(?: ?\d{2}){3} ?[A-D]\b|\b\d{8}[A-Z]\b",
    "address": r"\b\d+ (?:[A-Z]\w+ )+(?:Street|St|Road|Rd|Avenue|Ave|Lane|Close|Drive|Blvd)\b",
    "date_of_birth": r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b",
    "credential": r"(?<=password )\S+",
    "one_time_code": r"\b\d{6}\b",
}


def spans(text: str) -> list[Span]:
    """The baseline: one regular expression a kind, no checksum."""
    return [(kind, m.start(), m.end()) for kind, pattern in _IDENTIFIERS.items() for m in re.finditer(pattern, text)]
