"""What a model may answer, and how its answer joins what the rules found: flags only rise, quotes must stand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from supportdesk.domain.evidence import Article, Evidence
from supportdesk.domain.preparation import Draft, Question, SummaryPoint, Triage, Trigger
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import (
    Author,
    DraftKind,
    FlagSource,
    Path,
    Priority,
    Sentiment,
    SourceKind,
    TriggerKind,
)
from supportdesk.rules.language import UNKNOWN, detect
from supportdesk.rules.quoting import own_text
from supportdesk.rules.routing import route
from supportdesk.text import clean, stands_in

LONGEST_ANSWER = 200_000
"""Characters of an answer that are looked at; a longer one is refused unread."""
LONGEST_DRAFT = 8_000
"""Characters a draft may have."""

_FENCE = re.compile(r"^\s*```(?:json)?\s*\n(.*)\n\s*```\s*$", re.DOTALL)
_THINKING = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class FlagAnswer(_Shape):
    """A reason against routine."""

    kind: Literal[tuple(k.value for k in TriggerKind)]  # type: ignore[valid-type]
    message: int = 0
    quote: str = ""
    why: str = ""


class TriageAnswer(_Shape):
    """The answer to `triage`."""

    category: str
    priority: Literal["low", "normal", "high", "urgent"]
    language: str = Field(max_length=12)
    sentiment: Literal["positive", "neutral", "frustrated", "angry", "distressed"]
    flags: list[FlagAnswer] = Field(max_length=40)
    path: Literal["routine", "review", "escalation"]
    confidence: float = Field(ge=0, le=1)


class PointAnswer(_Shape):
    """One point of a summary."""

    text: str = Field(min_length=1, max_length=600)
    source: Literal["message", "record", "article", "none"] = "none"
    ref: str = ""
    quote: str = ""


class QuestionAnswer(_Shape):
    """A question nobody answered."""

    text: str
    message: int


class SummaryAnswer(_Shape):
    """The answer to `summary`."""

    points: list[PointAnswer] = Field(min_length=1, max_length=12)
    questions: list[QuestionAnswer] = Field(default=[], max_length=20)


class ReplyAnswer(_Shape):
    """The answer to `reply`, `clarification` and `redraft`."""

    text: str = Field(min_length=1, max_length=LONGEST_DRAFT)
    citations: list[str] = Field(default=[], max_length=20)


class ThemeAnswer(_Shape):
    """The answer to `theme`."""

    name: str = Field(min_length=1, max_length=80)
    about: str = Field(default="", max_length=300)


_SHAPES: Mapping[str, type[_Shape]] = {
    "triage": TriageAnswer,
    "summary": SummaryAnswer,
    "reply": ReplyAnswer,
    "theme": ThemeAnswer,
}


class Unusable(Exception):
    """An answer that cannot be used; the words are for the model and for the reviewer."""


@lru_cache(maxsize=64)
def shape_of(schemas: tuple[tuple[str, str], ...]) -> type[BaseModel]:
    """The shape of one answer to several tasks: a key a task, given (task, schema) pairs."""
    fields: dict[str, Any] = {task: (_SHAPES[schema], ...) for task, schema in schemas}
    return create_model("Answer", __config__=ConfigDict(extra="ignore"), **fields)


@lru_cache(maxsize=64)
def json_schema(shape: type[BaseModel]) -> Mapping[str, Any]:
    """A shape as JSON schema; not to be changed by who gets it."""
    return shape.model_json_schema()


def parse(text: str, shape: type[BaseModel], restore: Callable[[str], str] = str) -> BaseModel:
    """An answer, read, its strings restored, checked against its shape. Raises Unusable."""
    if len(text) > LONGEST_ANSWER:
        raise Unusable(f"answered {len(text):,} characters")
    value = read_object(text)
    try:
        return shape.model_validate(_restored(value, restore))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Unusable(f"answered JSON of the wrong shape ({where}: {first['msg'].lower()})") from None


def read_object(text: str) -> dict[str, Any]:
    """The JSON object an answer is, with or without a fence or thoughts before it. Raises Unusable."""
    text = _THINKING.sub("", text)
    fenced = _FENCE.match(text)
    try:
        value = json.loads(fenced.group(1) if fenced else text)
        if not isinstance(value, dict):
            raise ValueError
    except (ValueError, RecursionError):
        raise Unusable("answered no valid JSON") from None
    return value


def so_far(text: str, key: str) -> str:
    """The string under a key of a JSON text that is still growing; empty before it begins."""
    begun = re.search(rf'"{re.escape(key)}"\s*:\s*"', text)
    if begun is None:
        return ""
    body = re.match(r'(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*', text[begun.end() : begun.end() + 100_000])
    try:
        return str(json.loads(f'"{body.group()}"', strict=False)) if body is not None else ""
    except ValueError:
        return ""


def _restored(value: object, restore: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return restore(value)
    if isinstance(value, dict):
        return {k: _restored(v, restore) for k, v in value.items()}
    if isinstance(value, list):
        return [_restored(v, restore) for v in value]
    return value


def judge_draft(answer: ReplyAnswer, language: str, articles: Sequence[Article], kind: DraftKind) -> Draft:
    """A draft that may be shown. Raises Unusable for the wrong language or a citation that does not exist."""
    text = clean(answer.text).strip()
    if not text:
        raise Unusable("wrote an empty reply")
    written = detect(text)
    if language != UNKNOWN and written not in (UNKNOWN, language):
        raise Unusable(f"wrote the reply in the wrong language ({written} instead of {language})")
    known = {a.slug for a in articles}
    if strange := [c for c in answer.citations if c not in known]:
        raise Unusable(f"cited an article it was not given ({clean(strange[0], one_line=True)[:60]})")
    return Draft(text, kind, tuple(dict.fromkeys(answer.citations)))


def join_triage(found: Triage, answer: TriageAnswer, thread: Thread, routing: Routing, least: float) -> Triage:
    """The rules' triage and the model's as one: flags of both, the more guarded path, the higher priority.

    `least` is the confidence below which a person has to look. Where the two disagree about triggers, path or
    language, that is a reason to look as well.
    """
    triggers = {t.kind: t for t in found.triggers}
    for flag in answer.flags:
        kind = TriggerKind(flag.kind)
        triggers.setdefault(kind, _flag(kind, flag, thread))
    doubts = _doubts(found, answer, least)
    if doubts:
        why = f"{doubts[0].upper()}{doubts[1:]}."
        low = Trigger(TriggerKind.LOW_CONFIDENCE, -1, "", FlagSource.MODEL, why=why, rule="low_confidence.model")
        triggers.setdefault(TriggerKind.LOW_CONFIDENCE, low)
    category = answer.category if answer.category in routing.categories else found.category
    priority = max(found.priority, Priority(answer.priority), key=lambda p: p.rank)
    ordered = [triggers[kind] for kind in TriggerKind if kind in triggers]
    words = "\n".join(own_text(m.text) for m in thread.visible)
    goes = route(category, ordered, routing, thread, priority=priority, words=words)
    moods = list(Sentiment)
    return replace(
        found,
        category=category,
        priority=max(priority, goes.priority, key=lambda p: p.rank),
        language=found.language if found.language != UNKNOWN else _language(answer.language),
        sentiment=max(found.sentiment, Sentiment(answer.sentiment), key=moods.index),
        triggers=tuple(ordered),
        path=max(found.path, Path(answer.path), goes.path, key=lambda p: p.rank),
        queue=goes.queue,
        queue_reason=goes.reason,
        confidence=round(min(found.confidence, answer.confidence), 2),
    )


def join_summary(found: Triage, answer: SummaryAnswer, thread: Thread, articles: Sequence[Article]) -> Triage:
    """The model's points, each with a line that really says so or with none; questions of both."""
    points = tuple(SummaryPoint(clean(p.text, one_line=True), _evidence(p, thread, articles)) for p in answer.points)
    questions = list(found.unresolved)
    for asked in answer.questions:
        position = asked.message - 1
        span = _span(asked.text, thread, position)
        known = any(stands_in(asked.text, q.text) or stands_in(q.text, asked.text) for q in questions)
        if span is not None and not known and thread.messages[position].author is Author.CUSTOMER:
            questions.append(Question(thread.messages[position].text[span[0] : span[1]], position, *span))
    return replace(found, summary=points, unresolved=tuple(questions))


