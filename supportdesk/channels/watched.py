"""A folder that others put files into: which are new, which are whole, and where they go when they were read."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from supportdesk.errors import ChannelTrouble

_SETTLED_SECONDS = 1.0
"""A file that was changed less long ago may still be written to."""
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")
_SLACK = 2_000_000_000
"""Nanoseconds looked back: two files may come within one tick of the file system's clock."""


class WatchedFolder:
    """Files in the order in which they came."""

    def __init__(self, folder: Path, moved_to: Path | None = None) -> None:
        """Watch a folder; what was read goes to another, or stays."""
        self.path = folder
        self._moved_to = moved_to

    def since(self, position: str, *, settled: bool) -> Iterator[tuple[Path, str]]:
        """Files that came or changed since a position, and the position after each; oldest first.

        With `settled`, only up to the first that may still be written to. Raises ChannelTrouble.
        """
        known: dict[str, int] = json.loads(position) if position else {}
        newest = max(known.values(), default=0)
        for name, came, changed in self._there():
            if came < newest - _SLACK or known.get(name) == came:
                continue
            if settled and time.time() - changed / 1e9 < _SETTLED_SECONDS:
                return
            known[name] = came
            newest = max(newest, came)
            # Older ones are told by their time alone; those within the slack by name.
            known = {n: c for n, c in known.items() if c >= newest - _SLACK}
            yield self.path / name, json.dumps(known)

    def done(self, file: Path) -> None:
        """A file was read and kept: move it, where it is to be moved. Raises ChannelTrouble."""
        if self._moved_to is None:
            return
        try:
            self._moved_to.mkdir(parents=True, exist_ok=True)
            target, number = self._moved_to / file.name, 1
            while target.exists():
                target, number = self._moved_to / f"{file.stem}-{number}{file.suffix}", number + 1
            file.rename(target)
        except OSError as error:
            raise ChannelTrouble(
                f"{file.name} was read and kept, but cannot be moved to {self._moved_to}: {error.strerror or error}."
            ) from error

    def test(self) -> tuple[bool, tuple[str, ...]]:
        """Whether files can be read here and moved there, in words."""
        try:
            count = sum(1 for _ in self._there())
        except ChannelTrouble as trouble:
            return False, (f"Failed: {trouble}",)
        lines = [f"The folder {self.path} has {count:,} files."]
        if self._moved_to is None:
            return True, (*lines, "Files stay where they are.")
        there = self._moved_to
        while not there.exists() and there != there.parent:
            there = there.parent
        if not os.access(there, os.W_OK) or not os.access(self.path, os.W_OK):
            return False, (*lines, f"Failed: files cannot be moved to {self._moved_to}.")
        return True, (*lines, f"Files that were read go to {self._moved_to}.")

    def _there(self) -> list[tuple[str, int, int]]:
        """Names of the files there are, when they came and when they changed, oldest first."""
        found = []
        try:
            for entry in os.scandir(self.path):
                if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED) or not entry.is_file():
                    continue
                status = entry.stat()
                # A rename into the folder changes ctime, whatever the file's own time says.
                found.append((entry.name, status.st_ctime_ns, status.st_mtime_ns))
        except OSError as error:
            raise ChannelTrouble(f"The folder {self.path} cannot be read: {error.strerror or error}.") from error
        return sorted(found, key=lambda f: (f[1], f[0]))
