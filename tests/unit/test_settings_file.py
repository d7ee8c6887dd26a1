"""Changing settings.toml from the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.early import looks
from supportdesk.errors import BadSettings
from supportdesk.settings import load_settings
from supportdesk.settings_file import add_table, check, listed, meant, put, unset

WRITTEN = """# our desk
[desk]
name = "Fernweh"  # as customers know us

[workstation]
theme = "nord"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file with comments."""
    made = tmp_path / "settings.toml"
    made.write_text(WRITTEN)
    return made


def test_comments_stay_when_a_setting_is_written(file: Path) -> None:
    """Only the value changes; new tables come behind."""
    put(file, "desk.name", meant("desk.name", "Fernweh Cycles"))
    put(file, "gate.four_eyes", meant("gate.four_eyes", "refund, legal"))
    text = file.read_text()
    assert "# our desk" in text
    assert 'name = "Fernweh Cycles"  # as customers know us' in text
    assert load_settings(file).gate.four_eyes == ("refund", "legal")


@pytest.mark.parametrize(
    ("path", "typed"),
    [("delivery.port", "many"), ("delivery.port", "70000"), ("delivery.kind", "pigeon"), ("desk.nam", "x")],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(file: Path, path: str, typed: str) -> None:
    """The same check while typing and when writing."""
    with pytest.raises(BadSettings):
        check(path, typed, file)
    with pytest.raises(BadSettings):
        put(file, path, meant(path, typed))
    assert file.read_text() == WRITTEN


def test_a_setting_goes_back_to_its_default(file: Path) -> None:
    """And one that is there already is said to be."""
    unset(file, "workstation.theme")
    assert load_settings(file).workstation.theme == "desk-dark"
    with pytest.raises(BadSettings, match="default"):
        unset(file, "workstation.theme")


def test_a_channel_is_added(tmp_path: Path) -> None:
    """In a file that was not there; readable by its owner alone."""
    file = tmp_path / "new" / "settings.toml"
    add_table(file, "channels", {"name": "support", "kind": "imap", "host": "mail.example.com"})
    assert load_settings(file).channels[0].host == "mail.example.com"
    assert file.stat().st_mode & 0o077 == 0


def test_every_setting_is_listed_with_what_it_means(file: Path) -> None:
    """Docstrings are the manual; nobody has to guess."""
    found = {s.path: s for s in listed(load_settings(file))}
    assert found["desk.name"].changed
    assert found["delivery.kind"].choices == ("maildir", "smtp")
    assert not [s.path for s in found.values() if not s.says]


def test_the_first_frame_reads_the_same_looks(file: Path) -> None:
    """Read without checking, and never in the way when the file is broken."""
    assert looks(file).theme == "nord"
    file.write_text("[workstation\n")
    assert looks(file).theme == "desk-dark"
