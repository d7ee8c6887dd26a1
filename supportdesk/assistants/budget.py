"""What calls cost: each is written down before it is made, so that no crash loses count of one."""

from __future__ import annotations

from supportdesk.services.ports import Clock
from supportdesk.services.ports.work import Calls

_CHARACTERS_A_TOKEN = 3  # a cautious estimate, replaced by the provider's own count when it answers
_ANSWER = 800  # tokens a usual answer takes


class BudgetSpent(Exception):
    """The day's budget is spent."""


class Ledger:
    """The list of calls, and the day's limits on it."""

    def __init__(self, calls: Calls, clock: Clock, *, daily_tokens: int = 0, daily_cost: float = 0.0) -> None:
        """Limits are per UTC day over all processes on this store; 0 for none."""
        self._calls = calls
        self._clock = clock
        self._tokens = daily_tokens
        self._cost = daily_cost

    def begin(self, model: str, prompts: tuple[str, ...], sent: str) -> int:
        """Write a call down before it is made, at an estimate; returns its number. Raises BudgetSpent."""
        estimate = len(sent) // _CHARACTERS_A_TOKEN + _ANSWER
        call = self._calls.begin(model, prompts, sent, estimate, self._clock.now(), self._tokens, self._cost)
        if not call:
            raise BudgetSpent("today's budget for models is spent")
        return call

    def end(self, call: int, *, answer: str, outcome: str, tokens: int | None, cost: float, seconds: float) -> None:
        """Write down what became of a call: the provider's own count in place of the estimate; None leaves that."""
        self._calls.end(call, answer=answer, outcome=outcome, tokens=tokens, cost=cost, seconds=seconds)
