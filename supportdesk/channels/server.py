"""What mail servers have in common: where they are, whom to trust, and plain words for what goes wrong."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from supportdesk.errors import BadSettings, ChannelTrouble, DeskError
from supportdesk.secrets import hide
from supportdesk.text import clean, fold

LONGEST_ANSWER = 300
"""Characters of a server's words that are kept."""


class Security(StrEnum):
    """How a connection is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Auth(StrEnum):
    """How we say who we are."""

    PASSWORD = "password"  # noqa: S105
    XOAUTH2 = "xoauth2"


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how to reach it."""

    host: str
    """Its name, as its certificate has it."""
    port: int
    """TCP port."""
    security: Security = Security.TLS
    """TLS from the start, STARTTLS (never without, once configured), or none."""
    user: str = ""
    """Whom we log in as; empty for nobody."""
    password: Callable[[], str] | None = None
    """Asked for the password or token at each login; its answer is kept nowhere."""
    auth: Auth = Auth.PASSWORD
    """Whether that is a password or an OAuth 2 token."""
    timeout: float = 30.0
    """Seconds the server may stay silent."""
    ca: str = ""
    """File with the authority to trust, for a certificate of one's own; empty for the system's."""
    insecure: bool = False
    """Whether any certificate will do, and a password may travel in clear."""

    def __post_init__(self) -> None:
        """Raise BadSettings for what can be no server, or would show a password to everyone."""
        if not self.host or not 0 < self.port < 65536 or any(c <= " " for c in self.host):
            raise BadSettings(f"{clean(self.host, one_line=True)!r}, port {self.port}, is no mail server's address.")
        local = self.host in ("localhost", "127.0.0.1", "::1")
        if self.user and self.security is Security.NONE and not local and not self.insecure:
            raise BadSettings(
                f"The password for {self.host} would travel in clear: set security to 'tls' or 'starttls', or insecure."
            )

    @property
    def name(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    def context(self) -> ssl.SSLContext:
        """Whom to trust. Raises ChannelTrouble when the authority's file cannot be read."""
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
        except (OSError, ssl.SSLError):
            raise ChannelTrouble(f"The certificate file {self.ca} for {self.host} cannot be read.") from None
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def secret(self) -> str:
        """The password or token. Raises ChannelTrouble where there is none."""
        found = self.password() if self.password else ""
        if not found:
            raise ChannelTrouble(f"There is no password for {self.user} at {self.host}.")
        return found

    def oauth(self, token: str) -> str:
        """What XOAUTH2 wants to hear."""
        return f"user={self.user}\1auth=Bearer {token}\1\1"


@dataclass(frozen=True, slots=True)
class Trial:
    """What trying a server out has shown."""

    ok: bool
    """Whether everything works."""
    lines: tuple[str, ...]
    """Each step in plain words; where something failed, the last line says what."""


def said(words: bytes | str, secret: str = "") -> str:
    """A server's words on one line, safe to show, without the secret."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    text = fold(clean(hide(text, secret)))
    return text if len(text) <= LONGEST_ANSWER else text[: LONGEST_ANSWER - 1] + "…"


def plain(trouble: Exception, server: Server, secret: str = "") -> str:
    """What went wrong with a server, in one sentence without a full stop."""
    if isinstance(trouble, DeskError):
        return str(trouble).rstrip(".")
    if isinstance(trouble, ssl.SSLCertVerificationError):
        why = said(trouble.verify_message)
        return f"the certificate of {server.name} is not trusted: {why} (check the host name, or name its authority)"
    if isinstance(trouble, ssl.SSLError):
        return f"{server.name} does not speak TLS as expected ({said(trouble.reason or 'no reason given')})"
    if isinstance(trouble, socket.gaierror):
        return f"there is no server called {server.host}, or the network is away"
    if isinstance(trouble, ConnectionRefusedError):
        return f"{server.host} refuses connections on port {server.port}"
    if isinstance(trouble, TimeoutError) or "timed out" in str(trouble):
        return f"{server.name} did not answer within {server.timeout:g} seconds"
    if isinstance(trouble, smtplib.SMTPResponseException):
        return f"{server.name} answered {trouble.smtp_code} {said(trouble.smtp_error, secret)}"
    if "TLS not supported" in str(trouble):
        return f"{server.name} does not offer STARTTLS, and without it nothing is said"
    if isinstance(trouble, imaplib.IMAP4.abort) and "unexpected" in str(trouble):
        return f"{server.name} answered something that is no IMAP"
    if isinstance(trouble, (smtplib.SMTPServerDisconnected, imaplib.IMAP4.abort, ConnectionError, EOFError)):
        return f"{server.name} closed the connection"
    words = trouble.strerror if isinstance(trouble, OSError) and trouble.strerror else str(trouble)
    return f"{server.name}: {said(words, secret) or type(trouble).__name__}"
