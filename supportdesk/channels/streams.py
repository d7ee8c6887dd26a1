"""Reading files, compressed files and standard input in blocks, with the bytes done so far for a progress bar."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from supportdesk.channels.limits import MEGABYTE

BLOCK = MEGABYTE
GZIP = b"\x1f\x8b"
_BOMB_RATIO = 200
_BOMB_BYTES = 100 * MEGABYTE


class Stream:
    """A file read in blocks, unpacked on the way where it is gzip'd; its first bytes can be looked at first."""

    def __init__(self, file: BinaryIO, size: int | None) -> None:
        """Read from an open file of that many bytes (None where nobody knows)."""
        self._file = file
        self.size = size
        self.consumed = 0
        """Bytes read from the file itself."""
        self.produced = 0
        """Bytes handed on, which is more where the file is compressed."""
        self.trouble = ""
        """Why reading ended before the end; empty while all is well."""
        self._inflate: zlib._Decompress | None = None
        self._pending = self._raw(65_536)
        if self._pending.startswith(GZIP):
            self._inflate = zlib.decompressobj(wbits=31)
            self._packed, self._pending = self._pending, b""
            self._pending = self.read(65_536)
            self.produced = 0
        self.compressed = self._inflate is not None

    def head(self) -> bytes:
        """The first bytes, which reading gives once more; at most 64 KiB."""
        return self._pending

    @property
    def swells(self) -> bool:
        """Whether it unpacks to so much more than itself that it is no honest mailbox."""
        return self.compressed and self.produced > _BOMB_BYTES and self.produced > _BOMB_RATIO * self.consumed

    def read(self, size: int = BLOCK) -> bytes:
        """The next block, at most `size` bytes; empty at the end."""
        if self._pending:
            block, self._pending = self._pending[:size], self._pending[size:]
        elif self._inflate is not None:
            block = self._unpacked(size)
        else:
            block = self._raw(size)
        self.produced += len(block)
        return block

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _raw(self, size: int) -> bytes:
        block = self._file.read(size)
        self.consumed += len(block)
        return block

    def _unpacked(self, size: int) -> bytes:
        while self._inflate is not None:
            if not self._packed:
                self._packed = self._raw(65_536)
            try:
                if not self._packed:
                    if not self._inflate.eof:
                        self.trouble = "the compressed file ends before its end"
                    self._inflate = None
                    return b""
                if self._inflate.eof:
                    # Files put one after another are one file to gzip.
                    if not self._packed.startswith(GZIP):
                        self._inflate = None
                        return b""
                    self._inflate = zlib.decompressobj(wbits=31)
                block = self._inflate.decompress(self._packed, size)
            except zlib.error:
                self.trouble = "the compressed file is damaged"
                self._inflate = None
                return b""
            self._packed = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if block:
                return block
        return b""
