"""Header fields of a mail: splitting, decoding, addresses, dates and ids; linear, whatever they hold.

The standard library's parsers recurse into nested comments and copy encoded words once per word, which a
hostile mail turns into stack overflows and gigabytes; these only ever walk forward.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from supportdesk.channels.charset import decode
from supportdesk.channels.limits import Limits
from supportdesk.domain.thread import Address

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|$)")
_BLANK = re.compile(rb"\n\r?\n")
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_QUOTED_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>?|[(),;:"]|[^"<(),;:]+', re.DOTALL)
_TOKEN_WITHOUT_QUOTES = re.compile(r'<[^>]*>?|[(),;:"]|[^"<(),;:]+', re.DOTALL)
_COMMENT_END = re.compile(r"[()\\]")
_NOTE = re.compile(r"\([^()]*\)")
_ID = re.compile(r"<\s*([^<>]{1,990}?)\s*>")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_CONTINUED = re.compile(r"(.+?)\*(\d{1,3})?(\*)?$")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_LINES = re.compile(r"[\r\n\x0b\x0c\x85\u2028\u2029]+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_LONGEST_NAME = 300
_MOST_REFERENCES = 200


class Headers:
    """The header fields of one part, by lower-case name, in order; values unfolded but not yet decoded."""

    __slots__ = ("_fields", "cut")

    def __init__(self, fields: dict[str, list[str]], cut: bool = False) -> None:
        """Keep the fields; `cut` says that some were longer or more than the limits allow."""
        self._fields = fields
        self.cut = cut

    def raw(self, name: str) -> str:
        """The first field of that name, unfolded, encoded words left; empty if there is none."""
        values = self._fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """All fields of that name."""
        return self._fields.get(name, [])

    def text(self, name: str) -> str:
        """The first field of that name as text for people."""
        return decode_words(self.raw(name))

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __bool__(self) -> bool:
        return bool(self._fields)


def split_message(raw: bytes, start: int, end: int, limits: Limits) -> tuple[Headers, int]:
    """The headers of the message or part that stands between two offsets, and where its body begins."""
    if start < end and raw[start] in b"\r\n":
        return Headers({}), _after_line(raw, start, end)
    blank = _BLANK.search(raw, start, end)
    stop, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    block = raw[start:stop]
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    fields: dict[str, list[str]] = {}
    count, at, cut, stray = 0, 0, False, -1
    while at < len(block):
        match = _FIELD.match(block, at)
        if match is None:
            if stray < 0 and not block.startswith((b"From ", b">From "), at):
                stray = at
            at = block.find(b"\n", at) + 1 or len(block)
            continue
        stray = -1
        at = match.end()
        count += 1
        value = match.group(2)
        if len(value) > limits.header_bytes:
            value, cut = value[: limits.header_bytes], True
        if count > limits.headers:
            cut = True
            break
        fields.setdefault(match.group(1).decode("ascii").lower(), []).append(_unfolded(value))
    if stray >= 0 and (fields or blank is None):
        # No blank line between headers and text: the text begins at the first line that is no header.
        body = start + _offset_of_line(raw, start, stop, block.count(b"\n", 0, stray))
    return Headers(fields, cut), body


def _after_line(raw: bytes, start: int, end: int) -> int:
    """Where the line after the one at `start` begins."""
    found = raw.find(b"\n", start, end)
    return end if found < 0 else found + 1


def _offset_of_line(raw: bytes, start: int, stop: int, number: int) -> int:
    """Offset of a line, counted from `start`."""
    at = start
    for _ in range(number):
        at = _after_line(raw, at, stop)
    return at - start


def _unfolded(value: bytes) -> str:
    text = value.decode("ascii") if value.isascii() else decode(value)[0]
    return text.replace("\n", "").strip() if "\n" in text else text.strip()


def decode_words(value: str) -> str:
    """A header value with its encoded words decoded; line breaks they smuggle in become spaces."""
    if "=?" not in value:
        return value
    out: list[str] = []
    pending: list[bytes] = []
    charset, at = "", 0
    for match in _WORD.finditer(value):
        between = value[at : match.start()]
        name = match.group(1)
        # Neighbours in one character set are joined first: a letter may be cut between them.
        if pending and (between.strip() or name.lower() != charset.lower()):
            out.append(decode(b"".join(pending), charset)[0])
            pending = []
            out.append(between if between.strip() else "")
        elif not pending:
            out.append(between)
        charset, at = name, match.end()
        pending.append(_word_bytes(match.group(2), match.group(3)))
    if pending:
        out.append(decode(b"".join(pending), charset)[0])
    out.append(value[at:])
    return " ".join(_LINES.split("".join(out))).strip()


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "bB":
        return base64_bytes(data)
    return _QUOTED_BYTE.sub(lambda m: bytes((int(m.group(1), 16),)), data.replace(b"_", b" "))


def base64_bytes(data: bytes) -> bytes:
    """Base64 as senders really write it: stray characters dropped, padding missing, tails cut."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        data = _NOT_BASE64.sub(b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


