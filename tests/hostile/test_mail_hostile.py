"""Mails written to break their reader: each is read or set aside within its time and memory, the next one unharmed."""

from __future__ import annotations

import base64
import io
import multiprocessing
import resource
import signal
import threading
import time
import zlib
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from supportdesk.channels.limits import MEGABYTE, Limits
from supportdesk.channels.parser_pool import ParserPool
from supportdesk.channels.parser_process import Mail
from supportdesk.channels.sources import open_source
from supportdesk.domain.incoming import IncomingMessage, Unreadable

HEAD = b"From: Ann <ann@example.org>\r\nTo: desk@example.org\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n"
GOOD = HEAD + b"\r\nPlease help me.\r\n"
MEMORY = 512 * MEGABYTE


def giant_header() -> bytes:
    return HEAD + b"X-Big: " + b"a" * (20 * MEGABYTE) + b"\r\n\r\nhi\r\n"


def giant_subject_of_encoded_words() -> bytes:
    return b"From: a@example.org\r\nSubject: " + b"=?utf-8?q?a?=\r\n " * 20_000 + b"\r\n\r\nhi\r\n"


def many_headers() -> bytes:
    return HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(200_000)) + b"\r\nhi\r\n"


def nested_parentheses() -> bytes:
    return b"From: " + b"(" * 900 + b"a@example.org\r\nTo: " + b"(" * 60_000 + b"\r\nSubject: x\r\n\r\nhi\r\n"


def hundred_thousand_parts() -> bytes:
    parts = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 100_000
    return HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + parts + b"--b--\r\n"


def deep_multiparts() -> bytes:
    mail = HEAD
    for level in range(950):
        mail += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    return mail + b"\r\nhi\r\n"


def deep_mails() -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 950 + b"Subject: in\r\n\r\nhi\r\n"


def digests_in_digests() -> bytes:
    inner = b"Subject: x\r\n\r\nx\r\n"
    for level in range(4):
        parts = b"".join(b"--d%d\r\n\r\n%s\r\n" % (level, inner) for _ in range(10))
        inner = b"Content-Type: multipart/digest; boundary=d%d\r\n\r\n%s--d%d--\r\n" % (level, parts, level)
    return HEAD + inner


def hundred_megabytes() -> bytes:
    body = base64.encodebytes(b"\0" * 1024) * (75 * 1024)
    return HEAD + b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body


def unknown_charset() -> bytes:
    return HEAD + b"Content-Type: text/plain; charset=x-no-such\r\n\r\nGr\xfc\xdfe\r\n"


def utf7_escape() -> bytes:
    return HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+ABs-]0;owned+AAc- hi\r\n"


def zip_bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b"\0" * (200 * MEGABYTE)) + packer.flush()
    kind = b'Content-Type: application/gzip; name="bomb.gz"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return HEAD + kind + base64.encodebytes(bomb)


def line_breaks_in_headers() -> bytes:
    smuggled = b"=?utf-8?q?x=0D=0ABcc:_victim@example.org=0D=0A?="
    names = (b"From", b"To", b"Cc", b"Subject", b"Message-ID", b"In-Reply-To", b"References", b"Date", b"Reply-To")
    return b"".join(b"%s: %s <a@example.org>\r\n" % (name, smuggled) for name in names) + b"\r\nhi\r\n"


def eight_thousand_recipients() -> bytes:
    people = b",\r\n ".join(b'"Name %d" <r%d@example.org>' % (n, n) for n in range(8000))
    return b"From: a@example.org\r\nSubject: x\r\nTo: " + people + b"\r\n\r\nhi\r\n"


