"""Saved replies: their fields filled from the case, found by a few letters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from supportdesk.domain.case import Case
from widgets.paint import one_line

_FIELD = re.compile(r"\{([a-z_]{1,30})\}")

LEAST_ALIKE = 60
"""From here on (of 100) a name counts as meant."""


def fields_of(case: Case, desk: str) -> dict[str, str]:
    """What the fields of a saved reply stand for, all of it fit to be painted and sent."""
    requester = one_line(case.ticket.requester.name)
    return {
        "name": requester.split(" ")[0] if requester else "",
        "requester": requester,
        "subject": one_line(case.ticket.subject),
        "ref": case.ticket.ref,
        "agent": one_line(case.reviewer.name or case.reviewer.login),
        "desk": one_line(desk),
    }


def filled(text: str, fields: Mapping[str, str]) -> str:
    """A saved reply with its fields filled; unknown ones stay, for the person to see and fill."""
    return _FIELD.sub(lambda m: fields[m[1]] if fields.get(m[1]) else m[0], text)


def matching(typed: str, entries: Mapping[str, str]) -> Sequence[str]:
    """Names of the entries that fit what was typed, best first: by letters of the name, then by words of the text."""
    from rapidfuzz import fuzz, utils

    wanted = typed.strip()
    if not wanted:
        return list(entries)
    scores = {
        name: max(
            fuzz.WRatio(wanted, name, processor=utils.default_process),
            fuzz.partial_ratio(wanted, text[:2000], processor=utils.default_process) * 0.8,
        )
        for name, text in entries.items()
    }
    return sorted((name for name, score in scores.items() if score >= LEAST_ALIKE), key=lambda n: -scores[n])
