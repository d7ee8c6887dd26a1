"""Queue, path, priority and owner from category and triggers, by the desk's own rules, with the reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import TypeVar

from supportdesk.domain.preparation import Trigger
from supportdesk.domain.routing import Category, IntakeField, Queue, RouteRule, Routing
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import ALWAYS_ESCALATE, Path, Priority, TriggerKind
from supportdesk.errors import BadSettings
from supportdesk.rules.tables import once
from supportdesk.text import clean

_TABLES = frozenset({"fallback", "paths", "priorities", "sla_hours", "queues", "categories", "intake", "rules"})
_EXCERPT = 60
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a ticket goes and why."""

    queue: str
    """Name of the queue."""
    reason: str
    """Why there: "billing_dispute → Billing: 'charged twice'"."""
    path: Path
    """Which way it may go."""
    priority: Priority
    """How soon it wants an answer."""
    owner: str = ""
    """Who decides when it is escalated; empty when nobody is named."""
    backup: str = ""
    """Who decides when the owner does not."""


@once
def default_routing() -> Routing:
    """The routing that comes with the program."""
    return _build(_defaults())


def routing_from(mapping: Mapping[str, object]) -> Routing:
    """A settings file's `[routing]` tables laid over the defaults; its rules come first.

    Raises:
        BadSettings: a table, name, path or priority cannot be used, or a path would be less guarded than it must be.
    """
    if not mapping:
        return default_routing()
    for name in mapping:
        if name not in _TABLES:
            raise BadSettings(f"[routing] knows no '{name}'; it may hold {', '.join(sorted(_TABLES))}.")
    base = _defaults()
    merged = _overlay(base, {key: value for key, value in mapping.items() if key != "rules"}, "routing")
    rules = mapping.get("rules", [])
    if not isinstance(rules, list):
        raise BadSettings("[routing] rules must be a list of [[routing.rules]] tables.")
    own = base["rules"]
    merged["rules"] = [*rules, *(own if isinstance(own, list) else [])]
    return _build(merged)


def route(
    category: str,
    triggers: Sequence[Trigger],
    routing: Routing,
    thread: Thread,
    *,
    priority: Priority = Priority.NORMAL,
    words: str = "",
) -> Route:
    """Where a thread of this category with these triggers goes.

    `words` is what the customer wrote themselves, for keyword rules. Paths and priorities only rise:
    the most guarded of all that apply counts; for the queue the first rule that applies does.
    """
    place = routing.category(category)
    raised: dict[TriggerKind, Trigger] = {}
    for trigger in triggers:
        raised.setdefault(trigger.kind, trigger)
    path = max((routing.path_of(kind) for kind in raised), key=lambda p: p.rank, default=Path.ROUTINE)
    floor = [routing.priorities[kind] for kind in raised if kind in routing.priorities]
    priority = max([priority, *floor], key=lambda p: p.rank)
    queue = routing.queue(place.queue) or routing.queues[routing.fallback]
    reason = f"{place.name} → {queue.title}"
    owner = backup = ""
    placed = False
    for rule in routing.rules:
        if not _applies(rule, place.name, raised, thread, words):
            continue
        path = max(path, rule.path or Path.ROUTINE, key=lambda p: p.rank)
        priority = max(priority, rule.priority or Priority.LOW, key=lambda p: p.rank)
        owner, backup = owner or rule.owner, backup or rule.backup
        if rule.queue and not placed:
            placed = True
            queue = routing.queues[rule.queue]
            reason = f"{rule.label} → {queue.title}{_excerpt(rule, raised)}"
    return Route(queue.name, reason, path, priority, owner or queue.owner, backup or queue.backup)


def _excerpt(rule: RouteRule, raised: Mapping[TriggerKind, Trigger]) -> str:
    """The words that made the rule apply, short enough for a line; nothing when history did."""
    trigger = raised.get(TriggerKind(rule.trigger)) if rule.trigger else None
    quote = clean(trigger.quote if trigger else rule.keyword, one_line=True)
    if not quote:
        return ""
    if len(quote) > _EXCERPT:
        quote = quote[:_EXCERPT].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return f": '{quote}'"


def _applies(rule: RouteRule, category: str, raised: Mapping[TriggerKind, Trigger], thread: Thread, words: str) -> bool:
    if not rule.conditions:
        return False
    if rule.category and rule.category != category:
        return False
    if rule.trigger and TriggerKind(rule.trigger) not in raised:
        return False
    if rule.channel and rule.channel.casefold() != thread.channel.casefold():
        return False
    if rule.requester and rule.requester.casefold() not in thread.requester.email.casefold():
        return False
    return not rule.keyword or rule.keyword.casefold() in f"{thread.subject}\n{words}".casefold()


@once
def _default_text() -> str:
    return resources.files("supportdesk.rules").joinpath("data/routing.toml").read_text(encoding="utf-8")


def _defaults() -> dict[str, object]:
    return dict(tomllib.loads(_default_text()))


def _overlay(base: Mapping[str, object], over: Mapping[str, object], where: str) -> dict[str, object]:
    """One table laid over another, tables within tables likewise."""
    merged = dict(base)
    for key, value in over.items():
        present = merged.get(key)
        if isinstance(present, Mapping):
            if not isinstance(value, Mapping):
                raise BadSettings(f"[{where}] {key} must be a table.")
            merged[key] = _overlay(present, value, f"{where}.{key}")
        else:
            merged[key] = value
    return merged


