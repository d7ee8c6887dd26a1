"""The desk's values in a few cells: times, ages, trigger words, sizes."""

from __future__ import annotations

from datetime import datetime, timedelta

from supportdesk.domain.thread import EPOCH
from supportdesk.domain.words import ALWAYS_ESCALATE, Path, Priority, TriggerKind

TRIGGER_WORDS = {
    TriggerKind.COMPLAINT: "complaint",
    TriggerKind.CANCELLATION: "cancel",
    TriggerKind.BILLING_DISPUTE: "dispute",
    TriggerKind.REFUND: "refund",
    TriggerKind.ACCESS: "access",
    TriggerKind.ACCOUNT_CHANGE: "account",
    TriggerKind.COMMITMENT_REQUEST: "promise",
    TriggerKind.PRIVACY: "privacy",
    TriggerKind.LEGAL: "legal",
    TriggerKind.SAFETY: "safety",
    TriggerKind.VULNERABLE: "vulnerable",
    TriggerKind.REPEATED: "repeated",
    TriggerKind.SERVICE_FAILURE: "outage",
    TriggerKind.UNCLEAR: "unclear",
    TriggerKind.LOW_CONFIDENCE: "unsure",
}
"""Trigger kinds as one short word each, for the queue."""

PATH_LOOKS = {Path.ROUTINE: "muted", Path.REVIEW: "", Path.ESCALATION: "bad"}
PRIORITY_LOOKS = {Priority.LOW: "faint", Priority.NORMAL: "muted", Priority.HIGH: "", Priority.URGENT: "bad strong"}


def trigger_word(kind: str) -> str:
    """A trigger's short word; the kind itself where it is not one of ours."""
    try:
        return TRIGGER_WORDS[TriggerKind(kind)]
    except ValueError:
        return kind


def trigger_look(kind: str) -> str:
    """How a trigger looks: those that always escalate stand out."""
    return "bad" if kind in {k.value for k in ALWAYS_ESCALATE} else ""


def span(length: timedelta, *, coarse: bool = False) -> str:
    """A stretch of time in at most four cells: `12m`, `2h14` (coarse: `2h`), `14h`, `3d`, `9w`."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 10 and not coarse:
        return f"{hours}h{minutes:02d}"
    if hours < 24:
        return f"{hours}h"
    days = hours // 24
    return f"{days}d" if days < 60 else f"{days // 7}w"


def due_words(due_at: datetime | None, now: datetime) -> tuple[str, str]:
    """When an answer is due and how that looks: `2h14`, `late 3d`, or nothing."""
    if due_at is None:
        return "", ""
    left = due_at - now
    if left < timedelta():
        return f"late {span(-left, coarse=True)}", "warn"
    return span(left), "strong" if left < timedelta(hours=1) else ""


def day(at: datetime, now: datetime) -> str:
    """A day as people name it: `today`, `yesterday`, `Mon 9 Mar`, with the year when it is another one."""
    if at == EPOCH:
        return "undated"
    here, today = at.astimezone(), now.astimezone()
    if here.date() == today.date():
        return "today"
    if here.date() == today.date() - timedelta(days=1):
        return "yesterday"
    words = f"{here:%a} {here.day} {here:%b}"
    return words if here.year == today.year else f"{words} {here.year}"


def clock_time(at: datetime) -> str:
    """Hours and minutes on this machine's clock; empty for an unknown time."""
    return "" if at == EPOCH else f"{at.astimezone():%H:%M}"


def moment(at: datetime, now: datetime) -> str:
    """Day and time."""
    return f"{day(at, now)} {clock_time(at)}".strip()


def size_words(octets: int) -> str:
    """A file's size: `812 B`, `3.2 kB`, `25 MB`."""
    if octets < 1000:
        return f"{octets} B"
    size = float(octets)
    unit = ""
    for unit in ("kB", "MB", "GB"):  # noqa: B007 (used after the loop)
        size /= 1000
        if size < 999.5:
            break
    return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"


def count_words(number: int, one: str, many: str = "") -> str:
    """`1 message`, `2 messages`, `1,200 messages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def seconds_words(seconds: float) -> str:
    """Minutes and seconds: `0:03`, `12:40`, `1:02:09`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
