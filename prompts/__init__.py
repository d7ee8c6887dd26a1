"""The templates a person may read and edit, one file a task, loaded by name."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def read(name: str, folder: Path | None = None) -> str:
    """The text of a template: a team's own copy in `folder` if there is one, else the packaged one.

    Raises FileNotFoundError for a name nobody knows.
    """
    own = folder / name if folder is not None else None
    if own is not None and own.is_file():
        return own.read_text(encoding="utf-8")
    return (resources.files(__name__) / name).read_text(encoding="utf-8")
