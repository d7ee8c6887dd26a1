"""Opening `winmail.dat`, the wrapper Outlook puts around a mail's files ([MS-OXTNEF], [MS-OXRTFCP]).

Only what a reader needs: the files with their names, and the text where the mail has none of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from supportdesk.channels.charset import decode

SIGNATURE = 0x223E9F78
_BODY, _PROPERTIES, _CODEPAGE = 0x800C, 0x9003, 0x9007
_RENDERING, _TITLE, _DATA, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_TEXT_PROPERTY, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_LONG_NAME, _SHORT_NAME, _MIME, _CONTENT, _CONTENT_ID = 0x3707, 0x3704, 0x370E, 0x3701, 0x3712
_SIZES = {0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8, 0x48: 16}
_MOST = 500


@dataclass(slots=True)
class TnefFile:
    """One file out of a wrapper."""

    name: str = ""
    """The name the sender gave it; empty if none."""
    media_type: str = "application/octet-stream"
    """Declared type."""
    content: bytes = b""
    """The file."""
    inline: bool = False
    """Whether the text shows it."""


@dataclass(slots=True)
class Tnef:
    """What a wrapper holds."""

    text: str = ""
    """Plain text; empty if it has none."""
    html: str = ""
    """HTML text; empty if it has none."""
    rtf: bytes = b""
    """Rich text, unpacked; empty if it has none."""
    files: list[TnefFile] = field(default_factory=list)
    """Its files, in order."""


def read_tnef(data: bytes) -> Tnef | None:
    """Open a wrapper; None when it is none or too damaged to open. Never raises."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        return None
    found = Tnef()
    codepage = "cp1252"
    try:
        for attribute, value in _attributes(data):
            if attribute == _CODEPAGE and len(value) >= 4:
                codepage = f"cp{struct.unpack_from('<I', value)[0]}"
            elif attribute == _BODY:
                found.text = decode(value.rstrip(b"\0"), codepage)[0]
            elif attribute == _PROPERTIES:
                _take_message(found, value, codepage)
            elif attribute == _RENDERING and len(found.files) < _MOST:
                found.files.append(TnefFile())
            elif found.files:
                _take_file(found.files[-1], attribute, value, codepage)
    except (struct.error, IndexError, ValueError):
        if not found.files and not found.text and not found.html:
            return None
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each attribute's id and value."""
    at = 6
    while at + 9 <= len(data):
        _, attribute, _, length = struct.unpack_from("<BHHI", data, at)
        at += 9
        if at + length > len(data):
            raise ValueError("an attribute ends behind the file's end")
        yield attribute, data[at : at + length]
        at += length + 2


def _take_message(found: Tnef, value: bytes, codepage: str) -> None:
    for name, data in _properties(value, codepage):
        if name == _TEXT_PROPERTY and not found.text and isinstance(data, str):
            found.text = data
        elif name == _HTML:
            found.html = data if isinstance(data, str) else decode(data, codepage)[0]
        elif name == _RTF and isinstance(data, bytes):
            found.rtf = unpack_rtf(data)


def _take_file(file: TnefFile, attribute: int, value: bytes, codepage: str) -> None:
    if attribute == _TITLE:
        file.name = file.name or decode(value.rstrip(b"\0"), codepage)[0]
    elif attribute == _DATA:
        file.content = value
    elif attribute == _FILE_PROPERTIES:
        for name, data in _properties(value, codepage):
            if name == _LONG_NAME and isinstance(data, str):
                file.name = data
            elif name == _SHORT_NAME and isinstance(data, str):
                file.name = file.name or data
            elif name == _MIME and isinstance(data, str):
                file.media_type = data.lower() or file.media_type
            elif name == _CONTENT_ID:
                file.inline = bool(data)
            elif name == _CONTENT and isinstance(data, bytes) and not file.content:
                # An embedded object begins with 16 bytes that name its interface.
                file.content = data


def _properties(data: bytes, codepage: str) -> Iterator[tuple[int, str | bytes]]:
    """Text and binary MAPI properties by id; the others are stepped over."""
    count = struct.unpack_from("<I", data)[0]
    at = 4
    for _ in range(min(count, 5000)):
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= 0x8000:
            at = _after_name(data, at)
        many = kind & 0x1000
        kind &= 0x0FFF
        if kind in (0x1E, 0x1F, 0x102, 0x0D) or kind == 0x0102:
            values = struct.unpack_from("<I", data, at)[0]
            at += 4
            for _ in range(min(values, 5000)):
                length = struct.unpack_from("<I", data, at)[0]
                at += 4
                value = data[at : at + length]
                at += (length + 3) & ~3
                yield name, _text(value, kind, codepage) if kind in (0x1E, 0x1F) else value
        elif kind in _SIZES:
            values = struct.unpack_from("<I", data, at)[0] if many else 1
            at += 4 * bool(many) + max(4, _SIZES[kind]) * min(values, 100_000)
        else:
            raise ValueError("a property of unknown kind")


def _text(value: bytes, kind: int, codepage: str) -> str:
    if kind == 0x1F:
        return value.decode("utf-16-le", "replace").rstrip("\0")
    return decode(value.rstrip(b"\0"), codepage)[0]


def _after_name(data: bytes, at: int) -> int:
    """Where a named property's value begins."""
    kind = struct.unpack_from("<I", data, at + 16)[0]
    at += 20
    if kind == 0:
        return at + 4
    length: int = struct.unpack_from("<I", data, at)[0]
    return at + 4 + ((length + 3) & ~3)


_RTF_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS "
    b"Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_LARGEST_RTF = 8 * 1024 * 1024


def unpack_rtf(data: bytes) -> bytes:
    """Rich text out of its compressed form; empty for what cannot be unpacked."""
    if len(data) < 16:
        return b""
    size, kind = struct.unpack_from("<I", data, 4)[0], data[8:12]
    if kind == b"MELA":
        return data[16 : 16 + size]
    if kind != b"LZFu" or size > _LARGEST_RTF:
        return b""
    window = bytearray(4096)
    window[: len(_RTF_START)] = _RTF_START
    write, out, at = len(_RTF_START), bytearray(), 16
    while at < len(data) and len(out) < size:
        flags = data[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                if at >= len(data):
                    return bytes(out[:size])
                pieces = data[at : at + 1]
                at += 1
            else:
                if at + 1 >= len(data):
                    return bytes(out[:size])
                token = data[at] << 8 | data[at + 1]
                at += 2
                if token >> 4 == write:
                    return bytes(out[:size])
                _copy(window, out, token >> 4, (token & 15) + 2, write)
                write = (write + (token & 15) + 2) & 4095
                continue
            out += pieces
            window[write] = pieces[0]
            write = (write + 1) & 4095
    return bytes(out[:size])


def _copy(window: bytearray, out: bytearray, source: int, length: int, write: int) -> None:
    """Repeat bytes of the window, which may overlap what is being written."""
    for step in range(length):
        byte = window[(source + step) & 4095]
        out.append(byte)
        window[(write + step) & 4095] = byte
