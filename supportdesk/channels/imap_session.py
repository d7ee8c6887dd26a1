"""One open connection to a mailbox: the few IMAP commands that fetching needs.

The library's own `flag`, `delete` and `move` expunge the whole folder, which would remove mails that somebody
else only marked as deleted, and trust capabilities from before the login; so those commands are given here.
"""

from __future__ import annotations

import ast
import contextlib
import imaplib
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from supportdesk.channels.server import Auth, Security, Server, plain, said
from supportdesk.errors import ChannelTrouble

if TYPE_CHECKING:
    from imap_tools.mailbox import BaseMailBox

IDLE_SLICE = 1.0
"""Seconds between two looks at whether waiting should stop."""

_UID = re.compile(rb"\bUID (\d+)")
_WRITTEN = re.compile(r"\[b['\"].*\]$", re.DOTALL)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


class ImapSession:
    """A connection that is logged in; every method raises ChannelTrouble in plain words."""

    def __init__(self, server: Server, steps: list[str] | None = None) -> None:
        """Connect, as secure as configured, and log in; `steps` gets a sentence for each success."""
        steps = [] if steps is None else steps
        self._server = server
        self._secret = server.secret() if server.user else ""
        with self._plainly():
            self._box = _connected(server)
            try:
                steps.append(f"{server.name} answers.")
                if server.security is not Security.NONE:
                    steps.append("The connection is encrypted.")
                self._log_in()
                if server.user:
                    steps.append(f"{server.user} is logged in.")
                # What a server can do, many tell only those who are logged in.
                answer = self._ok("list what it can do", self._box.client.capability())
                self.abilities = frozenset(bytes(answer[-1] or b"").decode("ascii", "replace").upper().split())
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> ImapSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye; what the server thinks of that changes nothing any more."""
        with contextlib.suppress(Exception):
            self._box.client.sock.settimeout(5)
            self._box.client.logout()
        with contextlib.suppress(Exception):
            self._box.client.shutdown()

    def select(self, folder: str, *, read_only: bool) -> tuple[int, int]:
        """Open a folder; returns its UIDVALIDITY and how many mails it has. Read-only changes nothing there."""
        with self._plainly():
            client: Any = self._box.client
            answer = client.select(_encoded(folder), read_only)
            if answer[0] != "OK":
                there = ", ".join(said(name) for name in self.folders()[:20])
                raise ChannelTrouble(f"{self._server.host} does not open the folder {folder!r}; it has: {there}")
            validity = client.untagged_responses.get("UIDVALIDITY", [b""])[-1]
            if not validity.isdigit():
                raise ChannelTrouble(f"{self._server.host} does not number the mails of {folder!r} lastingly")
            return int(validity), int(answer[1][0] or 0)

    def folders(self) -> list[str]:
        """Names of the folders there are."""
        with self._plainly():
            return [folder.name for folder in self._box.folder.list()]

    def uids(self, first: int, last: int | None = None) -> list[int]:
        """Numbers of the mails from `first` to `last`, or to the end, ascending."""
        with self._plainly():
            answer = self._box.client.uid("SEARCH", "UID", f"{first}:{last or '*'}")
            data = self._ok("search", answer)
            found = {int(uid) for line in data if line for uid in line.split()}
        # A range that ends in * always has the last mail in it, however small its number.
        return sorted(uid for uid in found if uid >= first and (last is None or uid <= last))

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """How many bytes each mail has, for those that are still there."""
        found = {}
        with self._plainly():
            for item in self._ok("tell sizes", self._box.client.uid("FETCH", _set(uids), "(UID RFC822.SIZE)")):
                line = b"".join(item) if isinstance(item, tuple) else item or b""
                uid, size = _UID.search(line), _SIZE.search(line)
                if uid and size:
                    found[int(uid[1])] = int(size[1])
        return {uid: found[uid] for uid in uids if uid in found}

    def contents(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The mails as they are, without marking them; those the server does not give are missing."""
        with self._plainly():
            answer = self._box.client.uid("FETCH", _set(uids), "(UID BODY.PEEK[])")
            if answer[0] != "OK" and len(uids) > 1:
                # One mail a server cannot give must not cost the others.
                return {uid: raw for one in uids for uid, raw in self.contents([one]).items()}
            return _literals(answer[1], uids) if answer[0] == "OK" else {}

    def head(self, uid: int) -> bytes:
        """The first 64 KiB of a mail's headers; empty when the server does not give them."""
        with self._plainly():
            answer = self._box.client.uid("FETCH", str(uid), "(UID BODY.PEEK[HEADER]<0.65536>)")
            return _literals(answer[1], [uid]).get(uid, b"") if answer[0] == "OK" else b""

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark these mails as read, and nothing else."""
        with self._plainly():
            self._ok("mark mails as read", self._box.client.uid("STORE", _set(uids), "+FLAGS.SILENT", r"(\Seen)"))

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move these mails, and touch no other."""
        client, place = self._box.client, _encoded(folder)
        with self._plainly():
            if "MOVE" in self.abilities:
                self._ok(f"move mails to {folder!r}", client.uid("MOVE", _set(uids), place))
                return
            self._ok(f"copy mails to {folder!r}", client.uid("COPY", _set(uids), place))
            self._ok("mark mails as deleted", client.uid("STORE", _set(uids), "+FLAGS.SILENT", r"(\Deleted)"))
            if "UIDPLUS" in self.abilities:
                # Without UIDPLUS only everybody's deleted mails could be removed: then ours stay, marked.
                self._ok("remove what was moved", client.uid("EXPUNGE", _set(uids)))

    def add(self, folder: str, raw: bytes, message_id: str) -> bool:
        """Put a mail into a folder, as read; False when one with its Message-ID is there already."""
        self.select(folder, read_only=False)
        with self._plainly():
            answer = self._box.client.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')
            if any(line and line.split() for line in self._ok("search", answer)):
                return False
            now = imaplib.Time2Internaldate(time.time())
            self._ok(f"keep a copy in {folder!r}", self._box.client.append(_encoded(folder), r"(\Seen)", now, raw))
            return True

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Wait until the server tells of a new mail, `stop` is set, or the time is over."""
        with self._plainly():
            client: Any = self._box.client
            client.untagged_responses.pop("EXISTS", None)
            # The library's own start fails on news before the server's go-ahead, and its wait is blind to news
            # that came in one piece with it.
            tag = client._command("IDLE")
            while client._get_response() is not None:
                if client.tagged_commands[tag]:
                    raise ChannelTrouble(f"{self._server.host} does not let us wait for new mail")
            news = "EXISTS" in client.untagged_responses or _announced(_buffered(client))
            end = time.monotonic() + seconds
            while not news and not stop.is_set() and (left := end - time.monotonic()) > 0:
                before = time.monotonic()
                lines = self._box.idle.poll(min(left, IDLE_SLICE))
                news = _announced(lines)
                if not lines and time.monotonic() - before < min(left, IDLE_SLICE) / 2:
                    break  # readable with nothing to read: the connection is closed, and the next line says so
            client.send(b"DONE\r\n")
            self._box.consume_until_tagged_response(tag)

    def _log_in(self) -> None:
        server, client = self._server, self._box.client
        if not server.user:
            return
        try:
            if server.auth is Auth.XOAUTH2:
                token: Iterator[str] = iter([server.oauth(self._secret)])
                # Asked a second time, the server wants nothing but to say why not.
                client.authenticate("XOAUTH2", lambda _: next(token, "").encode())
            elif "LOGINDISABLED" in client.capabilities or not (server.user + self._secret).isascii():
                self._box.login_utf8(server.user, self._secret, None)
            else:
                self._box.login(server.user, self._secret, None)
        except (imaplib.IMAP4.abort, OSError):
            raise
        except Exception as refusal:
            words = _answer(refusal, self._secret)
            raise ChannelTrouble(f"{server.name} refused the login of {server.user}: {words}") from None

    def _ok(self, what: str, answer: tuple[str, list[Any]]) -> list[Any]:
        """A command's data. Raises ChannelTrouble when the server said no."""
        if answer[0] != "OK":
            why = said(b" ".join(item for item in answer[1] if isinstance(item, bytes)), self._secret)
            raise ChannelTrouble(f"{self._server.host} does not {what}: {why}")
        return answer[1]

    @contextlib.contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turn whatever the libraries raise into ChannelTrouble."""
        from imap_tools.errors import ImapToolsError

        try:
            yield
        except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError, EOFError) as trouble:
            refused = isinstance(trouble, (ImapToolsError, imaplib.IMAP4.error))
            if refused and not isinstance(trouble, imaplib.IMAP4.abort):
                words = f"{self._server.name} said: {_answer(trouble, self._secret)}"
            else:
                words = plain(trouble, self._server, self._secret)
            raise ChannelTrouble(words) from None


def _connected(server: Server) -> BaseMailBox:
    from imap_tools.mailbox import MailBox, MailBoxStartTls, MailBoxUnencrypted

    if server.security is Security.TLS:
        return MailBox(server.host, server.port, timeout=server.timeout, ssl_context=server.context())
    if server.security is Security.STARTTLS:
        return MailBoxStartTls(server.host, server.port, timeout=server.timeout, ssl_context=server.context())
    return MailBoxUnencrypted(server.host, server.port, timeout=server.timeout)


def _encoded(folder: str) -> Any:
    """A folder's name as IMAP writes it."""
    from imap_tools.utils import encode_folder

    return encode_folder(folder)


