"""Mails in from an IMAP mailbox: each once, in order, going on after any break.

A mail counts as kept when the caller asks for the next one; only then is it marked or moved on the server. So a
crash at any point costs nothing: the position that was stored with the last mail says where to go on.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum

from supportdesk.channels.imap_session import ImapSession
from supportdesk.channels.server import Server, Trial
from supportdesk.errors import BadSettings, ChannelTrouble

LARGEST = 50 * 1024 * 1024
"""Bytes of a mail that is still fetched whole; of a larger one only the headers are."""

IDLE_SECONDS = 9 * 60.0
"""How long the server is left to tell of news by itself; routers forget a silent connection after ten minutes."""

FIRST_DELAY = 5.0
"""Seconds before a lost connection is tried again; doubled each time."""

LONGEST_DELAY = 300.0
"""Seconds between two tries at the most."""

_BATCH_MAILS = 50
_BATCH_BYTES = 8 * 1024 * 1024


class AfterFetch(StrEnum):
    """What happens on the server to a mail that was kept."""

    NOTHING = "nothing"
    SEEN = "seen"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder was read; store it together with each mail."""

    uidvalidity: int = 0
    """Which numbering the numbers belong to; 0 before the first fetch."""
    last_uid: int = 0
    """Number of the last mail that was kept."""
    settled_uid: int = 0
    """Up to here the server's side was settled too: marked, moved, or nothing to do."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as the server has it."""

    uid: int
    """Its number in the folder."""
    raw: bytes
    """The mail, byte for byte; only its headers where `trouble` says so."""
    position: Position
    """Where to go on after it."""
    size: int
    """Bytes it has on the server."""
    trouble: str = ""
    """Why it was not fetched whole; it stays on the server untouched."""
    more: bool = False
    """Whether others come before the server's side is touched: until then they may be kept together."""


