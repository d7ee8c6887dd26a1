"""Every command on a page of the documentation does what the page says it does: it runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from seats import mail

from supportdesk.cli.main import run
from supportdesk.settings import load_settings
from widgets.theme import own_themes

ROOT = Path(__file__).parents[2]
PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if "```sh" in page.read_text()]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the pages name: a mailbox and articles."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUPPORTDESK_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("SUPPORTDESK_STORE", str(tmp_path / "desk.db"))
    letter = mail("I was charged twice for my order.")
    (tmp_path / "inbox.mbox").write_text(f"From anna@example.com Thu Mar 12 08:00:00 2026\n{letter}\n")
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "hours.md").write_text("# Opening hours\n\nWe are open on Saturdays from 10:00 to 16:00.\n")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_commands_of_a_page_run(page: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which they stand, with status 0 and something to read."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line.startswith("supportdesk ")]
    assert commands
    for command in commands:
        status = run(shlex.split(command)[1:])
        said = capsys.readouterr()
        assert status == 0, f"{command}: {said.err}"
        assert "Traceback" not in said.err
    load_settings(place / "config" / "settings.toml")


def test_the_theme_on_the_page_is_a_theme(tmp_path: Path) -> None:
    """As it stands there."""
    (toml,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "looks.md").read_text(), re.DOTALL)
    (tmp_path / "night.toml").write_text(toml)
    (tmp_path / "broken.toml").write_text("primary = 3")
    broken, night = own_themes(tmp_path)
    assert isinstance(broken, str)
    assert not isinstance(night, str)
    assert night.name == "night"


def test_what_the_pages_point_at_is_there() -> None:
    """Every link to a file of ours, every picture."""
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = page.read_text()
        for target in re.findall(r"\]\(([^)#]+)\)|(?:src|srcset)=\"([^\"]+)\"", text):
            name = target[0] or target[1]
            if "://" not in name:
                assert (page.parent / name).exists(), f"{page.name} points at {name}"
