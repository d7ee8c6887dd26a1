"""Mails in from a real IMAP server on this machine: each once, whatever breaks, and nothing else touched."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import random
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import PASSWORD, USER, Imap, imap, self_signed

from supportdesk.channels.imap_in import AfterFetch, Fetched, ImapMailbox, Position
from supportdesk.channels.server import Auth, Security, Server
from supportdesk.errors import BadSettings, ChannelTrouble

SEEN, MOVE = AfterFetch.SEEN, AfterFetch.MOVE


def mail(number: int, body: str = "hello") -> bytes:
    return f"Message-ID: <{number}@x.example>\r\nSubject: {number}\r\n\r\n{body}\r\n".encode()


def at(port: int, **fields: Any) -> Server:
    known = Server("127.0.0.1", port, Security.NONE, user=USER, password=lambda: PASSWORD, timeout=5.0)
    return dataclasses.replace(known, **fields)


def box(server: Imap, folder: str = "INBOX", **options: Any) -> ImapMailbox:
    return ImapMailbox(at(server.port), folder, **options)


def raws(mails: Iterable[Fetched]) -> list[bytes]:
    return [one.raw for one in mails]


def test_mails_come_once_in_order_byte_for_byte() -> None:
    """What arrived is fetched, and a second look brings only what is new."""
    odd = b"Subject: odd\r\n\r\n\x00\xff {3}\r\n* 5 EXISTS\r\n.\r\nno newline"
    with imap() as server:
        server.put(mail(1), odd, mail(2, "x" * 200_000))
        mailbox = box(server)
        assert raws(mailbox.fetch()) == [mail(1), odd, mail(2, "x" * 200_000)]
        assert raws(mailbox.fetch(mailbox.position)) == []
        server.put(mail(3))
        assert raws(mailbox.fetch(mailbox.position)) == [mail(3)]


def test_unless_told_otherwise_nothing_changes_on_the_server() -> None:
    """Looking into somebody's mailbox leaves no trace there."""
    with imap() as server:
        server.put(mail(1), mail(2))
        before = server.flags()
        assert len(raws(box(server).fetch())) == 2
        assert server.flags() == before


def test_kept_mails_are_marked_as_read_and_nobody_elses_are_removed() -> None:
    """A mail somebody only marked as deleted stays where it is."""
    with imap() as server:
        server.put(mail(1))
        server.put(mail(2), flags=r"(\Deleted)")
        assert len(raws(box(server, after=SEEN).fetch())) == 2
        after = server.flags()
    assert rb"\Seen" in after[b"Subject: 1"]
    assert rb"\Deleted" in after[b"Subject: 2"]


@pytest.mark.parametrize("without", [(), ("MOVE",), ("MOVE", "UIDPLUS")])
def test_kept_mails_are_moved_and_nobody_elses_are_removed(without: tuple[str, ...]) -> None:
    """On every sort of server; where single mails cannot be removed, ours stay behind marked as deleted."""
    with imap(without=without) as server:
        server.other.create("Done")
        server.put(mail(1), mail(2))
        mails = box(server, after=MOVE, move_to="Done").fetch()
        next(mails)
        server.put(mail(3), flags=r"(\Deleted)")
        assert len(raws(mails)) == 1
        assert set(server.flags("Done")) == {b"Subject: 1", b"Subject: 2"}
        left = server.flags()
        assert rb"\Deleted" in left.pop(b"Subject: 3")
        assert all(rb"\Deleted" in flags for flags in left.values())
        assert bool(left) == ("UIDPLUS" in without)


def test_a_mail_that_was_not_kept_is_neither_marked_nor_passed_over() -> None:
    """When keeping fails, the mail comes again, unread as before."""
    with imap() as server:
        server.put(mail(1), mail(2), mail(3))
        kept: list[Fetched] = []
        mails = box(server, after=SEEN).fetch()
        kept.append(next(mails))
        next(mails)  # handed out, never kept
        mails.close()
        assert not any(rb"\Seen" in flags for flags in server.flags().values())
        kept += box(server, after=SEEN).fetch(kept[-1].position)
        assert [one.raw for one in kept] == [mail(1), mail(2), mail(3)]
        assert all(rb"\Seen" in flags for flags in server.flags().values())


