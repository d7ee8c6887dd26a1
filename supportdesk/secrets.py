"""Keys and passwords: found in the environment, the keyring or an own file, in this order.

Over SSH and in services there is often no keyring, or one that never answers: it is asked in a thread, with
a time limit, and only when it is a real one. A value is never printed; `Secret.where` says in words where it
came from.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from supportdesk.errors import BadInput, BadSettings
from supportdesk.paths import config_folder, private_folder

SERVICE = "supportdesk"
"""The name our entries have in the keyring."""

FILE_NAME = "secrets.json"
"""Our own file in the config folder: one JSON object, name to value."""

KEYRING_SECONDS = 5.0
"""How long a keyring may take; one that does not answer is not asked again by this process."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ENDINGS = ("KEY", "PASSWORD", "TOKEN")
# What the providers' own documentation calls it, where that is not <NAME>_API_KEY.
_CONVENTIONAL = {
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "huggingface": ("HF_TOKEN", "HUGGINGFACE_API_KEY"),
    "perplexity": ("PERPLEXITY_API_KEY", "PERPLEXITYAI_API_KEY"),
    "replicate": ("REPLICATE_API_KEY", "REPLICATE_API_TOKEN"),
    "together_ai": ("TOGETHER_API_KEY", "TOGETHERAI_API_KEY", "TOGETHER_AI_API_KEY"),
}
_T = TypeVar("_T")
_unanswered = threading.Event()


class Secret:
    """A key or password that never shows itself: only `.value` has it."""

    __slots__ = ("_value", "where")

    def __init__(self, value: str, where: str) -> None:
        """Keep the value, and where it came from in words."""
        self._value = value
        self.where = where

    @property
    def value(self) -> str:
        """The key itself."""
        return self._value

    def __repr__(self) -> str:
        return f"<secret from {self.where}>"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


def find(name: str) -> Secret | None:
    """The secret of that name: environment, keyring, own file; None where there is none.

    Raises BadInput for a name that cannot be one, BadSettings for a file others may read or that is broken.
    """
    named = _in_environment(name)
    if named:
        return Secret(os.environ[named].strip("\r\n"), f"the environment ({named})")
    ring = _ask_keyring(lambda backend: backend.get_password(SERVICE, name))
    if ring and ring[1]:
        return Secret(ring[1], ring[0])
    kept = _read_file().get(name)
    return Secret(kept, str(secrets_file())) if kept else None


def store(name: str, value: str) -> str:
    """Keep a secret in the keyring, or in our own file where there is none; returns where, in words."""
    shadow = _in_environment(name)
    if not value or "\n" in value or "\r" in value:
        raise BadInput(f"The secret for {name} is empty or has more than one line; nothing was kept.")
    ring = _ask_keyring(lambda backend: backend.set_password(SERVICE, name, value))
    if ring:
        where = ring[0]
        _change_file(name, None)
    else:
        where = str(secrets_file())
        _change_file(name, value)
    return f"{where}; {shadow} in the environment still comes first" if shadow else where


def forget(name: str) -> tuple[str, ...]:
    """Remove a secret from the keyring and our own file; returns the places it was in.

    A variable in the environment is not ours to remove: `find` goes on finding it.
    """
    _in_environment(name)
    places = []
    ring = _ask_keyring(lambda backend: _delete(backend, name))
    if ring and ring[1]:
        places.append(ring[0])
    if _change_file(name, None):
        places.append(str(secrets_file()))
    return tuple(places)


def variables(name: str) -> tuple[str, ...]:
    """The environment variables that may hold a secret, in the order they are looked at."""
    if not _NAME.fullmatch(name):
        raise BadInput("A secret's name is made of small letters, digits, dots, dashes and underlines.")
    upper = re.sub(r"[^A-Z0-9]", "_", name.upper())
    own = tuple(f"SUPPORTDESK_{upper}_{ending}" for ending in _ENDINGS)
    return own + _CONVENTIONAL.get(name, (f"{upper}_API_KEY",))


def secrets_file() -> Path:
    """Where our own file lies, or would."""
    return config_folder() / FILE_NAME


def hide(text: str, value: str) -> str:
    """A text without a secret in it, plain or as it goes over the wire; for what servers say back."""
    if len(value) < 4:
        # Taking out every "a" would hide nothing and spoil the sentence.
        return text
    raw = value.encode("utf-8", "surrogatepass")
    for shape in (value, base64.b64encode(raw).decode(), quote(value, safe="")):
        text = text.replace(shape, "•••")
    return text


def _in_environment(name: str) -> str:
    """The first variable that is set for a name; empty where none is."""
    return next((v for v in variables(name) if os.environ.get(v, "").strip()), "")


def _delete(backend: Any, name: str) -> bool:
    """Whether the keyring had it; some keyrings raise when asked to delete what is not there."""
    if backend.get_password(SERVICE, name) is None:
        return False
    backend.delete_password(SERVICE, name)
    return True


def _ask_keyring(question: Callable[[Any], _T]) -> tuple[str, _T] | None:
    """A real keyring's name and answer; None where there is none, it fails, or it does not answer in time."""
    if _unanswered.is_set():
        return None
    answers: list[tuple[str, _T]] = []

    def ask() -> None:
        # Locked, not running, no D-Bus, too long a value: every backend fails in its own way, and always
        # means the same here: not this place.
        with contextlib.suppress(Exception):
            import keyring

            backend = keyring.get_keyring()
            if backend.priority >= 1:
                answers.append((f"the keyring ({backend.name})", question(backend)))

    thread = threading.Thread(target=ask, name="keyring", daemon=True)
    thread.start()
    thread.join(KEYRING_SECONDS)
    if thread.is_alive():
        _unanswered.set()
        return None
    return answers[0] if answers else None


def _read_file() -> dict[str, str]:
    """Our own file's secrets; empty where there is no file."""
    path = secrets_file()
    try:
        with path.open("rb") as file:
            if os.name == "posix":
                _refuse_open(path, os.fstat(file.fileno()))
            content = file.read()
    except FileNotFoundError:
        return {}
    except OSError as trouble:
        raise BadSettings(f"The secrets file {path} cannot be read: {trouble.strerror}.") from None
    held: object = None
    # A decoder's error carries the whole text it failed on: none may hang on to ours.
    with contextlib.suppress(ValueError):
        held = json.loads(content)
    if not isinstance(held, dict) or not all(isinstance(v, str) for v in held.values()):
        raise BadSettings(f"The secrets file {path} must be one JSON object of names and values; it was left as it is.")
    return held


def _refuse_open(path: Path, status: os.stat_result) -> None:
    """Raise BadSettings for a file that others may read or that is not ours."""
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise BadSettings(
            f"The secrets file {path} is open to other users (mode {mode:04o}) and was not used: "
            f"run `chmod 600 {path}`, and change the keys in it if others may have read them."
        )
    if status.st_uid != os.geteuid():
        raise BadSettings(f"The secrets file {path} belongs to another user and was not used.")


def _change_file(name: str, value: str | None) -> bool:
    """Set or (None) remove one secret in our own file, whole or not at all; returns whether it was there."""
    path = secrets_file()
    held = _read_file()
    there = name in held
    if value is None and not there:
        return False
    held.pop(name, None)
    if value is not None:
        held[name] = value
    new = path.with_name(f".{FILE_NAME}.{os.getpid()}")
    try:
        private_folder(path.parent)
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(held, file, indent=1, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as trouble:
        new.unlink(missing_ok=True)
        raise BadSettings(f"The secrets file {path} cannot be written: {trouble.strerror}; nothing was kept.") from None
    return there
