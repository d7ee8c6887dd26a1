"""Which files below a folder are mail: Maildirs with their folders, and plain folders of files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_DRAFT, _TRASHED = "D", "T"


def is_maildir(path: str | Path) -> bool:
    """Whether a folder is a Maildir."""
    return os.path.isdir(os.path.join(path, "cur")) and os.path.isdir(os.path.join(path, "new"))  # noqa: PTH112, PTH118


def mail_files(folder: str | Path) -> Iterator[str]:
    """All files of mail below a folder, sorted; links to folders are not followed, hidden files are no mail.

    Of a Maildir only `new` and `cur` hold mail; drafts and what was thrown away are left out.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield str(folder)
        return
    maildir = is_maildir(folder)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if maildir and entry.name in ("cur", "new"):
                with os.scandir(entry.path) as mails:
                    yield from sorted(m.path for m in mails if m.is_file() and _wanted(m.name))
            elif maildir and entry.name == "tmp":
                continue
            elif not entry.name.startswith(".") or is_maildir(entry.path):
                yield from mail_files(entry.path)
        elif not maildir and not entry.name.startswith("."):
            yield entry.path


def _wanted(name: str) -> bool:
    """Whether a Maildir's file is a mail that was received and kept."""
    flags = name.rpartition(":2,")[2] if ":2," in name else ""
    return not name.startswith(".") and _DRAFT not in flags and _TRASHED not in flags
