"""Approved replies out into a Maildir: works with nothing set up, and delivers nothing twice."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from supportdesk.domain.outgoing import Outcome, Outgoing, Stage
from supportdesk.domain.words import OutboxState
from supportdesk.paths import private_folder


class MaildirDelivery:
    """A way out for approved replies into a folder that any mail program reads."""

    def __init__(self, folder: Path) -> None:
        """Deliver into this Maildir; it is made when the first mail goes there."""
        self._folder = folder

    def deliver(self, outgoing: Outgoing, raw: bytes, on_stage: Callable[[Stage], None]) -> Outcome:
        """Put one mail into the folder, whole or not at all; one that is there already is not put there again."""
        name = _name(outgoing.message_id)
        place = self._folder / "new" / name
        on_stage(Stage.ENVELOPE)
        try:
            there = self._find(name)
            draft = None if there else self._write(name, raw)
        except OSError as trouble:
            return self._failed(outgoing, trouble)
        if draft is not None:
            try:
                on_stage(Stage.DATA)
                moved = _move(draft, place)
            finally:
                draft.unlink(missing_ok=True)
            if moved is not None:
                return self._failed(outgoing, moved)
        return Outcome(
            OutboxState.SENT, f"in {there or place}", accepted=outgoing.recipients, already=there is not None
        )

    def was_delivered(self, message_id: str) -> bool | None:
        """Whether the mail is in the folder, read or unread; None when the folder cannot be looked into."""
        try:
            return self._find(_name(message_id)) is not None
        except OSError:
            return None

    def forget(self, message_id: str) -> bool:
        """Take a mail out of the folder again, its bytes overwritten first; False when it is not there."""
        place = self._find(_name(message_id))
        if place is None:
            return False
        with place.open("r+b", buffering=0) as file:
            file.write(b"\0" * place.stat().st_size)
            os.fsync(file.fileno())
        place.unlink()
        return True

    def _find(self, name: str) -> Path | None:
        """Where the mail lies: mail programs move it from `new` to `cur` and add flags to its name."""
        new = self._folder / "new" / name
        if new.exists():
            return new
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder / "cur") as entries:
            for entry in entries:
                if entry.name.partition(":")[0] == name:
                    return Path(entry.path)
        return None

    def _write(self, name: str, raw: bytes) -> Path:
        """The mail, durable, where no mail program looks yet."""
        private_folder(self._folder)
        for part in ("tmp", "new", "cur"):
            private_folder(self._folder / part)
        draft = self._folder / "tmp" / f"{name}.{os.getpid()}"
        draft.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return draft

    def _failed(self, outgoing: Outgoing, trouble: OSError) -> Outcome:
        words = f"Not sent: the Maildir {self._folder} cannot be written: {trouble.strerror or trouble}."
        return Outcome(OutboxState.FAILED, words, retry_to=outgoing.recipients, desk_wide=True)


def _name(message_id: str) -> str:
    """A file name that only this Message-ID has."""
    return f"{hashlib.sha256(message_id.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}.supportdesk"


def _move(draft: Path, place: Path) -> OSError | None:
    """Give a file its place, durably; what went wrong, if anything did."""
    try:
        draft.rename(place)
        descriptor = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as trouble:
        return trouble
    return None
