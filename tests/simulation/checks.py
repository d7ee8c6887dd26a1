"""What a simulated quarter must show: every planted pattern first of its kind, every figure counted twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from supportdesk.domain.report import Figure, spread_of
from supportdesk.services.monitoring import FIGURES

from .independent import figures
from .plants import ROUTES, THEMES
from .quarter import BEGIN, WEAK, Quarter


@dataclass(frozen=True)
class Check:
    """One thing that must be so."""

    what: str
    """What."""
    holds: bool
    """Whether it is."""
    found: str
    """What was found."""


def every_check(quarter: Quarter) -> Iterator[Check]:
    """All of them."""
    yield from _patterns(quarter)
    yield from _people(quarter)
    yield from _left_undone(quarter)
    yield from _figures(quarter)


def _patterns(quarter: Quarter) -> Iterator[Check]:
    desk, planted = quarter.desk, quarter.planted
    period = desk.monitoring.period(BEGIN, quarter.clock.now())
    themes = desk.improvement.themes(period)
    for place, (name, _, _) in enumerate(THEMES):
        found = themes[place].tickets if place < len(themes) else ()
        right = sum(planted.themed.get(ticket) == name for ticket in found)
        size = planted.themes[name]
        holds = right >= 0.8 * len(found) and right >= 0.8 * size
        words = f"{themes[place].name if found else 'nothing'}: {right} of {size} planted, {len(found)} in it"
        yield Check(f"theme {place + 1} is the planted “{name}”", holds, words)
    routes = desk.improvement.routes(period)
    wanted = [way for way, _ in planted.routes.most_common(len(ROUTES))]
    found_ways = [(r.source, r.target) for r in routes[: len(wanted)]]
    yield Check("the planted wrong routes come first", found_ways == wanted, str(found_ways))
    signs = [r.proposal for r in routes[: len(wanted)]]
    yield Check("each has a rule that would take it", all(signs), "; ".join(signs).replace("\n", " "))
    corrections = desk.improvement.corrections(period)
    first = corrections[0] if corrections else None
    weak = [c for c in corrections if c.sentence == WEAK]
    # Where it was written and never rewritten, it is no correction and not counted as written either.
    counted = sum(c.written for c in weak), sum(c.changed for c in weak)
    holds = first is not None and first.sentence == WEAK and first.mend == "template:offline.toml"
    yield Check("the planted weak sentence comes first", holds, first.sentence if first else "nothing")
    real = (planted.weak, planted.weak_rewritten)
    holds = counted[0] <= real[0] and counted[1] == real[1]
    yield Check("it was written and rewritten as often as it was", holds, f"{counted} of {real}")


def _people(quarter: Quarter) -> Iterator[Check]:
    desk = quarter.desk
    period = desk.monitoring.period(BEGIN, quarter.clock.now())
    habits = desk.reviewing.each(period)
    yield Check("the over-fast reviewer comes first", habits[0].login == "person12", habits[0].login)
    others = [h.login for h in habits[1:] if h.remarks]
    yield Check("and nobody else is remarked on", bool(habits[0].remarks) and not others, str(others))
    mine = desk.reviewing.place("person12", period)
    yield Check("they see it themselves, the lead sees no name", mine[0] == 1, f"{mine}, {desk.reviewing.team(period)}")
    complaints = desk.monitoring.report(period).figure("complaints").lines
    few = sum(line.count for line in complaints) < 8
    fast = few or complaints[0].key == "person12"
    yield Check("most complaints follow their approvals", fast, str([(c.key, c.count) for c in complaints[:3]]))


def _left_undone(quarter: Quarter) -> Iterator[Check]:
    desk, planted = quarter.desk, quarter.planted
    app, lea = desk.staff.get("app"), desk.staff.get("lea")
    assert app is not None and lea is not None
    views = desk.escalations.views(lea)
    lying = sorted(planted.lying)
    yield Check("escalations left lying stand as missed", sorted(e.id for e in views.breached) == lying, str(lying))
    yield Check("each has come to the lead", sorted(e.id for e in views.mine) == lying, "")
    due = [p.id for p in desk.promises.due()]
    yield Check("promises nobody kept surface", sorted(due) == sorted(planted.overdue), str(due))
    broken = sorted(p.id for p in desk.promises.all() if p.state == "broken")
    yield Check("promises broken are on record", broken == sorted(planted.broken), str(broken))


def _figures(quarter: Quarter) -> Iterator[Check]:
    desk = quarter.desk
    now = quarter.clock.now()
    due = {priority.value: hours for priority, hours in desk.routing.sla_hours.items()}
    spans = [(BEGIN, now), (BEGIN.replace(day=20, hour=13, minute=7), BEGIN.replace(month=3, day=3, hour=4))]
    for since, until in spans:
        expected = figures(desk.file, since, until, now, due)
        period = desk.monitoring.period(since, until)
        for figure in desk.monitoring.figures(period, tuple(name for name in FIGURES if name in expected)):
            want = expected[figure.name]
            yield Check(f"{figure.name}, {since:%d %b} to {until:%d %b}", _same(figure, want), _words(figure))
            behind = desk.monitoring.behind(figure.name, None, period)
            if isinstance(want, list):
                yield Check(f"{figure.name}: every ticket behind it", len(behind) in (len(want), len(set(behind))), "")


def _same(figure: Figure, want: object) -> bool:
    if isinstance(want, list):
        counted = sorted(Counter(want).items())
        return figure.spread == spread_of(counted)
    return {line.key: line.count for line in figure.lines} == {k: n for k, n in dict(want).items() if n}  # type: ignore[call-overload]


def _words(figure: Figure) -> str:
    return str(figure.spread) if figure.spread else ", ".join(f"{line.key} {line.count}" for line in figure.lines[:6])
