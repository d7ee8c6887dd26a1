"""One tiny call of a model, and in plain words what is wrong, if anything is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from supportdesk.assistants.fallback import CallFailed
from supportdesk.assistants.models import LOCAL, hosted, provider_of
from supportdesk.assistants.replies import Unusable, read_object
from supportdesk.assistants.switchboard import Switchboard
from supportdesk.secrets import Secret, variables
from supportdesk.settings import AssistantSettings
from supportdesk.text import clean

SLOW_SECONDS = 10.0
"""A tiny call that takes longer makes a usual one wait for minutes."""

_SCHEMA = {
    "type": "object",
    "properties": {"ready": {"type": "boolean"}},
    "required": ["ready"],
    "additionalProperties": False,
}
_ASK = 'Answer with this JSON object and nothing else: {"ready": true}'


@dataclass(frozen=True, slots=True)
class Checkup:
    """What one tiny call showed."""

    model: str
    """Which model."""
    key: str
    """Where its key was found, in words; never the key."""
    hides: bool
    """Whether identifiers are replaced before a call."""
    ok: bool
    """Whether it will do."""
    words: str
    """What came of it, and what to do."""
    seconds: float = 0.0
    """How long it took."""
    tokens: int = 0
    """Tokens in and out."""


def check_up(settings: AssistantSettings, find: Callable[[str], Secret | None]) -> Checkup:
    """Call the settings' model once. Never raises for what the model or its server do."""
    model = settings.model
    provider = provider_of(model)
    away = hosted(model, settings.base_url)
    hides = settings.placeholders == "always" or (settings.placeholders == "hosted" and away)
    found = None if provider in LOCAL else find(provider)
    place = found.where if found is not None else "none needed" if not away else "not set"
    caller = Switchboard(settings)
    started = time.perf_counter()
    try:
        said = caller(model, ({"role": "user", "content": _ASK},), _SCHEMA)
    except CallFailed as why:
        words = f"{model} {why}."
        if found is None and away:
            words += f" No key is set: run `supportdesk key set {provider}`, or set {variables(provider)[-1]}."
        elif why.down and settings.base_url:
            words += f" Is a server running at {settings.base_url}?"
        elif why.down and provider in LOCAL:
            words += " Is its server running? Set assistant.base_url if it is elsewhere."
        return Checkup(model, place, hides, False, words, round(time.perf_counter() - started, 2))
    finally:
        caller.close()
    # What the call took, not what litellm takes to be loaded before the first one.
    took = round(said.seconds, 2)
    try:
        read_object(said.text)
    except Unusable:
        shown = clean(said.text, one_line=True)[:80]
        words = f"{model} answers no JSON (it said “{shown}”): tickets would be prepared offline. Choose another model."
        return Checkup(model, place, hides, False, words, took, said.tokens)
    if took > min(SLOW_SECONDS, settings.timeout / 2):
        words = f"{model} answers, but took {took:.1f} s for a tiny call: too slow to wait for."
        return Checkup(model, place, hides, False, words, took, said.tokens)
    return Checkup(model, place, hides, True, f"{model} answers JSON in {took:.1f} s.", took, said.tokens)
