# ruff: noqa: S608 (every name put into a statement is our own or the schema's)
"""What erasing a person changes: row by row, new values beside the old; nothing is written here.

Whatever hangs on a ticket of theirs loses every text that is not named in `KEPT`, so that a column added later is
erased until somebody says otherwise. Elsewhere their address is blotted out and the rest stays.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from supportdesk.domain.decision import Decision
from supportdesk.domain.preparation import Preparation
from supportdesk.domain.words import Author
from supportdesk.store import mapping
from supportdesk.store.chain import ERASED

KEPT = frozenset(
    [
        "acknowledged_by",
        "action",
        "actor",
        "amount",
        "asked_by",
        "assignee",
        "assistant",
        "author",
        "authority",
        "backup",
        "boot",
        "by",
        "category",
        "channel",
        "citations_json",
        "claimed_by",
        "cleared_by",
        "currency",
        "decided_by",
        "group",
        "grouping",
        "hash",
        "how",
        "item",
        "key",
        "kind",
        "language",
        "login",
        "media_type",
        "opened_by",
        "owner",
        "path",
        "previous",
        "priority",
        "queue",
        "queue_before",
        "resolved_by",
        "reviewer",
        "role",
        "rows",
        "rows_to",
        "rule",
        "salt",
        "settled_by",
        "source",
        "stage",
        "state",
        "status",
        "step",
        "subkind",
        "trigger",
        "triggers",
        "value",
        "what",
        "who",
        "worker",
    ]
)
"""Columns that say how the desk works, not what anybody wrote: the figures are made of them."""

_TOLD = frozenset("for from how item kind login path queue role state step trigger value".split())  # noqa: SIM905
"""Words in a record's particulars that are the desk's own."""

_BLANK = {"records": "{}", "payload": "{}", "result": "{}", "evidence": "null", "examination": "{}", "tags": "[]"}
_CODE = re.compile(r"[\w-]{1,40}")
_GONE = "(erased)"
_PERSONAL = 12
"""Characters from which a line of somebody's is theirs, and not a greeting."""


@dataclass
class Plan:
    """All that changes."""

    tickets: set[int] = field(default_factory=set)
    """Their tickets."""
    messages: set[int] = field(default_factory=set)
    """Messages that lose everything."""
    changes: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    """New values by table and row."""
    files: set[str] = field(default_factory=set)
    """Kept files that nobody else needs."""
    aside: set[int] = field(default_factory=set)
    """Things set aside that name them."""
    sent: list[str] = field(default_factory=list)
    """Message-IDs of replies to them."""
    waiting: int = 0
    """Replies to them that have not left for good."""
    blotted: int = 0
    """Rows elsewhere in which their address stood."""


