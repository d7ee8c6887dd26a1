"""Every figure once more, from plain rows, in plain Python: nothing of the desk's own counting is used."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]
Expected = dict[str, object]


def figures(file: Path, since: datetime, until: datetime, now: datetime, due: dict[str, float]) -> Expected:
    """By name: a mapping of lines, or a sorted list of minutes."""
    begin, end, moment = (round(at.timestamp() * 1000) for at in (since, until, now))
    rows = _rows(file)

    def inside(at: int) -> bool:
        return begin <= at < end

    tickets = {t["id"]: t for t in rows["ticket"]}
    came = [t for t in rows["ticket"] if inside(t["created_at"])]
    decided = [d for d in rows["decision"] if inside(d["at"])]
    by_id = {d["id"]: d for d in rows["decision"]}
    sends = [d for d in decided if d["kind"] in ("approve", "request_information")]
    revisions = {r["id"]: r for r in rows["revision"]}
    escalated = [e for e in rows["escalation"] if inside(e["opened_at"])]
    waits = _waits(rows["message"])
    answered = {i: w for i, w in waits.items() if w["first"] is not None}
    waiting = [t for t in rows["ticket"] if t["grouping"] == "open"]
    return {
        "categories": Counter(t["category"] for t in came),
        "wrong_routes": _often(
            f"{d['queue_before']} → {json.loads(d['body'])['queue']}" for d in decided if d["kind"] == "reroute"
        ),
        "decisions": Counter(d["kind"] for d in decided),
        "workload": Counter(d["by"] for d in decided),
        "corrections": Counter(
            "as drafted" if revisions[d["revision_id"]]["by"] == "assistant" else "corrected" for d in sends
        ),
        "rejections": Counter(d["reason"] for d in decided if d["kind"] == "reject"),
        "escalations": Counter(e["trigger"] or e["reason"] for e in escalated),
        "escalations_open": Counter(e["owner"] for e in escalated if e["state"] != "decided"),
        "escalation_acknowledged": _minutes(
            e["acknowledged_at"] - e["opened_at"] for e in escalated if e["acknowledged_at"] is not None
        ),
        "escalation_decided": _minutes(
            e["resolved_at"] - e["opened_at"] for e in escalated if e["resolved_at"] is not None
        ),
        "unresolved": Counter(t["status"] for t in came if t["grouping"] != "resolved"),
        "reopened": Counter(t["queue"] for t in came if t["reopened"]),
        "queues": Counter(t["queue"] for t in waiting),
        "complaints": _complaints(rows, by_id, inside),
        "missing": _missing(rows, sends, tickets),
        "approvals": _documented(rows, by_id, inside),
        "promises": Counter(
            "overdue" if p["state"] == "open" and p["due_at"] is not None and p["due_at"] < moment else p["state"]
            for p in rows["promise"]
            if inside(p["at"]) and p["state"] in ("open", "kept", "broken")
        ),
        "changes": Counter(
            a["action"]
            for a in rows["audit"]
            if a["ticket_id"] == 0 and inside(a["at"]) and a["action"] not in ("kept", "gate_rules")
        ),
        "first_response": _minutes(answered[t["id"]]["first"] - t["created_at"] for t in came if t["id"] in answered),
        "resolution": _minutes(
            answered[t["id"]]["last"] - t["created_at"]
            for t in came
            if t["id"] in answered and t["grouping"] == "resolved"
        ),
        "requester_wait": _minutes(answered[t["id"]]["waited"] for t in came if t["id"] in answered),
        "backlog_age": _minutes(moment - t["created_at"] for t in waiting),
        "due": _due(came, answered, moment, due),
    }


def _rows(file: Path) -> dict[str, Rows]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    names = ("ticket", "message", "decision", "revision", "preparation", "escalation", "flag", "approval", "outbox")
    found = {
        name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]
        for name in (*names, "promise", "audit")
    }
    connection.close()
    return found


def _waits(messages: Rows) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(lambda: {"first": None, "last": None, "since": None, "waited": 0})
    for message in messages:
        mine = found[message["ticket_id"]]
        if message["author"] == "customer" and message["kind"] == "ordinary" and mine["since"] is None:
            mine["since"] = message["sent_at"]
        elif message["author"] == "agent":
            mine["first"] = message["sent_at"] if mine["first"] is None else mine["first"]
            mine["last"] = message["sent_at"]
            if mine["since"] is not None:
                mine["waited"] += message["sent_at"] - mine["since"]
            mine["since"] = None
    return found


def _often(keys: Any) -> Counter[str]:
    return Counter({key: n for key, n in Counter(keys).items() if n >= 2})


def _minutes(spans: Any) -> list[int]:
    return sorted(span // 60_000 for span in spans)


def _complaints(rows: dict[str, Rows], by_id: dict[int, dict[str, Any]], inside: Any) -> Counter[str]:
    messages = {m["id"]: m for m in rows["message"]}
    sent: dict[int, list[tuple[int, int]]] = defaultdict(list)
    approvals = {a["id"]: a for a in rows["approval"]}
    for entry in rows["outbox"]:
        if entry["state"] == "sent":
            sent[entry["ticket_id"]].append((entry["changed_at"], approvals[entry["approval_id"]]["decision_id"]))
    found: Counter[str] = Counter()
    for flag in rows["flag"]:
        message = messages.get(flag["message"])
        if flag["kind"] != "complaint" or message is None or not inside(message["sent_at"]):
            continue
        before = [decision for at, decision in sent[flag["ticket_id"]] if at <= message["sent_at"]]
        if before:
            found[by_id[max(before)]["by"]] += 1
    return found


def _missing(rows: dict[str, Rows], sends: Rows, tickets: dict[int, dict[str, Any]]) -> Counter[str]:
    prepared: dict[int, Rows] = defaultdict(list)
    for one in rows["preparation"]:
        prepared[one["ticket_id"]].append(one)
    keys = []
    for decision in sends:
        if decision["kind"] == "request_information":
            seen = [p for p in prepared[decision["ticket_id"]] if p["thread_version"] <= decision["thread_version"]]
            triage = json.loads(seen[-1]["body"])["triage"]
            keys += [f"{triage['category']}: {detail['name']}" for detail in triage["missing"]]
    return _often(keys)


def _documented(rows: dict[str, Rows], by_id: dict[int, dict[str, Any]], inside: Any) -> Counter[str]:
    told = {
        (a["ticket_id"], a["actor"], json.loads(a["body"])["digest"])
        for a in rows["audit"]
        if a["action"] == "approved"
    }
    found: Counter[str] = Counter()
    for approval in rows["approval"]:
        decision = by_id[approval["decision_id"]]
        if inside(decision["at"]):
            known = (decision["ticket_id"], decision["by"], approval["digest"]) in told
            found["documented" if known else "not documented"] += 1
    return found


def _due(came: Rows, answered: dict[int, dict[str, Any]], now: int, due: dict[str, float]) -> Counter[str]:
    found: Counter[str] = Counter()
    for ticket in came:
        limit = due[ticket["priority"]] * 3_600_000
        if ticket["id"] in answered:
            late = answered[ticket["id"]]["first"] - ticket["created_at"] > limit
            found["missed" if late else "met"] += 1
        elif ticket["grouping"] == "open":
            found["missed" if now - ticket["created_at"] > limit else "not due yet"] += 1
    return found
