"""Where mail lies: told apart by content, streamed in order, counted, and nothing lost on the way."""

from __future__ import annotations

import gzip
import io
import mailbox
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.channels.limits import Limits
from supportdesk.channels.mbox import mbox_mails
from supportdesk.channels.sources import open_source
from supportdesk.channels.streams import Stream
from supportdesk.domain.incoming import Incoming, IncomingMessage, IncomingTicket, Unreadable
from supportdesk.domain.words import Author
from supportdesk.errors import BadInput, NotFound

FROM = b"From ann@example.org Mon Mar  2 09:12:00 2026\n"


def _zipped(content: bytes) -> bytes:
    """Gzip'd without the time: parameters must be the same in every worker process."""
    return gzip.compress(content, mtime=0)


def mail(number: int, body: str = "Please help.") -> bytes:
    return (
        f"From: Ann <ann@example.org>\nMessage-ID: <{number}@example.org>\nSubject: Mail {number}\n\n{body}\n".encode()
    )


def mbox(*mails: bytes) -> bytes:
    return b"".join(FROM + raw + b"\n" for raw in mails)


TICKET = b'{"id": "7", "subject": "S", "messages": [{"from": "customer", "text": "Hi"}]}\n'


def read(path: Path | None, **options: object) -> list[Incoming]:
    with open_source(path, processes=1, **options) as source:  # type: ignore[arg-type]
        return list(source)


def ids(results: list[Incoming]) -> list[str]:
    return [r.message_id for r in results if isinstance(r, IncomingMessage)]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("way", ["file", "stdin"])
@pytest.mark.parametrize(
    ("content", "kind", "found"),
    [
        (mbox(mail(1), mail(2)), "mbox", ["IncomingMessage"] * 2),
        (mbox(mail(1), mail(2)).replace(b"\n", b"\r\n"), "mbox", ["IncomingMessage"] * 2),
        (mail(1), "mail", ["IncomingMessage"]),
        (b"\xef\xbb\xbf\n" + mail(1), "mail", ["IncomingMessage"]),
        (TICKET + b"\n" + TICKET, "tickets", ["IncomingTicket"] * 2),
        (b"\xef\xbb\xbf" + TICKET, "tickets", ["IncomingTicket"]),
        (b"[" + TICKET + b"," + TICKET + b"]", "tickets", ["IncomingTicket"] * 2),
    ],
)
def test_files_are_told_apart_by_what_stands_in_them(
    tmp_path: Path, content: bytes, kind: str, found: list[str], way: str, packed: bool
) -> None:
    """The name says nothing: mbox, mail, tickets, gzip'd or not, from a file or from standard input."""
    content = _zipped(content) if packed else content
    path = tmp_path / "misleading.pdf"
    path.write_bytes(content)
    source = open_source(path, processes=1) if way == "file" else open_source(None, stream=io.BytesIO(content))
    with source:
        results = list(source)
    assert source.kind == kind
    assert [type(r).__name__ for r in results] == found
    assert source.done == len(content)
    assert source.total == (len(content) if way == "file" else None)


def test_everything_says_where_it_stood(tmp_path: Path) -> None:
    """A person can find the mail or line again."""
    (tmp_path / "inbox.mbox").write_bytes(mbox(mail(1), mail(2)))
    (tmp_path / "t.jsonl").write_bytes(TICKET + b"nonsense\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/one.eml").write_bytes(mail(3))
    names = [r.source for r in read(tmp_path)]
    top = tmp_path.name
    assert names == [
        f"{top}/inbox.mbox#1",
        f"{top}/inbox.mbox#2",
        f"{top}/sub/one.eml",
        f"{top}/t.jsonl:1",
        f"{top}/t.jsonl:2",
    ]
    assert [r.source for r in read(tmp_path / "inbox.mbox")] == ["inbox.mbox#1", "inbox.mbox#2"]


