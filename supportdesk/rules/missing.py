"""Details a matter needs and nobody has given yet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from supportdesk.domain.preparation import MissingDetail
from supportdesk.domain.routing import IntakeField, Routing
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import Author

_DEEPEST = 4
_ADDRESS_FIELDS = frozenset({"account_id"})
"""Fields that the sender's own mail address answers."""


def missing(
    thread: Thread, category: str, topics: frozenset[str], routing: Routing, language: str, texts: Sequence[str]
) -> tuple[MissingDetail, ...]:
    """The intake fields of a category that the matter needs and that neither words nor records hold.

    `topics` are the trigger kinds that are up and `own_matter` where something happened to the customer;
    `texts` are the words both sides can see.
    """
    wanted = [field for field in routing.category(category).intake if not field.when or topics & set(field.when)]
    if not wanted:
        return ()
    given = "\n".join((thread.subject, *texts))
    known = set(_keys(thread.records))
    return tuple(
        MissingDetail(field.name, field.label(language))
        for field in wanted
        if not known & set(field.records) and not _told(field, given, thread)
    )


def _told(field: IntakeField, given: str, thread: Thread) -> bool:
    if field.name in _ADDRESS_FIELDS and any(m.sender.email for m in thread.messages if m.author is Author.CUSTOMER):
        return True
    return any(_compiled(pattern).search(given) for pattern in field.patterns)


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _keys(records: object, depth: int = 0) -> Iterable[str]:
    """The names under which our own systems hold something, at any depth, where it is not empty."""
    if depth > _DEEPEST:
        return
    if isinstance(records, Mapping):
        for key, value in records.items():
            if value not in (None, "", [], {}):
                yield str(key)
                yield from _keys(value, depth + 1)
    elif isinstance(records, list | tuple):
        for value in records[:20]:
            yield from _keys(value, depth + 1)
