"""Real mail servers on this machine, for tests: SMTP by aiosmtpd, IMAP by pymap, and a certificate for both."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import imaplib
import ipaddress
import logging
import socket
import ssl
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

USER, PASSWORD = "desk", "corréct horse"


class Post:
    """An SMTP server's manners; each test changes what it needs."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], bytes]] = []
        self.rcpt: dict[str, str] = {}
        self.data: Callable[[Any], str | None] = lambda server: None
        self.options: list[str] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        self.options = options
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.rcpt.get(address) == "drop":
            server.transport.abort()
            await asyncio.sleep(60)
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.data(server)
        if answer == "hang":
            await asyncio.sleep(60)
        if answer == "slow":
            await asyncio.sleep(1)
            answer = None
        self.got.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        if answer == "drop":
            server.transport.abort()
            await asyncio.sleep(60)
        return answer or "250 kept as 4711"


class _Office(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, **{"enable_SMTPUTF8": True, "hostname": "mail.test", **self.SMTP_kwargs})


@contextlib.contextmanager
def smtp(post: Post, **options: Any) -> Iterator[int]:
    """Run an SMTP server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    controller = _Office(post, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop(no_assert=True)


class Imap:
    """A running IMAP server, and a connection of somebody else's to it."""

    def __init__(self, port: int, context: ssl.SSLContext | None, drop: Callable[[], None]) -> None:
        self.port = port
        self.drop = drop
        """Breaks off every connection."""
        self.other = (
            imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=context) if context else imaplib.IMAP4("127.0.0.1", port)
        )
        self.other.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())

    def put(self, *mails: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """Let mails arrive."""
        for mail in mails:
            assert self.other.append(folder, flags, "", mail)[0] == "OK"

    def flags(self, folder: str = "INBOX") -> dict[bytes, bytes]:
        """Subject and flags of every mail in a folder, as somebody else sees them."""
        self.other.select(folder, readonly=True)
        data = self.other.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        return {item[1].strip(): item[0] for item in data if isinstance(item, tuple)}


@contextlib.contextmanager
def imap(
    *, without: tuple[str, ...] = (), mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN"), certificate: Path | None = None
) -> Iterator[Imap]:
    """Run an IMAP server on a free port; `without` names abilities it does not tell of."""
    ready = threading.Event()
    told: dict[str, Any] = {}

    async def serve() -> None:
        from proxyprotocol.reader import ProxyProtocolReader
        from pymap.backend.dict import Config, DictBackend, Login
        from pymap.imap import IMAPServer
        from pysasl import SASLAuth
        from pysasl.hashing import BuiltinHash

        class Manners(Config):
            @property
            def login_capability(self) -> list[bytes]:
                return [one for one in super().login_capability if one.decode() not in without]

            @property
            def initial_auth(self) -> SASLAuth:
                return SASLAuth.named([name.encode() for name in mechanisms])

        arguments = Namespace(
            host="127.0.0.1",
            port=0,
            debug=False,
            cert=None,
            key=None,
            tls=False,
            proxy_protocol=None,
            passlib_cfg=None,
            inherited_sockets=None,
            demo_data=False,
            demo_user=USER,
            demo_password=PASSWORD,
        )
        # Logging in should cost a test milliseconds.
        config = Manners.from_args(arguments, hash_context=BuiltinHash(rounds=1))
        login = Login(config)
        await DictBackend._add_demo_user(config, login)
        config.apply_context()
        writers: list[asyncio.StreamWriter] = []
        connection = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            await connection(reader, writer)

        server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls(certificate) if certificate else None)
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        told.update(port=server.sockets[0].getsockname()[1], end=lambda: loop.call_soon_threadsafe(stop.set))

        def drop() -> None:
            for writer in writers:
                writer.transport.abort()

        told["drop"] = lambda: loop.call_soon_threadsafe(drop)
        ready.set()
        await stop.wait()
        server.close()

    def run() -> None:
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        asyncio.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield Imap(told["port"], ssl.create_default_context(cafile=certificate) if certificate else None, told["drop"])
    finally:
        told["end"]()
        thread.join(10)


def self_signed(folder: Path) -> Path:
    """A certificate of our own for 127.0.0.1, with its key, in one file."""
    pytest.importorskip("cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(pem) + secret)
    return path


def tls(certificate: Path) -> ssl.SSLContext:
    """The server's side of such a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
