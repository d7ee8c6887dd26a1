"""Where mail and tickets lie on disk: told apart by what stands in them, read as they stream by.

An mbox, a Maildir (with its folders), a folder of mails (with its folders), a single mail, tickets as JSON (ours or
another helpdesk's) or as a table; files may be gzip'd; standard input may be any of the files. Mails are parsed in
processes of their own.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

from supportdesk.channels.documents import gather_files, read_documents
from supportdesk.channels.folders import is_maildir, mail_files
from supportdesk.channels.helpdesks.shapes import Parts
from supportdesk.channels.limits import MEGABYTE, Limits
from supportdesk.channels.mbox import is_mbox, mbox_mails
from supportdesk.channels.mime import has_mail_headers
from supportdesk.channels.parser_pool import ParserPool
from supportdesk.channels.parser_process import Mail
from supportdesk.channels.streams import GZIP, Stream
from supportdesk.channels.tables_in import layout_of, read_table
from supportdesk.domain.incoming import Incoming, Unreadable
from supportdesk.errors import BadInput, NotFound

Found = Iterator[Mail | tuple[Incoming, int]]
"""What a reader finds: raw mails, or results with the bytes done."""
_NO_MAIL = "not a mailbox"
_ARCHIVES = ((b"PK\x03\x04", "zip"), (b"7z\xbc\xaf", "7z"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"), (b"Rar!", "rar"))


class Source:
    """Something to import from: iterate it, and ask `done` of `total` meanwhile."""

    def __init__(self, name: str, kind: str, total: int | None, found: Found, pool: ParserPool) -> None:
        """Read what `found` finds; use `open_source`."""
        self.name = name
        """What people call it."""
        self.kind = kind
        """`mbox`, `maildir`, `folder`, `mail` or `tickets`."""
        self.total = total
        """Bytes in all; None where nobody knows (standard input)."""
        self._found = found
        self._pool = pool

    @property
    def done(self) -> int:
        """Bytes whose results have been handed out."""
        return self._pool.position

    def __iter__(self) -> Iterator[Incoming]:
        """Everything in it, in order; what cannot be read comes as `Unreadable`."""
        try:
            yield from self._pool.parse(self._found)
        finally:
            self.close()

    def close(self) -> None:
        """End the parsing processes."""
        self._pool.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_source(
    path: Path | None,
    *,
    own_addresses: Set[str] = frozenset(),
    limits: Limits | None = None,
    processes: int | None = None,
    stream: BinaryIO | None = None,
    columns: Mapping[str, str] | None = None,
) -> Source:
    """Open something to import from.

    Args:
        path: A file or folder; None or `-` for standard input.
        own_addresses: The desk's addresses: mail from them is our own coming back.
        limits: What one mail may use up.
        processes: Parsing processes; as many as there are processors, at most four, if None.
        stream: What to read instead of standard input.
        columns: The columns of a table, by what they are (`tables_in.FIELDS`); known by their names if None.

    Raises:
        NotFound: Nothing is there.
        BadInput: It may not be read, or is nothing that can be imported.
    """
    limits = limits or Limits()
    pool = ParserPool(own_addresses, limits, processes)
    if path is None or str(path) == "-":
        opened = Stream(stream or sys.stdin.buffer, None)
        return _from_file(opened, "standard input", pool, limits, columns)
    if not path.exists():
        raise NotFound(f"There is no {path}.")
    try:
        if path.is_dir():
            return _from_folder(path, pool, limits)
        if not path.is_file():
            raise BadInput(f"{path} is neither a file nor a folder.")
        return _from_file(Stream(path.open("rb"), path.stat().st_size), path.name, pool, limits, columns)
    except OSError as trouble:
        raise BadInput(f"{path} cannot be read: {trouble.strerror or trouble}.") from None


def open_files(
    files: Sequence[Path],
    root: Path,
    *,
    own_addresses: Set[str] = frozenset(),
    limits: Limits | None = None,
    processes: int | None = None,
) -> Source:
    """Open some files below a folder; one that is nothing that can be imported comes as `Unreadable`."""
    limits = limits or Limits()
    pool = ParserPool(own_addresses, limits, processes)
    return Source(root.name, "folder", None, _read_files([str(f) for f in files], root, limits), pool)


def open_kept(content: bytes, name: str, *, own_addresses: Set[str] = frozenset()) -> Source:
    """Open content that was set aside; what is nothing that can be imported comes as `Unreadable`."""
    limits = Limits()
    pool = ParserPool(own_addresses, limits, 1)
    place = _Place(Stream(io.BytesIO(content), len(content)), name, limits)
    head = place.stream.head()
    kind = _kind(head) if head else ""
    # A mail of an mbox was kept without its first line; taken for one, its own "From " lines would cut it.
    kind = "mail" if kind == "mbox" and "#" in name else kind
    found = _read(place, kind) if kind in _READERS else _strange(place, kind)
    return Source(name, kind, len(content), found, pool)


def open_all(
    paths: Sequence[Path | None],
    *,
    own_addresses: Set[str] = frozenset(),
    columns: Mapping[str, str] | None = None,
) -> list[Source]:
    """Open several things at once; JSON files among them are read as one export, whose parts belong together.

    Raises as `open_source`.
    """
    sources = [open_source(p, own_addresses=own_addresses, columns=columns) for p in paths]
    together = [p for p, s in zip(paths, sources, strict=True) if p is not None and s.kind == "tickets"]
    if len(together) < 2:
        return sources
    for source in sources:
        if source.kind == "tickets":
            source.close()
    root = Path(os.path.commonpath([p.parent for p in together]))
    joined = open_files(together, root, own_addresses=own_addresses)
    return [s for s in sources if s.kind != "tickets"] + [joined]


def _from_file(
    opened: Stream, name: str, pool: ParserPool, limits: Limits, columns: Mapping[str, str] | None = None
) -> Source:
    head = opened.head()
    if opened.trouble:
        raise BadInput(f"{name} cannot be read: {opened.trouble}.")
    if not head:
        return Source(name, "mbox", 0, iter(()), pool)
    kind = "table" if columns else _kind(head)
    if kind not in _READERS:
        opened.close()
        raise BadInput(f"{name} is {kind}; it can be an mbox, a mail, a Maildir, a folder of mails, JSON or CSV.")
    return Source(name, kind, opened.size, _read(_Place(opened, name, limits, columns=columns), kind), pool)


def _kind(head: bytes) -> str:
    """What the first bytes of a file say it is: a reader's name, or in words what else."""
    if is_mbox(head):
        return "mbox"
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if bare[:1] in (b"{", b"["):
        return "tickets"
    if has_mail_headers(head):
        return "mail"
    if layout_of(head) is not None:
        return "table"
    if head.startswith(GZIP):
        return "compressed twice"
    for mark, archive in _ARCHIVES:
        if head.startswith(mark):
            return f"a {archive} archive: unpack it first"
    return _NO_MAIL