def test_a_fetch_broken_off_anywhere_ends_with_every_mail_once() -> None:
    """Whatever is kept with its position, in whatever pieces: the same mails, each once, all moved."""
    chance = random.Random(7)
    with imap() as server:
        server.other.create("Done")
        server.put(*[mail(n) for n in range(60)])
        kept: list[bytes] = []
        position = Position()
        for _ in range(200):
            pieces = chance.randrange(1, 25)
            mails = box(server, after=MOVE, move_to="Done").fetch(position)
            for one in mails:
                kept.append(one.raw)
                position = one.position
                pieces -= 1
                if not pieces:
                    break
            else:
                break
            mails.close()  # as a killed process: the rest of the batch was never marked
        assert kept == [mail(n) for n in range(60)]
        assert len(server.flags("Done")) == 60
        assert server.flags() == {}


def test_a_folder_with_new_numbers_is_read_from_its_start() -> None:
    """After a server was rebuilt its old numbers mean other mails."""
    with imap() as server:
        server.other.create("Support")
        server.put(mail(1), mail(2), folder="Support")
        mailbox = box(server, "Support")
        assert len(raws(mailbox.fetch())) == 2
        old = mailbox.position
        server.other.delete("Support")
        server.other.create("Support")
        server.put(mail(3), folder="Support")
        assert raws(mailbox.fetch(dataclasses.replace(old, uidvalidity=old.uidvalidity + 1))) == [mail(3)]


def test_a_mail_that_is_too_large_stays_on_the_server_and_is_told_of() -> None:
    """Its headers come, with the reason; the next mail is unaffected."""
    with imap() as server:
        server.put(mail(1), mail(2, "x" * 5000), mail(3))
        small, large, last = box(server, after=SEEN, largest=2000).fetch()
        after = server.flags()
    assert (small.trouble, last.trouble) == ("", "")
    assert last.raw == mail(3)
    assert large.trouble
    assert b"Subject: 2" in large.raw
    assert len(large.raw) < 1000 < large.size
    assert rb"\Seen" not in after[b"Subject: 2"]
    assert rb"\Seen" in after[b"Subject: 3"]


def test_folders_with_names_in_any_script_work() -> None:
    """Names travel in IMAP's own UTF-7."""
    with imap() as server:
        server.other.create('"B&APw-ro &- Co"')
        server.other.create('"&ZeVnLIqe-"')
        server.put(mail(1), folder='"B&APw-ro &- Co"')
        assert raws(box(server, "Büro & Co", after=MOVE, move_to="日本語").fetch()) == [mail(1)]
        assert list(server.flags('"&ZeVnLIqe-"')) == [b"Subject: 1"]


# Waiting for new mail


@contextlib.contextmanager
def watching(mailbox: ImapMailbox, **options: Any) -> Iterator[tuple[list[bytes], threading.Semaphore, list[str]]]:
    """Watch in a thread, as a worker does; gives the mails, a signal per mail and the troubles."""
    got: list[bytes] = []
    troubles: list[str] = []
    signal, stop = threading.Semaphore(0), threading.Event()

    def on_trouble(trouble: ChannelTrouble) -> None:
        troubles.append(str(trouble))

    def run() -> None:
        for one in mailbox.watch(Position(), stop, on_trouble=on_trouble, first_delay=0.05, **options):
            got.append(one.raw)
            signal.release()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield got, signal, troubles
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize("without", [(), ("IDLE",)])
def test_new_mail_comes_by_itself(without: tuple[str, ...]) -> None:
    """Told by the server, or asked for where it cannot tell."""
    with imap(without=without) as server, watching(box(server), every=0.1) as (got, signal, troubles):
        server.put(mail(1))
        assert signal.acquire(timeout=20)
        server.put(mail(2), mail(3))
        assert signal.acquire(timeout=20)
        assert signal.acquire(timeout=20)
        assert got == [mail(1), mail(2), mail(3)]
        # This server's IDLE gives up now and then; that is told, taken up again, and loses nothing.
        assert all("closed the connection" in words for words in troubles)