def addresses(value: str, limits: Limits) -> tuple[Address, ...]:
    """The mail addresses of a field, encoded words decoded; never raises, never recurses."""
    found: list[Address] = []
    for name, email in _mailboxes(value):
        if not email and not name:
            continue
        if found and email and not found[-1].email and name:
            # An unquoted comma inside a name: `Lee, Ann <ann@example.org>`.
            name = f"{found.pop().name}, {name}"
        found.append(Address(email, name))
        if len(found) >= limits.recipients:
            break
    return tuple(found)


def _mailboxes(value: str) -> Iterator[tuple[str, str]]:
    """Name and address of each mailbox of a field."""
    words: list[str] = []
    angle, comment, at = "", "", 0
    pattern = _TOKEN
    while at < len(value):
        match = pattern.match(value, at)
        if match is None:
            break
        token, at = match.group(), match.end()
        first = token[0]
        if first == "(":
            inner, at = _comment(value, at)
            comment = comment or inner
        elif first == "<":
            angle = angle or token.strip("<>")
        elif first in ",;":
            yield _mailbox(words, angle, comment)
            words, angle, comment = [], "", ""
        elif first == ":":
            # A group's name, unless it stands in the middle of an address.
            if "@" not in "".join(words):
                words = []
            else:
                words.append(token)
        elif len(token) == 1 and first == '"':
            # A quote that never closes; looking for its end once is enough.
            pattern = _TOKEN_WITHOUT_QUOTES
        elif first == '"':
            words.append(re.sub(r"\\(.)", r"\1", token.strip('"'), flags=re.DOTALL))
        elif first != ")":
            words.append(token)
    yield _mailbox(words, angle, comment)


def _comment(value: str, at: int) -> tuple[str, int]:
    """The text of a comment that opened just before, and where it ends; nesting is counted, not followed."""
    start, depth = at, 1
    while depth:
        match = _COMMENT_END.search(value, at)
        if match is None:
            return value[start : start + _LONGEST_NAME].strip(), len(value)
        at = match.end()
        if match.group() == "\\":
            at += 1
        else:
            depth += 1 if match.group() == "(" else -1
    return value[start : min(at - 1, start + _LONGEST_NAME)].strip(), at


def _mailbox(words: list[str], angle: str, comment: str) -> tuple[str, str]:
    phrase = "".join(words).strip()
    if not angle and "@" in phrase:
        angle, phrase = phrase, ""
    name = decode_words(" ".join((phrase or comment).split()))[:_LONGEST_NAME]
    # Many programs quote a whole name once more: "'Ann Lee'".
    if len(name) > 1 and name[0] == name[-1] == "'":
        name = name[1:-1]
    return name, _address(angle)


def _address(text: str) -> str:
    """An address with its domain in lower case; empty for what is none."""
    text = decode_words("".join(_NOTE.sub("", text).split()))
    if text[:7].lower() == "mailto:":
        text = text[7:]
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    local, at, domain = text[:400].rpartition("@")
    return f"{local}@{domain.strip('.>').lower()}" if at and local and domain.strip(".>") else ""


def ids(value: str) -> tuple[str, ...]:
    """Message-IDs in a field, in order, without angle brackets, each once."""
    found = [found.replace(" ", "").replace("\t", "") for found in _ID.findall(value)]
    if not found:
        found = [word.strip("<>,;\"'") for word in value.split() if "@" in word]
    return tuple(dict.fromkeys(f[:990] for f in found if f))[-_MOST_REFERENCES:]


def date(value: str) -> datetime | None:
    """A date in UTC; None for what is missing or unusable."""
    if not value:
        return None
    try:
        fields = parsedate_tz(value[:200])
        if fields is None:
            return None
        moment = datetime(*fields[:6], tzinfo=UTC) - timedelta(seconds=fields[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if 1980 <= moment.year <= 2100 else None


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """The main value of a structured field, lower case, and its parameters, RFC 2231 pieces put together."""
    main, semicolon, rest = value.partition(";")
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(semicolon + rest):
        key, text = match.group(1).lower(), match.group(2).strip()
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'), flags=re.DOTALL)
        continued = _CONTINUED.match(key)
        if continued is None:
            found.setdefault(key, text)
        else:
            number = int(continued.group(2) or 0)
            encoded = continued.group(3) is not None or continued.group(2) is None
            pieces.setdefault(continued.group(1), {}).setdefault(number, (text, encoded))
    for key, numbered in pieces.items():
        found[key] = _joined(numbered)
    return main.strip().lower(), found


def _joined(numbered: dict[int, tuple[str, bool]]) -> str:
    """The pieces of an RFC 2231 value as one text."""
    charset, data = "", b""
    for place, (_, (text, encoded)) in enumerate(sorted(numbered.items())):
        if encoded and place == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        piece = text.encode("utf-8", "replace")
        if encoded:
            piece = _PERCENT.sub(lambda m: bytes((int(m.group(1), 16),)), piece)
        data += piece
    return decode(data, charset)[0]