class Planner:
    """Looks for everything of one person's."""

    def __init__(self, connection: sqlite3.Connection, address: str, pseudonym: str) -> None:
        """Look with this connection, inside its transaction."""
        self._connection = connection
        self._address = address
        self._pseudonym = pseudonym
        self._plan = Plan()
        self._columns = {name: self._texts(name) for name in self._tables()}
        # Not the end of a longer address, nor its beginning.
        self._pattern = re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)

    def plan(self) -> Plan:
        """What erasing this person changes."""
        plan = self._plan
        who = self._address.lower()
        if "@" in who:
            plan.tickets = self._ids("SELECT id FROM ticket WHERE lower(requester_email) = ?", who)
            plan.messages = self._ids(
                "SELECT id FROM message WHERE lower(sender_email) = ? AND author = 'customer'", who
            )
        else:
            named = "SELECT id FROM ticket WHERE requester_email = '' AND lower(requester_name) = ?"
            plan.tickets = self._ids(named, who)
        plan.messages |= self._among("SELECT id FROM message WHERE ticket_id IN", plan.tickets)
        if not plan.messages and not plan.tickets:
            return plan
        lines = self._lines()
        self._own()
        self._calls(lines)
        if "@" in self._address:
            self._mentions()
        self._files()
        self._elsewhere(lines)
        return plan

    # --- theirs ---
    def _own(self) -> None:
        tickets, messages = self._plan.tickets, self._plan.messages
        revisions = self._among("SELECT id FROM revision WHERE ticket_id IN", tickets)
        links = {"ticket_id": tickets, "message_id": messages, "revision_id": revisions}
        for name, columns in self._columns.items():
            if name in ("message", "ticket", "audit", "reference", "lease", "preparing", "seen"):
                continue
            every = {c[1] for c in self._connection.execute(f"PRAGMA table_info({name})")}
            by = next((link for link in links if link in every), None)
            if by is not None:
                for row in self._rows(name, columns, by, links[by]):
                    self._change(name, row, {c: _erased(name, c, row) for c in columns})
        for row in self._rows("message", self._columns["message"], "id", messages):
            self._change("message", row, self._message(row))
        for row in self._rows("ticket", (*self._columns["ticket"], "stale"), "id", tickets):
            self._change("ticket", row, self._ticket(row))
        for row in self._rows("audit", ("body",), "ticket_id", tickets):
            self._change("audit", row, {"body": _told(row["body"])})

    def _message(self, row: Mapping[str, Any]) -> dict[str, Any]:
        new = {c: _erased("message", c, row) for c in self._columns["message"]}
        if row["author"] == Author.CUSTOMER.value:
            new["sender_email"] = self._pseudonym
        else:
            new |= {"sender_email": row["sender_email"], "sender_name": row["sender_name"]}
        return new

    def _ticket(self, row: Mapping[str, Any]) -> dict[str, Any]:
        new = {c: _erased("ticket", c, row) for c in self._columns["ticket"]}
        new |= {"requester_email": self._pseudonym, "stale": 0}
        if row["grouping"] != "resolved":
            new |= {"status": "closed", "grouping": "resolved"}
        return new

    def _calls(self, lines: list[str]) -> None:
        """Calls of a model that saw their words: their preparations name them, or a line of theirs stands in them."""
        if "model_call" not in self._columns:
            return
        calls: set[int] = set()
        for row in self._rows("preparation", ("body",), "ticket_id", self._plan.tickets):
            calls |= set(json.loads(row["body"]).get("provenance", {}).get("calls", ()))
        for line in lines:
            for form in {line, json.dumps(line)[1:-1], json.dumps(line, ensure_ascii=False)[1:-1]}:
                calls |= self._ids("SELECT id FROM model_call WHERE instr(sent, ?) OR instr(answer, ?)", form, form)
        for row in self._rows("model_call", ("sent", "answer", "outcome"), "id", calls):
            self._change("model_call", row, {"sent": "", "answer": ""})

    def _lines(self) -> list[str]:
        """The longest line of each of their messages, by which a copy of it is found."""
        texts = (row["text"] for row in self._rows("message", ("text",), "id", self._plan.messages))
        longest = {max((line.strip() for line in text.splitlines()), key=len, default="")[:200] for text in texts}
        return [line for line in longest if len(line) >= _PERSONAL]

    # --- elsewhere ---
    def _mentions(self) -> None:
        """Rows of others that name the address: it is blotted out; a mail as it came cannot be, so it is dropped."""
        like = "%" + re.sub(r"([%_\\])", r"\\\1", self._address) + "%"
        for name, columns in self._columns.items():
            if not columns or name in ("raw", "set_aside"):
                continue
            where = " OR ".join(f"\"{c}\" LIKE ?1 ESCAPE '\\'" for c in columns)
            for row in self._all(name, columns, f"WHERE {where}", like):
                number = row["rowid"]
                if number in self._plan.changes.get(name, ()):
                    continue
                new = {c: self._pattern.sub(ERASED, row[c] or "") for c in columns if row[c] is not None}
                if name == "message":
                    new |= {"raw": "", "fingerprint": f"{ERASED}:{number}"} if _differs(row, new) else {}
                if name == "approval" and _differs(row, new):
                    new["digest"] = ERASED
                before = len(self._plan.changes[name])
                self._change(name, row, new)
                self._plan.blotted += len(self._plan.changes[name]) - before

    def _elsewhere(self, lines: list[str]) -> None:
        """What was set aside and names them; copies of their lines in what hangs on no ticket."""
        for row in self._all("set_aside", ("source", "reason", "sha256")):
            body = self._connection.execute("SELECT body FROM raw WHERE sha256 = ?", (row["sha256"],)).fetchone()
            content = zlib.decompress(body[0]) if body else b""
            told = f"{row['source']} {row['reason']} {content.decode('utf-8', 'replace')}"
            if "@" in self._address and self._pattern.search(told):
                self._plan.aside.add(row["rowid"])
                self._plan.files.add(row["sha256"])
        for name in ("article", "theme", "exercise"):
            for row in self._all(name, self._columns.get(name, ())):
                known = self._plan.changes[name].get(row["rowid"], {})
                new = {c: _without(known.get(c, row[c]), lines) for c in self._columns[name] if row[c]}
                self._change(name, row, {**known, **new})

    def _files(self) -> None:
        """Kept files that only what is erased needed."""
        gone: set[str] = set()
        for name, column in (("message", "raw"), ("attachment", "sha256"), ("revision", "attachments_json")):
            for number, new in self._plan.changes.get(name, {}).items():
                if column in new:
                    old = self._connection.execute(f"SELECT {column} FROM {name} WHERE rowid = ?", (number,)).fetchone()
                    gone |= set(json.loads(old[0])) if column.endswith("_json") else {old[0]}
        for sha in gone - {""}:
            if not self._needed(sha):
                self._plan.files.add(sha)

    def _needed(self, sha: str) -> bool:
        for name, query in (
            ("message", "SELECT rowid FROM message WHERE raw = ?"),
            ("attachment", "SELECT rowid FROM attachment WHERE sha256 = ?"),
            ("revision", "SELECT rowid FROM revision WHERE attachments_json <> '[]' AND instr(attachments_json, ?)"),
            ("set_aside", "SELECT rowid FROM set_aside WHERE sha256 = ?"),
        ):
            if self._ids(query, sha) - set(self._plan.changes.get(name, ())):
                return True
        return False

    # --- reading ---
    def _change(self, name: str, row: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        changed = {c: v for c, v in new.items() if v != row[c]}
        if changed:
            self._plan.changes[name].setdefault(row["rowid"], {}).update(changed)
        if name == "outbox":
            self._plan.sent.append(row["message_id"])
            self._plan.waiting += row["state"] in ("queued", "claimed", "uncertain")

    def _tables(self) -> Iterator[str]:
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\'"
            " AND name NOT LIKE 'sqlite%' AND sql NOT LIKE '%WITHOUT ROWID%'"
        )
        for (name,) in self._connection.execute(query).fetchall():
            if name not in ("alembic_version", "meta", "erasure", "gate_rule", "person", "worker"):
                yield name

    def _texts(self, name: str) -> tuple[str, ...]:
        return tuple(c[1] for c in self._connection.execute(f"PRAGMA table_info({name})") if c[2] == "TEXT")

    def _ids(self, query: str, *values: object) -> set[int]:
        return {row[0] for row in self._connection.execute(query, values)}

    def _among(self, query: str, ids: Iterable[int]) -> set[int]:
        return {n for chunk in _chunks(ids) for n in self._ids(f"{query} ({chunk})")}

    def _rows(self, name: str, columns: Iterable[str], by: str, ids: Iterable[int]) -> Iterator[dict[str, Any]]:
        for chunk in _chunks(ids):
            yield from self._all(name, columns, f"WHERE {by} IN ({chunk})")

    def _all(self, name: str, columns: Iterable[str], where: str = "", *values: object) -> Iterator[dict[str, Any]]:
        names = ("rowid", *columns)
        query = f"SELECT {', '.join(f'{chr(34)}{c}{chr(34)}' for c in names)} FROM {name} {where}"
        for row in self._connection.execute(query, values).fetchall():
            yield dict(zip(names, row, strict=True))


