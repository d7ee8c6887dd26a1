"""Cutting an mbox into its mails as it streams by, in memory that does not grow with the file.

Knows mboxo, mboxrd, mboxcl and mboxcl2 by what stands there: a mail ends before a line that begins with "From ",
has the date mail programs put there, and is followed by a header; or where its Content-Length truly says it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from supportdesk.channels.limits import Limits
from supportdesk.channels.streams import Stream

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATED = re.compile(
    rb"From [^\n]{0,500}?(?:"
    + (_DAY + rb",? +" + _MONTH + rb" +\d{1,2},? +(?:\d{4},? +)?")
    + rb"|"
    + (_DAY + rb",? +\d{1,2} +" + _MONTH + rb" +\d{4},? +")
    + rb"|\d{4}-\d\d-\d\d[ T])\d{1,2}:\d\d"
)
_HEADER = re.compile(rb">?From |[!-9;-~]{1,100}[ \t]*:")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_BLANK = re.compile(rb"\n\r?\n")
_TAIL = 1024
"""Bytes that must follow a separator's beginning before it can be judged."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One mail cut out of an mbox."""

    raw: bytes
    """The mail, escapes undone, without its "From " line; cut where it is larger than what is kept."""
    size: int
    """Its true size in bytes."""
    last: bool = False
    """Whether the file ended with it."""


def is_mbox(head: bytes) -> bool:
    """Whether the first bytes of a file are those of an mbox."""
    if not head.startswith(b"From "):
        return False
    line, _, rest = head.partition(b"\n")
    return _DATED.match(line) is not None or _HEADER.match(rest) is not None


def mbox_mails(stream: Stream, limits: Limits) -> Iterator[Cut]:
    """Cut a stream into mails; what is larger than `limits.kept_bytes` comes cut, never held whole."""
    strict = _DATED.match(stream.head().partition(b"\n")[0]) is not None
    cutter = _Cutter(stream, limits, strict)
    while (cut := cutter.next()) is not None:
        yield cut


class _Cutter:
    """The part of an mbox that is in memory: always one mail and the block it ends in."""

    def __init__(self, stream: Stream, limits: Limits, strict: bool) -> None:
        self._stream = stream
        self._limits = limits
        self._strict = strict
        self._buffer = bytearray()
        self._dropped = 0
        self._ended = False

    def next(self) -> Cut | None:
        """The next mail; None at the end."""
        search = 5
        self._dropped = 0
        while True:
            found = self._buffer.find(b"\nFrom ", max(search - 1, 0))
            if found >= 0 and (self._ended or found + _TAIL <= len(self._buffer)):
                jump = self._judge(found + 1)
                if jump == found + 1:
                    return self._take(found + 1)
                if jump <= len(self._buffer):
                    search = max(jump, found + 2)
                    continue
            elif found < 0 and self._ended:
                return self._take(len(self._buffer)) if self._buffer else None
            search = self._more(found + 1 if found >= 0 else max(5, len(self._buffer) - 5))

    def _judge(self, at: int) -> int:
        """`at` itself if a mail ends before the "From " line there; else how far to go on."""
        if not _separates(self._buffer, at, self._strict):
            return at + 1
        if self._dropped:
            return at
        end = self._declared_end()
        if end <= at or end > self._limits.message_bytes:
            return at
        if end + 8 > len(self._buffer) and not self._ended:
            return end + 8
        follows = self._buffer[end : end + 8].lstrip(b"\r\n")
        true = follows.startswith(b"From ") or (not follows and end <= len(self._buffer))
        return end if true else at

    def _declared_end(self) -> int:
        """Where the mail's Content-Length says it ends; 0 where it says nothing."""
        blank = _BLANK.search(self._buffer)
        said = _LENGTH.search(self._buffer, 0, blank.start() + 1) if blank else None
        return blank.end() + int(said.group(1)) if blank and said else 0

    def _take(self, end: int) -> Cut:
        mail = bytes(memoryview(self._buffer)[:end])
        del self._buffer[:end]
        return _cut(mail, self._dropped, self._ended and not self._buffer)

    def _more(self, search: int) -> int:
        """Read a block; lets go of the middle of what is too large to keep. Where to search on."""
        keep = self._limits.kept_bytes
        if search > keep + _TAIL:
            self._dropped += search - 1 - keep
            del self._buffer[keep : search - 1]
            search = keep + 1
            if self._stream.swells:
                self._stream.trouble = "the compressed file unpacks to far more than a mailbox would"
                self._ended = True
                return search
        block = self._stream.read()
        self._ended = not block
        self._buffer += block
        return search


def _separates(buffer: bytearray, at: int, strict: bool) -> bool:
    """Whether the "From " line at an offset begins a new mail."""
    if strict and not _DATED.match(buffer, at):
        return False
    line_end = buffer.find(b"\n", at, at + _TAIL)
    if line_end < 0:
        return False
    after = line_end + 1
    if _HEADER.match(buffer, after) or after >= len(buffer):
        return True
    # With its date and a blank line before it, it is a separator whatever follows.
    return strict and bytes(buffer[max(0, at - 3) : at]).replace(b"\r", b"").endswith(b"\n\n")


def _cut(mail: bytes, dropped: int, last: bool) -> Cut:
    """A mail without its "From " line and the blank line after it, escapes undone."""
    line_end = mail.find(b"\n")
    raw = mail[line_end + 1 :] if mail.startswith(b"From ") and line_end >= 0 else mail
    if dropped:
        return Cut(raw, len(raw) + dropped, last)
    if raw.endswith(b"\r\n\r\n"):
        raw = raw[:-2]
    elif raw.endswith(b"\n\n"):
        raw = raw[:-1]
    if b">From " in raw and not (b"\nFrom " in raw and _LENGTH.search(raw)):
        raw = _ESCAPED.sub(rb"\1", raw)
    return Cut(raw, len(raw), last)