def test_a_maildir_gives_what_was_received_and_kept(tmp_path: Path) -> None:
    """`new`, `cur` and the folders of a Maildir; drafts, trash and what is still arriving are left out."""
    for folder in (".", ".Work"):
        for part in ("cur", "new", "tmp"):
            (tmp_path / folder / part).mkdir(parents=True)
    (tmp_path / "new/1.host").write_bytes(mail(1))
    (tmp_path / "cur/2.host:2,S").write_bytes(mail(2))
    (tmp_path / "cur/3.host:2,T").write_bytes(mail(3))
    (tmp_path / "cur/4.host:2,DS").write_bytes(mail(4))
    (tmp_path / "tmp/5.host").write_bytes(mail(5))
    (tmp_path / ".Work/cur/6.host:2,").write_bytes(mail(6))
    (tmp_path / "dovecot-uidlist").write_bytes(b"3 V1 N1\n")
    with open_source(tmp_path, processes=1) as source:
        results = list(source)
    assert source.kind == "maildir"
    assert sorted(ids(results)) == ["1@example.org", "2@example.org", "6@example.org"]
    assert len(results) == 3


def test_what_is_no_mail_in_a_folder_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    """Every visible file of a folder is read or set aside, whole."""
    (tmp_path / "a.eml").write_bytes(mail(1))
    (tmp_path / "b.txt").write_bytes(b"Just a note.\n")
    (tmp_path / "c.eml").write_bytes(b"")
    (tmp_path / "d.zip").write_bytes(b"PK\x03\x04rest")
    (tmp_path / "e.gz").write_bytes(_zipped(mail(2))[:-20])
    (tmp_path / ".hidden").write_bytes(b"nothing")
    by_name = {r.source.partition("/")[2]: r for r in read(tmp_path)}
    assert isinstance(by_name["a.eml"], IncomingMessage)
    reasons = {name: r.reason for name, r in by_name.items() if isinstance(r, Unreadable)}
    assert reasons["b.txt"] == "It does not look like a mail."
    assert reasons["c.eml"] == "It is empty."
    assert "zip archive" in reasons["d.zip"]
    assert "ends before its end" in reasons["e.gz"]
    assert ".hidden" not in by_name
    note = by_name["b.txt"]
    assert isinstance(note, Unreadable) and note.raw == b"Just a note.\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Just a note.\nAnd more.\n", "not a mailbox"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not a mailbox"),
        (b"PK\x03\x04rest", "zip archive"),
        (_zipped(_zipped(mail(1))), "compressed twice"),
        (_zipped(mail(1))[:15] + b"\0\0\0\0\0\0\0\0", "damaged"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    """A mistaken path is said at once, before anything is read."""
    path = tmp_path / "x.mbox"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        open_source(path)


def test_a_missing_path_and_one_that_may_not_be_read_are_refused(tmp_path: Path) -> None:
    """Not found, and no permission."""
    with pytest.raises(NotFound, match="nowhere"):
        open_source(tmp_path / "nowhere")
    locked = tmp_path / "locked.mbox"
    locked.write_bytes(mbox(mail(1)))
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(BadInput, match="Permission denied"):
        open_source(locked)


def test_an_empty_mailbox_holds_nothing(tmp_path: Path) -> None:
    """An mbox of no bytes is an empty one, not an error."""
    path = tmp_path / "inbox"
    path.write_bytes(b"")
    assert read(path) == []


def test_a_gzip_that_ends_early_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    """What came before the damage is imported; that something is missing is set aside for a person to see."""
    path = tmp_path / "inbox.mbox.gz"
    noise = [mail(n, os.urandom(30_000).hex()) for n in range(5)]
    path.write_bytes(_zipped(mbox(*noise))[:-60_000])
    results = read(path)
    assert ids(results)[:3] == ["0@example.org", "1@example.org", "2@example.org"]
    last = results[-1]
    assert isinstance(last, Unreadable) and "not whole" in last.reason and "ends before its end" in last.reason
    # A mail that broke off must not keep the whole one out of a later import.
    assert last.raw and mail(len(results) - 1).split(b"\n\n")[0] in last.raw
    assert len(ids(results)) == len(results) - 1


def test_one_bad_mail_does_not_stop_the_next(tmp_path: Path) -> None:
    """Too large, or no mail at all: set aside whole, in its place."""
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(mail(1), mail(2, "x" * 3_000_000), b"no header at all\n", mail(3)))
    results = read(path, limits=Limits(message_bytes=1_000_000))
    assert [type(r).__name__ for r in results] == ["IncomingMessage", "Unreadable", "Unreadable", "IncomingMessage"]
    large, strange = results[1], results[2]
    assert isinstance(large, Unreadable) and large.raw == mail(2, "x" * 3_000_000) and "limit" in large.reason
    assert isinstance(strange, Unreadable) and strange.raw == b"no header at all\n"


