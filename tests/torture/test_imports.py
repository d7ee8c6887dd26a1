"""A slice of the torture: `python -m tests.torture imports` does it for minutes."""

from __future__ import annotations

from pathlib import Path

from torture.imports import imports


def test_a_mailbox_gives_the_same_desk_however_it_is_imported(tmp_path: Path) -> None:
    """Twice, in parts, in parallel, and after a kill."""
    figures = imports(tmp_path, 4)
    assert (figures["runs"], figures["other"], figures["broken"]) == (4, 0, 0)