class _Place(NamedTuple):
    """An opened file on its way through a reader."""

    stream: Stream
    """The file."""
    name: str
    """What people call it."""
    limits: Limits
    """What one mail may use up."""
    before: int = 0
    """Bytes of the whole source that were done before it."""
    parts: Parts | None = None
    """What a folder's files keep apart from their tickets."""
    columns: Mapping[str, str] | None = None
    """A table's columns, where they are named."""

    @property
    def done(self) -> int:
        """Bytes of the whole source that are done."""
        return self.before + self.stream.consumed


def _read_mbox(place: _Place) -> Found:
    for number, cut in enumerate(mbox_mails(place.stream, place.limits), 1):
        source = f"{place.name}#{number}"
        if cut.size > place.limits.message_bytes:
            yield _oversized(source, cut.raw, cut.size, place.limits), place.done
        elif cut.last and place.stream.trouble:
            yield _not_whole(source, cut.raw, place), place.done
        elif cut.raw.strip():
            yield Mail(source, cut.raw, place.done)


def _read_mail(place: _Place) -> Found:
    data = bytearray()
    size = 0
    while block := place.stream.read():
        size += len(block)
        data += block[: max(0, place.limits.kept_bytes - len(data))]
        if place.stream.swells:
            place.stream.trouble = "the compressed file unpacks to far more than a mail would"
            break
    if size > place.limits.message_bytes:
        yield _oversized(place.name, bytes(data), size, place.limits), place.done
    elif place.stream.trouble:
        yield _not_whole(place.name, bytes(data), place), place.done
    else:
        yield Mail(place.name, bytes(data), place.done)


