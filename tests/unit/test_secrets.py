"""Secrets: found in a known order, kept privately, never shown."""

from __future__ import annotations

import json
import pickle
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import pytest

from supportdesk import secrets
from supportdesk.errors import BadInput, BadSettings

VALUE = "sk-test-5f2a9c0d7e"


class Ring(keyring.backend.KeyringBackend):
    """A keyring that works, in memory."""

    priority: float = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


class PlainRing(Ring):
    """A keyring that keeps passwords in the open, as keyrings.alt does."""

    priority = 0.5


class StuckRing(Ring):
    """A keyring that waits for a dialogue nobody sees."""

    asked = 0

    def __init__(self, release: threading.Event) -> None:
        super().__init__()
        self.release = release

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.release.wait(30)
        return "too late"


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A config folder of its own, no variables set, and a machine without a keyring."""
    monkeypatch.setenv("SUPPORTDESK_CONFIG", str(tmp_path / "config"))
    for name in ("openai", "smtp", "gemini"):
        for variable in secrets.variables(name):
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(secrets, "_unanswered", threading.Event())
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    yield tmp_path / "config"
    keyring.set_keyring(before)


def use(ring: keyring.backend.KeyringBackend) -> None:
    keyring.set_keyring(ring)


def test_what_was_never_stored_is_not_found() -> None:
    """No secret is an answer, not an error, also where there is no keyring."""
    assert secrets.find("openai") is None


def test_without_a_keyring_a_secret_is_kept_in_a_private_file(desk: Path) -> None:
    """A server over SSH keeps keys in a file only its owner reads, and says so."""
    where = secrets.store("smtp", VALUE)
    assert where == str(desk / "secrets.json")
    assert stat.S_IMODE((desk / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.stat().st_mode) == 0o700
    assert sorted(p.name for p in desk.iterdir()) == ["secrets.json"]
    found = secrets.find("smtp")
    assert found is not None
    assert (found.value, found.where) == (VALUE, where)


def test_a_keyring_is_preferred_to_the_file_and_takes_its_place(desk: Path) -> None:
    """Once there is a keyring, no copy stays behind in the file."""
    secrets.store("smtp", "old-one")
    ring = Ring()
    use(ring)
    where = secrets.store("smtp", VALUE)
    assert "keyring" in where
    assert ring.held == {("supportdesk", "smtp"): VALUE}
    assert "smtp" not in json.loads((desk / "secrets.json").read_text())
    found = secrets.find("smtp")
    assert found is not None
    assert (found.value, found.where) == (VALUE, where)


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable wins over keyring and file, ours over the provider's, and its name is told."""
    use(Ring())
    secrets.store("openai", "from-the-ring")
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-provider's-variable")
    found = secrets.find("openai")
    assert found is not None
    assert found.value == "from-the-provider's-variable"
    assert "OPENAI_API_KEY" in found.where
    monkeypatch.setenv("SUPPORTDESK_OPENAI_KEY", VALUE + "\n")
    found = secrets.find("openai")
    assert found is not None
    assert found.value == VALUE
    assert "SUPPORTDESK_OPENAI_KEY" in found.where
    assert "SUPPORTDESK_OPENAI_KEY" in secrets.store("openai", "another")


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """`export KEY=` in a profile does not hide the stored key."""
    secrets.store("openai", VALUE)
    monkeypatch.setenv("OPENAI_API_KEY", "  ")
    found = secrets.find("openai")
    assert found is not None
    assert found.value == VALUE


