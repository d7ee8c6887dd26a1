"""The house stands: what may be imported where, what the wheel holds, what is said to people."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules_after(code: str) -> set[str]:
    """Names of all modules a fresh interpreter holds after running some code."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


CORE = "import supportdesk.services.review, supportdesk.services.preparation, supportdesk.services.filters"


def test_the_core_imports_no_user_interface() -> None:
    """Services, rules and domain run without any terminal library."""
    loaded = modules_after(f"{CORE}, supportdesk.store.sqlite, supportdesk.channels.sources, supportdesk.bootstrap")
    assert "supportdesk.services.review" in loaded
    assert not loaded & {"textual", "rich", "screens", "widgets", "litellm", "alembic"}


def test_the_services_import_no_adapter() -> None:
    """Services know the store, channels and assistants only as Protocols."""
    loaded = modules_after(CORE)
    adapters = ("supportdesk.store", "supportdesk.channels", "supportdesk.assistants", "sqlmodel", "sqlalchemy")
    assert not [name for name in loaded if name.startswith(adapters)]


def test_the_screens_import_no_adapter_and_nothing_slow() -> None:
    """The first frame waits for no database and no model library."""
    loaded = modules_after("import supportdesk.app, screens, widgets")
    assert "textual" in loaded
    slow = {"sqlmodel", "sqlalchemy", "alembic", "litellm", "keyring", "jinja2"}
    assert not [n for n in loaded if n.startswith(("supportdesk.store", "supportdesk.channels")) or n in slow]


@pytest.mark.slow
def test_the_wheel_holds_exactly_the_four_packages(tmp_path: Path) -> None:
    """Flat packages, nothing else at the top: no tests, no sample store."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"supportdesk", "screens", "widgets", "prompts"}
    assert any(name.startswith("supportdesk/sample/articles/") for name in names)
    assert "prompts/offline.toml" in names


def test_the_lock_names_no_index_and_hashes_everything() -> None:
    """A committed lock works with any mirror and takes nothing but what was meant."""
    text = (ROOT / "requirements.lock").read_text()
    assert "--index-url" not in text
    assert "://" not in text
    pinned = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert pinned
    assert all(line.endswith("\\") for line in pinned)
