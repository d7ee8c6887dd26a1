"""What can be improved, as points: themes, wrong routes, corrections, missing details, articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from supportdesk.domain.article import ArticleVersion, StaleArticle
from supportdesk.domain.theme import (
    Correction,
    Effect,
    KnownTheme,
    MissingField,
    ThemeState,
    WrongRoute,
)
from widgets.points import Point
from widgets.wording import count_words, moment

LOOKS = 3
"""Examples a person looks at before deciding about a theme."""
SIGNS = {
    ThemeState.PROPOSED: ("?", "accent"),
    ThemeState.CONFIRMED: ("→", "warn"),
    ThemeState.MENDED: ("✔", "good"),
    ThemeState.CLOSED: ("✔", "muted"),
    ThemeState.REJECTED: ("✖", "muted"),
}

Entry = KnownTheme | WrongRoute | Correction | MissingField | ArticleVersion | StaleArticle
"""Anything the list can stand on."""


@dataclass(frozen=True, slots=True)
class Improvable:
    """All the screen was told at one time."""

    themes: tuple[KnownTheme, ...]
    """The register."""
    routes: tuple[WrongRoute, ...]
    """Ways people keep correcting."""
    corrections: tuple[Correction, ...]
    """Sentences people keep rewriting."""
    missing: tuple[MissingField, ...]
    """Details people keep asking for."""
    waiting: tuple[ArticleVersion, ...]
    """Articles that wait for a reviewer or their owner."""
    stale: tuple[StaleArticle, ...]
    """Published articles that want a look."""


def listed(all_: Improvable) -> Iterator[Point]:
    """The list, by section, most telling first."""
    yield from _section("Themes", all_.themes, _theme)
    yield from _section("Wrong routes", all_.routes, _route)
    yield from _section("Sentences people rewrite", all_.corrections[:30], _correction)
    yield from _section("Asked for again and again", all_.missing[:30], _missing)
    yield from _section("Articles on their way", all_.waiting, _article)
    yield from _section("Articles that want a look", all_.stale, _stale)


def _section(title: str, entries: Sequence[Entry], one: object) -> Iterator[Point]:
    if not entries:
        return
    yield Point(title, heading=True, label=str(len(entries)))
    for entry in entries:
        yield one(entry)  # type: ignore[operator]


def _theme(theme: KnownTheme) -> Point:
    grew = f", {theme.before:,} before" if theme.before else ""
    owner = f" · {theme.owner}" if theme.owner else ""
    return Point(
        theme.name,
        *SIGNS[theme.state],
        label=f"{theme.found:,}",
        detail=f"{theme.state.value}{owner} · {count_words(theme.found, 'ticket')}{grew}",
        key=("theme", theme.id),
    )


def _route(route: WrongRoute) -> Point:
    return Point(
        f"{route.source} → {route.target}",
        "⇄",
        "warn",
        label=f"{route.count:,}",
        detail=f"{route.count:,} of {route.total:,} decisions in {route.source}",
        key=("route", route.source, route.target),
    )


def _correction(one: Correction) -> Point:
    return Point(
        f"“{one.sentence}”",
        "✎",
        "warn",
        label=f"{one.changed:,}/{one.written:,}",
        detail=f"{one.category} · {one.mend}",
        key=("correction", one.category, one.sentence),
    )


def _missing(field: MissingField) -> Point:
    return Point(
        f"{field.category}: {field.label}",
        "?",
        "warn",
        label=f"{field.asked:,}",
        key=("missing", field.category, field.name),
    )


def _article(made: ArticleVersion) -> Point:
    return Point(
        made.article.title,
        "§",
        "accent",
        label=made.state.value,
        detail=f"{made.article.slug} version {made.article.version} · by {made.by} · {made.owner or 'no owner'}",
        key=("article", made.article.slug, made.article.version),
    )


def _stale(one: StaleArticle) -> Point:
    return Point(one.article.title, "§", "warn", detail="; ".join(one.reasons), key=("stale", one.article.slug))


def theme_points(
    theme: KnownTheme, examples: Sequence[tuple[int, str]], effect: Effect | None, login: str, now: datetime
) -> Iterator[Point]:
    """A theme: what it is, why, what was looked at, what became of it."""
    yield Point(theme.name, *SIGNS[theme.state], label=theme.state.value, text_look="strong")
    yield Point(f"{count_words(theme.found, 'ticket')}, {theme.before:,} in the period before", "·", "muted")
    yield Point("Why, as far as it can be told", heading=True)
    yield Point(theme.cause.words, "·", "accent", detail=theme.why)
    looked = {ticket for who, ticket in theme.looked if who == login}
    yield Point("Examples", heading=True, label=f"you looked at {len(looked)}; Enter reads one")
    for ticket, words in examples:
        seen = ticket in looked
        yield Point(words, "✔" if seen else "▎", "good" if seen else "accent", label=f"#{ticket}", key=("look", ticket))
    if theme.owner:
        yield Point("On its way", heading=True)
        yield Point(theme.owner, lead="owner", lead_width=8)
        yield Point(theme.path or "not said", lead="path", lead_width=8)
        if theme.article:
            yield Point(theme.article, lead="article", lead_width=8)
    if theme.note:
        who = f"{theme.decided_by}, {moment(theme.decided_at, now)}" if theme.decided_at else theme.decided_by
        yield Point(theme.note, "·", "muted", detail=who)
    if effect is not None:
        yield Point("Did it help?", heading=True)
        yield _effect(effect)


def _effect(effect: Effect) -> Point:
    counts = f"{effect.before:,} in the {effect.days:.0f} days before, {effect.after:,} in the {effect.days:.0f} since"
    if effect.change is None:
        return Point("Too early to say.", "·", "muted", detail=counts)
    less = effect.change < 0
    words = f"{abs(effect.change):.0%} {'less' if less else 'more'} of all letters"
    return Point(words, "✔" if less else "!", "good" if less else "warn", detail=counts)


def entry_points(entry: Entry, now: datetime) -> Iterator[Point]:
    """What stands beside the list for anything but a theme."""
    if isinstance(entry, WrongRoute):
        yield from _route_points(entry)
    elif isinstance(entry, Correction):
        yield from _correction_points(entry)
    elif isinstance(entry, MissingField):
        yield Point(entry.label, text_look="strong", label=entry.category)
        yield Point(f"asked for afterwards {count_words(entry.asked, 'time')}", "·", "muted")
        had = "The intake has this field; people leave it empty." if entry.known else "The intake does not ask for it."
        yield Point(had, "→", "accent")
    elif isinstance(entry, ArticleVersion):
        yield from _article_points(entry, now)
    elif isinstance(entry, StaleArticle):
        yield Point(entry.article.title, text_look="strong", label=entry.owner)
        for reason in entry.reasons:
            yield Point(reason, "!", "warn")
        yield Point("The article", heading=True)
        yield Point("", detail=entry.article.text)


def _route_points(route: WrongRoute) -> Iterator[Point]:
    yield Point(f"{route.source} → {route.target}", text_look="strong", label=f"{route.count:,} of {route.total:,}")
    for reason, count in route.reasons:
        yield Point(reason.replace("_", " "), "·", "muted", label=str(count))
    yield Point("Examples", heading=True)
    for ticket, words in route.examples:
        yield Point(words, "▎", "accent", label=f"#{ticket}", key=("ticket", ticket))
    yield Point("Proposal for settings.toml", heading=True)
    if route.proposal:
        yield Point(route.why, "→", "accent", detail=route.proposal)
    else:
        yield Point("Nothing in the letters tells them apart from those that stayed.", "·", "muted")


def _correction_points(one: Correction) -> Iterator[Point]:
    yield Point(f"“{one.sentence}”", text_look="strong")
    yield Point(f"changed {one.changed:,} of {count_words(one.written, 'time')}", "·", "muted", label=one.category)
    yield Point("Instead people write", heading=True)
    for words in one.instead:
        yield Point(words or "(taken out)", "→", "accent")
    yield Point("Where to mend it", heading=True)
    yield Point(one.mend, "→", "accent")
    for name, value in (("article", one.article), ("prompt", one.prompt), ("rule", one.rule)):
        if value:
            yield Point(value, lead=name, lead_width=8)


def _article_points(made: ArticleVersion, now: datetime) -> Iterator[Point]:
    yield Point(made.article.title, text_look="strong", label=made.state.value)
    yield Point(f"version {made.article.version}, by {made.by}, {moment(made.at, now)}", "·", "muted")
    if made.reviewed_by:
        yield Point(f"held against its sources by {made.reviewed_by}", "✔", "good", detail=made.note)
    yield Point("Its words", heading=True)
    yield Point("", detail=made.article.text)
    if made.sources:
        yield Point("Written from", heading=True, label="Enter opens one")
        for ticket in made.sources[:20]:
            yield Point(f"#{ticket}", "▎", "accent", key=("ticket", ticket))
