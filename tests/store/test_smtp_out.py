"""Delivery through a real SMTP server on this machine: what is called sent, failed and uncertain is just that."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import datetime as dt
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from servers import PASSWORD, Post, self_signed, smtp, tls

from supportdesk.channels.compose import compose
from supportdesk.channels.server import Auth, Security, Server
from supportdesk.channels.smtp_out import SmtpDelivery
from supportdesk.domain.outgoing import Outcome, Outgoing, Stage
from supportdesk.domain.thread import Address
from supportdesk.domain.words import OutboxState
from supportdesk.errors import BadSettings, ChannelTrouble, StoreTrouble

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

SENT, FAILED, UNCERTAIN = OutboxState.SENT, OutboxState.FAILED, OutboxState.UNCERTAIN
MAIL = Outgoing(
    message_id="1@desk.example",
    sender=Address("help@desk.example", "Help"),
    to=("ann@x.example",),
    cc=("bo@x.example",),
    bcc=("audit@x.example",),
    subject="Hello",
    text="One.\n.two\n..three\n",
    at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
)
ALL = MAIL.recipients


@contextlib.contextmanager
def script(answers: list[bytes | None]) -> Iterator[int]:
    """A server that answers each line with the next of these; None closes the connection."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            line, _ = listening.accept()
            with line, line.makefile("rb") as lines:
                for answer in answers:
                    if answer is None:
                        return
                    line.sendall(answer)
                    said = lines.readline()
                    if answer == b"354 go\r\n":
                        while said not in (b".\r\n", b""):
                            said = lines.readline()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()
        thread.join(10)


def plain_server(port: int, **fields: Any) -> Server:
    return dataclasses.replace(Server("127.0.0.1", port, Security.NONE, timeout=5.0), **fields)


def deliver(server: Server, mail: Outgoing = MAIL, answer_seconds: float = 5.0) -> tuple[Outcome, list[Stage]]:
    """One try, and the stages that were announced."""
    stages: list[Stage] = []
    outcome = SmtpDelivery(server, answer_seconds=answer_seconds).deliver(mail, compose(mail), stages.append)
    return outcome, stages


def settled(outcome: Outcome) -> bool:
    """Whether every recipient is accounted for exactly once."""
    named = [*outcome.accepted, *outcome.refused]
    return sorted({*named, *outcome.retry_to}) == sorted(ALL) and len(named) == len(set(named))


def test_an_accepted_mail_is_sent_to_everyone_as_composed() -> None:
    """The server gets the approved bytes, and the envelope names blind recipients too."""
    post = Post()
    with smtp(post) as port:
        outcome, stages = deliver(plain_server(port))
    assert (outcome.state, outcome.accepted, outcome.response) == (SENT, ALL, "250 kept as 4711")
    assert stages == [Stage.ENVELOPE, Stage.DATA]
    assert post.got == [("help@desk.example", list(ALL), compose(MAIL))]
    assert outcome.per_recipient == dict.fromkeys(ALL, "sent")


def test_only_those_still_to_be_served_are_named() -> None:
    """A second try after a partial refusal does not send to those who have it."""
    post = Post()
    with smtp(post) as port:
        outcome, _ = deliver(plain_server(port), dataclasses.replace(MAIL, only=("bo@x.example",)))
    assert outcome.accepted == ("bo@x.example",)
    assert post.got[0][1] == ["bo@x.example"]
    assert post.got[0][2] == compose(MAIL)


def test_a_partly_refused_mail_is_sent_and_says_who_did_not_get_it() -> None:
    """Each recipient has a result of their own; only 'later' is tried again."""
    post = Post()
    post.rcpt = {"bo@x.example": "550 5.1.1 no such user", "audit@x.example": "451 4.7.1 greylisted"}
    with smtp(post) as port:
        outcome, _ = deliver(plain_server(port))
    assert outcome.state is SENT
    assert outcome.accepted == ("ann@x.example",)
    assert outcome.refused["bo@x.example"].startswith("550 ")
    assert outcome.retry_to == ("audit@x.example",)
    assert settled(outcome)


