"""How people review and how much waits for them, as points: one's own habits, the team's, the load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from supportdesk.domain.habits import Habits, Load, TeamHabits
from widgets.pictures import bar, spark
from widgets.points import Point
from widgets.wording import count_words

YOURS, TEAM, LOAD = "*yours", "*team", "*load"
"""Keys of the three entries; figures have keys without a star."""
TITLES: Mapping[str, str] = {
    YOURS: "How you review, for you alone",
    TEAM: "How the team reviews, without names",
    LOAD: "What waits against what people can read",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is known about reviewing, at one time."""

    yours: Habits
    """One's own."""
    team: TeamHabits | None
    """The team's; only a lead gets it."""
    load: Load
    """What waits."""


def reading_list(reading: Reading) -> Iterator[Point]:
    """The three entries of the list."""
    yield Point("Reading", heading=True)
    remarks = len(reading.yours.remarks)
    yield Point(
        TITLES[YOURS],
        "!" if remarks else "·",
        "warn" if remarks else "muted",
        label=str(reading.yours.approvals),
        key=YOURS,
    )
    if reading.team is not None:
        yield Point(TITLES[TEAM], "·", "muted", label=str(reading.team.approvals), key=TEAM)
    over = reading.load.overloaded
    yield Point(
        TITLES[LOAD], "!" if over else "·", "warn" if over else "muted", label=f"{reading.load.waiting:,}", key=LOAD
    )


def reading_points(key: str, reading: Reading, width: int) -> Iterator[Point]:
    """What stands beside one of them."""
    if key == YOURS:
        yield from _yours(reading.yours, width)
    elif key == TEAM and reading.team is not None:
        yield from _team(reading.team, width)
    elif key == LOAD:
        yield from _load(reading.load, width)


def _yours(habits: Habits, width: int) -> Iterator[Point]:
    yield Point(count_words(habits.approvals, "approval") + " in this period", text_look="strong")
    rows = (
        ("faster than one can read", habits.fast),
        ("sent as drafted", habits.unedited),
        ("no source opened", habits.unopened),
        ("checklist in one go", habits.bursts),
    )
    yield from _shares(rows, habits.approvals, width)
    if habits.approvals:
        yield Point(f"{habits.words_a_minute:,} words a minute on screen; longest run unedited: {habits.longest_run}")
    yield Point("Worth a thought", heading=True)
    for remark in habits.remarks or ("Nothing stands out.",):
        yield Point(remark, "!" if habits.remarks else "✔", "warn" if habits.remarks else "good")
    yield Point("Nobody else sees this; leads see the team's sums without names.", text_look="muted")


def _team(team: TeamHabits, width: int) -> Iterator[Point]:
    yield Point(
        f"{count_words(team.approvals, 'approval')} by {count_words(team.reviewers, 'reviewer')}", text_look="strong"
    )
    rows = (
        ("faster than one can read", team.fast),
        ("sent as drafted", team.unedited),
        ("no source opened", team.unopened),
        ("checklist in one go", team.bursts),
    )
    yield from _shares(rows, team.approvals, width)
    if team.weights:
        yield Point("How much each relies on drafts, largest first", heading=True)
        yield Point(spark(team.weights), label=f"most {team.weights[0]:.2f}", text_look="accent")
    yield Point(f"{count_words(team.remarked, 'person', 'people')} see a remark about themselves.", "·", "muted")


def _load(load: Load, width: int) -> Iterator[Point]:
    look = "warn" if load.overloaded else "good"
    words = "More waits than people can read." if load.overloaded else "People can read what waits."
    yield Point(words, "!" if load.overloaded else "✔", look, text_look="strong")
    clear = f"{load.days_to_clear:.1f} open days" if load.days_to_clear is not None else "never: it grows"
    for name, value in (
        ("waiting", f"{load.waiting:,}"),
        ("new a day", f"{load.arriving:.1f}"),
        ("decided a day", f"{load.decided:.1f}"),
        ("minutes each", f"{load.minutes_each:.1f}"),
        ("people", str(load.people)),
        ("to clear it", clear),
    ):
        yield Point(value, lead=name, lead_width=14)
    for advice in load.advice:
        yield Point(advice, "→", "accent")
    for title, rows in (("Which trigger brings the most", load.by_trigger), ("Where it waits", load.by_queue)):
        if rows:
            yield Point(title, heading=True)
            most = max(count for _, count in rows)
            for name, count in rows:
                yield Point(
                    bar(count, most, max(width - 34, 6)),
                    lead=name,
                    lead_width=18,
                    text_look="accent",
                    label=f"{count:,}",
                )


def _shares(rows: tuple[tuple[str, int], ...], of: int, width: int) -> Iterator[Point]:
    for name, count in rows:
        share = f"{count:,} {count * 100 // max(of, 1):>3}%"
        yield Point(
            bar(count, max(of, 1), max(width - 42, 6)), lead=name, lead_width=25, text_look="accent", label=share
        )
