"""Subjects without what mail programs put before them, so that an answer is known by its subject alone."""

from __future__ import annotations

import re

# Reply and forward marks of mail programs in the languages they are made for; `Re[2]:` and `AW (3):` count too.
_MARK = re.compile(
    r"\s*(?:re|ref|aw|antw|antwort|sv|vs|vl|bls|odp|pd|res|rif|r|ynt|ilt|aht|at|ats|atb|απ|σχετ|προθ|"
    r"fwd?|wg|tr|rv|enc|doorst|i|fs|vb|továbbítás|trs|на|отв|отг|пер|回复|答复|回覆|答覆|转发|轉寄|返信|전달|답장|회신|"
    r"بازگشت|رد|הועבר|תגובה)"
    r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]",
    re.IGNORECASE,
)
_LIST_TAG = re.compile(r"\s*\[[^\]\n]{1,40}\]\s*")
_LONGEST = 2000


def bare_subject(subject: str) -> tuple[str, bool]:
    """A subject folded for comparing, without reply marks and list tags, and whether it had a reply mark."""
    at, answers, text = 0, False, subject[:_LONGEST]
    while True:
        mark = _MARK.match(text, at)
        if mark:
            answers, at = True, mark.end()
            continue
        tag = _LIST_TAG.match(text, at)
        if tag is None or tag.end() >= len(text.rstrip()):
            break
        at = tag.end()
    return " ".join(text[at:].split()).casefold(), answers