@pytest.mark.parametrize(("answer", "again"), [("451 try later", ALL), ("550 no such user", ())])
def test_a_mail_refused_for_all_recipients_failed(answer: str, again: tuple[str, ...]) -> None:
    """4xx may be tried again, 5xx may not, and the text never left."""
    post = Post()
    post.rcpt = dict.fromkeys(ALL, answer)
    with smtp(post) as port:
        outcome, stages = deliver(plain_server(port))
    assert (outcome.state, outcome.retry_to, stages) == (FAILED, again, [Stage.ENVELOPE])
    assert settled(outcome)
    assert post.got == []


@pytest.mark.parametrize(("answer", "again"), [("452 disk full", ALL), ("554 looks like spam", ())])
def test_a_no_after_the_text_is_a_failure(answer: str, again: tuple[str, ...]) -> None:
    """The server's no is certain: the mail was not taken."""
    post = Post()
    post.data = lambda server: answer
    with smtp(post) as port:
        outcome, stages = deliver(plain_server(port))
    assert (outcome.state, outcome.retry_to) == (FAILED, again)
    assert stages == [Stage.ENVELOPE, Stage.DATA]
    assert answer in outcome.response
    assert settled(outcome)


def test_a_mix_of_later_and_never_retries_only_later() -> None:
    """After a final no, nobody who was finally refused is asked again."""
    post = Post()
    post.rcpt = {"bo@x.example": "550 no"}
    post.data = lambda server: "451 busy"
    with smtp(post) as port:
        outcome, _ = deliver(plain_server(port))
    assert outcome.state is FAILED
    assert set(outcome.retry_to) == {"ann@x.example", "audit@x.example"}


@pytest.mark.parametrize("manner", ["drop", "hang"])
def test_silence_after_the_text_is_uncertain(manner: str) -> None:
    """The server may have the mail: it is never tried again by itself."""
    post = Post()
    post.data = lambda server: manner
    with smtp(post) as port:
        outcome, stages = deliver(plain_server(port), answer_seconds=0.3)
    assert (outcome.state, outcome.retry_to) == (UNCERTAIN, ())
    assert stages == [Stage.ENVELOPE, Stage.DATA]


def test_a_server_that_thinks_long_about_a_whole_mail_is_waited_for() -> None:
    """Scanning takes time: giving up early would make a sent mail uncertain."""
    post = Post()
    post.data = lambda server: "slow"
    with smtp(post) as port:
        outcome, _ = deliver(plain_server(port, timeout=0.3), answer_seconds=20.0)
    assert outcome.state is SENT


def test_lines_that_begin_with_a_dot_arrive_whatever_comes_first() -> None:
    """Even a mail whose first character is a dot, or without a last line end, comes out as it went in."""
    post = Post()
    with smtp(post) as port:
        for raw in (b".A: b\r\n\r\n.\r\n..\r\n", b"A: b\r\n\r\nx"):
            SmtpDelivery(plain_server(port)).deliver(MAIL, raw, lambda stage: None)
    assert [raw for *_, raw in post.got] == [b".A: b\r\n\r\n.\r\n..\r\n", b"A: b\r\n\r\nx\r\n"]


def test_a_connection_lost_before_the_text_may_be_tried_again() -> None:
    """Nothing left but names, so nothing can arrive twice."""
    post = Post()
    post.rcpt = {"bo@x.example": "drop"}
    with smtp(post) as port:
        outcome, stages = deliver(plain_server(port))
    assert (outcome.state, outcome.retry_to, stages) == (FAILED, ALL, [Stage.ENVELOPE])


HELLO = [b"220 hi\r\n", b"250 mail.test\r\n", b"250 OK\r\n", b"250 OK\r\n", b"250 OK\r\n", b"250 OK\r\n"]