def test_a_lost_connection_is_told_and_taken_up_again() -> None:
    """After the server went away for a moment nothing is missing and nothing comes twice."""
    with imap() as server:
        with watching(box(server)) as (got, signal, troubles):
            server.put(mail(1))
            assert signal.acquire(timeout=20)
            server.drop()
            with pytest.raises(Exception, match=r"EOF|reset|pipe"):
                server.other.noop()
            again = Imap(server.port, None, server.drop)
            again.put(mail(2))
            assert signal.acquire(timeout=20)
        assert got == [mail(1), mail(2)]
        # Closed, reset or refused: which it is depends on what was under way when the server went.
        assert troubles
        assert all("127.0.0.1" in words for words in troubles)


def test_a_server_that_is_away_is_tried_until_told_to_stop() -> None:
    """The worker neither dies nor hammers; each failure is told."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        stop = threading.Event()
        told: list[str] = []

        def on_trouble(trouble: ChannelTrouble) -> None:
            told.append(str(trouble))
            if len(told) == 3:
                stop.set()

        mails = ImapMailbox(at(port)).watch(Position(), stop, on_trouble=on_trouble, first_delay=0.01)
        assert list(mails) == []
    assert len(told) == 3
    assert "refuses connections" in told[0]


# A server made of answers, for what real ones do only sometimes


@contextlib.contextmanager
def script(answers: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    """A server that answers commands by their first words; a missing answer closes the connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard: list[str] = []
    usual = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK done\r\n",
        "LOGIN": "{tag} OK in\r\n",
        "EXAMINE": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-ONLY] done\r\n",
        "LIST": '* LIST () "/" INBOX\r\n{tag} OK done\r\n',
        "LOGOUT": "* BYE\r\n{tag} OK done\r\n",
    }

    def serve() -> None:
        with contextlib.suppress(OSError):
            line, _ = listening.accept()
            with line, line.makefile("rb") as lines:
                line.sendall(b"* OK hi\r\n")
                for raw in lines:
                    said = raw.decode().strip()
                    heard.append(said)
                    tag, _, command = said.partition(" ")
                    known = {**usual, **answers}
                    for start in sorted(known, key=len, reverse=True):
                        if command.startswith(start) or said.startswith(start):
                            line.sendall(known[start].replace("{tag}", tag).encode())
                            break
                    else:
                        return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], heard
    finally:
        listening.close()
        thread.join(10)


FETCH = {
    "UID SEARCH": "* SEARCH 5 9 7\r\n{tag} OK done\r\n",
    "UID FETCH 5,7,9 (UID RFC822.SIZE)": (
        "* 1 FETCH (UID 5 RFC822.SIZE 3)\r\n* 3 FETCH (RFC822.SIZE 3 UID 9)\r\n"
        "* 2 FETCH (UID 7 RFC822.SIZE 0)\r\n{tag} OK done\r\n"
    ),
}


def test_answers_in_any_order_and_shape_are_understood() -> None:
    """Numbers after the content, news in between, an empty mail as a quoted string."""
    bodies = (
        '* 3 FETCH (BODY[] {3}\r\nnin UID 9)\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 7 BODY[] "")\r\n'
        "* 4 EXISTS\r\n* 1 FETCH (UID 5 BODY[] {3}\r\nfiv)\r\n{tag} OK done\r\n"
    )
    with script({**FETCH, "UID FETCH 5,7,9 (UID BODY.PEEK[])": bodies}) as (port, _):
        got = [(one.uid, one.raw, one.trouble) for one in ImapMailbox(at(port, password=lambda: "x")).fetch()]
    assert got == [(5, b"fiv", ""), (7, b"", ""), (9, b"nin", "")]