def _build(tables: Mapping[str, object]) -> Routing:
    queues = {
        name: Queue(name, _text(t, "title", name.capitalize()), _text(t, "owner"), _text(t, "backup"))
        for name, t in _tables(tables, "queues")
    }
    fields = {name: _field(name, table) for name, table in _tables(tables, "intake")}
    categories = {name: _category(name, table, queues, fields) for name, table in _tables(tables, "categories")}
    fallback = str(tables.get("fallback", "general"))
    if fallback not in categories or fallback not in queues:
        raise BadSettings(f"routing.fallback is '{fallback}', which must be both a category and a queue.")
    listed = tables.get("rules", [])
    rules = tuple(_rule(table, categories, queues) for table in (listed if isinstance(listed, list) else []))
    hours = {_priority(name, "sla_hours"): _hours(name, value) for name, value in _pairs(tables, "sla_hours")}
    return Routing(
        categories=categories,
        queues=queues,
        rules=rules,
        paths={_kind(name, "paths"): _path(name, value) for name, value in _pairs(tables, "paths")},
        priorities={_kind(n, "priorities"): _priority(v, "priorities") for n, v in _pairs(tables, "priorities")},
        sla_hours=hours,
        fallback=fallback,
    )


def _pairs(tables: Mapping[str, object], key: str) -> Iterable[tuple[str, object]]:
    value = tables.get(key, {})
    if not isinstance(value, Mapping):
        raise BadSettings(f"[routing.{key}] must be a table.")
    return value.items()


def _tables(tables: Mapping[str, object], key: str) -> Iterable[tuple[str, Mapping[str, object]]]:
    for name, value in _pairs(tables, key):
        if not isinstance(value, Mapping):
            raise BadSettings(f"[routing.{key}.{name}] must be a table.")
        yield name, value


def _text(table: Mapping[str, object], key: str, default: str = "") -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise BadSettings(f"routing: '{key}' must be text, not {value!r}.")
    return value


def _texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadSettings(f"routing: '{key}' must be a list of texts.")
    return tuple(value)


def _field(name: str, table: Mapping[str, object]) -> IntakeField:
    labels = table.get("labels", {})
    if not isinstance(labels, Mapping) or not all(isinstance(v, str) for v in labels.values()):
        raise BadSettings(f"[routing.intake.{name}.labels] must name how to ask for it, by language.")
    patterns = _texts(table, "patterns")
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise BadSettings(f"[routing.intake.{name}] pattern {pattern!r} cannot be used: {error}.") from None
    return IntakeField(name, dict(labels), patterns, _texts(table, "records"), _texts(table, "when"))


def _category(
    name: str, table: Mapping[str, object], queues: Mapping[str, Queue], fields: Mapping[str, IntakeField]
) -> Category:
    queue = _known(_text(table, "queue", "general"), queues, f"category '{name}'", "queue")
    wanted = _texts(table, "intake")
    intake = tuple(fields[_known(field, fields, f"category '{name}'", "intake field")] for field in wanted)
    return Category(name, _text(table, "title", name.capitalize()), queue, intake)


def _known(name: str, among: Mapping[str, object], where: str, what: str) -> str:
    if name not in among:
        raise BadSettings(f"routing: {where} names the {what} '{name}', which is not among {', '.join(sorted(among))}.")
    return name


def _rule(table: object, categories: Mapping[str, Category], queues: Mapping[str, Queue]) -> RouteRule:
    if not isinstance(table, Mapping):
        raise BadSettings("Each of routing.rules must be a [[routing.rules]] table.")
    known = {"name", "category", "trigger", "requester", "channel", "keyword"}
    known |= {"queue", "priority", "path", "owner", "backup"}
    if strange := sorted(set(table) - known):
        raise BadSettings(f"A routing rule knows no '{strange[0]}'; it may hold {', '.join(sorted(known))}.")
    rule = RouteRule(
        **{
            key: _text(table, key) for key in ("name", "category", "requester", "channel", "keyword", "owner", "backup")
        },
        trigger=_kind(table["trigger"], "rules").value if table.get("trigger") else "",
        queue=_known(_text(table, "queue"), queues, "a rule", "queue") if table.get("queue") else "",
        priority=_priority(table["priority"], "rules") if table.get("priority") else None,
        path=_path(table.get("trigger", ""), table["path"]) if table.get("path") else None,
    )
    if rule.category:
        _known(rule.category, categories, "a rule", "category")
    if not rule.conditions:
        raise BadSettings("A routing rule needs a condition: category, trigger, requester, channel or keyword.")
    return rule


def _kind(name: object, where: str) -> TriggerKind:
    return _word(TriggerKind, name, f"routing.{where}", "trigger")


def _priority(name: object, where: str) -> Priority:
    return _word(Priority, name, f"routing.{where}", "priority")


def _path(kind: object, value: object) -> Path:
    path = _word(Path, value, "routing", "path")
    if kind in ALWAYS_ESCALATE and path is not Path.ESCALATION:
        raise BadSettings(f"routing: {kind} always escalates; its path cannot be '{path}'.")
    return path


def _hours(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise BadSettings(f"routing.sla_hours: '{name}' must be a number of hours above 0, not {value!r}.")
    return float(value)


def _word(words: type[_Word], value: object, where: str, what: str) -> _Word:
    try:
        return words(str(value))
    except ValueError:
        raise BadSettings(f"{where}: there is no {what} '{value}'.") from None
