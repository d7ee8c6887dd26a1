"""Adding a proposed rule to the settings: tried before it is written, whole or not at all, and recorded."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

from supportdesk.domain.theme import ThemeState
from supportdesk.errors import BadInput, Refused
from supportdesk.rules.routing import routing_from
from supportdesk.services.ports import Clock, Store
from supportdesk.settings import settings_from


def amended(file: Path, lines: str, remark: str) -> tuple[str, str]:
    """The settings as they are and with lines added under a remark. Raises BadSettings when they cannot hold."""
    try:
        before = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        before = ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Cannot read {file}: {error}.") from error
    note = " ".join(remark.split())
    after = f"{before.rstrip()}\n\n# {note}\n{lines}\n".lstrip("\n")
    try:
        settings = settings_from(tomllib.loads(after), str(file))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(
            f"{file} names its rules in a way lines cannot be added to: {error}. Add them by hand."
        ) from error
    routing_from(settings.routing)
    return before, after


def amend(store: Store, clock: Clock, login: str, file: Path, before: str, after: str, about: str) -> None:
    """Write the amended settings; the wrong route they mend counts as mended from now on.

    Raises Refused for all but a lead and BadInput when the file changed meanwhile or cannot be written.
    """
    with store.write() as tx:
        person = tx.people.get(login)
        if person is None or not person.active or person.role != "lead":
            raise Refused("A lead changes the settings.")
        now = clock.now()
        tx.records.append(login, "settings_changed", 0, {"file": file.name, "about": about}, now)
        for theme in tx.themes.all([ThemeState.PROPOSED, ThemeState.CONFIRMED]):
            if theme.kind == "route" and theme.name == about:
                tx.themes.change(theme.id, state=ThemeState.MENDED.value, mended_at=now, owner=theme.owner or login)
        current = file.read_text(encoding="utf-8") if file.exists() else ""
        if current != before:
            raise BadInput(f"{file} was changed meanwhile; look at the difference again.")
        try:
            _replace(file, after)
        except OSError as error:
            raise BadInput(f"Cannot write {file}: {error.strerror}. Nothing was changed.") from error


def _replace(file: Path, words: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".settings-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(words)
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).chmod(mode)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
