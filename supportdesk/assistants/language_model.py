"""A language model prepares tickets, on top of the rules and never instead of them. The only importer of litellm.

litellm takes seconds and 200 MB to import and would reach for the network: it is imported at the first call, in
the process that makes it, and told to stay at home.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from prompts import Prompt, load
from supportdesk.assistants.briefs import brief
from supportdesk.assistants.fallback import Asked, CallFailed, Chain, Messages, Said
from supportdesk.assistants.offline import NAME, OfflineAssistant, wants_reply
from supportdesk.assistants.placeholders import Placeholders
from supportdesk.assistants.replies import Unusable, join_summary, join_triage, judge_draft, shape_of
from supportdesk.domain.evidence import Article
from supportdesk.domain.preparation import Draft, Preparation, Provenance, Triage
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import DraftKind, TriggerKind
from supportdesk.domain.words import Path as Way
from supportdesk.errors import AssistantTrouble, BadSettings
from supportdesk.rules.language import UNKNOWN
from supportdesk.settings import AssistantSettings
from supportdesk.text import clean

ANSWER_TOKENS = 4_000
"""Tokens an answer may have."""
LOCAL = frozenset({"ollama", "ollama_chat", "lm_studio", "llamafile", "hosted_vllm", "vllm", "xinference", "petals"})
"""Providers that run where their user says: models there are not hosted by somebody else."""


class LanguageAssistant:
    """The `Assistant` port on any model litellm knows; offline rules stand behind it and beside it."""

    def __init__(
        self,
        settings: AssistantSettings,
        routing: Routing,
        chain: Chain,
        *,
        desk: str = "",
        folder: Path | None = None,
        offline: OfflineAssistant | None = None,
    ) -> None:
        """`folder` may hold the team's own prompts."""
        self._settings = settings
        self._routing = routing
        self._chain = chain
        self._desk = desk or "the support desk"
        self._folder = folder
        self._offline = offline or OfflineAssistant(routing, desk=desk)

    def prepare(self, thread: Thread, articles: Sequence[Article], history: int = 0) -> Preparation:
        """Rules first, then the model; what the model cannot do, the rules have done."""
        started = time.perf_counter()
        made = self._offline.prepare(thread, articles, history)
        if not thread.customer_messages or not wants_reply(thread):
            return made
        found, draft = made.triage, made.draft
        writing = "clarification" if found.missing and found.path is not Way.ESCALATION else "reply"
        asked: list[tuple[Asked, tuple[Prompt, ...]]] = []
        notes: list[str] = []
        for models, tasks in self._groups(("triage", "summary", writing)):
            try:
                answer, shown, left_out = self._ask(models, tasks, thread, articles, found)
            except (AssistantTrouble, BadSettings) as why:
                notes.append(f"{', '.join(t.name for t in tasks)} prepared offline: {why}")
                continue
            asked.append((answer, shown))
            notes += [*answer.failed, *([left_out] if left_out else [])]
            found, draft = self._joined(answer.value, found, draft, thread, articles, writing)
        return Preparation(found, draft, _provenance(asked, notes, time.perf_counter() - started))

    def redraft(
        self, thread: Thread, articles: Sequence[Article], draft: str, instruction: str, found: Triage
    ) -> tuple[Draft, Provenance]:
        """A draft written anew as a colleague asks. Raises AssistantTrouble when no model can."""
        started = time.perf_counter()
        ((models, tasks),) = self._groups(("redraft",))
        answer, shown, left_out = self._ask(models, tasks, thread, articles, found, draft=draft, ask_for=instruction)
        kind = DraftKind.CLARIFICATION if found.missing else DraftKind.REPLY
        new = judge_draft(getattr(answer.value, "redraft"), found.language, articles, kind)  # noqa: B009
        notes = [*answer.failed, *([left_out] if left_out else [])]
        return new, _provenance([(answer, shown)], notes, time.perf_counter() - started)

    def unreachable(self) -> tuple[str, ...]:
        """Models that could not be reached and are left alone for a while."""
        return self._chain.unreachable()

    def _groups(self, tasks: Sequence[str]) -> list[tuple[tuple[str, ...], tuple[Prompt, ...]]]:
        """Tasks by the models that do them: tasks of one model share a call."""
        chosen = self._settings
        groups: dict[tuple[str, ...], list[Prompt]] = {}
        for task in tasks:
            usual = chosen.tasks.get("reply", chosen.model) if task in ("clarification", "redraft") else chosen.model
            models = tuple(dict.fromkeys((chosen.tasks.get(task, usual), *chosen.fallbacks)))
            models = models[: models.index("offline")] if "offline" in models else models
            if models:
                groups.setdefault(models, []).append(load(task, self._folder))
        return [(models, tuple(prompts)) for models, prompts in groups.items()]

    def _ask(
        self,
        models: tuple[str, ...],
        tasks: tuple[Prompt, ...],
        thread: Thread,
        articles: Sequence[Article],
        found: Triage,
        *,
        draft: str = "",
        ask_for: str = "",
    ) -> tuple[Asked, tuple[Prompt, ...], str]:
        frame = load("frame", self._folder)
        hidden = Placeholders(thread) if self._hides(models) else None
        shape = shape_of(tuple((task.name, task.schema) for task in tasks))
        known = found.language != UNKNOWN
        values: dict[str, object] = {
            "desk": self._desk,
            "categories": list(self._routing.categories),
            "triggers": [k.value for k in TriggerKind],
            "language": f"the customer's language ({found.language})" if known else "the customer's language",
            "missing": [detail.label for detail in found.missing],
            "instruction": ask_for[:2000],
        }
        made = brief(tasks, frame, values, thread, articles, shape, hidden, notes=self._settings.notes, draft=draft)

        def check(value: BaseModel) -> None:
            for task in tasks:
                if task.schema == "reply":
                    written = getattr(value, task.name)
                    judge_draft(written, found.language, articles, DraftKind.REPLY)
                    if hidden is not None and (strange := hidden.strange(written.text)):
                        raise Unusable(f"made up the placeholder {strange[0]}")

        answer = self._chain.ask(
            models,
            made.messages,
            shape,
            prompts=tuple(p.label for p in (frame, *tasks)),
            restore=hidden.restore if hidden is not None else str,
            check=check,
        )
        return answer, (frame, *tasks), made.left_out

    def _hides(self, models: Sequence[str]) -> bool:
        chosen = self._settings.placeholders
        return chosen == "always" or (chosen == "hosted" and any(hosted(m, self._settings.base_url) for m in models))

    def _joined(
        self,
        answer: BaseModel,
        found: Triage,
        draft: Draft | None,
        thread: Thread,
        articles: Sequence[Article],
        writing: str,
    ) -> tuple[Triage, Draft | None]:
        if (triaged := getattr(answer, "triage", None)) is not None:
            found = join_triage(found, triaged, thread, self._routing, self._settings.confidence)
        if (summed := getattr(answer, "summary", None)) is not None:
            found = join_summary(found, summed, thread, articles)
        if (written := getattr(answer, writing, None)) is not None:
            kind = DraftKind.CLARIFICATION if writing == "clarification" else DraftKind.REPLY
            draft = judge_draft(written, found.language, articles, kind)
        return found, draft


