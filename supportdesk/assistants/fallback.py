"""Asking models in order until one gives an answer that can be used: retries, one repair round, then the next."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import BaseModel

from supportdesk.assistants.budget import BudgetSpent, Ledger
from supportdesk.assistants.replies import Unusable, json_schema, parse
from supportdesk.errors import AssistantTrouble
from supportdesk.services.ports.work import Abandoned, Watch

LONGEST_WAIT = 60.0
"""Seconds a server's Retry-After is honoured at most; a longer one means the next model."""
DOWN_AFTER = 4
"""Questions in a row that did not reach a model after which it is left alone for a while."""
DOWN_SECONDS = 20.0
"""How long an unreachable model is left alone before it is tried again, by one question at a time."""

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
    seconds: float = 0.0
    """How long the call itself took."""


class CallFailed(Exception):
    """A call that brought no answer."""

    def __init__(
        self, words: str, *, again: bool = False, after: float | None = None, down: bool = False, spent: bool = True
    ) -> None:
        """`again`: worth another try; `after`: seconds the server asks to wait; `down`: it was not reached.

        `spent`: it may have cost something all the same.
        """
        super().__init__(words)
        self.spent = spent
        self.again = again
        self.after = after
        self.down = down


class NoAnswer(AssistantTrouble):
    """No model gave an answer that can be used; what was tried is kept."""

    def __init__(self, words: str, tokens: int, cost: float, calls: tuple[int, ...]) -> None:
        """With what it has cost and the calls that were made."""
        super().__init__(words)
        self.tokens = tokens
        self.cost = cost
        self.calls = calls


class Caller(Protocol):
    """One call of one model."""

    def __call__(self, model: str, messages: Messages, schema: Mapping[str, Any], watch: Watch | None = None) -> Said:
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
class _Asking:
    """One question on its way through the models, and what it has taken so far."""

    messages: Messages
    shape: type[BaseModel]
    prompts: tuple[str, ...]
    restore: Callable[[str], str]
    check: Callable[[Any], object]
    watch: Watch | None
    tokens: int = 0
    cost: float = 0.0
    calls: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Away:
    """A model that was not reached."""

    count: int
    since: datetime
    tried: float