def _doubts(found: Triage, answer: TriageAnswer, least: float) -> str:
    """Why a person should look, in words; empty when both agree and the model is sure."""
    kinds = {t.kind.value for t in found.triggers} - {TriggerKind.LOW_CONFIDENCE.value}
    flags = {f.kind for f in answer.flags} - {TriggerKind.LOW_CONFIDENCE.value}
    said: list[str] = []
    if answer.confidence < least:
        said.append(f"the model is unsure ({answer.confidence:.2f})")
    if only := sorted(kinds - flags):
        said.append(f"only the rules see {', '.join(only)}")
    if only := sorted(flags - kinds):
        said.append(f"only the model sees {', '.join(only)}")
    if found.path.value != answer.path:
        said.append(f"the rules say {found.path}, the model {answer.path}")
    language = _language(answer.language)
    if UNKNOWN not in (found.language, language) and found.language != language:
        said.append(f"the rules read {found.language}, the model {language}")
    return "; ".join(said)


def _flag(kind: TriggerKind, flag: FlagAnswer, thread: Thread) -> Trigger:
    why = clean(flag.why, one_line=True)[:300]
    position = flag.message - 1
    span = _span(flag.quote, thread, position)
    if span is None:
        return Trigger(kind, -1, "", FlagSource.MODEL, why=why or "The model gave no words for it.", rule="model")
    quote = thread.messages[position].text[span[0] : span[1]]
    return Trigger(kind, position, quote, FlagSource.MODEL, span[0], span[1], why, "model")


