"""Copies of a store: consistent while it is in use, readable by their owner only, verified before they are restored."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from supportdesk.errors import BadInput, StoreTrouble
from supportdesk.paths import private_folder
from supportdesk.store.engine import translated
from supportdesk.store.verify import Verified, verify


def backup(file: Path, to: Path) -> None:
    """Copy a store while it may be in use; `to` appears whole or not at all, with mode 0600.

    Raises BadInput when `to` is there already, StoreTrouble for the store's and the disk's troubles.
    """
    if to.exists():
        raise BadInput(f"{to} is there already; it was left as it is. Name a file that is not.")
    if not file.is_file():
        raise StoreTrouble(f"There is no store {file}.")
    _copy(file, to)


def restore(copy: Path, file: Path) -> Verified:
    """Put a verified copy in a store's place; what was there is kept beside it with the ending `.before`.

    Raises StoreTrouble when the copy is not as it was recorded, BadInput when something kept before is in the way.
    """
    found = verify(copy)
    if found.differences:
        more = f" and {len(found.differences) - 1} more" if len(found.differences) > 1 else ""
        raise StoreTrouble(f"Not restored: in {copy}, {found.differences[0]}{more}. The store was left as it is.")
    aside = file.with_name(file.name + ".before")
    if aside.exists():
        raise BadInput(f"{aside} is there already; move it away first. The store was left as it is.")
    private_folder(file.parent)
    fresh = file.with_name(file.name + ".restoring")
    fresh.unlink(missing_ok=True)
    _copy(copy, fresh)
    if file.exists():
        # Whole, with what its WAL still holds.
        _copy(file, aside)
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    fresh.replace(file)
    return found


def _copy(file: Path, to: Path) -> None:
    draft = to.with_name(to.name + ".part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with (
            translated(),
            closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(draft)) as target,
        ):
            source.backup(target)
            # A copy is one file: no WAL beside it.
            target.execute("PRAGMA journal_mode=DELETE")
        draft.replace(to)
    except OSError as error:
        raise StoreTrouble(f"Cannot write {to}: {error.strerror or error}. Nothing was changed.") from error
    finally:
        draft.unlink(missing_ok=True)