def _read_tickets(place: _Place) -> Found:
    for ticket, done in read_documents(place.stream, place.name, place.parts):
        yield ticket, place.before + done


def _read_table(place: _Place) -> Found:
    layout = layout_of(place.stream.head(), place.columns)
    if layout is None:
        raise BadInput(f"{place.name} is no table with a column for the text or the subject of tickets.")
    for ticket, done in read_table(place.stream, place.name, layout):
        yield ticket, place.before + done


_READERS = {"mbox": _read_mbox, "mail": _read_mail, "tickets": _read_tickets, "table": _read_table}


def _read(place: _Place, kind: str) -> Found:
    """All of a file, then close it; what went wrong on the way is set aside as well."""
    yield from _READERS[kind](place)
    place.stream.close()
    if place.stream.trouble:
        yield Unreadable(place.name, b"", f"What follows could not be read: {place.stream.trouble}."), place.done


def _not_whole(source: str, raw: bytes, place: _Place) -> Unreadable:
    """The mail in which a damaged file breaks off; taking it in would keep the whole one out later."""
    trouble, place.stream.trouble = place.stream.trouble, ""
    return Unreadable(source, raw, f"It is not whole, and what follows it is missing: {trouble}.")


def _oversized(source: str, raw: bytes, size: int, limits: Limits) -> Unreadable:
    """A mail above the limit."""
    reason = f"It is {size / MEGABYTE:,.0f} MB, above the limit of {limits.message_bytes / MEGABYTE:,.0f} MB"
    kept = "" if len(raw) >= size else f"; its first {len(raw) / MEGABYTE:,.0f} MB were kept"
    return Unreadable(source, raw, f"{reason}{kept}.")


def _from_folder(path: Path, pool: ParserPool, limits: Limits) -> Source:
    files = list(mail_files(path))
    total = 0
    for file in files:
        with suppress(OSError):
            total += Path(file).stat().st_size
    kind = "maildir" if is_maildir(path) else "folder"
    return Source(path.name, kind, total, _read_files(files, path, limits), pool)


def _read_files(files: list[str], root: Path, limits: Limits) -> Found:
    done, parts = 0, gather_files(files)
    for file in files:
        name = os.path.join(root.name, os.path.relpath(file, root))  # noqa: PTH118
        try:
            handle = Path(file).open("rb")  # noqa: SIM115 - the reader closes it
            opened = Stream(handle, os.fstat(handle.fileno()).st_size)
        except OSError as trouble:
            yield Unreadable(name, b"", f"It cannot be read: {trouble.strerror or trouble}."), done
            continue
        place = _Place(opened, name, limits, done, parts)
        head = opened.head()
        kind = _kind(head) if head else ""
        yield from _read(place, kind) if kind in _READERS else _strange(place, kind)
        done += opened.size or 0


def _strange(place: _Place, kind: str) -> Found:
    """A file of a folder that is no mail."""
    reason = "It is empty."
    if place.stream.trouble:
        reason = f"It cannot be read: {place.stream.trouble}."
    elif kind:
        reason = "It does not look like a mail." if kind == _NO_MAIL else f"It is {kind}."
    raw = bytearray()
    while len(raw) <= place.limits.message_bytes and (block := place.stream.read()):
        raw += block
    place.stream.close()
    yield Unreadable(place.name, bytes(raw[: place.limits.message_bytes]), reason), place.done