class LitellmCaller:
    """One call of a model through litellm: no retries of its own, no tools, a deadline, words for every trouble."""

    def __init__(self, settings: AssistantSettings, key: Callable[[str], str | None]) -> None:
        """`key` finds a provider's key; it is asked once a provider."""
        self._settings = settings
        self._key = cache(key)

    def __call__(self, model: str, messages: Messages, schema: Mapping[str, Any]) -> Said:
        """Make the call. Raises CallFailed."""
        litellm = imported()
        provider = model.partition("/")[0] if "/" in model else "openai"
        given: dict[str, Any] = {
            "model": model,
            "messages": [dict(m) for m in messages],
            "timeout": self._settings.timeout,
            "num_retries": 0,
            "max_retries": 0,
            "max_tokens": ANSWER_TOKENS,
            "temperature": 0,
            "drop_params": True,
            "stream": False,
        }
        # The address is that of the main model's provider; another provider's fallback has its own.
        if self._settings.base_url and provider == self._settings.model.partition("/")[0]:
            given["api_base"] = self._settings.base_url
        key = None if provider in LOCAL else self._key(provider)
        if key or "api_base" in given:
            given["api_key"] = key or "none"
        if _takes_schema(model):
            given["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": dict(schema), "strict": False},
            }
        try:
            response = litellm.completion(**given)
            text = response.choices[0].message.content or ""
        except Exception as error:
            raise _failed(litellm, error, provider, key) from None
        tokens = int(getattr(getattr(response, "usage", None), "total_tokens", 0) or 0)
        cost = 0.0
        with contextlib.suppress(Exception):  # unknown models have no price
            cost = float(litellm.completion_cost(completion_response=response) or 0.0)
        return Said(text, tokens, cost)


