"""Taking the mail out of an S/MIME envelope that is only signed, not encrypted (RFC 8551, `signed-data`).

Nothing is verified: the envelope is opened so that its words can be read, as they could be with any tool.
"""

from __future__ import annotations

from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OID, _OCTETS, _SEQUENCE, _CONSTRUCTED, _EXPLICIT_0 = 0x06, 0x04, 0x30, 0x20, 0xA0
_DEEPEST = 20


def unseal(data: bytes) -> bytes | None:
    """The signed content of a CMS message; None where there is none to be had. Never raises."""
    try:
        outer = list(_inside(data, 0, len(data)))
        kind, wrapped = list(_inside(data, *outer[0][1:3]))[:2]
        if outer[0][0] != _SEQUENCE or kind[0] != _OID or data[kind[1] : kind[2]] != _SIGNED_DATA:
            return None
        (signed,) = list(_inside(data, *wrapped[1:3]))[:1]
        # Version and digest algorithms stand before what was signed; it begins with its own kind.
        content = next(e for e in list(_inside(data, *signed[1:3]))[2:3] if e[0] == _SEQUENCE)
        explicit = list(_inside(data, *content[1:3]))[1]
        if explicit[0] != _EXPLICIT_0:
            return None
        return b"".join(_octets(data, *explicit[1:3], 0)) or None
    except (IndexError, ValueError, StopIteration):
        return None


def _inside(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, beginning and end of each element's content between two offsets."""
    at = start
    while at < end and data[at : at + 2] != b"\0\0":
        tag, begin, length = _head(data, at)
        if length >= 0:
            stop = begin + length
            at = stop
        else:
            stop, at = _open_end(data, begin, end)
        if stop > end:
            raise ValueError("an element ends behind what holds it")
        yield tag, begin, stop


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """An element's tag, where its content begins, and its length; -1 for one that ends with a mark."""
    tag, first = data[at], data[at + 1]
    if tag & 0x1F == 0x1F:
        raise ValueError("tags of several bytes do not occur here")
    if first < 0x80:
        return tag, at + 2, first
    if first == 0x80:
        return tag, at + 2, -1
    size = first & 0x7F
    if size > 5:
        raise ValueError("no length is that long")
    return tag, at + 2 + size, int.from_bytes(data[at + 2 : at + 2 + size], "big")


def _open_end(data: bytes, begin: int, end: int) -> tuple[int, int]:
    """Where the content of an element of indefinite length ends, and where the next element begins."""
    at, open_elements = begin, 1
    while at < end:
        if data[at : at + 2] == b"\0\0":
            open_elements -= 1
            at += 2
            if not open_elements:
                return at - 2, at
            continue
        _, inner, length = _head(data, at)
        if length < 0:
            open_elements += 1
            at = inner
        else:
            at = inner + length
    raise ValueError("an element has no end")


def _octets(data: bytes, start: int, end: int, depth: int) -> Iterator[bytes]:
    """The bytes of an octet string, which may be written in pieces."""
    if depth > _DEEPEST:
        raise ValueError("an octet string in too many pieces")
    for tag, begin, stop in _inside(data, start, end):
        if tag == _OCTETS:
            yield data[begin:stop]
        elif tag & _CONSTRUCTED:
            yield from _octets(data, begin, stop, depth + 1)
