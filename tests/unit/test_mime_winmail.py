"""Outlook's winmail.dat, built here byte by byte after [MS-OXTNEF] and [MS-OXRTFCP]."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.channels.mime import read_message
from supportdesk.channels.tnef import read_tnef, unpack_rtf


def attribute(level: int, name: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def padded(value: bytes) -> bytes:
    return struct.pack("<I", len(value)) + value + b"\0" * (-len(value) % 4)


def properties(*entries: bytes) -> bytes:
    return struct.pack("<I", len(entries)) + b"".join(entries)


def string(name: int, text: str) -> bytes:
    return struct.pack("<HHI", 0x1F, name, 1) + padded(text.encode("utf-16-le") + b"\0\0")


def binary(name: int, value: bytes) -> bytes:
    return struct.pack("<HHI", 0x102, name, 1) + padded(value)


def number(name: int, value: int) -> bytes:
    return struct.pack("<HHI", 0x03, name, value)


def named(value: str) -> bytes:
    """A property that is known by a name, not a number: readers must step over the name."""
    name = "Keywords".encode("utf-16-le") + b"\0\0"
    return (
        struct.pack("<HH", 0x1F, 0x8001)
        + b"\0" * 16
        + struct.pack("<I", 1)
        + padded(name)
        + struct.pack("<I", 1)
        + padded(value.encode("utf-16-le") + b"\0\0")
    )


HEAD = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
RENDERING = attribute(2, 0x00069002, b"\0" * 14)


def wrapper(message: bytes = b"") -> bytes:
    return (
        HEAD
        + attribute(1, 0x00069003, message or properties(number(0x0017, 1)))
        + RENDERING
        + attribute(2, 0x00018010, b"RECHNU~1.PDF\0")
        + attribute(2, 0x0006800F, b"%PDF-1.7")
        + attribute(
            2,
            0x00069005,
            properties(
                number(0x0E20, 8), named("x"), string(0x3707, "Rechnung März.pdf"), string(0x370E, "application/PDF")
            ),
        )
        + RENDERING
        + attribute(2, 0x00018010, "Gr\xfc\xdfe.txt\0".encode("latin-1"))
        + attribute(2, 0x0006800F, b"hello")
    )


def test_the_files_come_out_with_their_long_names() -> None:
    """Names, types and bytes of all files."""
    found = read_tnef(wrapper())
    assert found is not None
    assert [(f.name, f.media_type, f.content) for f in found.files] == [
        ("Rechnung März.pdf", "application/pdf", b"%PDF-1.7"),
        ("Grüße.txt", "application/octet-stream", b"hello"),
    ]


def test_a_mail_with_a_wrapper_shows_its_files_and_words() -> None:
    """The words inside count only where the mail has none of its own."""
    inside = wrapper(properties(string(0x1000, "Words inside.\r\nTwo.")))
    head = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n"
    tnef = b"--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: binary\n\n" + inside
    alone = read_message(head + tnef + b"\n--b--\n")
    assert alone.text == "Words inside.\nTwo."
    assert [f.name for f in alone.attachments] == ["Rechnung März.pdf", "Grüße.txt"]
    beside = read_message(head + b"--b\n\nMy words.\n" + tnef + b"\n--b--\n")
    assert beside.text == "My words."


def test_html_inside_is_read_as_text() -> None:
    """Outlook often leaves nothing but HTML in there."""
    inside = wrapper(properties(binary(0x1013, b"<p>Hello <b>there</b></p>")))
    got = read_message(b"From: a@example.org\nContent-Type: application/ms-tnef\n\n" + inside)
    assert got.text == "Hello there"


def test_a_wrapper_that_cannot_be_opened_is_kept_as_a_file() -> None:
    """Nothing is lost, and a person is told."""
    got = read_message(b"From: a@example.org\nContent-Type: application/ms-tnef; name=winmail.dat\n\nnonsense")
    assert [f.name for f in got.attachments] == ["winmail.dat"]
    assert got.remarks == ("winmail.dat could not be opened",)


def test_rich_text_is_unpacked() -> None:
    """The example of [MS-OXRTFCP] 4.1, and the stored form."""
    packed = bytes.fromhex(
        "2d000000 2b000000 4c5a4675 f1c5c7a7 03000a00 72637067 31323542 320af320 68656c09 00206277 05b06c64 7d0a800f a0"
    )
    assert unpack_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    stored = struct.pack("<III", 24, 8, 0x414C454D) + b"\0\0\0\0" + b"{\\rtf1 x}"
    assert unpack_rtf(stored)[:8] == b"{\\rtf1 x"


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 400), st.integers(0, 255), st.integers(0, 400))
def test_a_damaged_wrapper_never_raises(at: int, byte: int, cut: int) -> None:
    """Whatever byte is wrong and wherever it ends."""
    data = bytearray(wrapper())
    data[at % len(data)] = byte
    read_tnef(bytes(data))
    read_tnef(bytes(data[: cut % len(data)]))
