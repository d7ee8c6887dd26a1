"""The register of themes, on a database connection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from supportdesk.domain.theme import Cause, KnownTheme, ThemeFacts, ThemeState
from supportdesk.errors import NotFound
from supportdesk.store import mapping
from supportdesk.store.tables import ThemeLookRow, ThemeRow, ThemeTicketRow, table

_THEME = table(ThemeRow)
_TICKET = table(ThemeTicketRow)
_LOOK = table(ThemeLookRow)
_CHUNK = 500
_FACTS = (
    "SELECT (SELECT count(DISTINCT i.ticket_id) FROM decision_detail i WHERE i.what = 'missing'"
    " AND i.ticket_id IN ({ids})),"
    " (SELECT count(DISTINCT d.ticket_id) FROM decision d WHERE d.kind = 'reroute' AND d.ticket_id IN ({ids})),"
    " sum(1), sum(x.by <> 'assistant'), sum(x.citations_json <> '[]') FROM"
    " (SELECT r.by, r.citations_json FROM decision d JOIN revision r ON r.id = d.revision_id"
    " WHERE d.kind IN ('approve', 'request_information') AND d.ticket_id IN ({ids})) x"
)


class SqlThemes:
    """The `Themes` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def add(self, theme: KnownTheme, by: str) -> int:
        """Keep a proposal with its tickets; returns its number."""
        values = {
            "kind": theme.kind,
            "name": mapping.storable(theme.name),
            "keys_json": mapping.packed(list(theme.keys)),
            "queue": theme.queue,
            "since": mapping.milliseconds(theme.since),
            "until": mapping.milliseconds(theme.until),
            "found": theme.found,
            "before": theme.before,
            "cause": theme.cause.value,
            "why": mapping.storable(theme.why),
            "state": theme.state.value,
            "owner": "",
            "path": theme.path,
            "article": "",
            "note": "",
            "proposed_at": mapping.milliseconds(theme.proposed_at),
            "proposed_by": by,
            "decided_by": "",
        }
        key = self._connection.execute(insert(_THEME).values(values)).inserted_primary_key
        theme_id = int(key[0]) if key else 0
        rows = [{"theme_id": theme_id, "place": n, "ticket_id": ticket} for n, ticket in enumerate(theme.tickets)]
        if rows:
            self._connection.execute(insert(_TICKET), rows)
        return theme_id

    def get(self, theme_id: int) -> KnownTheme:
        """One theme with its tickets. Raises NotFound."""
        row = self._connection.execute(select(_THEME).where(_THEME.c.id == theme_id)).mappings().first()
        if row is None:
            raise NotFound(f"There is no theme {theme_id} in the register; `supportdesk themes list` names them.")
        of = select(_TICKET.c.ticket_id).where(_TICKET.c.theme_id == theme_id).order_by(_TICKET.c.place)
        looks = select(_LOOK.c.login, _LOOK.c.ticket_id).where(_LOOK.c.theme_id == theme_id).order_by(_LOOK.c.at)
        tickets = tuple(self._connection.execute(of).scalars())
        looked = tuple((login, ticket) for login, ticket in self._connection.execute(looks))
        return _theme_from(row, tickets, looked)

    def all(self, states: Sequence[ThemeState] = ()) -> tuple[KnownTheme, ...]:
        """The register, the most tickets first; without their tickets."""
        statement = select(_THEME)
        if states:
            statement = statement.where(_THEME.c.state.in_([s.value for s in states]))
        rows = self._connection.execute(statement.order_by(_THEME.c.found.desc(), _THEME.c.id)).mappings()
        return tuple(_theme_from(row) for row in rows)

    def change(self, theme_id: int, **fields: object) -> None:
        """Set fields of a theme."""
        values = {
            name: mapping.milliseconds(value)
            if isinstance(value, datetime)
            else mapping.storable(value)
            if isinstance(value, str)
            else value
            for name, value in fields.items()
        }
        self._connection.execute(update(_THEME).where(_THEME.c.id == theme_id).values(values))

    def look(self, theme_id: int, login: str, ticket_id: int, at: datetime) -> bool:
        """Note that somebody looked at an example; False when they had before."""
        same = (_LOOK.c.theme_id == theme_id) & (_LOOK.c.login == login) & (_LOOK.c.ticket_id == ticket_id)
        if self._connection.execute(select(_LOOK.c.at).where(same)).first() is not None:
            return False
        values = {"theme_id": theme_id, "login": login, "ticket_id": ticket_id, "at": mapping.milliseconds(at)}
        self._connection.execute(insert(_LOOK).values(values))
        return True

    def facts(self, tickets: Sequence[int]) -> ThemeFacts:
        """What became of these tickets."""
        totals = [0, 0, 0, 0, 0]
        for start in range(0, len(tickets), _CHUNK):
            ids = ", ".join(str(int(i)) for i in tickets[start : start + _CHUNK])
            row = self._connection.execute(text(_FACTS.format(ids=ids))).one()
            totals = [total + int(n or 0) for total, n in zip(totals, row, strict=True)]
        asked, rerouted, sent, corrected, cited = totals
        return ThemeFacts(len(tickets), asked, rerouted, sent, corrected, cited)


def _theme_from(row: Any, tickets: tuple[int, ...] = (), looked: tuple[tuple[str, int], ...] = ()) -> KnownTheme:
    since, until, proposed = (mapping.moment(row[name]) for name in ("since", "until", "proposed_at"))
    assert since is not None and until is not None and proposed is not None
    return KnownTheme(
        **{name: row[name] for name in ("id", "kind", "name", "queue", "found", "before", "why", "owner")},
        **{name: row[name] for name in ("path", "article", "note", "decided_by")},
        keys=tuple(json.loads(row["keys_json"])),
        since=since,
        until=until,
        cause=Cause(row["cause"]),
        state=ThemeState(row["state"]),
        proposed_at=proposed,
        decided_at=mapping.moment(row["decided_at"]),
        mended_at=mapping.moment(row["mended_at"]),
        tickets=tickets,
        looked=looked,
    )