@pytest.mark.parametrize(
    ("answers", "state", "again"),
    [
        ([None], FAILED, ALL),
        ([b"421 too busy\r\n"], FAILED, ALL),
        ([b"554 go away\r\n"], FAILED, ALL),
        ([b"HTTP/1.1 400 Bad Request\r\n"], FAILED, ALL),
        ([*HELLO[:1], None], FAILED, ALL),
        ([*HELLO[:2], None], FAILED, ALL),
        ([*HELLO[:2], b"550 sender not wanted\r\n", b"221 bye\r\n"], FAILED, ()),
        ([*HELLO[:2], b"450 not now\r\n", b"221 bye\r\n"], FAILED, ALL),
        ([*HELLO[:3], b"421 shutting down\r\n", None], FAILED, ALL),
        ([*HELLO[:4], b"550 no\r\n", b"421 shutting down\r\n", None], FAILED, ("ann@x.example", "audit@x.example")),
        ([*HELLO, None], FAILED, ALL),
        ([*HELLO, b"554 no text wanted\r\n", b"221 bye\r\n"], FAILED, ()),
        ([*HELLO, b"250 what?\r\n", b"221 bye\r\n"], FAILED, ALL),
        ([*HELLO, b"354 go\r\n", None], UNCERTAIN, ()),
        ([*HELLO, b"354 go\r\n", b"gibberish\r\n", None], UNCERTAIN, ()),
        ([*HELLO, b"354 go\r\n", b"354 more\r\n", b"221 bye\r\n"], UNCERTAIN, ()),
        ([*HELLO, b"354 go\r\n", b"250 " + b"x" * 20000 + b"\r\n", None], UNCERTAIN, ()),
        ([*HELLO, b"354 go\r\n", b"250-half an ans", None], UNCERTAIN, ()),
        ([*HELLO, b"354 go\r\n", b"250 taken\r\n", None], SENT, ()),
    ],
)
def test_every_way_a_server_can_break_off_has_its_outcome(
    answers: list[bytes | None], state: OutboxState, again: tuple[str, ...]
) -> None:
    """Before the text: again later; after it: only the server's own word counts."""
    with script(answers) as port:
        outcome, stages = deliver(plain_server(port, timeout=1.0), answer_seconds=1.0)
    assert (outcome.state, outcome.retry_to) == (state, again), outcome.response
    assert (Stage.DATA in stages) == (answers[: len(HELLO)] == HELLO)


def test_a_mail_larger_than_one_piece_arrives_whole() -> None:
    """Several pieces with dots everywhere come out as they went in."""
    post = Post()
    mail = dataclasses.replace(MAIL, text=".\n" * 150_000)
    with smtp(post) as port:
        outcome, _ = deliver(plain_server(port), mail)
    assert outcome.state is SENT
    assert post.got[0][2] == compose(mail)


def test_a_mail_the_server_calls_too_big_is_not_begun() -> None:
    """The announced limit is believed before megabytes travel."""
    post = Post()
    with smtp(post, data_size_limit=200) as port:
        outcome, stages = deliver(plain_server(port))
    assert (outcome.state, outcome.retry_to, stages, post.got) == (FAILED, (), [], [])
    assert "200" in outcome.response


def test_when_a_stage_cannot_be_recorded_nothing_is_sent() -> None:
    """'About to transmit' is durable first, or the text stays here."""
    post = Post()

    for last in (Stage.ENVELOPE, Stage.DATA):

        def on_stage(stage: Stage, last: Stage = last) -> None:
            if stage is last:
                raise StoreTrouble("The store is full.")

        with smtp(post) as port, pytest.raises(StoreTrouble):
            SmtpDelivery(plain_server(port)).deliver(MAIL, compose(MAIL), on_stage)
    assert post.got == []


