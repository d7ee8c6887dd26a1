"""Delivery reports and calendar invitations as sentences a person can read."""

from __future__ import annotations

import re

from supportdesk.channels.charset import decode
from supportdesk.channels.headers import ids, split_message
from supportdesk.channels.limits import Limits

_COPIED_ID = re.compile(
    r"^[> \t]{0,8}Message-ID:[ \t]{0,4}\n?[ \t]{0,8}(<[^<>\s]{1,500}>)", re.MULTILINE | re.IGNORECASE
)
_MOST = 20
_CALENDAR_LINE = re.compile(r'([A-Z-]{1,40})((?:[^":]|"[^"]*")*):')
_LONGEST_LINE = 5000
_CALENDAR_WORDS = {
    "SUMMARY": "Title",
    "DTSTART": "Starts",
    "DTEND": "Ends",
    "LOCATION": "Where",
    "ORGANIZER": "Organizer",
    "DESCRIPTION": "Details",
    "RRULE": "Repeats",
}
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time proposed",
    "PUBLISH": "Calendar entry",
}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "accepted tentatively"}


def delivery_remarks(status: bytes, limits: Limits) -> tuple[list[str], bool]:
    """What a message/delivery-status part says of each recipient, and whether any delivery failed or waits."""
    remarks: list[str] = []
    trouble = False
    for block in re.split(rb"\r?\n\r?\n", status[:65_536])[: _MOST + 1]:
        headers, _ = split_message(block, 0, len(block), limits)
        recipient = headers.raw("final-recipient") or headers.raw("original-recipient")
        action = headers.raw("action").lower()
        if not recipient or not action:
            continue
        who = recipient.rpartition(";")[2].strip(" <>")[:320]
        why = headers.text("diagnostic-code").partition(";")[2].strip() or headers.text("status")
        what = {"failed": "not delivered to", "delayed": "delivery delayed to"}.get(action, f"{action}:")
        trouble = trouble or action in ("failed", "delayed")
        remarks.append(f"{what} {who}" + (f": {' '.join(why.split())[:300]}" if why else ""))
    return remarks, trouble


def returned_ids(copy: bytes, limits: Limits) -> tuple[str, ...]:
    """The Message-ID of a mail that came back, after those it referred to."""
    headers, _ = split_message(copy, 0, len(copy), limits)
    return tuple(dict.fromkeys((*ids(headers.raw("references")), *ids(headers.raw("message-id"))[:1])))


def copied_id(text: str) -> tuple[str, ...]:
    """The Message-ID in headers a mail server pasted into a bounce's text."""
    found = _COPIED_ID.search(text[-200_000:])
    return ids(found.group(1)) if found else ()


def calendar_text(data: bytes, charset: str) -> tuple[str, str]:
    """A calendar entry as lines to read, and its method (`REQUEST`, …; empty for a plain entry)."""
    text = decode(data[:200_000], charset or "utf-8")[0].replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\n ", "").replace("\n\t", "")
    method = inside = ""
    found: dict[str, str] = {}
    answers: list[str] = []
    for line in text.split("\n"):
        match = _CALENDAR_LINE.match(line[:_LONGEST_LINE])
        if match is None:
            continue
        name, params, value = match.group(1), match.group(2), line[match.end() : _LONGEST_LINE]
        if name == "BEGIN":
            inside = value.strip().upper()
        elif name == "END":
            inside = ""
        elif name == "METHOD":
            method = value.strip().upper()
        elif inside in ("VEVENT", "VTODO"):
            if name in _CALENDAR_WORDS:
                found.setdefault(name, _calendar_value(name, params, value))
            elif name == "ATTENDEE" and method == "REPLY":
                answers.append(_answer(params, value))
    if not found:
        return "", method
    lines = [_METHODS.get(method, "Calendar entry")]
    lines += [f"{word}: {found[name]}" for name, word in _CALENDAR_WORDS.items() if found.get(name)]
    return "\n".join([*lines, *answers[:_MOST]]), method


def _calendar_value(name: str, params: str, value: str) -> str:
    """One value of a calendar entry for reading."""
    if name in ("DTSTART", "DTEND"):
        moment = re.match(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?", value)
        if moment is None:
            return value.strip()
        zone = re.search(r"TZID=\"?([^;:\"]{1,60})", params)
        year, month, day, hour, minute, utc = moment.groups()
        clock = f" {hour}:{minute}" if hour else ""
        where = " UTC" if utc else f" ({zone.group(1)})" if zone and hour else ""
        return f"{year}-{month}-{day}{clock}{where}"
    value = (
        value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    )
    if name == "ORGANIZER":
        named = re.search(r"CN=\"?([^;:\"]{1,200})", params)
        address = re.sub(r"(?i)^mailto:", "", value.strip())
        return f"{named.group(1)} <{address}>" if named else address
    return value.strip()


def _answer(params: str, value: str) -> str:
    """Who answered an invitation, and how."""
    said = re.search(r"PARTSTAT=([A-Z-]{1,30})", params)
    how = _ANSWERS.get(said.group(1), said.group(1).lower()) if said else "answered"
    return f"{re.sub(r'(?i)^mailto:', '', value.strip())}: {how}"
