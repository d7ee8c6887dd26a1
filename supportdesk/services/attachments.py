"""The files of a ticket: listed with what to be careful of, saved under names of our own making."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supportdesk.errors import BadInput, NotFound
from supportdesk.rules.files import safe_name, warning
from supportdesk.services.ports import Store
from supportdesk.services.review import Review

LARGEST = 20_000_000
"""Bytes of one file that goes out."""


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A file that came with a message."""

    message: int
    """Its message's place in the thread, from 0."""
    name: str
    """The name the sender gave it, untrusted."""
    safe_name: str
    """The name it is shown and saved under."""
    media_type: str
    """Declared type, untrusted."""
    size: int
    """Bytes."""
    sha256: str
    """Digest of its content; empty where that is not kept apart."""
    warning: str
    """What to be careful of; empty when nothing is known against it."""


def files_of(store: Store, ticket_id: int) -> tuple[TicketFile, ...]:
    """A ticket's files, in the order of its messages. Raises NotFound."""
    found = []
    with store.read() as tx:
        for message in tx.tickets.thread(ticket_id).messages:
            for file in message.attachments:
                content = b""
                if file.sha256:
                    try:
                        content = tx.tickets.attachment(file.sha256)
                    except NotFound:
                        content = b""
                careful = warning(file.name, file.media_type, content[:4096])
                found.append(
                    TicketFile(
                        message.position, file.name, safe_name(file.name), file.media_type, file.size,
                        file.sha256 if content else "", careful,
                    )
                )  # fmt: skip
    return tuple(found)


def save_all(store: Store, files: Sequence[TicketFile], folder: Path) -> dict[int, Path]:
    """Save the files whose content is kept; where each lies now, by its place. Nothing there is written over.

    Raises BadInput when the folder cannot be written to.
    """
    saved = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place, file in enumerate(files):
            if file.sha256:
                with store.read() as tx:
                    content = tx.tickets.attachment(file.sha256)
                saved[place] = _saved(folder, file.safe_name, content)
    except OSError as error:
        raise BadInput(f"Files cannot be saved to {folder}: {error.strerror or error}.") from error
    return saved


def attach_files(store: Store, review: Review, ticket_id: int, login: str, paths: Sequence[Path]) -> tuple[str, ...]:
    """Let files go out with a ticket's draft, besides those that do already; none at all for no paths.

    Returns the names of all that go. Raises BadInput for one that cannot be read or is too large, and as an edit does.
    """
    digests: list[str] = []
    case = review.open(ticket_id, login)
    if paths and case.revision is not None:
        digests += case.revision.attachments
    for path in paths:
        try:
            if path.stat().st_size > LARGEST:
                raise BadInput(f"{path} is larger than {LARGEST // 1_000_000} MB, which most servers refuse.")
            content = path.read_bytes()
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        with store.write() as tx:
            digests.append(tx.tickets.keep_file(path.name, kind, content))
    kept = tuple(dict.fromkeys(digests))
    review.edit(ticket_id, login, case.revision.text if case.revision is not None else "", attachments=kept)
    with store.read() as tx:
        return tuple(tx.tickets.file_name(ticket_id, sha256)[0] for sha256 in kept)


def _saved(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file, never through a link, never runnable."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 (a name, not a path)
    for number in range(10_000):
        path = folder / (name if not number else f"{stem}-{number}{suffix}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return path
    raise BadInput(f"{folder} has ten thousand files called {name} already.")
