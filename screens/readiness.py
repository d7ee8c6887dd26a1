"""Is this desk ready to rely on AI? Fourteen questions with their answers, and the one thing to do for each gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from screens.lead import LeadScreen
from supportdesk.domain.readiness import NOT_DONE, Answered, Standing
from widgets.commands import bindings
from widgets.points import Point

SIGNS = {Standing.ANSWERED: ("✔", "good"), Standing.PARTLY: ("~", "warn"), Standing.NOT_YET: ("✖", "bad")}
WORDS = {Standing.ANSWERED: "answered", Standing.PARTLY: "partly", Standing.NOT_YET: "not yet"}


class ReadinessScreen(LeadScreen):
    """The fourteen questions, drawn from the real settings and data."""

    NAME: ClassVar[str] = "Readiness"
    PLACE: ClassVar[str] = "readiness"
    BINDINGS: ClassVar[list[BindingType]] = bindings("readiness")

    _answers: tuple[Answered, ...] = ()

    async def read(self) -> None:
        """Answer the questions."""
        self._answers = await self.station.clerk.look(lambda desk: desk.readiness.answers())
        count = Counter(a.standing for a in self._answers)
        summary = Content(", ").join(
            Content.assemble((f"{SIGNS[s][0]} {count[s]} {WORDS[s]}", f"bold ${colour}" if count[s] else "$text-muted"))
            for s, colour in ((Standing.ANSWERED, "success"), (Standing.PARTLY, "warning"), (Standing.NOT_YET, "error"))
        )
        listed = [Point(a.question, *SIGNS[a.standing], key=a.name) for a in self._answers]
        listed.append(Point("What this desk does not do", heading=True))
        listed += [Point(words, "·", "muted", key=f"not-{n}") for n, words in enumerate(NOT_DONE)]
        self.show(listed, summary)

    def detail(self, point: Point | None) -> Sequence[Point]:
        """The answer, and what is still to do."""
        answer = next((a for a in self._answers if point is not None and a.name == point.key), None)
        if answer is None:
            return (Point(point.text),) if point else ()
        sign, look = SIGNS[answer.standing]
        found = [
            Point(answer.question, text_look="strong"),
            Point("Answer", heading=True, label=WORDS[answer.standing]),
            Point(answer.answer, sign, look),
        ]
        if answer.todo:
            found += [Point("To do", heading=True), Point(answer.todo, "→", "accent")]
        if answer.setting:
            found.append(Point(f"Set in settings.toml: {answer.setting}", "·", "muted"))
        return found

    def detail_title(self, point: Point | None) -> str:
        """Its place among the fourteen."""
        names = [a.name for a in self._answers]
        at = names.index(str(point.key)) + 1 if point is not None and point.key in names else 0
        return f"Question {at} of {len(names)}" if at else ""