def _evidence(point: PointAnswer, thread: Thread, articles: Sequence[Article]) -> Evidence | None:
    """The line a point names, if its quote stands there; None else."""
    if point.source == "message":
        number = re.sub(r"\D", "", point.ref)
        position = int(number[:6]) - 1 if number else -1
        span = _span(point.quote, thread, position)
        if span is None:
            return None
        return Evidence(SourceKind.MESSAGE, str(position), thread.messages[position].text[span[0] : span[1]], *span)
    if point.source == "record":
        value = _record(thread.records, point.ref)
        if value is not None and stands_in(point.quote, value):
            return Evidence(SourceKind.RECORD, point.ref, point.quote)
    if point.source == "article":
        article = next((a for a in articles if a.slug == point.ref), None)
        span = _find(point.quote, article.text) if article is not None else None
        if article is not None and span is not None:
            return Evidence(SourceKind.ARTICLE, article.slug, article.text[span[0] : span[1]], *span)
    return None


def _span(quote: str, thread: Thread, position: int) -> tuple[int, int] | None:
    return _find(quote, thread.messages[position].text) if 0 <= position < len(thread.messages) else None


def _find(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a text, white space folded; None where it does not."""
    if not stands_in(quote, text):
        return None
    match = re.search(r"\s+".join(re.escape(word) for word in quote.split()), text)
    return match.span() if match else None


def _record(records: Mapping[str, object], ref: str) -> str | None:
    value: object = records
    for part in ref.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list | tuple) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _language(code: str) -> str:
    """A model's language code as ours: two or three small letters, else unknown."""
    short = code.strip().casefold().split("-")[0].split("_")[0]
    return short if short.isascii() and short.isalpha() and 2 <= len(short) <= 3 else UNKNOWN