def test_one_mail_the_server_cannot_give_does_not_cost_the_others() -> None:
    """It is told of with the headers there are, and stays where it is."""
    answers = {
        **FETCH,
        "UID FETCH 5,7,9 (UID BODY.PEEK[])": "{tag} NO internal error\r\n",
        "UID FETCH 5 (UID BODY": "* 1 FETCH (UID 5 BODY[] {3}\r\nfiv)\r\n{tag} OK done\r\n",
        "UID FETCH 7 (UID BODY.PEEK[])": "{tag} NO internal error\r\n",
        "UID FETCH 7 (UID RFC822": "* 2 FETCH (UID 7 RFC822.SIZE 3)\r\n{tag} OK done\r\n",
        "UID FETCH 7 (UID BODY.PEEK[HEADER]": "* 2 FETCH (UID 7 BODY[HEADER]<0> {4}\r\nA: b)\r\n{tag} OK done\r\n",
        "UID FETCH 9 (UID BODY.PEEK[])": "{tag} OK nothing\r\n",
        "UID FETCH 9 (UID RFC822": "{tag} OK gone\r\n",
    }
    with script(answers) as (port, _):
        first, broken = ImapMailbox(at(port, password=lambda: "x")).fetch()
    assert (first.uid, first.raw, first.trouble) == (5, b"fiv", "")
    assert (broken.uid, broken.raw) == (7, b"A: b")
    assert broken.trouble


@pytest.mark.parametrize(
    "go_ahead",
    [
        "+ idling\r\n* 4 EXISTS\r\n",
        "* 4 EXISTS\r\n+ idling\r\n",
        "+ idling\r\n* OK still here\r\n* 4 EXISTS\r\n* 1 RECENT\r\n",
    ],
)
def test_news_that_come_with_the_go_ahead_are_not_waited_for(go_ahead: str) -> None:
    """A mail between looking and waiting is seen at once, not minutes later."""
    answers = {
        "CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n",
        "UID SEARCH": "* SEARCH\r\n{tag} OK done\r\n",
        "IDLE": go_ahead,
    }
    stop = threading.Event()
    with script(answers) as (port, heard):
        mails = ImapMailbox(at(port, password=lambda: "x")).watch(Position(), stop, first_delay=0.01)
        watcher = threading.Thread(target=lambda: list(mails))
        watcher.start()
        done = threading.Event()
        for _ in range(200):
            if done.wait(0.02) or any(said == "DONE" for said in heard):
                break
        said_done = "DONE" in heard
        stop.set()
    watcher.join(20)
    assert said_done
    assert not watcher.is_alive()