def test_a_server_that_is_away_is_said_plainly() -> None:
    """No connection at all: again later, and every other mail would meet the same."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        outcome, stages = deliver(plain_server(unused.getsockname()[1]))
    assert (outcome.state, outcome.retry_to, outcome.desk_wide, stages) == (FAILED, ALL, True, [])
    assert "refuses connections" in outcome.response


def test_hostile_words_of_a_server_are_made_harmless() -> None:
    """What a server says reaches screens and logs: no control characters, no endless lines."""
    said = b"550 \x1b]0;owned\x07 " + "\u202egnp".encode() + b" " + b"y" * 7000 + b"\r\n"
    with script([*HELLO[:2], said, b"221 bye\r\n"]) as port:
        outcome, _ = deliver(plain_server(port))
    for words in (outcome.response, *outcome.refused.values()):
        assert words.isprintable()
        assert "owned" not in words
        assert len(words) < 500


# Addresses beyond ASCII


def test_addresses_beyond_ascii_use_smtputf8() -> None:
    """José gets his mail where the server can carry it."""
    post = Post()
    mail = dataclasses.replace(MAIL, to=("josé@x.example",), cc=(), bcc=())
    with smtp(post) as port:
        outcome, _ = deliver(plain_server(port), mail)
    assert outcome.state is SENT
    assert "SMTPUTF8" in post.options
    assert post.got[0][1:] == (["josé@x.example"], compose(mail))


def test_without_smtputf8_such_an_address_fails_clearly() -> None:
    """In a header nobody can be served; unseen by the others, only that one cannot."""
    post = Post()
    with smtp(post, enable_SMTPUTF8=False) as port:
        openly, _ = deliver(plain_server(port), dataclasses.replace(MAIL, to=("josé@x.example",)))
        unseen, _ = deliver(plain_server(port), dataclasses.replace(MAIL, bcc=("josé@x.example",)))
    assert (openly.state, openly.retry_to) == (FAILED, ())
    assert "ASCII" in openly.response
    assert unseen.state is SENT
    assert unseen.accepted == ("ann@x.example", "bo@x.example")
    assert list(unseen.refused) == ["josé@x.example"]
    assert len(post.got) == 1


# Encryption


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for 127.0.0.1, with its key."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_an_encrypted_way_out_with_a_known_certificate_works(certificate: Path, security: Security) -> None:
    """With the certificate's authority named, mail leaves encrypted."""
    post = Post()
    options = {"ssl_context" if security is Security.TLS else "tls_context": tls(certificate)}
    with smtp(post, **options) as port:
        outcome, _ = deliver(plain_server(port, security=security, ca=str(certificate)))
    assert outcome.state is SENT, outcome.response
    assert len(post.got) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_an_unknown_certificate_is_refused(certificate: Path, security: Security) -> None:
    """A stranger between us and the server gets neither mail nor password."""
    post = Post()
    options = {"ssl_context" if security is Security.TLS else "tls_context": tls(certificate)}
    with smtp(post, **options) as port:
        outcome, stages = deliver(plain_server(port, security=security))
        wrong_name, _ = deliver(plain_server(port, host="localhost", security=security, ca=str(certificate)))
        any_will_do, _ = deliver(plain_server(port, security=security, insecure=True))
    assert (outcome.state, stages) == (FAILED, [])
    assert "certificate" in outcome.response
    assert wrong_name.state is FAILED
    assert any_will_do.state is SENT
    assert len(post.got) == 1


def test_a_server_without_starttls_gets_nothing_when_it_is_asked_for() -> None:
    """Encryption that was configured is never silently left out."""
    post = Post()
    with smtp(post) as port:
        outcome, stages = deliver(plain_server(port, security=Security.STARTTLS))
    assert (outcome.state, stages, post.got) == (FAILED, [], [])
    assert "STARTTLS" in outcome.response


def test_a_plain_server_behind_a_tls_port_is_said_plainly() -> None:
    """The usual mix-up of 465 and 587 has a sentence of its own."""
    with smtp(Post()) as port:
        outcome, _ = deliver(plain_server(port, security=Security.TLS, timeout=2.0))
    assert outcome.state is FAILED
    assert "TLS" in outcome.response


# Logging in


class Doorman:
    """Knows one user and one password or token."""

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"desk", PASSWORD.encode())
        return AuthResult(success=known, handled=False)


class OauthPost(Post):
    """Also takes an OAuth 2 token."""

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> Any:
        said = base64.b64decode(args[1]).decode()
        if said == "user=desk\1auth=Bearer token-1234\1\1":
            return AuthResult(success=True, auth_data=b"desk")
        await server.push("334 " + base64.b64encode(b'{"status":"401"}').decode())
        await server._reader.readline()
        await server.push("535 5.7.8 token expired: token-expired-99")
        return AuthResult(success=False, handled=True)


LOGIN = {"authenticator": Doorman(), "auth_required": True, "auth_require_tls": False}