def hosted(model: str, base_url: str = "") -> bool:
    """Whether what is sent to a model leaves our own machines."""
    if base_url:
        host = urlsplit(base_url).hostname or ""
        if host == "localhost":
            return False
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(host)
            return not (address.is_private or address.is_loopback)
        return True
    return model.partition("/")[0] not in LOCAL


_importing = threading.Lock()


def imported() -> Any:
    """litellm, imported once, told to make no connection but the calls themselves."""
    with _importing:
        return _imported()


@cache
def _imported() -> Any:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    os.environ["HF_HUB_OFFLINE"] = "1"
    import litellm

    litellm.disable_hf_tokenizer_download = True
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    return litellm


@cache
def _takes_schema(model: str) -> bool:
    try:
        return bool(imported().supports_response_schema(model=model))
    except Exception:
        return False


def _failed(litellm: Any, error: Exception, provider: str, key: str | None) -> CallFailed:
    """A provider's trouble in words, with what to do about it."""
    from supportdesk.secrets import hide

    status = int(getattr(error, "status_code", 0) or 0)
    if isinstance(error, litellm.Timeout):
        return CallFailed("did not answer in time", down=True)
    if isinstance(error, litellm.AuthenticationError):
        return CallFailed(f"was refused: no valid key; run `supportdesk key set {provider}`")
    if isinstance(error, litellm.NotFoundError):
        return CallFailed("is not known to its server")
    if isinstance(error, litellm.RateLimitError):
        return CallFailed("is busy (429)", again=True, after=_retry_after(error))
    if isinstance(error, litellm.APIConnectionError) or status >= 500:
        # litellm calls a connection that was refused or broken off a 500 as well.
        away = status < 500 or "connection" in str(error).casefold()
        words = "could not be reached" if away else f"failed ({status})"
        return CallFailed(words, again=True, after=_retry_after(error), down=True)
    words = clean(hide(str(error), key or ""), one_line=True)[:200]
    return CallFailed(f"failed: {words}")


def _retry_after(error: Exception) -> float | None:
    """The seconds a server asks to wait; None where it says nothing."""
    response = getattr(error, "response", None)
    for headers in (getattr(error, "litellm_response_headers", None), getattr(response, "headers", None)):
        if headers and (value := headers.get("retry-after")):
            with contextlib.suppress(ValueError):
                return max(0.0, float(value))
    return None


def _provenance(asked: Sequence[tuple[Asked, tuple[Prompt, ...]]], notes: Sequence[str], seconds: float) -> Provenance:
    """How it was made; names the offline rules where no model answered."""
    return Provenance(
        ", ".join(dict.fromkeys(a.model for a, _ in asked)) or NAME,
        prompts=tuple(dict.fromkeys(p.label for _, shown in asked for p in shown)),
        tokens=sum(a.tokens for a, _ in asked),
        cost=sum(a.cost for a, _ in asked),
        seconds=seconds,
        note="; ".join(dict.fromkeys(notes)),
        calls=tuple(c for a, _ in asked for c in a.calls),
    )