def _chunks(ids: Iterable[int]) -> Iterator[str]:
    every = sorted(ids)
    for start in range(0, len(every), 500):
        yield ",".join(map(str, every[start : start + 500]))


def _differs(row: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(row[c] != v for c, v in new.items())


def _erased(table: str, column: str, row: Mapping[str, Any]) -> Any:
    old = row[column]
    if old is None or column in KEPT or (table == "outbox" and column == "message_id"):
        return old
    if table == "preparation" and column == "body":
        return _prepared(old)
    if table == "decision" and column == "body":
        return _decided(old)
    if column == "reason":
        return old if _CODE.fullmatch(old) else ""
    if column == "digest":
        return ERASED
    if column == "fingerprint" or (table == "flag" and column == "quote"):
        return f"{ERASED}:{row['rowid']}"
    if column in ("text", "subject"):
        return _GONE if old else ""
    return _BLANK.get(column, "[]" if column.endswith("_json") else "")


def _prepared(body: str) -> str:
    """How it was sorted stays; nothing that was quoted or written."""
    kept = mapping.preparation_from({"body": body})
    triage = replace(kept.triage, triggers=(), summary=(), unresolved=(), missing=(), queue_reason="")
    provenance = replace(kept.provenance, note="")
    return mapping.to_json(Preparation, replace(kept, triage=triage, draft=None, provenance=provenance))


def _decided(body: str) -> str:
    decision: Decision = mapping.adapter(Decision).validate_json(body)
    reason = decision.reason if _CODE.fullmatch(decision.reason) else ""
    return mapping.to_json(Decision, replace(decision, reason=reason, note="", expected=""))


def _told(body: str) -> str:
    """A record's particulars without what anybody wrote."""
    kept: dict[str, Any] = {}
    for key, value in json.loads(body).items():
        numbers = isinstance(value, list) and all(isinstance(v, int) for v in value)
        if numbers or value is None or isinstance(value, (int, float)) or (key in _TOLD and isinstance(value, str)):
            kept[key] = value
        elif key == "digest":
            kept[key] = ERASED
    return json.dumps(kept, separators=(",", ":"), sort_keys=True)


def _without(old: Any, lines: Iterable[str]) -> Any:
    for line in lines:
        for form in (line, json.dumps(line)[1:-1]):
            if isinstance(old, str) and form in old:
                old = old.replace(form, _GONE)
    return old
