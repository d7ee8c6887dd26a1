"""How people review and how much waits for them: shown to each about themselves, to the lead about the team."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from supportdesk.domain.habits import BURST_SECONDS, FAST_WORDS_A_MINUTE, FEW, Approved, Habits, Load, TeamHabits
from supportdesk.domain.hours import BusinessHours
from supportdesk.domain.report import Period
from supportdesk.services.ports import Clock, Store

LOOK_BACK = timedelta(days=28)
"""How far back a desk's own pace is looked for."""
TOO_MUCH = 3.0
"""So many open days of reading are too much whether or not it gets less."""
_USUAL_MINUTES = 5.0


class Reviewing:
    """Signs of overtrust, and of overload. Reads only."""

    def __init__(self, store: Store, clock: Clock, hours: BusinessHours) -> None:
        """Work on this store; days are counted by these hours."""
        self._store = store
        self._clock = clock
        self._hours = hours

    def mine(self, login: str, period: Period) -> Habits:
        """One person's own habits: for that person alone."""
        return next((h for h in self.each(period) if h.login == login), habits_of(login, ()))

    def place(self, login: str, period: Period) -> tuple[int, int]:
        """A person's place among all by weight, 1 for the heaviest, and of how many."""
        every = [h.login for h in self.each(period) if h.approvals >= FEW]
        return (every.index(login) + 1 if login in every else 0), len(every)

    def team(self, period: Period) -> TeamHabits:
        """The team's habits without names: for the lead."""
        every = [h for h in self.each(period) if h.approvals >= FEW]
        return TeamHabits(
            reviewers=len(every),
            approvals=sum(h.approvals for h in every),
            fast=sum(h.fast for h in every),
            unedited=sum(h.unedited for h in every),
            unopened=sum(h.unopened for h in every),
            bursts=sum(h.bursts for h in every),
            remarked=sum(bool(h.remarks) for h in every),
            weights=tuple(round(h.weight, 3) for h in every),
        )

    def each(self, period: Period) -> tuple[Habits, ...]:
        """Everybody's habits, the heaviest first. Front ends show a person only their own: see `mine` and `team`."""
        of: dict[str, list[Approved]] = defaultdict(list)
        with self._store.read() as tx:
            for one in tx.habits.approved(period):
                of[one.by].append(one)
        found = [habits_of(login, many) for login, many in of.items()]
        return tuple(sorted(found, key=lambda h: (-h.weight, h.login)))

    def load(self) -> Load:
        """What waits against what people can read, over the last four weeks' pace."""
        now = self._clock.now()
        period = Period(now - LOOK_BACK, now + timedelta(milliseconds=1))
        with self._store.read() as tx:
            queues = tx.figures.take("queues", period, now, {})
            work = tx.figures.take("workload", period, now, {})
            seconds = tx.habits.pace(period.since)
            arrived = tx.habits.arrived(period.since)
            triggers = Counter(kind for kinds in tx.habits.waiting_triggers() for kind in kinds.split())
        days = self._days(period)
        return load_of(
            queues=[(line.key, line.count) for line in queues.lines],
            triggers=triggers.most_common(),
            arriving=arrived / days,
            decided=work.total / days,
            people=len(work.lines),
            minutes=statistics.median(seconds) / 60 if seconds else _USUAL_MINUTES,
        )

    def _days(self, period: Period) -> float:
        """Open days of a period, counted by its longest day; never less than one."""
        day = max((sum(last - first for first, last in spans) for spans in self._hours.week), default=480) or 480
        return max(self._hours.between(period.since, period.until) / timedelta(minutes=day), 1.0)


def habits_of(login: str, many: Sequence[Approved]) -> Habits:
    """A reviewer's habits from their approvals in order."""
    timed = [a for a in many if a.words > 0]
    fast = [a for a in timed if a.words > FAST_WORDS_A_MINUTE * max(a.seconds, 1) / 60]
    bursts = [a for a in many if a.answering is not None and a.answering <= BURST_SECONDS]
    speeds = [a.words * 60 / max(a.seconds, 1) for a in timed]
    return Habits(
        login=login,
        approvals=len(many),
        fast=len(fast),
        unedited=sum(a.unedited for a in many),
        longest_run=_longest(a.unedited for a in many),
        unopened=sum(a.evidence and not a.opened for a in many),
        bursts=len(bursts),
        words_a_minute=round(statistics.median(speeds)) if speeds else 0,
        fast_tickets=tuple(a.ticket_id for a in fast),
        burst_tickets=tuple(a.ticket_id for a in bursts),
    )


def load_of(
    *,
    queues: Sequence[tuple[str, int]],
    triggers: Sequence[tuple[str, int]],
    arriving: float,
    decided: float,
    people: int,
    minutes: float,
) -> Load:
    """Whether more waits than people can read, and what to do about it."""
    waiting = sum(n for _, n in queues)
    gain = decided - arriving
    clear = waiting / decided if decided else None
    overloaded = waiting > 0 and (clear is None or clear > TOO_MUCH or (clear > 1.0 and gain <= 0))
    return Load(
        waiting=waiting,
        arriving=round(arriving, 1),
        decided=round(decided, 1),
        minutes_each=round(minutes, 1),
        people=people,
        days_to_clear=round(clear, 1) if clear is not None and gain > 0 else None,
        overloaded=overloaded,
        by_trigger=tuple(triggers[:8]),
        by_queue=tuple(queues[:8]),
        advice=tuple(_advice(queues, triggers, waiting, arriving, decided, minutes)) if overloaded else (),
    )


def _advice(
    queues: Sequence[tuple[str, int]],
    triggers: Sequence[tuple[str, int]],
    waiting: int,
    arriving: float,
    decided: float,
    minutes: float,
) -> Iterable[str]:
    hours = waiting * minutes / 60
    yield f"{waiting:,} tickets wait: {hours:.0f} hours of reading at {minutes:.1f} minutes each."
    if arriving > decided:
        yield f"{arriving - decided:.0f} more come each day than are decided: it takes more people, or fewer tickets."
    counts = dict(triggers)
    if triggers:
        kind, n = triggers[0]
        yield f"{kind} brings the most, {n} of {waiting}: see whether its words or its article can be made clearer."
    if (low := counts.get("low_confidence", 0)) * 5 >= waiting:
        yield f"{low} wait for low confidence alone: look at [assistant] confidence."
    if queues and queues[0][1] * 2 > waiting and len(queues) > 1:
        yield f"More than half wait in {queues[0][0]}: give it people from other queues."
    yield "Work the priority queue first: `supportdesk queue` lists the most pressing on top."


def _longest(flags: Iterable[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
