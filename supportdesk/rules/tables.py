"""The packaged tables of the rules: each TOML or JSON file is read once, when a rule first needs it."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Callable
from functools import cache, wraps
from importlib.resources import files
from typing import Any, TypeVar, cast

_Made = TypeVar("_Made", bound=Callable[..., Any])

# One for all, entered again by tables made from tables: with one each, two threads could wait for each other.
_MAKING = threading.RLock()


def once(make: _Made) -> _Made:
    """Like functools.cache, and also among threads each value is made only once.

    The back office starts a dozen threads at a time: each making its own lexicon took a minute of work.
    """
    known: dict[tuple[Any, ...], Any] = {}

    def first(*key: Any) -> Any:
        with _MAKING:
            if key not in known:
                known[key] = make(*key)
            return known[key]

    return cast("_Made", cache(wraps(make)(first)))


@once
def table(name: str) -> dict[str, Any]:
    """The content of `data/<name>`; callers must not change it."""
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
