"""Read mails as bytes between the process that parses and the one that asked: JSON, then the files' contents."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from supportdesk.channels.limits import Limits
from supportdesk.domain.incoming import IncomingFile, IncomingMessage, Unreadable
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, MessageKind

LENGTH = struct.Struct("<I")


def pack_config(own_addresses: Sequence[str], limits: Limits) -> bytes:
    """What a parsing process must know before the first mail."""
    return _framed(json.dumps({"own": sorted(own_addresses), "limits": asdict(limits)}).encode())


def unpack_config(data: bytes) -> tuple[frozenset[str], Limits]:
    """The desk's addresses and the limits."""
    config = json.loads(data)
    return frozenset(config["own"]), Limits(**config["limits"])


def pack_batch(mails: Sequence[bytes]) -> list[bytes]:
    """Mails for a parsing process, in pieces to write one after another."""
    pieces = [LENGTH.pack(len(mails))]
    for raw in mails:
        pieces += (LENGTH.pack(len(raw)), raw)
    return pieces


def pack_message(message: IncomingMessage) -> bytes:
    """A read mail, without its raw form, which the other side has."""
    head = json.dumps(
        (
            message.author,
            message.text,
            message.subject,
            _pair(message.sender),
            [_pair(a) for a in message.to],
            [_pair(a) for a in message.cc],
            message.sent_at.timestamp() if message.sent_at else None,
            message.kind,
            message.message_id,
            message.in_reply_to,
            message.references,
            [(f.name, f.media_type, f.size, f.inline, len(f.content)) for f in message.attachments],
            message.remarks,
            _pair(message.reply_to),
        ),
        separators=(",", ":"),
    ).encode("ascii")
    return _framed(LENGTH.pack(len(head)), head, *(f.content for f in message.attachments))


def pack_failure(reason: str) -> bytes:
    """Why a mail could not be read."""
    head = json.dumps(reason).encode("ascii")
    return _framed(LENGTH.pack(len(head)), head)


def unpack_message(data: bytes | memoryview, raw: bytes, source: str) -> IncomingMessage | Unreadable:
    """What a parsing process made of a mail."""
    (length,) = LENGTH.unpack_from(data)
    head: Any = json.loads(bytes(data[4 : 4 + length]))
    if isinstance(head, str):
        return Unreadable(source, raw, head)
    files, at = [], 4 + length
    for name, media_type, size, inline, kept in head[11]:
        files.append(IncomingFile(name, media_type, size, bytes(data[at : at + kept]), inline))
        at += kept
    return IncomingMessage(
        author=Author(head[0]),
        text=head[1],
        subject=head[2],
        sender=Address(*head[3]),
        to=tuple(Address(*a) for a in head[4]),
        cc=tuple(Address(*a) for a in head[5]),
        sent_at=None if head[6] is None else datetime.fromtimestamp(head[6], UTC),
        kind=MessageKind(head[7]),
        message_id=head[8],
        in_reply_to=head[9],
        references=tuple(head[10]),
        attachments=tuple(files),
        remarks=tuple(head[12]),
        raw=raw,
        source=source,
        reply_to=Address(*head[13]),
    )


def _pair(address: Address) -> tuple[str, str]:
    return address.email, address.name


def _framed(*pieces: bytes) -> bytes:
    return b"".join((LENGTH.pack(sum(map(len, pieces))), *pieces))
