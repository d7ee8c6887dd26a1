"""A language model prepares tickets, on top of the rules and never instead of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from prompts import Prompt, load
from supportdesk.assistants.briefs import Brief, brief, letters_brief
from supportdesk.assistants.fallback import Asked, Chain, NoAnswer
from supportdesk.assistants.models import hosted
from supportdesk.assistants.offline import NAME, OfflineAssistant, wants_reply
from supportdesk.assistants.placeholders import Placeholders
from supportdesk.assistants.replies import (
    Unusable,
    join_summary,
    join_triage,
    json_schema,
    judge_draft,
    shape_of,
    so_far,
)
from supportdesk.domain.evidence import Article
from supportdesk.domain.preparation import Draft, Preparation, Provenance, Triage
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import DraftKind, TriggerKind
from supportdesk.domain.words import Path as Way
from supportdesk.errors import AssistantTrouble, BadSettings
from supportdesk.rules.language import UNKNOWN
from supportdesk.services.ports.work import Watch
from supportdesk.settings import AssistantSettings
from supportdesk.text import clean


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

    def prepare(
        self, thread: Thread, articles: Sequence[Article], history: int = 0, only: Sequence[str] = ()
    ) -> Preparation:
        """Rules first, then the model; what the model cannot do, the rules have done.

        With `only`, no more than these of `triage`, `summary` and `draft` are the model's work.
        """
        started = time.perf_counter()
        made = self._offline.prepare(thread, articles, history)
        if not thread.customer_messages or not wants_reply(thread):
            return made
        found, draft = made.triage, made.draft
        writing = "clarification" if found.missing and found.path is not Way.ESCALATION else "reply"
        wanted = [t for t in ("triage", "summary", writing) if not only or ("draft" if t == writing else t) in only]
        trail = _Trail()
        for models, tasks in self._groups(wanted):
            try:
                answer, shown, left_out = self._ask(models, tasks, thread, articles, found)
            except (AssistantTrouble, BadSettings) as why:
                what = "" if len(tasks) == len(wanted) else f"{', '.join(t.name for t in tasks)} "
                trail.missed(f"{what}prepared offline: {why}", why)
                continue
            trail.add(answer, shown, left_out)
            found, draft = self._joined(answer.value, found, draft, thread, articles, writing)
        return Preparation(found, draft, trail.provenance(time.perf_counter() - started))

    def redraft(
        self,
        thread: Thread,
        articles: Sequence[Article],
        draft: str,
        instruction: str,
        found: Triage,
        watch: Watch | None = None,
    ) -> tuple[Draft, Provenance]:
        """A draft written anew as a colleague asks, or afresh without an instruction.

        `watch` is told the words as they come, and may call it off. Raises AssistantTrouble when no model can.
        """
        started = time.perf_counter()
        asks = found.missing and found.path is not Way.ESCALATION
        task = "redraft" if instruction else "clarification" if asks else "reply"
        groups = self._groups((task,))
        if not groups:
            raise AssistantTrouble("No model is set that could write it; set assistant.model.")
        ((models, tasks),) = groups
        answer, shown, left_out = self._ask(
            models, tasks, thread, articles, found, draft=draft, ask_for=instruction, watch=watch
        )
        kind = DraftKind.CLARIFICATION if found.missing else DraftKind.REPLY
        new = judge_draft(getattr(answer.value, task), found.language, articles, kind)
        trail = _Trail()
        trail.add(answer, shown, left_out)
        return new, trail.provenance(time.perf_counter() - started)

    def name_theme(self, letters: Sequence[str], keys: Sequence[str]) -> tuple[str, str, Provenance]:
        """A name for what letters have in common, and one sentence. Raises AssistantTrouble when no model can."""
        started = time.perf_counter()
        groups = self._groups(("theme",))
        if not groups:
            raise AssistantTrouble("No model is set that could name themes; set assistant.model.")
        ((models, tasks),) = groups
        frame = load("frame", self._folder)
        hidden = Placeholders.of_letters(letters) if self._hides(models) else None
        shape = shape_of((("theme", "theme"),))
        made = letters_brief(tasks, frame, self._values(keys=keys), letters, shape, hidden)
        answer = self._put(models, (frame, *tasks), made, shape, hidden, lambda _: None, None)
        named = getattr(answer.value, "theme")  # noqa: B009
        trail = _Trail()
        trail.add(answer, (frame, *tasks), made.left_out)
        words = [clean(text, one_line=True).strip() for text in (named.name, named.about)]
        return words[0], words[1], trail.provenance(time.perf_counter() - started)

    def unreachable(self) -> tuple[tuple[str, datetime], ...]:
        """Models that could not be reached when they were last asked, and since when."""
        return self._chain.unreachable()

    def warm(self) -> None:
        """Have the way to the model ready before the first question."""
        self._chain.warm()

    def make_ready(self) -> None:
        """Start the way to the model, and read meanwhile what every ticket needs."""
        self._chain.warm()
        self._offline.make_ready()
        for _, tasks in self._groups(("triage", "summary", "reply")):
            json_schema(shape_of(tuple((task.name, task.schema) for task in tasks)))

    def abandon(self) -> None:
        """Give up what is under way, for a process that ends."""
        self._chain.abandon()

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

    def _values(
        self, found: Triage | None = None, *, instruction: str = "", keys: Sequence[str] = ()
    ) -> dict[str, object]:
        known = found is not None and found.language != UNKNOWN
        return {
            "desk": self._desk,
            "categories": list(self._routing.categories),
            "triggers": [k.value for k in TriggerKind],
            "language": f"the customer's language ({found.language})" if found and known else "the customer's language",
            "missing": [detail.label for detail in found.missing] if found else [],
            "instruction": instruction[:2000],
            "keys": [clean(key, one_line=True) for key in keys],
        }

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
        watch: Watch | None = None,
    ) -> tuple[Asked, tuple[Prompt, ...], str]:
        frame = load("frame", self._folder)
        hidden = Placeholders(thread) if self._hides(models) else None
        shape = shape_of(tuple((task.name, task.schema) for task in tasks))
        values = self._values(found, instruction=ask_for)
        made = brief(tasks, frame, values, thread, articles, shape, hidden, notes=self._settings.notes, draft=draft)

        def check(value: BaseModel) -> None:
            for task in tasks:
                if task.schema == "reply":
                    written = getattr(value, task.name)
                    judge_draft(written, found.language, articles, DraftKind.REPLY)
                    if hidden is not None and (strange := hidden.strange(written.text)):
                        raise Unusable(f"made up the placeholder {strange[0]}")

        if watch is not None:
            watch = replace(watch, heard=_words_of(watch.heard, hidden))
        answer = self._put(models, (frame, *tasks), made, shape, hidden, check, watch)
        return answer, (frame, *tasks), made.left_out

    def _put(
        self,
        models: tuple[str, ...],
        shown: tuple[Prompt, ...],
        made: Brief,
        shape: type[BaseModel],
        hidden: Placeholders | None,
        check: Callable[[BaseModel], object],
        watch: Watch | None,
    ) -> Asked:
        return self._chain.ask(
            models,
            made.messages,
            shape,
            prompts=tuple(p.label for p in shown),
            restore=hidden.restore if hidden is not None else str,
            check=check,
            watch=watch,
        )

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


def _words_of(heard: Callable[[str], None], hidden: Placeholders | None) -> Callable[[str], None]:
    """Hears JSON as it comes and passes on the reply's words in it, identifiers restored."""

    def hear(raw: str) -> None:
        words = clean(so_far(raw, "text"))
        heard(hidden.restore(words) if hidden is not None else words)

    return hear


