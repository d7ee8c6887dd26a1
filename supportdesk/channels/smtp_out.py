"""Approved replies out by SMTP.

Exactly once does not exist here: when the connection breaks after the mail's text began to leave, nobody can
know. So `sent` needs the server's yes, `failed` its no or a break before the text, and all else is `uncertain`,
for a person to settle.
"""

from __future__ import annotations

import base64
import contextlib
import smtplib
from collections.abc import Callable

from supportdesk.channels.compose import wire_address
from supportdesk.channels.server import Auth, Security, Server, Trial, plain, said
from supportdesk.domain.outgoing import Outcome, Outgoing, Stage
from supportdesk.domain.words import OutboxState
from supportdesk.errors import ChannelTrouble, DeskError

ANSWER_SECONDS = 600.0
"""How long a server may take to answer for a whole mail (RFC 5321, 4.5.3.2.6)."""

_CHUNK = 65536


class SmtpDelivery:
    """A way out for approved replies through a mail server; one connection a mail."""

    def __init__(self, server: Server, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Deliver through this server, and wait so long for its answer to a whole mail."""
        self._server = server
        self._answer_seconds = answer_seconds

    def deliver(self, outgoing: Outgoing, raw: bytes, on_stage: Callable[[Stage], None]) -> Outcome:
        """Hand one mail over. Whatever `on_stage` raises is raised on, and then nothing was sent."""
        try:
            client = self._connect()
        except (OSError, smtplib.SMTPException, DeskError) as trouble:
            words = f"Not sent: {plain(trouble, self._server)}."
            return Outcome(OutboxState.FAILED, words, retry_to=outgoing.recipients, desk_wide=True)
        with contextlib.closing(client):
            outcome = _Handover(client, self._server, outgoing, raw).run(on_stage, self._answer_seconds)
            _part(client)
        return outcome

    def was_delivered(self, message_id: str) -> bool | None:
        """Whether an earlier try had delivered it: a mail server cannot tell, so always None."""
        del message_id
        return None

    def test(self) -> Trial:
        """Connect and log in, and say how far it went; sends nothing."""
        lines: list[str] = []
        try:
            client = self._connect(lines)
        except (OSError, smtplib.SMTPException, DeskError) as trouble:
            return Trial(False, (*lines, f"Failed: {plain(trouble, self._server)}."))
        with contextlib.closing(client):
            _part(client)
        return Trial(True, tuple(lines))

    def _connect(self, lines: list[str] | None = None) -> smtplib.SMTP:
        """A connection as secure as configured, logged in; `lines` gets a sentence for each step."""
        server = self._server
        steps = lines if lines is not None else []
        client: smtplib.SMTP
        # Without a name given, smtplib asks the name service for ours.
        if server.security is Security.TLS:
            client = smtplib.SMTP_SSL(
                server.host, server.port, "localhost", timeout=server.timeout, context=server.context()
            )
        else:
            client = smtplib.SMTP(server.host, server.port, "localhost", timeout=server.timeout)
        try:
            steps.append(f"{server.name} answers.")
            _greet(client)
            if server.security is Security.STARTTLS:
                if not client.has_extn("starttls"):
                    raise ChannelTrouble(f"{server.name} does not offer STARTTLS, and without it nothing is sent.")
                client.starttls(context=server.context())
                _greet(client)
            if server.security is not Security.NONE:
                steps.append("The connection is encrypted.")
            if server.user:
                self._log_in(client)
                steps.append(f"{server.user} is logged in.")
        except BaseException:
            client.close()
            raise
        return client

    def _log_in(self, client: smtplib.SMTP) -> None:
        server = self._server
        offered = client.esmtp_features.get("auth", "").upper().split()
        secret = server.secret()
        if server.auth is Auth.XOAUTH2 and "XOAUTH2" in offered:
            answer = client.docmd("AUTH", f"XOAUTH2 {_base64(server.oauth(secret))}")
            if answer[0] == 334:
                # The refusal comes in two steps.
                answer = client.docmd("")
        elif server.auth is Auth.PASSWORD and "PLAIN" in offered:
            answer = client.docmd("AUTH", "PLAIN " + _base64(f"\0{server.user}\0{secret}"))
        elif server.auth is Auth.PASSWORD and "LOGIN" in offered:
            answer = client.docmd("AUTH", "LOGIN")
            for word in (server.user, secret):
                if answer[0] == 334:
                    answer = client.docmd(_base64(word))
        else:
            ways = ", ".join(map(said, offered)) or "none"
            raise ChannelTrouble(f"{server.name} offers no login by {server.auth} (it offers: {ways}).")
        if answer[0] not in (235, 503):
            raise ChannelTrouble(f"{server.name} refused the login of {server.user}: {_words(answer, secret)}.")


class _Handover:
    """One mail's way through an open connection."""

    def __init__(self, client: smtplib.SMTP, server: Server, outgoing: Outgoing, raw: bytes) -> None:
        self._client = client
        self._server = server
        self._outgoing = outgoing
        self._raw = raw
        self._accepted: list[str] = []
        self._refused: dict[str, str] = {}
        self._later: list[str] = []

    def run(self, on_stage: Callable[[Stage], None], answer_seconds: float) -> Outcome:
        """Envelope, then text; what became of it."""
        impossible = self._impossible()
        if impossible:
            return self._failed(impossible)
        on_stage(Stage.ENVELOPE)
        try:
            stopped = self._envelope()
        except (OSError, smtplib.SMTPException) as trouble:
            return self._broken(trouble)
        if stopped is not None:
            return stopped
        on_stage(Stage.DATA)
        try:
            answer = self._client.docmd("DATA")
        except (OSError, smtplib.SMTPException) as trouble:
            # Not a byte of the mail has left yet.
            return self._broken(trouble)
        if answer[0] != 354:
            return self._no(answer)
        return self._text(answer_seconds)

    def _impossible(self) -> str:
        """Why this server can never take this mail; empty when it may."""
        head = self._raw.partition(b"\r\n\r\n")[0]
        plain_ascii = head.isascii() and wire_address(self._outgoing.sender.email).isascii()
        if not plain_ascii and not self._client.has_extn("smtputf8"):
            return f"{self._server.host} cannot take mail addresses with letters outside ASCII"
        most = self._client.esmtp_features.get("size", "")
        if most.isdecimal() and 0 < int(most) < len(self._raw):
            return f"the mail has {len(self._raw):,} bytes and {self._server.host} takes at most {int(most):,}"
        return ""

    def _envelope(self) -> Outcome | None:
        """Name sender and recipients; None when the text may follow."""
        sender = wire_address(self._outgoing.sender.email)
        options = f" SIZE={len(self._raw)}" if self._client.has_extn("size") else ""
        utf8 = self._client.has_extn("smtputf8")
        recipients = {wire_address(one): one for one in self._outgoing.recipients}
        if utf8 and not (self._raw.isascii() and "".join((sender, *recipients)).isascii()):
            options += " SMTPUTF8 BODY=8BITMIME"
            self._client.command_encoding = "utf-8"
        answer = self._client.docmd("MAIL", f"FROM:<{sender}>{options}")
        if answer[0] != 250:
            return self._no(answer)
        for wire, recipient in recipients.items():
            if not wire.isascii() and not utf8:
                self._refused[recipient] = f"{self._server.host} cannot take letters outside ASCII in an address"
                continue
            answer = self._client.docmd("RCPT", f"TO:<{wire}>")
            if 200 <= answer[0] < 300:
                self._accepted.append(recipient)
                continue
            self._refused[recipient] = _words(answer)
            if not 500 <= answer[0] < 600:
                self._later.append(recipient)
            if answer[0] in (421, -1):
                return self._broken(smtplib.SMTPServerDisconnected())
        if not self._accepted:
            first = next(iter(self._refused.values()))
            words = f"Not sent: {self._server.host} took no recipient: {first}."
            return Outcome(OutboxState.FAILED, words, refused=self._refused, retry_to=tuple(self._later))
        return None

    def _text(self, answer_seconds: float) -> Outcome:
        """The mail itself. From here on, only the server's word makes anything certain."""
        wire = _dotted(self._raw)
        whole = False
        try:
            # In pieces: a socket's time limit counts for the whole of one call.
            for start in range(0, len(wire), _CHUNK):
                self._client.send(wire[start : start + _CHUNK])
            whole = True
            assert self._client.sock is not None
            self._client.sock.settimeout(answer_seconds)
            answer = self._client.getreply()
        except (OSError, smtplib.SMTPException):
            how = "before it answered for the mail" if whole else "while the mail was on its way"
            return self._uncertain(f"the connection to {self._server.name} broke {how}")
        if 200 <= answer[0] < 300:
            return Outcome(
                OutboxState.SENT,
                _words(answer),
                accepted=tuple(self._accepted),
                refused=self._refused,
                retry_to=tuple(self._later),
            )
        if 400 <= answer[0] < 600:
            return self._no(answer)
        return self._uncertain(f"{self._server.name} answered nonsense for the mail: {_words(answer)}")

    def _no(self, answer: tuple[int, bytes]) -> Outcome:
        """The server said no to the mail as a whole."""
        words = _words(answer)
        for recipient in self._outgoing.recipients:
            if recipient not in self._refused:
                self._refused[recipient] = words
                if not 500 <= answer[0] < 600:
                    self._later.append(recipient)
        words = f"Not sent: {self._server.name} answered {words}."
        return Outcome(OutboxState.FAILED, words, refused=self._refused, retry_to=tuple(self._later))

    def _broken(self, trouble: Exception) -> Outcome:
        """The connection broke before any of the mail's text left."""
        self._later = [one for one in self._outgoing.recipients if one not in self._refused or one in self._later]
        words = f"Not sent: {plain(trouble, self._server)}."
        return Outcome(OutboxState.FAILED, words, refused=self._refused, retry_to=tuple(self._later), desk_wide=True)

    def _failed(self, words: str) -> Outcome:
        """No try will ever succeed here."""
        refused = dict.fromkeys(self._outgoing.recipients, words)
        return Outcome(OutboxState.FAILED, f"Not sent: {words}.", refused=refused)

    def _uncertain(self, words: str) -> Outcome:
        return Outcome(
            OutboxState.UNCERTAIN,
            f"Perhaps sent: {words}.",
            accepted=tuple(self._accepted),
            refused=self._refused,
        )


def _greet(client: smtplib.SMTP) -> None:
    """Say hello under the address the server sees anyway."""
    assert client.sock is not None
    host = client.sock.getsockname()[0]
    client.local_hostname = f"[IPv6:{host}]" if ":" in host else f"[{host}]"
    answer = client.ehlo()
    if not 200 <= answer[0] < 300:
        answer = client.helo()
    if not 200 <= answer[0] < 300:
        raise smtplib.SMTPResponseException(*answer)


def _part(client: smtplib.SMTP) -> None:
    """Say goodbye; what the server thinks of that changes nothing any more."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if client.sock is not None:
            client.sock.settimeout(5)
            client.quit()


def _dotted(raw: bytes) -> bytes:
    """A mail for the wire: lines that begin with a dot get another one, and a dot ends it."""
    wire = raw.replace(b"\r\n.", b"\r\n..")
    wire = b"." + wire if wire.startswith(b".") else wire
    return wire + (b".\r\n" if wire.endswith(b"\r\n") else b"\r\n.\r\n")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _words(answer: tuple[int, bytes], secret: str = "") -> str:
    """A server's answer in one line."""
    return f"{answer[0]} {said(answer[1], secret)}".strip()