def test_a_mail_too_large_to_keep_is_cut_and_that_is_said(tmp_path: Path) -> None:
    """Beyond what is kept, only the beginning is; the next mail is whole."""
    path = tmp_path / "inbox.mbox"
    path.write_bytes(mbox(mail(1, "x\n" * 5_000_000), mail(2)))
    cut, whole = read(path, limits=Limits(message_bytes=1_000_000, kept_bytes=2_000_000))
    assert isinstance(cut, Unreadable) and len(cut.raw) < 3_500_000 and "kept" in cut.reason
    assert mail(1, "x\n" * 5_000_000).startswith(cut.raw[:1_999_000])
    assert isinstance(whole, IncomingMessage) and whole.message_id == "2@example.org"


def test_our_own_addresses_are_known_in_the_parsing_processes(tmp_path: Path) -> None:
    """A copy of our own answer is the agent's."""
    path = tmp_path / "one.eml"
    path.write_bytes(mail(1))
    (got,) = read(path, own_addresses=frozenset({"Ann@Example.org"}))
    assert isinstance(got, IncomingMessage) and got.author is Author.AGENT


def cut(data: bytes) -> list[bytes]:
    return [c.raw for c in mbox_mails(Stream(io.BytesIO(data), len(data)), Limits())]


def test_lines_that_begin_with_from_are_told_from_separators() -> None:
    """mboxrd and mboxo escapes are undone, Content-Length is believed where it is true."""
    escaped = FROM + b"A: 1\n\n>From here\n>>From there\n\n" + FROM + b"B: 2\n\nFrom now on, at 10:00:\nyes\n\n"
    assert cut(escaped) == [b"A: 1\n\nFrom here\n>From there\n", b"B: 2\n\nFrom now on, at 10:00:\nyes\n"]
    body = b"see\n\n" + FROM + b"C: 3\n\nquoted mail\n"
    counted = FROM + b"A: 1\nContent-Length: %d\n\n" % len(body) + body + b"\n" + FROM + b"B: 2\n\nx\n"
    assert len(cut(counted)) == 2
    lying = counted.replace(b"Content-Length: %d" % len(body), b"Content-Length: 3")
    assert len(cut(lying)) == 3


_lines = st.lists(
    st.sampled_from(
        ["", "From me", "From ann@example.org Mon Mar  2 09:12:00 2026", ">From x", "> q", "word", "A: b", "\t"]
    ),
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_lines, min_size=1, max_size=5))
def test_an_mbox_written_by_the_standard_library_gives_the_same_mails(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[list[str]]
) -> None:
    """Whatever stands in the bodies, what goes in comes out."""
    path = tmp_path_factory.mktemp("mbox") / "box"
    box = mailbox.mbox(path)
    for number, lines in enumerate(bodies):
        box.add(mailbox.mboxMessage(b"Subject: %d\n\n" % number + "\n".join(lines).encode()))
    box.close()
    got = cut(path.read_bytes())
    # mailbox escapes "From " but not ">From ", so those lose a mark: that is mboxo, and cannot be told apart.
    want = [b"Subject: %d\n\n" % n + "\n".join(ls).encode().replace(b">From ", b"From ") for n, ls in enumerate(bodies)]
    assert [g.rstrip(b"\n") for g in got] == [w.rstrip(b"\n") for w in want]


