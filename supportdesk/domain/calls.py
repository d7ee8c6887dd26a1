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
    """`working`, `idle`, `paused` or `stopping`."""
    note: str
    """What a person should know: 'ollama/llama3.1 unreachable since 10:02 UTC'."""
    done: int
    """Tickets it has prepared."""
    left_ms: int
    """Milliseconds until it counts as gone."""


@dataclass(frozen=True, slots=True)
class OfficeState:
    """What the back office does now."""

    workers: tuple[Worker, ...]
    """Its processes that live."""
    waiting: int
    """How many tickets wait to be prepared."""
    paused_by: str
    """Who paused the preparing; empty when nobody did."""

    @property
    def words(self) -> str:
        """In a few words: `working, 12 waiting · openai/… unreachable since 10:02 UTC`."""
        if not self.workers:
            state = "not running"
        elif self.paused_by:
            state = f"paused by {self.paused_by}"
        else:
            state = "working" if any(w.state == "working" for w in self.workers) else "idle"
        waiting = f", {self.waiting} waiting" if self.waiting else ""
        notes = dict.fromkeys(w.note for w in self.workers if w.note)
        return " · ".join([f"{state}{waiting}", *notes])
