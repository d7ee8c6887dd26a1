"""Where things lie on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

STORE_VARIABLE = "SUPPORTDESK_STORE"
CONFIG_VARIABLE = "SUPPORTDESK_CONFIG"


def data_folder() -> Path:
    """The user's data folder for supportdesk; not made by asking."""
    return Path(platformdirs.user_data_dir("supportdesk", appauthor=False))


def config_folder() -> Path:
    """The folder with settings.toml and a team's own prompts and rules; SUPPORTDESK_CONFIG names another."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_config_dir("supportdesk", appauthor=False))


def log_folder() -> Path:
    """Where crash logs go."""
    return Path(platformdirs.user_log_dir("supportdesk", appauthor=False))


def store_file(named: str | None = None) -> Path:
    """The store: `--store`, else SUPPORTDESK_STORE, else desk.db in the data folder."""
    named = named or os.environ.get(STORE_VARIABLE)
    return Path(named).expanduser() if named else data_folder() / "desk.db"


def private_folder(folder: Path) -> Path:
    """Make a folder only its owner can enter (0700); an existing one is left as it is."""
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    return folder
