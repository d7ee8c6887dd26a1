"""How much of one mail is read: what is beyond is cut with a remark, or the mail is set aside."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one message. Beyond size, time and memory it is set aside; beyond the others it is cut."""

    message_bytes: int = 25 * MEGABYTE
    """Size of a raw message; larger ones are set aside unread."""
    depth: int = 50
    """Parts within parts."""
    parts: int = 1000
    """Parts in all."""
    header_bytes: int = 64 * 1024
    """One header field, folded lines included."""
    headers: int = 1000
    """Header fields of one part."""
    recipients: int = 10_000
    """Addresses in one field."""
    text_chars: int = 2_000_000
    """Characters of text, all parts together."""
    seconds: float = 4.0
    """Time for one message."""
    memory_bytes: int = 512 * MEGABYTE
    """Address space of the process that parses."""
    kept_bytes: int = 128 * MEGABYTE
    """Size up to which a message that is set aside is kept whole."""
