"""JSON files: one ticket a line, one list, or one document, in our own format or another helpdesk's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from supportdesk.channels import helpdesks
from supportdesk.channels.helpdesks.shapes import Parts
from supportdesk.channels.json_lines import LONGEST_LINE, parse_ticket, too_long
from supportdesk.channels.limits import MEGABYTE
from supportdesk.channels.own_export import is_ours, read_own
from supportdesk.channels.streams import Stream
from supportdesk.domain.incoming import Incoming, Unreadable
from supportdesk.errors import BadInput

LARGEST = 4 * LONGEST_LINE
"""Bytes of one document; a larger export is read a ticket a line."""
_NUMBER = re.compile(r"\d+")

Read = Iterator[tuple[Incoming, int]]


def read_documents(stream: Stream, name: str, parts: Parts | None = None) -> Read:
    """Tickets of a file with the bytes of it that are done; what does not fit is `Unreadable`.

    `parts` are those of a whole folder, gathered before; by default the file's own are used.
    """
    if not _is_one_document(stream.head()):
        yield from _lines(stream, name, parts)
        return
    data = bytearray()
    while block := stream.read():
        data += block
        if len(data) > LARGEST or stream.swells:
            words = f"It is larger than {LARGEST // MEGABYTE} MB as one JSON document; use one line a ticket."
            yield Unreadable(name, bytes(data[:MEGABYTE]), words), stream.consumed
            return
    try:
        value = _parsed(bytes(data))
    except BadInput as trouble:
        if b"\n" in data.strip() and data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            # Lines after all, the first of them broken.
            for number, line in enumerate(bytes(data).splitlines(), 1):
                if line.strip():
                    yield from ((one, stream.consumed) for one in _line(line, f"{name}:{number}", parts))
            return
        yield Unreadable(name, bytes(data), str(trouble)), stream.consumed
        return
    del data
    yield from ((one, stream.consumed) for one in incoming(value, name, parts, place="[{}]"))


def incoming(
    value: Any, source: str, parts: Parts | None = None, place: str = "", raw: bytes = b""
) -> Iterator[Incoming]:
    """What a JSON value holds: tickets of a helpdesk's, ours, or a list of either."""
    if is_ours(value):
        try:
            own = read_own(value, source)
        except BadInput as trouble:
            yield Unreadable(source, raw or json.dumps(value).encode(), str(trouble))
            return
        if own is not None:
            yield own
        return
    system = helpdesks.system_of(value)
    if system is None and isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield from incoming(one, f"{source}{place.format(number)}" if place else source, parts)
        return
    try:
        if system is None:
            yield parse_ticket(value, source)
            return
        if parts is None:
            helpdesks.gather(value, parts := Parts())
        yield from helpdesks.read(value, parts, source)
    except BadInput as trouble:
        yield Unreadable(source, raw or json.dumps(value).encode(), str(trouble))
    except (TypeError, ValueError, AttributeError, KeyError, RecursionError) as trouble:
        words = f"It does not keep to its helpdesk's format ({type(trouble).__name__})."
        yield Unreadable(source, raw or json.dumps(value).encode(), words)


def gather_files(files: list[str]) -> Parts | None:
    """What the JSON files of a folder keep apart from their tickets: people, comments; None for a single file."""
    looked = [f for f in files if Path(f).suffix.lower() in (".json", ".jsonl", ".ndjson")]
    if len(looked) < 2:
        return None
    parts, found = Parts(), False
    for file in looked:
        number = _NUMBER.search(Path(file).stem)
        parts.at = number.group() if number else ""
        for value in _values(file):
            found = helpdesks.gather(value, parts) or found
    return parts if found else None


def _values(file: str) -> Iterator[Any]:
    """The JSON values of a file that can be read; the others are told of when tickets are read."""
    try:
        stream = Stream(Path(file).open("rb"), None)  # noqa: SIM115 (closed below)
    except OSError:
        return
    try:
        if _is_one_document(stream.head()):
            data = b""
            while (block := stream.read()) and len(data) <= LARGEST:
                data += block
            yield _parsed(data)
            return
        for line in _split(stream):
            if isinstance(line, bytes) and line.strip():
                yield _parsed(line)
    except BadInput:
        return
    finally:
        stream.close()


def _is_one_document(head: bytes) -> bool:
    """Whether a file is one JSON value over several lines, or a list: its first line alone is no value."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"["):
        return True
    line, newline, _ = text.partition(b"\n")
    if not newline:
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return True
    return False


def _lines(stream: Stream, name: str, parts: Parts | None) -> Read:
    for number, line in enumerate(_split(stream), 1):
        source = f"{name}:{number}"
        if isinstance(line, tuple):
            yield too_long(source, *line), stream.consumed
        elif line.strip():
            for one in _line(line, source, parts):
                yield one, stream.consumed
    if stream.swells:
        stream.trouble = "the compressed file unpacks to far more than tickets would"


def _split(stream: Stream) -> Iterator[bytes | tuple[bytes, int]]:
    """Lines as they stream by; of one that is too long its beginning and its length."""
    buffer, skipped = bytearray(), 0
    while True:
        block = stream.read()
        buffer += block
        start = 0
        while (end := buffer.find(b"\n", start)) >= 0 or (not block and start < len(buffer)):
            end = end if end >= 0 else len(buffer)
            line = bytes(buffer[start:end])
            start = end + 1
            yield (line, skipped + len(line)) if skipped else line
            skipped = 0
        del buffer[:start]
        if len(buffer) > LONGEST_LINE:
            skipped += len(buffer) - MEGABYTE
            del buffer[MEGABYTE:]
            if stream.swells:
                return
        if not block:
            return


def _line(line: bytes, source: str, parts: Parts | None) -> Iterator[Incoming]:
    try:
        value = _parsed(line)
        if isinstance(value, list) and helpdesks.system_of(value) is None:
            raise BadInput("It is not a JSON object.")
        yield from incoming(value, source, parts, raw=line)
    except BadInput as trouble:
        yield Unreadable(source, line, str(trouble))


def _parsed(data: bytes) -> Any:
    """A JSON value. Raises BadInput saying what is wrong with it."""
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise BadInput("It is not UTF-8.") from None
    except json.JSONDecodeError as trouble:
        raise BadInput(f"It is not JSON: {trouble.msg} at character {trouble.pos + 1}.") from None
    except RecursionError:
        raise BadInput("It is nested too deeply.") from None
    except (ValueError, OverflowError) as trouble:
        raise BadInput(f"It cannot be read: {trouble}.") from None


def _no_constant(name: str) -> object:
    raise BadInput(f"{name} is not JSON.")
