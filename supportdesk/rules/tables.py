"""The packaged tables of the rules: each TOML or JSON file is read once, when a rule first needs it."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The content of `data/<name>`; callers must not change it."""
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