@pytest.mark.parametrize(("words", "token"), [("OK", "good-token"), ("NO", "bad-token")])
def test_a_token_logs_in_and_its_refusal_shows_no_token(words: str, token: str) -> None:
    """XOAUTH2; a refusal comes in two steps and may repeat the token."""
    encoded = base64.b64encode(b"user=desk\1auth=Bearer ").decode()[:28]
    listening = socket.create_server(("127.0.0.1", 0))
    heard: list[str] = []

    def serve() -> None:
        line, _ = listening.accept()
        with line, line.makefile("rb") as lines:
            line.sendall(b"* OK hi\r\n")
            tag = ""
            for raw in lines:
                said = raw.decode().strip()
                heard.append(said)
                if "CAPABILITY" in said:
                    line.sendall(f"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{said.split()[0]} OK done\r\n".encode())
                elif "AUTHENTICATE" in said:
                    tag = said.split()[0]
                    line.sendall(b"+ \r\n")
                elif said.startswith(encoded) and words == "NO":
                    line.sendall(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")
                elif said.startswith(encoded) or said == "":
                    line.sendall(f"{tag} {words} [AUTHENTICATIONFAILED] {token} expired\r\n".encode())
                else:
                    line.sendall(f"* BYE\r\n{said.split()[0]} OK done\r\n".encode())
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    server = at(listening.getsockname()[1], password=lambda: token, auth=Auth.XOAUTH2)
    trial = ImapMailbox(server).test()
    listening.close()
    thread.join(10)
    assert any(said.startswith(encoded) for said in heard), heard
    assert any("logged in" in line for line in trial.lines) == (words == "OK")
    assert token not in " ".join(trial.lines)


@pytest.mark.parametrize(
    "answers",
    [
        {"LOGIN": "{tag} NO [AUTHENTICATIONFAILED] wrong pass-word-1\r\n"},
        {"LOGIN": "{tag} BAD \x1b]0;x\x07what?\r\n"},
        {"LOGIN": "* BYE overloaded\r\n"},
        {"EXAMINE": "{tag} NO no such folder\r\n"},
        {"EXAMINE": "* 3 EXISTS\r\n{tag} OK done\r\n"},
        {"CAPABILITY": "nonsense\r\n"},
        {"UID SEARCH": "{tag} NO busy\r\n"},
        {**FETCH, "UID FETCH": "* 1 FETCH (UID 5 BODY[] {900}\r\nshort"},
        {**FETCH},
    ],
)
def test_whatever_a_server_says_ends_in_one_plain_sentence(answers: dict[str, str]) -> None:
    """No traceback, no password, nothing a terminal would obey; and what was kept stays kept."""
    with script(answers) as (port, _), pytest.raises(ChannelTrouble) as trouble:
        list(ImapMailbox(at(port, password=lambda: "pass-word-1", timeout=1.0)).fetch())
    assert str(trouble.value).isprintable()
    assert "pass-word-1" not in str(trouble.value)
    assert "127.0.0.1" in str(trouble.value)
    assert not re.search(r"b'|\bTraceback\b|Errno", str(trouble.value))


# Trying out, and encryption


def test_trying_a_mailbox_out_tells_how_far_it_went(tmp_path: Path) -> None:
    """Each step in words, the last one says what fails; nothing is changed."""
    certificate = self_signed(tmp_path)
    with imap(certificate=certificate) as server:
        server.put(mail(1))
        before = server.flags()
        secure = at(server.port, security=Security.TLS, ca=str(certificate))
        assert ImapMailbox(secure, after=SEEN).test().ok
        assert raws(ImapMailbox(secure).fetch()) == [mail(1)]
        wrong = ImapMailbox(dataclasses.replace(secure, password=lambda: "wrong-pass-1")).test()
        no_folder = ImapMailbox(secure, "Suport").test()
        no_target = ImapMailbox(secure, after=MOVE, move_to="Done").test()
        untrusted = ImapMailbox(dataclasses.replace(secure, ca="")).test()
        clear = ImapMailbox(dataclasses.replace(secure, security=Security.NONE, timeout=1.0)).test()
        assert server.flags() == before
    for trial, named in ((wrong, USER), (no_folder, "INBOX"), (no_target, "Done"), (untrusted, "certificate")):
        assert not trial.ok
        assert named in trial.lines[-1]
    assert not clear.ok
    assert len(no_target.lines) > len(no_folder.lines) > len(wrong.lines) > len(untrusted.lines)
    assert "wrong-pass-1" not in " ".join(wrong.lines)


def test_a_server_without_starttls_hears_no_password() -> None:
    """Encryption that was configured is never silently left out."""
    with script({}) as (port, heard):
        trial = ImapMailbox(at(port, security=Security.STARTTLS, password=lambda: "pass-word-1")).test()
    assert not trial.ok
    assert "STARTTLS" in trial.lines[-1]
    assert not any("pass-word-1" in said for said in heard)


def test_a_copy_of_a_sent_mail_is_kept_once() -> None:
    """In the Sent folder, as read; asked twice, it is there once."""
    with imap() as server:
        server.other.create("Sent")
        mailbox = box(server)
        assert mailbox.keep_copy("Sent", mail(1), "1@x.example") is True
        assert mailbox.keep_copy("Sent", mail(1), "1@x.example") is False
        assert mailbox.keep_copy("Sent", mail(2), "2@x.example") is True
        sent = server.flags("Sent")
        assert sorted(sent) == [b"Subject: 1", b"Subject: 2"]
        assert all(rb"\Seen" in flags for flags in sent.values())


@pytest.mark.parametrize(
    ("folder", "options"),
    [("", {}), ("a\r\nb", {}), ("INBOX", {"after": MOVE}), ("INBOX", {"after": MOVE, "move_to": "INBOX"})],
)
def test_settings_that_cannot_work_are_refused(folder: str, options: dict[str, Any]) -> None:
    """Before any connection is made."""
    with pytest.raises(BadSettings):
        ImapMailbox(at(143), folder, **options)