@pytest.mark.parametrize("excluded", [["LOGIN"], ["PLAIN"]])
def test_a_password_opens_the_door(excluded: list[str]) -> None:
    """By PLAIN or by LOGIN, whichever the server has; letters beyond ASCII are part of passwords."""
    post = Post()
    with smtp(post, **LOGIN, auth_exclude_mechanism=excluded) as port:
        outcome, _ = deliver(plain_server(port, user="desk", password=lambda: PASSWORD))
    assert outcome.state is SENT, outcome.response
    assert len(post.got) == 1


def test_a_wrong_password_concerns_the_whole_desk_and_is_never_shown() -> None:
    """The mail waits; the sentence names server and user, not the password."""
    post = Post()
    with smtp(post, **LOGIN) as port:
        outcome, stages = deliver(plain_server(port, user="desk", password=lambda: "wrong-secret-1"))
    assert (outcome.state, outcome.retry_to, outcome.desk_wide, stages) == (FAILED, ALL, True, [])
    assert "desk" in outcome.response
    assert "wrong-secret-1" not in repr(outcome)
    assert post.got == []


@pytest.mark.parametrize(("token", "state"), [("token-1234", SENT), ("token-expired-99", FAILED)])
def test_a_token_opens_the_door_where_passwords_do_not(token: str, state: OutboxState) -> None:
    """XOAUTH2, with its refusal in two steps; a token the server repeats is not repeated by us."""
    post = OauthPost()
    with smtp(post, **LOGIN) as port:
        outcome, _ = deliver(plain_server(port, user="desk", password=lambda: token, auth=Auth.XOAUTH2))
    assert outcome.state is state, outcome.response
    assert "token-expired-99" not in repr(outcome)


def test_a_missing_password_or_way_to_log_in_is_said() -> None:
    """Nothing to log in with, or nowhere to: one sentence each, the mail waits."""
    with smtp(Post(), **LOGIN) as port:
        missing, _ = deliver(plain_server(port, user="desk", password=lambda: ""))
        no_oauth, _ = deliver(plain_server(port, user="desk", password=lambda: "x", auth=Auth.XOAUTH2))

        def broken() -> str:
            raise BadSettings("The secrets file is open to other users.")

        refused, _ = deliver(plain_server(port, user="desk", password=broken))
    for outcome in (missing, no_oauth, refused):
        assert (outcome.state, outcome.retry_to) == (FAILED, ALL)
    assert "no password" in missing.response
    assert "xoauth2" in no_oauth.response
    assert "open to other users" in refused.response


def test_a_password_never_travels_in_clear_over_a_network() -> None:
    """Without encryption and on another machine, a login is refused before any connection."""
    with pytest.raises(BadSettings):
        Server("mail.example", 25, Security.NONE, user="desk", password=lambda: "x")
    assert Server("mail.example", 25, Security.NONE).user == ""


def test_trying_a_server_out_tells_how_far_it_went(certificate: Path) -> None:
    """Each step in words, the last one says what fails."""
    post = Post()
    with smtp(post, tls_context=tls(certificate), require_starttls=True, **LOGIN) as port:
        secure = plain_server(port, security=Security.STARTTLS, ca=str(certificate), user="desk")
        good = SmtpDelivery(dataclasses.replace(secure, password=lambda: PASSWORD)).test()
        bad = SmtpDelivery(dataclasses.replace(secure, password=lambda: "wrong-secret-1")).test()
        untrusted = SmtpDelivery(dataclasses.replace(secure, ca="", password=lambda: PASSWORD)).test()
    assert good.ok
    assert (bad.ok, untrusted.ok) == (False, False)
    assert bad.lines[:2] == good.lines[:2]
    assert untrusted.lines[:1] == good.lines[:1]
    assert "certificate" in untrusted.lines[-1]
    assert "wrong-secret-1" not in " ".join(bad.lines)
    assert post.got == []


def test_an_authority_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A mistyped path to the certificate is one sentence, and nothing is sent."""
    with pytest.raises(ChannelTrouble):
        Server("127.0.0.1", 25, ca=str(tmp_path / "none.pem")).context()
