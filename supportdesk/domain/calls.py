"""Calls of a language model, and the processes that make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a model, kept with all that was sent."""

    id: int
    """Its number."""
    at: datetime
    """When it was made, UTC."""
    model: str
    """Which model."""
    prompts: tuple[str, ...]
    """name@version#hash of each prompt in it."""
    sent: str
    """The messages as JSON, exactly as they left."""
    answer: str
    """What came back; empty where nothing did."""
    outcome: str
    """`begun`, `answered`, or `failed: …`."""
    tokens: int
    """In and out: an estimate until it is answered."""
    cost: float
    """US dollars, 0 where no price is known."""
    seconds: float
    """How long it took."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A back office process that gives signs of life."""

    name: str
    """Host and process id."""
    state: str
    """`working`, `idle` or `stopping`."""
    note: str
    """What a person should know: 'ollama/llama3.1 cannot be reached since 10:02'."""
    done: int
    """Tickets it has prepared."""
    left_ms: int
    """Milliseconds until it counts as gone."""
