"""What people say of the checks, and how each rule does, on a database connection.

Findings are counted from the kept examinations: `json_each` is a virtual table, which the store's own connection
may not make.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from supportdesk.domain.correction import CheckCorrection, Fault, RuleFigures
from supportdesk.domain.findings import fingerprint
from supportdesk.errors import NotFound
from supportdesk.store import mapping
from supportdesk.store.tables import CheckCorrectionRow, table

_CORRECTION = table(CheckCorrectionRow)
_WORDS = ("by", "rule", "kind", "subkind", "fingerprint", "words", "quote", "reason")
_PLAIN = ("id", "ticket_id", "revision_id", *_WORDS)
_REVISIONS = "SELECT ticket_id, examination FROM revision WHERE at >= :since AND at < :until ORDER BY id"
_OVERRIDES = "SELECT DISTINCT ticket_id, fingerprint FROM settlement WHERE how = 'override'"


class SqlCorrections:
    """The `Corrected` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def add(self, correction: CheckCorrection) -> int:
        """Keep a correction; returns its number."""
        values = {name: mapping.storable(getattr(correction, name)) for name in _WORDS}
        values["what"] = correction.what.value
        numbers = {"ticket_id": correction.ticket_id, "revision_id": correction.revision_id}
        said = {**numbers, "at": mapping.milliseconds(correction.at)}
        key = self._connection.execute(insert(_CORRECTION).values(**values, **said)).inserted_primary_key
        return int(key[0]) if key else 0

    def get(self, number: int) -> CheckCorrection:
        """One correction. Raises NotFound."""
        row = self._connection.execute(select(_CORRECTION).where(_CORRECTION.c.id == number)).mappings().first()
        if row is None:
            raise NotFound(f"There is no correction {number}.")
        return _from(row)

    def all(self, since: datetime, until: datetime) -> tuple[CheckCorrection, ...]:
        """The corrections of a period, oldest first."""
        begin, end = mapping.milliseconds(since), mapping.milliseconds(until)
        statement = select(_CORRECTION).where(_CORRECTION.c.at >= begin, _CORRECTION.c.at < end)
        return tuple(_from(row) for row in self._connection.execute(statement.order_by(_CORRECTION.c.id)).mappings())

    def figures(self, since: datetime, until: datetime) -> tuple[RuleFigures, ...]:
        """How each rule did in drafts of a period, the busiest first."""
        wrong: dict[str, int] = {}
        missed: dict[str, int] = {}
        for said in self.all(since, until):
            many = wrong if said.what is Fault.WRONG else missed
            name = said.rule or f"{said.kind}.{said.subkind}"
            many[name] = many.get(name, 0) + 1
        hits = self._hits(since, until)
        names = sorted(hits.keys() | wrong.keys() | missed.keys(), key=lambda n: (-len(hits.get(n, ())), n))
        return tuple(
            RuleFigures(
                name,
                len(found := hits.get(name, {})),
                sum(blocking for blocking, _ in found.values()),
                sum(overridden for _, overridden in found.values()),
                wrong.get(name, 0),
                missed.get(name, 0),
            )
            for name in names
        )

    def _hits(self, since: datetime, until: datetime) -> dict[str, dict[tuple[int, str], tuple[bool, bool]]]:
        """By rule, each finding once a ticket: whether it held approval, and whether it was overridden."""
        values = {"since": mapping.milliseconds(since), "until": mapping.milliseconds(until)}
        overridden = {(row.ticket_id, row.fingerprint) for row in self._connection.execute(text(_OVERRIDES))}
        hits: dict[str, dict[tuple[int, str], tuple[bool, bool]]] = {}
        for row in self._connection.execute(text(_REVISIONS), values):
            for f in json.loads(row.examination).get("findings", ()):
                mark = fingerprint(f["kind"], f["subkind"], f.get("about") or f["quote"])
                key = (row.ticket_id, mark)
                hits.setdefault(f.get("rule") or f["kind"], {})[key] = (bool(f["blocking"]), key in overridden)
        return hits


def _from(row: object) -> CheckCorrection:
    values = dict(row)  # type: ignore[call-overload]
    at = mapping.moment(values["at"])
    assert at is not None
    return CheckCorrection(**{name: values[name] for name in _PLAIN}, what=Fault(values["what"]), at=at)