class _Trail:
    """How a preparation came about, gathered call by call."""

    def __init__(self) -> None:
        self._models: list[str] = []
        self._prompts: list[str] = []
        self._notes: list[str] = []
        self._calls: list[int] = []
        self._tokens = 0
        self._cost = 0.0

    def add(self, answer: Asked, shown: Sequence[Prompt], left_out: str) -> None:
        """An answer that was used."""
        self._models.append(answer.model)
        self._prompts += [p.label for p in shown]
        self._notes += [*answer.failed, *([left_out] if left_out else [])]
        self._spend(answer.tokens, answer.cost, answer.calls)

    def missed(self, note: str, why: Exception) -> None:
        """A question no model answered."""
        self._notes.append(note)
        if isinstance(why, NoAnswer):
            self._spend(why.tokens, why.cost, why.calls)

    def _spend(self, tokens: int, cost: float, calls: Sequence[int]) -> None:
        self._tokens += tokens
        self._cost += cost
        self._calls += calls

    def provenance(self, seconds: float) -> Provenance:
        """How it was made; names the offline rules where no model answered."""
        return Provenance(
            ", ".join(dict.fromkeys(self._models)) or NAME,
            prompts=tuple(dict.fromkeys(self._prompts)),
            tokens=self._tokens,
            cost=self._cost,
            seconds=seconds,
            note="; ".join(dict.fromkeys(self._notes)),
            calls=tuple(self._calls),
        )