def html(body: bytes) -> bytes:
    return HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + body


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a header of 20 MB": giant_header,
    "a subject of 20,000 encoded words": giant_subject_of_encoded_words,
    "200,000 headers": many_headers,
    "900 and 60,000 nested parentheses": nested_parentheses,
    "100,000 parts": hundred_thousand_parts,
    "multiparts 950 deep": deep_multiparts,
    "mails in mails 950 deep": deep_mails,
    "10,000 mails in digests": digests_in_digests,
    "an attachment of 100 MB": hundred_megabytes,
    "an unknown character set": unknown_charset,
    "an escape sequence in utf-7": utf7_escape,
    "a zip bomb attached": zip_bomb,
    "line breaks in every header": line_breaks_in_headers,
    "8,000 recipients": eight_thousand_recipients,
    "elements 200,000 deep": lambda: html(b"<div>" * 200_000 + b"hi"),
    "a megabyte of open brackets": lambda: html(b"<" * MEGABYTE),
    "20,000 nested quotes": lambda: html(b"<blockquote>x" * 20_000),
    "a boundary on every line": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--xx\r\n" * 500_000
    ),
    "a megabyte of quoted-printable": lambda: (
        HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=3D" * 350_000
    ),
    "24 MB of text": lambda: HEAD + b"\r\n" + b"words and words\r\n" * (24 * MEGABYTE // 17),
    "2 MB of broken base64": lambda: HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"a=b*" * 500_000,
    "an endless calendar": lambda: HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\n" + b"X;A=" * 250_000,
    "a winmail.dat of noise": lambda: (
        HEAD + b"Content-Type: application/ms-tnef\r\n\r\n" + b"\x78\x9f\x3e\x22" + b"\x01\x02\x90\x06" * 100_000
    ),
    "a codec that is no character set": lambda: (
        HEAD + b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\x1b\xff"
    ),
    "NUL bytes": lambda: HEAD + b"\r\n" + b"\0" * 100_000,
    "megabytes of parameters": lambda: HEAD + b"Content-Type: text/plain" + b"; a*0*=x" * 500_000 + b"\r\n\r\nhi",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_costs_little_and_harms_nobody(name: str) -> None:
    """Read or set aside well within the limits of time and memory, and the mails around it are read."""
    raw = HOSTILE[name]()
    with ParserPool(processes=1) as pool:
        first, hostile, last = pool.parse([Mail("a", GOOD), Mail("b", raw), Mail("c", GOOD)])
    assert isinstance(first, IncomingMessage) and isinstance(last, IncomingMessage)
    assert first.text == last.text == "Please help me."
    assert isinstance(hostile, IncomingMessage | Unreadable)
    if isinstance(hostile, IncomingMessage):
        assert len(hostile.text) <= Limits().text_chars
        shown = [hostile.subject, hostile.message_id, hostile.in_reply_to, *hostile.references]
        shown += [f"{a.name} {a.email}" for a in (hostile.sender, *hostile.to, *hostile.cc)]
        shown += [a.name for a in hostile.attachments]
        assert not any("\n" in value or "\r" in value for value in shown)
    else:
        # The limits end what takes longer or more memory; nothing on this list should get so far.
        assert "longer than" not in hostile.reason and "memory" not in hostile.reason
        assert hostile.raw == raw


def _measure(mails: list[bytes], pipe: Connection) -> None:
    with ParserPool(processes=1) as pool:
        for _ in pool.parse(Mail(str(n), raw) for n, raw in enumerate(mails)):
            pass
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    pipe.send(used)


def test_no_hostile_mail_makes_the_parsing_process_large() -> None:
    """The largest parsing process of the whole list stays below 512 MB."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_measure, args=([make() for make in HOSTILE.values()], theirs))
    process.start()
    assert ours.poll(100)
    used = ours.recv()
    process.join()
    assert 0 < used < MEMORY


def test_what_hostile_mails_say_is_still_read() -> None:
    """Limits cut, they do not blind: text, senders and subjects come through where they can."""
    with ParserPool(processes=1) as pool:
        got = dict(zip(HOSTILE, pool.parse(Mail(name, make()) for name, make in HOSTILE.items()), strict=True))
    charset = got["an unknown character set"]
    assert isinstance(charset, IncomingMessage) and charset.text == "Grüße"
    assert any("x-no-such" in remark for remark in charset.remarks)
    people = got["8,000 recipients"]
    assert isinstance(people, IncomingMessage) and len(people.to) > 1000
    assert any("cut" in remark for remark in people.remarks)
    crlf = got["line breaks in every header"]
    assert isinstance(crlf, IncomingMessage) and crlf.cc[0].email == "a@example.org"
    bomb = got["a zip bomb attached"]
    assert isinstance(bomb, IncomingMessage) and bomb.attachments[0].name == "bomb.gz"
    assert isinstance(got["an attachment of 100 MB"], Unreadable)


@pytest.mark.parametrize(
    ("sent", "seconds", "said"),
    [(signal.SIGKILL, 30.0, "ended the process"), (signal.SIGSTOP, 3.0, "longer than 3 sec")],
)
def test_exactly_the_mail_that_ends_its_process_is_set_aside(sent: int, seconds: float, said: str) -> None:
    """A process that dies or hangs while it reads a mail costs that mail only; what waited behind it is read."""
    page = b"--x\r\nContent-Type: text/html\r\n\r\n" + b"<p><b>x</p>" * 100_000 + b"\r\n"
    slow = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + page * 3
    with ParserPool(limits=Limits(seconds=seconds), processes=1) as pool:

        def strike() -> None:
            while not pool.children or pool.children[0].reading() != 1:
                time.sleep(0.002)
            pool.children[0].signal(sent)

        striker = threading.Thread(target=strike, daemon=True)
        striker.start()
        results = list(pool.parse([Mail("a", GOOD), Mail("b", slow), Mail("c", GOOD), Mail("d", GOOD)]))
        striker.join()
    assert [type(r) for r in results] == [IncomingMessage, Unreadable, IncomingMessage, IncomingMessage]
    assert isinstance(results[1], Unreadable) and said in results[1].reason and results[1].raw == slow


def test_a_process_that_dies_between_two_mails_costs_none() -> None:
    """What was sent to a process that died is sent to the next one."""
    with ParserPool(processes=1) as pool:
        assert len(list(pool.parse([Mail("a", GOOD)]))) == 1
        pool.children[0].signal(signal.SIGKILL)
        assert [type(r) for r in pool.parse([Mail("b", GOOD), Mail("c", GOOD)])] == [IncomingMessage] * 2


def test_a_mail_that_takes_too_long_is_set_aside() -> None:
    """With hardly any time allowed, a large mail is set aside by its own process, and the small ones are read."""
    large = html(b"<p>x</p>" * 200_000)
    with ParserPool(limits=Limits(seconds=0.02), processes=1) as pool:
        first, slow, last = pool.parse([Mail("a", GOOD), Mail("b", large), Mail("c", GOOD)])
    assert isinstance(slow, Unreadable) and "longer than 0.02 seconds" in slow.reason
    assert isinstance(first, IncomingMessage) and isinstance(last, IncomingMessage)


def test_a_mail_that_needs_too_much_memory_is_set_aside() -> None:
    """A process at its memory limit says so and makes room for a fresh one."""
    large = HEAD + b"\r\n" + b"words and words\r\n" * (20 * MEGABYTE // 17)
    with ParserPool(limits=Limits(memory_bytes=60 * MEGABYTE), processes=1) as pool:
        first, fat, last = pool.parse([Mail("a", GOOD), Mail("b", large), Mail("c", GOOD)])
    assert isinstance(fat, Unreadable) and fat.raw == large
    assert isinstance(first, IncomingMessage) and isinstance(last, IncomingMessage)


def test_a_gzip_bomb_as_a_mailbox_ends_early(tmp_path: Path) -> None:
    """A few megabytes that unpack to gigabytes are not unpacked to their end, and no memory is filled with them."""
    packer = zlib.compressobj(9, wbits=31)
    path = tmp_path / "bomb"
    start = b"From a@example.org Thu Jan  1 00:00:00 2024\n" + GOOD + b"\n"
    start += b"From a@example.org Thu Jan  1 00:00:00 2024\nFrom: b@example.org\n\n"
    with path.open("wb") as file:
        file.write(packer.compress(start))
        for _ in range(600):
            file.write(packer.compress(b"\0" * MEGABYTE))
        file.write(packer.flush())
    limits = Limits(message_bytes=MEGABYTE, kept_bytes=2 * MEGABYTE)
    with open_source(path, limits=limits, processes=1) as source:
        results = list(source)
    assert isinstance(results[0], IncomingMessage)
    assert all(isinstance(r, Unreadable) and len(r.raw) <= 4 * MEGABYTE for r in results[1:])
    assert source.done < path.stat().st_size


def test_an_endless_line_of_json_is_set_aside() -> None:
    """A line beyond all measure is cut, the next one is read."""
    ticket = b'{"messages": [{"from": "customer", "text": "hi"}]}\n'
    endless = b'{"messages": [{"from": "customer", "text": "' + b"x" * (70 * MEGABYTE) + b'"}]}\n'
    deep = b"[" * 200_000 + b"\n"
    source = open_source(None, stream=io.BytesIO(ticket + endless + b'{"a":' + deep + ticket), processes=1)
    kinds = [type(r).__name__ for r in source]
    assert kinds == ["IncomingTicket", "Unreadable", "Unreadable", "IncomingTicket"]