class ImapMailbox:
    """A folder on a mail server that mails come in from. Use one object from one thread."""

    def __init__(
        self,
        server: Server,
        folder: str = "INBOX",
        *,
        after: AfterFetch = AfterFetch.NOTHING,
        move_to: str = "",
        largest: int = LARGEST,
    ) -> None:
        """Read this folder of this server. Raises BadSettings for names that cannot be."""
        for name in (folder, move_to):
            if any(c < " " or c == "\x7f" for c in name):
                raise BadSettings(f"{name!r} can be no folder on a mail server.")
        if not folder or (after is AfterFetch.MOVE and move_to in ("", folder)):
            raise BadSettings("To move mails after fetching, name another folder with move_to.")
        self._server = server
        self._folder = folder
        self._after = after
        self._move_to = move_to
        self._largest = largest
        self._position = Position()

    @property
    def position(self) -> Position:
        """Where to go on; after a fetch has ended, newer than the last mail's."""
        return self._position

    def fetch(self, position: Position = Position()) -> Generator[Fetched, None, None]:
        """The mails after a position, oldest first; `self.position` is where to go on when it ends.

        Raises ChannelTrouble; what was kept until then need not be fetched again.
        """
        with ImapSession(self._server) as session:
            yield from self._take(session, position, threading.Event())

    def watch(
        self,
        position: Position,
        stop: threading.Event,
        *,
        every: float = 60.0,
        on_trouble: Callable[[ChannelTrouble], None] | None = None,
        first_delay: float = FIRST_DELAY,
    ) -> Generator[Fetched, None, None]:
        """The mails after a position, and then each new one as it comes, until `stop` is set.

        The server tells of new mail (IDLE); one that cannot is asked every so many seconds. A lost connection
        is told to `on_trouble` and tried again, with growing pauses.
        """
        self._position = position
        delay = first_delay
        while not stop.is_set():
            try:
                with ImapSession(self._server) as session:
                    while not stop.is_set():
                        yield from self._take(session, self._position, stop)
                        delay = first_delay
                        if "IDLE" not in session.abilities:
                            stop.wait(every)
                        elif not stop.is_set():
                            session.wait(IDLE_SECONDS, stop)
            except ChannelTrouble as trouble:
                if on_trouble is not None:
                    on_trouble(trouble)
                stop.wait(delay)
                delay = min(delay * 2, LONGEST_DELAY)

    def keep_copy(self, folder: str, raw: bytes, message_id: str) -> bool:
        """Put a copy of a sent mail into a folder; False when it is there already. Raises ChannelTrouble."""
        with ImapSession(self._server) as session:
            return session.add(folder, raw, message_id)

    def test(self, sent_folder: str = "") -> Trial:
        """Connect, log in and look into the folders; changes nothing."""
        lines: list[str] = []
        try:
            with ImapSession(self._server, lines) as session:
                _, count = session.select(self._folder, read_only=True)
                lines.append(f"The folder {self._folder!r} has {count:,} mails.")
                for folder in (self._move_to if self._after is AfterFetch.MOVE else "", sent_folder):
                    if folder:
                        session.select(folder, read_only=True)
                        lines.append(f"The folder {folder!r} is there.")
                news = "tells of new mail by itself" if "IDLE" in session.abilities else "has to be asked for new mail"
                lines.append(f"The server {news}.")
        except ChannelTrouble as trouble:
            return Trial(False, (*lines, f"Failed: {str(trouble).rstrip('.')}."))
        return Trial(True, tuple(lines))

    def _take(self, session: ImapSession, position: Position, stop: threading.Event) -> Iterator[Fetched]:
        """One round through the folder, or until `stop` is set."""
        validity, _ = session.select(self._folder, read_only=self._after is AfterFetch.NOTHING)
        if position.uidvalidity != validity:
            # New numbers for everything: the mails come again, and whoever keeps them knows them by their content.
            position = Position(validity)
        self._position = position
        if position.settled_uid < position.last_uid:
            # Kept by an earlier run that broke off before it could mark or move.
            if self._after is not AfterFetch.NOTHING:
                self._settle(session, session.uids(position.settled_uid + 1, position.last_uid))
            self._position = position = dataclasses.replace(position, settled_uid=position.last_uid)
        uids = session.uids(position.last_uid + 1)
        for start in range(0, len(uids), _BATCH_MAILS):
            sizes = session.sizes(uids[start : start + _BATCH_MAILS])
            for batch in _batches(sizes, self._largest):
                kept: list[int] = []
                mails = list(self._mails(session, batch, sizes, position.settled_uid))
                for number, mail in enumerate(mails, 1):
                    yield dataclasses.replace(mail, more=number < len(mails))
                    self._position = mail.position
                    if not mail.trouble:
                        kept.append(mail.uid)
                    if stop.is_set():
                        # The next run settles what this one kept.
                        return
                self._settle(session, kept)
                self._position = position = Position(validity, batch[-1], batch[-1])

    def _mails(self, session: ImapSession, batch: list[int], sizes: dict[int, int], settled: int) -> Iterator[Fetched]:
        """A batch's mails, in order."""
        validity = self._position.uidvalidity
        whole = session.contents([uid for uid in batch if sizes[uid] <= self._largest])
        # Without anything to do on the server, a mail that is kept is settled.
        behind = self._after is not AfterFetch.NOTHING
        for uid in batch:
            position = Position(validity, uid, settled if behind else uid)
            if uid in whole:
                yield Fetched(uid, whole.pop(uid), position, sizes[uid])
            elif sizes[uid] > self._largest:
                words = f"{sizes[uid]:,} bytes, more than the {self._largest:,} that are fetched; left on the server"
                yield Fetched(uid, session.head(uid), position, sizes[uid], words)
            elif uid in session.sizes([uid]):
                # Not gone in between, only not given.
                words = "the server does not give its content; left on the server"
                yield Fetched(uid, session.head(uid), position, sizes[uid], words)

    def _settle(self, session: ImapSession, uids: list[int]) -> None:
        """Do to kept mails what the settings say."""
        if not uids or self._after is AfterFetch.NOTHING:
            return
        if self._after is AfterFetch.SEEN:
            session.mark_seen(uids)
        else:
            session.move(uids, self._move_to)


def _batches(sizes: dict[int, int], largest: int) -> Iterator[list[int]]:
    """Numbers in groups that fit into memory together."""
    batch: list[int] = []
    held = 0
    for uid, size in sizes.items():
        size = min(size, largest)
        if batch and held + size > _BATCH_BYTES:
            yield batch
            batch, held = [], 0
        batch.append(uid)
        held += size
    if batch:
        yield batch