class Chain:
    """Models in order. Safe to use from several threads."""

    def __init__(self, call: Caller, ledger: Ledger | None, *, retries: int = 2, concurrency: int = 4) -> None:
        """`concurrency` bounds questions under way; waiting for a busy server takes no place among them."""
        self._call = call
        self._ledger = ledger
        self._retries = retries
        self._slots = threading.BoundedSemaphore(concurrency)
        self._away: dict[str, _Away] = {}
        self._lock = threading.Lock()
        self._abandoned = threading.Event()

    def ask(
        self,
        models: Sequence[str],
        messages: Messages,
        shape: type[BaseModel],
        *,
        prompts: tuple[str, ...] = (),
        restore: Callable[[str], str] = str,
        check: Callable[[Any], object] = lambda _: None,
        watch: Watch | None = None,
    ) -> Asked:
        """An answer of this shape that passes `check`.

        Raises NoAnswer with every model's reason when none gives one, Abandoned after `abandon`.
        """
        asking = _Asking(messages, shape, prompts, restore, check, watch)
        failed: list[str] = []
        for model in models:
            if self._left_alone(model):
                failed.append(f"{model} cannot be reached")
                continue
            try:
                value = self._repaired(model, asking)
            except BudgetSpent as reason:
                failed.append(str(reason))
                break
            except (CallFailed, Unusable) as reason:
                if self._abandoned.is_set():
                    raise Abandoned from None
                failed.append(f"{model} {reason}")
                if watch is not None and watch.off():
                    break
                continue
            return Asked(value, model, asking.tokens, asking.cost, tuple(asking.calls), tuple(failed))
        words = "; ".join(failed) or "no model is set"
        raise NoAnswer(words, asking.tokens, asking.cost, tuple(asking.calls))

    def unreachable(self) -> tuple[tuple[str, datetime], ...]:
        """Models that could not be reached when they were last asked, and since when."""
        with self._lock:
            return tuple((model, away.since) for model, away in self._away.items() if away.count >= DOWN_AFTER)

    def abandon(self) -> None:
        """Give up what is under way and whatever is asked from now on."""
        self._abandoned.set()
        close = getattr(self._call, "close", None)
        if close is not None:
            close()

    def warm(self) -> None:
        """Have the way to the models ready before the first question."""
        warm = getattr(self._call, "warm", None)
        if warm is not None:
            warm()

    def _repaired(self, model: str, asking: _Asking) -> BaseModel:
        schema = json_schema(asking.shape)
        messages = asking.messages
        last = ""
        for _ in range(2):
            text = self._patiently(model, messages, schema, asking)
            try:
                value = parse(text, asking.shape, asking.restore)
                asking.check(value)
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

    def _patiently(self, model: str, messages: Messages, schema: Mapping[str, Any], asking: _Asking) -> str:
        """One question, asked again while its model is busy or away."""
        for attempt in range(self._retries + 1):
            try:
                text = self._once(model, messages, schema, asking)
            except CallFailed as why:
                wait = why.after if why.after is not None else 0.5 * 2**attempt * random.uniform(0.8, 1.2)  # noqa: S311
                if not why.again or attempt == self._retries or wait > LONGEST_WAIT or self._left_alone(model):
                    self._remember(model, away=why.down)
                    raise
                self._wait(wait, asking.watch)
            else:
                self._remember(model, away=False)
                return text
        raise AssertionError

    def _wait(self, seconds: float, watch: Watch | None) -> None:
        """Wait for a busy server, but not longer than anybody wants the answer."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._abandoned.wait(min(left, 0.2) if watch is not None else left):
                raise Abandoned
            if watch is not None and watch.off():
                raise CallFailed("was called off")

    def _once(self, model: str, messages: Messages, schema: Mapping[str, Any], asking: _Asking) -> str:
        call = 0
        if self._ledger is not None:
            # Before the slot: a place among the calls in flight is for calls only.
            call = self._ledger.begin(model, asking.prompts, json.dumps(list(messages), ensure_ascii=False))
            asking.calls.append(call)
        started = time.monotonic()
        try:
            with self._slots:
                if self._abandoned.is_set():
                    raise CallFailed("was called off")
                started = time.monotonic()
                more = () if asking.watch is None else (asking.watch,)
                said = self._call(model, messages, schema, *more)
                took = said.seconds or time.monotonic() - started
        except CallFailed as why:
            took = time.monotonic() - started
            self._note(call, "", f"failed: {why}", None if why.spent else 0, 0.0, took)
            raise
        asking.tokens += said.tokens
        asking.cost += said.cost
        self._note(call, said.text, "answered", said.tokens or None, said.cost, took)
        return said.text

    def _note(self, call: int, answer: str, outcome: str, tokens: int | None, cost: float, seconds: float) -> None:
        if self._ledger is not None:
            self._ledger.end(call, answer=answer, outcome=outcome, tokens=tokens, cost=cost, seconds=seconds)

    def _remember(self, model: str, *, away: bool) -> None:
        with self._lock:
            if not away:
                self._away.pop(model, None)
                return
            before = self._away.get(model)
            since = before.since if before is not None else datetime.now(UTC)
            self._away[model] = _Away((before.count if before else 0) + 1, since, time.monotonic())

    def _left_alone(self, model: str) -> bool:
        """Whether a model is not asked now; once its time is over, one question tries it."""
        with self._lock:
            away = self._away.get(model)
            if away is None or away.count < DOWN_AFTER:
                return False
            if time.monotonic() - away.tried < DOWN_SECONDS:
                return True
            self._away[model] = replace(away, tried=time.monotonic())
            return False