def _set(uids: Iterable[int]) -> str:
    """Numbers as a sequence set, runs of them as ranges."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in runs)


def _literals(data: Sequence[Any], asked: Sequence[int]) -> dict[int, bytes]:
    """The contents in a FETCH answer by number, which may stand before or after each."""
    found: dict[int, bytes] = {}
    for at, item in enumerate(data):
        after = data[at + 1] if at + 1 < len(data) and isinstance(data[at + 1], bytes) else b""
        if isinstance(item, tuple):
            uid = _UID.search(item[0]) or _UID.search(after)
            if uid:
                found[int(uid[1])] = item[1]
        elif item and (uid := _UID.search(item)) and b'BODY[] ""' in item:
            # An empty mail comes as a quoted string.
            found[int(uid[1])] = b""
    return {uid: found[uid] for uid in asked if uid in found}


def _buffered(client: Any) -> list[bytes]:
    """Lines that came in one piece with the last answer, where waiting for the socket would not see them."""
    lines: list[bytes] = []
    waited = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        with contextlib.suppress(OSError, imaplib.IMAP4.abort):
            while True:
                lines.append(client._get_line())
    finally:
        client.sock.settimeout(waited)
    return lines


def _announced(lines: Iterable[bytes]) -> bool:
    """Whether lines tell of new mail."""
    return any(b"EXISTS" in line for line in lines)


def _answer(trouble: Exception, secret: str) -> str:
    """A server's words inside a library's error."""
    result = getattr(trouble, "command_result", None)
    data = result[1] if isinstance(result, tuple) and len(result) > 1 else trouble.args
    parts: list[object] = list(data) if isinstance(data, (list, tuple)) else [data]
    for part in parts[:]:
        # "LOGIN command error: BAD [b'...']": the words as Python would write them.
        if isinstance(part, str) and (written := _WRITTEN.search(part)):
            with contextlib.suppress(ValueError, SyntaxError):
                parts = ast.literal_eval(written[0])
    words = " ".join(said(part, secret) for part in parts if isinstance(part, (bytes, str)))
    return words or "it gave no reason"
