"""Asking models in order until one gives an answer that can be used: retries, one repair round, then the next."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

from supportdesk.assistants.budget import BudgetSpent, Ledger
from supportdesk.assistants.replies import Unusable, json_schema, parse
from supportdesk.errors import AssistantTrouble

LONGEST_WAIT = 60.0
"""Seconds a server's Retry-After is honoured at most; a longer one means the next model."""
DOWN_AFTER = 3
"""Failures to reach a model in a row after which it is left alone for a while."""
DOWN_SECONDS = 30.0
"""How long an unreachable model is left alone before it is tried again."""

Messages = tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What came back from one call."""

    text: str
    """The answer's text."""
    tokens: int
    """Tokens in and out, as the provider counts."""
    cost: float
    """US dollars, 0 where no price is known."""


class CallFailed(Exception):
    """A call that brought no answer."""

    def __init__(self, words: str, *, again: bool = False, after: float | None = None, down: bool = False) -> None:
        """`again`: worth another try; `after`: seconds the server asks to wait; `down`: it was not reached."""
        super().__init__(words)
        self.again = again
        self.after = after
        self.down = down


class Caller(Protocol):
    """One call of one model."""

    def __call__(self, model: str, messages: Messages, schema: Mapping[str, Any]) -> Said:
        """Make the call. Raises CallFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer that can be used, and what it took."""

    value: BaseModel
    """The answer."""
    model: str
    """Who gave it."""
    tokens: int = 0
    """Of all calls made for it."""
    cost: float = 0.0
    """Of all calls made for it, US dollars."""
    calls: tuple[int, ...] = ()
    """Their numbers in the ledger."""
    failed: tuple[str, ...] = ()
    """Why earlier models gave none."""


@dataclass(slots=True)
class _Spent:
    tokens: int = 0
    cost: float = 0.0
    calls: list[int] = field(default_factory=list)


class Chain:
    """Models in order. Safe to use from several threads."""

    def __init__(
        self,
        call: Caller,
        ledger: Ledger | None,
        *,
        retries: int = 2,
        concurrency: int = 4,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """`concurrency` bounds calls in flight; waiting for a busy server takes no place among them."""
        self._call = call
        self._ledger = ledger
        self._retries = retries
        self._slots = threading.BoundedSemaphore(concurrency)
        self._sleep = sleep
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        models: Sequence[str],
        messages: Messages,
        shape: type[BaseModel],
        *,
        prompts: tuple[str, ...] = (),
        restore: Callable[[str], str] = str,
        check: Callable[[Any], object] = lambda _: None,
    ) -> Asked:
        """An answer of this shape that passes `check`.

        Raises AssistantTrouble with every model's reason when none gives one.
        """
        spent = _Spent()
        failed: list[str] = []
        for model in models:
            if self._is_down(model):
                failed.append(f"{model} cannot be reached")
                continue
            try:
                value = self._repaired(model, messages, shape, prompts, restore, check, spent)
            except BudgetSpent as reason:
                failed.append(str(reason))
                break
            except (CallFailed, Unusable) as reason:
                failed.append(f"{model} {reason}")
                continue
            return Asked(value, model, spent.tokens, spent.cost, tuple(spent.calls), tuple(failed))
        raise AssistantTrouble("; ".join(failed) or "no model is set")

    def unreachable(self) -> tuple[str, ...]:
        """Models that are left alone for a while."""
        return tuple(model for model in self._failures if self._is_down(model))

    def _repaired(
        self,
        model: str,
        messages: Messages,
        shape: type[BaseModel],
        prompts: tuple[str, ...],
        restore: Callable[[str], str],
        check: Callable[[Any], object],
        spent: _Spent,
    ) -> BaseModel:
        schema = json_schema(shape)
        last = ""
        for _ in range(2):
            text = self._patiently(model, messages, schema, prompts, spent)
            try:
                value = parse(text, shape, restore)
                check(value)
            except Unusable as why:
                last = str(why) if not last or last == str(why) else f"{last}, then {why}"
                again = f"Your answer cannot be used: {why}. Answer again with one JSON object that fits the schema."
                messages = (
                    *messages,
                    {"role": "assistant", "content": text[:4000] or "(nothing)"},
                    {"role": "user", "content": again},
                )
                twice = last == str(why)
            else:
                return value
        raise Unusable(f"{last} twice" if twice else last)

    def _patiently(
        self, model: str, messages: Messages, schema: Mapping[str, Any], prompts: tuple[str, ...], spent: _Spent
    ) -> str:
        for attempt in range(self._retries + 1):
            try:
                text = self._once(model, messages, schema, prompts, spent)
            except CallFailed as why:
                self._remember(model, down=why.down)
                wait = why.after if why.after is not None else 0.5 * 2**attempt * random.uniform(0.8, 1.2)  # noqa: S311
                if not why.again or attempt == self._retries or wait > LONGEST_WAIT or self._is_down(model):
                    raise
                self._sleep(wait)
            else:
                self._remember(model, down=False)
                return text
        raise AssertionError

    def _once(
        self, model: str, messages: Messages, schema: Mapping[str, Any], prompts: tuple[str, ...], spent: _Spent
    ) -> str:
        call = 0
        if self._ledger is not None:
            # Before the slot: a place among the calls in flight is for calls only.
            call = self._ledger.begin(model, prompts, json.dumps(list(messages), ensure_ascii=False))
            spent.calls.append(call)
        try:
            with self._slots:
                started = time.monotonic()
                said = self._call(model, messages, schema)
                took = time.monotonic() - started
        except CallFailed as why:
            self._note(call, "", f"failed: {why}", 0, 0.0, time.monotonic() - started)
            raise
        spent.tokens += said.tokens
        spent.cost += said.cost
        self._note(call, said.text, "answered", said.tokens, said.cost, took)
        return said.text

    def _note(self, call: int, answer: str, outcome: str, tokens: int, cost: float, seconds: float) -> None:
        if self._ledger is not None:
            self._ledger.end(call, answer=answer, outcome=outcome, tokens=tokens, cost=cost, seconds=seconds)

    def _remember(self, model: str, *, down: bool) -> None:
        with self._lock:
            count = self._failures.get(model, (0, 0.0))[0] + 1 if down else 0
            self._failures[model] = (count, time.monotonic())

    def _is_down(self, model: str) -> bool:
        count, last = self._failures.get(model, (0, 0.0))
        return count >= DOWN_AFTER and time.monotonic() - last < DOWN_SECONDS