def test_a_provider_with_its_own_habit_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's documentation names a variable that is not the provider's name."""
    monkeypatch.setenv("GOOGLE_API_KEY", VALUE)
    found = secrets.find("gemini")
    assert found is not None
    assert found.value == VALUE


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o622])
def test_a_file_others_may_read_is_refused(desk: Path, mode: int) -> None:
    """A key that leaked to other users is not quietly used on."""
    secrets.store("smtp", VALUE)
    (desk / "secrets.json").chmod(mode)
    with pytest.raises(BadSettings, match="chmod 600") as refused:
        secrets.find("smtp")
    assert VALUE not in str(refused.value)
    with pytest.raises(BadSettings):
        secrets.store("openai", "x")
    assert json.loads((desk / "secrets.json").read_text()) == {"smtp": VALUE}


@pytest.mark.parametrize("content", [f'{{"smtp": "{VALUE}"', f'["{VALUE}"]', f'{{"smtp": {{"x": "{VALUE}"}}}}', "\xff"])
def test_a_broken_file_is_named_without_its_content(desk: Path, content: str) -> None:
    """A typing error in the file neither shows its keys, not even in the error's chain, nor loses them."""
    desk.mkdir()
    path = desk / "secrets.json"
    path.write_bytes(content.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(BadSettings) as refused:
        secrets.store("openai", "x")
    error: BaseException | None = refused.value
    while error is not None:
        assert VALUE not in repr(error)
        assert VALUE not in repr(vars(error))
        assert VALUE not in str(getattr(error, "doc", ""))
        error = error.__context__
    assert path.read_bytes() == content.encode("latin-1")


def test_a_keyring_that_never_answers_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stuck keyring is left alone after its time, and not waited for twice."""
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", 0.05)
    secrets.store("smtp", VALUE)
    release = threading.Event()
    stuck = StuckRing(release)
    use(stuck)
    for _ in range(3):
        found = secrets.find("smtp")
        assert found is not None
        assert found.value == VALUE
    assert stuck.asked == 1
    release.set()


def test_a_keyring_that_keeps_plain_text_is_passed_over(desk: Path) -> None:
    """Below priority 1 a keyring protects less than our own file."""
    use(PlainRing())
    assert secrets.store("smtp", VALUE) == str(desk / "secrets.json")


def test_forgetting_removes_it_everywhere(desk: Path) -> None:
    """What is forgotten is in neither place, and forgetting again finds nothing."""
    secrets.store("smtp", "old-one")
    ring = Ring()
    ring.held["supportdesk", "smtp"] = VALUE
    use(ring)
    places = secrets.forget("smtp")
    assert len(places) == 2
    assert str(desk / "secrets.json") in places
    assert secrets.find("smtp") is None
    assert secrets.forget("smtp") == ()
    assert "old-one" not in (desk / "secrets.json").read_text()


def test_a_secret_does_not_show_itself() -> None:
    """Neither printing, formatting, logging nor pickling gives the value away."""
    secret = secrets.Secret(VALUE, "a test")
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>60}", repr([secret])):
        assert VALUE not in shown
        assert "a test" in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize("name", ["", "../x", "OpenAI", "a b", "x" * 65, "é"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    """Names go into variable names and keyring entries."""
    with pytest.raises(BadInput):
        secrets.find(name)


@pytest.mark.parametrize("value", ["", "two\nlines", "carriage\rreturn"])
def test_a_value_that_cannot_be_one_is_refused(value: str, desk: Path) -> None:
    """A pasted key with a line break would break every header it goes into."""
    with pytest.raises(BadInput):
        secrets.store("smtp", value)
    assert not desk.exists()


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be kept, the person is told so."""
    (tmp_path / "plain").write_text("")
    monkeypatch.setenv("SUPPORTDESK_CONFIG", str(tmp_path / "plain"))
    with pytest.raises(BadSettings):
        secrets.store("smtp", VALUE)


def test_what_a_server_says_back_is_shown_without_the_secret() -> None:
    """A server that repeats the password in its error does not bring it to the screen."""
    said = f"535 bad password {VALUE} (c2stdGVzdC01ZjJhOWMwZDdl)"
    assert VALUE not in secrets.hide(said, VALUE)
    assert "c2stdGVzdC01ZjJhOWMwZDdl" not in secrets.hide(said, VALUE)
    assert secrets.hide(said, VALUE).startswith("535 bad password")
