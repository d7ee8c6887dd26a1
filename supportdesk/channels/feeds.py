"""The channels of the settings: an IMAP folder, a folder of files, a helpdesk that is read."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Set
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from supportdesk import secrets
from supportdesk.channels.imap_in import AfterFetch, Fetched, ImapMailbox, Position
from supportdesk.channels.parser_pool import ParserPool
from supportdesk.channels.parser_process import Mail
from supportdesk.channels.server import Auth, Security, Server
from supportdesk.channels.sources import open_files
from supportdesk.channels.watched import WatchedFolder
from supportdesk.domain.incoming import Incoming, Unreadable
from supportdesk.errors import BadSettings, ChannelTrouble, DeskError
from supportdesk.services.ports.feeds import Feed, Haul
from supportdesk.settings import ChannelSettings

_TOGETHER = 500
"""Things of a file that are handed over together."""


def feed_from(chosen: ChannelSettings, own_addresses: Set[str]) -> Feed:
    """The channel these settings describe. Raises BadSettings when they lack something."""
    if chosen.kind == "imap":
        return ImapFeed(chosen.name, mailbox_from(chosen), own_addresses, chosen.every, chosen.sent_folder)
    if chosen.kind == "folder":
        return FolderFeed(watched_from(chosen), own_addresses, chosen.every)
    from supportdesk.channels.helpdesks import helpdesk_from

    return helpdesk_from(chosen, lambda: secret_of(chosen.name))


def secret_of(name: str) -> str:
    """A channel's password or token. Raises ChannelTrouble where there is none."""
    found = secrets.find(name)
    if found is None:
        first = secrets.variables(name)[0]
        raise ChannelTrouble(
            f"No key is kept for the channel {name}; run `supportdesk key set {name}`, or set {first}."
        )
    return found.value


def mailbox_from(chosen: ChannelSettings) -> ImapMailbox:
    """The mailbox of a channel."""
    if not chosen.host:
        raise BadSettings(f"The channel {chosen.name} needs host, the IMAP server's name.")
    server = Server(
        chosen.host,
        chosen.port,
        Security(chosen.security),
        user=chosen.user,
        password=(lambda: secret_of(chosen.name)) if chosen.user else None,
        auth=Auth(chosen.login),
        timeout=chosen.timeout,
        ca=str(Path(chosen.ca).expanduser()) if chosen.ca else "",
        insecure=chosen.insecure,
    )
    return ImapMailbox(server, chosen.folder, after=AfterFetch(chosen.after), move_to=chosen.move_to)


def watched_from(chosen: ChannelSettings) -> WatchedFolder:
    """The folder of a channel."""
    if chosen.folder in ("", "INBOX"):
        raise BadSettings(f"The channel {chosen.name} needs folder, the folder to watch.")
    if chosen.after == "seen":
        raise BadSettings(f"The channel {chosen.name} can leave files where they are or move them; nothing marks them.")
    if chosen.after == "move" and not chosen.move_to:
        raise BadSettings(f"The channel {chosen.name} needs move_to, the folder for files that were read.")
    moved = Path(chosen.move_to).expanduser() if chosen.after == "move" else None
    return WatchedFolder(Path(chosen.folder).expanduser(), moved)


class ImapFeed:
    """Mails from a folder on a mail server; the server tells of new ones where it can."""

    def __init__(
        self, name: str, mailbox: ImapMailbox, own_addresses: Set[str], every: float = 60.0, sent_folder: str = ""
    ) -> None:
        """Read this mailbox; mail from our own addresses is ours."""
        self.every = every
        self._name = name
        self._mailbox = mailbox
        self._own = own_addresses
        self._sent_folder = sent_folder

    def fetch(self, position: str, stop: threading.Event) -> Iterator[Haul]:
        """The mails after a position."""
        before = _position(position)
        yield from self._hauls(self._mailbox.fetch(before), stop)
        if self._mailbox.position != before:
            yield Haul((), _packed(self._mailbox.position))

    def watch(self, position: str, stop: threading.Event, on_trouble: Callable[[DeskError], None]) -> Iterator[Haul]:
        """The mails after a position, and each new one."""
        mails = self._mailbox.watch(_position(position), stop, every=self.every, on_trouble=on_trouble)
        yield from self._hauls(mails, stop)

    def test(self) -> tuple[bool, tuple[str, ...]]:
        """Connect, log in and look; changes nothing."""
        trial = self._mailbox.test(self._sent_folder)
        return trial.ok, trial.lines

    def _hauls(self, mails: Iterator[Fetched], stop: threading.Event) -> Iterator[Haul]:
        """Mails that came together, read together: what the server's side must wait for is kept as one."""
        together: list[Fetched] = []
        # One process: mails come slower than one reads them.
        with ParserPool(self._own, processes=1) as pool:
            for mail in mails:
                together.append(mail)
                if not mail.more:
                    yield Haul(tuple(pool.parse(self._raw(m) for m in together)), _packed(mail.position))
                    together = []
                    if stop.is_set():
                        return

    def _raw(self, mail: Fetched) -> Mail | tuple[Incoming, int]:
        source = f"{self._name}/{mail.uid}"
        if mail.trouble:
            return Unreadable(source, mail.raw, f"It has {mail.trouble}."), 0
        return Mail(source, mail.raw)


class FolderFeed:
    """Files somebody else puts into a folder: mails, web forms and chats as JSON, mailboxes."""

    def __init__(self, folder: WatchedFolder, own_addresses: Set[str], every: float = 60.0) -> None:
        """Watch this folder."""
        self.every = every
        self._folder = folder
        self._own = own_addresses

    def fetch(self, position: str, stop: threading.Event) -> Iterator[Haul]:
        """The files that came or changed since a position."""
        yield from self._files(position, stop, whole=False)

    def watch(self, position: str, stop: threading.Event, on_trouble: Callable[[DeskError], None]) -> Iterator[Haul]:
        """The files that came or changed, and every new one; one that is still being written waits."""
        while not stop.is_set():
            try:
                for haul in self._files(position, stop, whole=True):
                    yield haul
                    position = haul.position
            except DeskError as trouble:
                on_trouble(trouble)
            stop.wait(self.every)

    def test(self) -> tuple[bool, tuple[str, ...]]:
        """Look whether the folder can be read, and files moved where they are to be."""
        return self._folder.test()

    def _files(self, position: str, stop: threading.Event, *, whole: bool) -> Iterator[Haul]:
        for file, after in self._folder.since(position, settled=whole):
            if stop.is_set():
                return
            with open_files([file], self._folder.path, own_addresses=self._own, processes=1) as source:
                items = iter(source)
                while some := tuple(islice(items, _TOGETHER)):
                    yield Haul(some, position)
            # Kept: now the file may go where it belongs.
            self._folder.done(file)
            position = after
            yield Haul((), position)


def _position(kept: str) -> Position:
    return Position(**json.loads(kept)) if kept else Position()


def _packed(position: Position) -> str:
    return json.dumps(asdict(position))