@pytest.mark.parametrize("step", [1, 7, 64, 1000])
def test_where_blocks_end_makes_no_difference(step: int) -> None:
    """A pipe may hand over an mbox in pieces of any size."""

    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(step, size or step))

    data = mbox(*(mail(n, f"From me\n{'word ' * n}") for n in range(30)))
    got = [c.raw for c in mbox_mails(Stream(Trickle(data), None), Limits())]
    assert got == cut(data)
    assert len(got) == 30


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's peak memory")
def test_memory_does_not_grow_with_the_mailbox(tmp_path: Path) -> None:
    """A mailbox twenty times as large needs no more than a few megabytes more."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom supportdesk.channels.sources import open_source\n"
        "count = sum(1 for _ in open_source(Path(sys.argv[1]), processes=1))\n"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "print(count, peak.split()[1])\n"
    )
    peaks = []
    for count in (1000, 20_000):
        path = tmp_path / f"{count}.mbox"
        path.write_bytes(mbox(*(mail(n, "word " * 200) for n in range(count))))
        run = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
        assert run.stdout.split()[0] == str(count)
        peaks.append(int(run.stdout.split()[1]))
    assert peaks[1] - peaks[0] < 8 * 1024


def _corpus() -> Path | None:
    named = os.environ.get("SUPPORTDESK_CORPORA")
    roots = [Path(named)] if named else [p / "shared" / "corpora" for p in Path(__file__).resolve().parents]
    return next((r / "email" for r in roots if (r / "email").is_dir()), None)


@pytest.mark.skipif(_corpus() is None, reason="the mail corpus is not here")
def test_every_file_of_the_mail_corpus_is_read_or_set_aside_with_a_reason() -> None:
    """Real mails, broken ones among them: one result for each visible file, mails read, the rest explained."""
    root = _corpus()
    assert root is not None
    results = read(root)
    visible = {str(p.relative_to(root.parent)) for p in root.rglob("*") if p.is_file() and p.name[0] != "."}
    assert {r.source.partition("#")[0] for r in results} == visible
    mails = {r.source.partition("#")[0] for r in results if isinstance(r, IncomingMessage)}
    unread = [r for r in results if isinstance(r, Unreadable)]
    assert all(r.reason.endswith(".") for r in unread)
    emls = {name for name in visible if name.endswith(".eml")}
    assert emls <= mails


@pytest.mark.skipif(_corpus() is None, reason="the mail corpus is not here")
def test_an_mbox_of_the_corpus_gives_the_same_mails_as_its_files(tmp_path: Path) -> None:
    """Writing real mails into an mbox and reading them back changes nothing a person sees."""
    root = _corpus()
    assert root is not None
    files = sorted((root / "mail_gem").rglob("*.eml"))
    raws = [f.read_bytes().replace(b"\r\n", b"\n") for f in files]
    raws = [raw for raw in raws if not raw.startswith(b"From ")]
    box = mailbox.mbox(tmp_path / "box")
    for raw in raws:
        box.add(mailbox.mboxMessage(raw))
    box.close()
    (tmp_path / "files").mkdir()
    for number, raw in enumerate(raws):
        (tmp_path / "files" / f"{number:04}.eml").write_bytes(raw)

    def seen(results: list[Incoming]) -> list[tuple[object, ...]]:
        return [
            (r.message_id, r.subject, r.sender, r.text.strip(), tuple(f.name for f in r.attachments))
            for r in results
            if isinstance(r, IncomingMessage)
        ]

    from_box, from_files = seen(read(tmp_path / "box")), seen(read(tmp_path / "files"))
    assert len(from_files) == len(raws)
    same = sum(a == b for a, b in zip(from_box, from_files, strict=True))
    # The standard library rewrites a few broken header blocks when it puts a mail into an mbox.
    assert same >= len(raws) - 5


def test_tickets_are_read_from_json_lines() -> None:
    """The documented fields arrive where they belong."""
    line = (
        b'{"id": 1042, "channel": "chat", "subject": "Double charge",'
        b'"requester": {"email": "Ann@Example.ORG", "name": "Ann"},'
        b'"messages": [{"from": "customer", "text": "Twice!", "at": "2026-03-02T09:12:00+01:00", "message_id": "<a@x>",'
        b'"attachments": [{"name": "a.txt", "media_type": "text/plain", "content_base64": "aGk="}]},'
        b'{"from": "internal", "text": "Look at it.", "name": "Bo", "at": 1772438400}],'
        b'"records": {"order": {"total": "49.00"}}, "tags": ["vip"],'
        b'"status": "open", "priority": "high", "queue": "billing"}'
    )
    (ticket,) = read(None, stream=io.BytesIO(line))
    assert isinstance(ticket, IncomingTicket)
    assert (ticket.external, ticket.subject, ticket.channel) == ("1042", "Double charge", "chat")
    assert (ticket.requester.email, ticket.requester.name) == ("Ann@example.org", "Ann")
    assert (ticket.status, ticket.priority, ticket.queue, ticket.tags) == ("open", "high", "billing", ("vip",))
    assert ticket.records == {"order": {"total": "49.00"}}
    first, second = ticket.messages
    assert (first.author, first.text, first.sender.email, first.channel) == (
        Author.CUSTOMER,
        "Twice!",
        "Ann@example.org",
        "chat",
    )
    assert first.sent_at is not None and first.sent_at.isoformat() == "2026-03-02T08:12:00+00:00"
    assert first.message_id == "a@x"
    assert [(f.name, f.content, f.size) for f in first.attachments] == [("a.txt", b"hi", 2)]
    assert (second.author, second.sender.name) == (Author.INTERNAL, "Bo")
    assert second.sent_at is not None and second.sent_at.isoformat() == "2026-03-02T08:00:00+00:00"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not JSON"),
        (b"[1]\n", "not a JSON object"),
        (b'{"messages": []}', "at least one message"),
        (b'{"messages": [{"from": "boss", "text": "x"}]}', "customer, agent or internal"),
        (b'{"messages": [{"from": "customer"}]}', '"text" must be a string'),
        (b'{"messages": [{"from": "customer", "text": "x", "at": "soon"}]}', "no time"),
        (b'{"status": "lost", "messages": [{"from": "customer", "text": "x"}]}', "must be one of new, open"),
        (b'{"tags": "vip", "messages": [{"from": "customer", "text": "x"}]}', "list of strings"),
        (b'{"messages": [{"from": "customer", "text": "x", "attachments": [{"content_base64": "*"}]}]}', "not base64"),
        (b'{"messages": [{"from": "customer", "text": "\xff"}]}', "not UTF-8"),
        (b'{"id": NaN, "messages": [{"from": "customer", "text": "x"}]}', "NaN is not JSON"),
        (b'{"a": ' * 100_000 + b"1", "nested too deeply"),
        (b'{"id": ' + b"9" * 10_000 + b"}", "cannot be read"),
    ],
)
def test_a_bad_line_is_set_aside_with_its_number_and_the_others_are_read(line: bytes, said: str) -> None:
    """Each with what is wrong, in words, and the line itself."""
    results = read(None, stream=io.BytesIO(TICKET + line + b"\n" + TICKET))
    assert [type(r).__name__ for r in results] == ["IncomingTicket", "Unreadable", "IncomingTicket"]
    bad = results[1]
    assert isinstance(bad, Unreadable)
    assert said in bad.reason
    assert bad.source == "standard input:2"
    assert bad.raw == line.rstrip(b"\n")
