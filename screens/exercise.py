"""An exercise: an invented ticket and a draft with one planted fault; one points at the words that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.base import DeskDialog
from supportdesk.domain.exercise import Exercise
from widgets.clean_input import CleanInput
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.points import Point, PointList

if TYPE_CHECKING:
    from screens.station import Station


class ExerciseDialog(DeskDialog[None]):
    """The invented ticket, its draft, and a field for the words that are wrong."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog"), ("down", "into_list", "Into the list")]

    def __init__(self, station: Station, exercise: Exercise) -> None:
        """Show this exercise."""
        super().__init__(station)
        self._exercise = exercise

    def compose(self) -> ComposeResult:
        """What it is, the ticket, the draft, the question."""
        with Vertical(id="dialog", classes="-tall"):
            yield Static(Content("An exercise, on an invented ticket; nothing here can be sent"), id="dialog-title")
            yield PointList(self._points(), id="exercise")
            yield Static(Content("Which words of the draft are wrong? Empty: none, I would approve it."), id="ask")
            yield CleanInput(id="wrong", classes="dialog-field")
        yield FootLine()

    def on_mount(self) -> None:
        """Stand in the field."""
        super().on_mount()
        self.query_one("#wrong").focus()

    def _points(self) -> list[Point]:
        shown = [Point("Thread", heading=True)]
        shown += [Point("", lead=author, detail=words) for author, words in self._exercise.thread]
        shown += [Point("What the article says", heading=True), Point(self._exercise.source, "§", "accent")]
        shown += [Point("Draft", heading=True), Point("", detail=self._exercise.draft)]
        return shown

    def action_into_list(self) -> None:
        """Go to the ticket."""
        self.query_one(PointList).focus()

    def action_dialog_accept(self) -> None:
        """Answer; once answered, close."""
        if self._exercise.caught is not None:
            self.dismiss(None)
            return
        number, login, words = self._exercise.id, self.station.login, self.query_one("#wrong", CleanInput).value.strip()

        async def answer() -> None:
            done = await self.station.clerk.act(lambda desk: desk.exercises.answer(number, login, words))
            self._exercise = done
            self.query_one("#ask", Static).update(Content(""))
            sign, look = ("✔", "good") if done.caught else ("!", "warn")
            self.query_one(PointList).show([Point(done.words, sign, look, text_look="strong"), *self._points()])
            self.query_one(PointList).to_top()
            self.say(done.words, "done" if done.caught else "alert", seconds=0)

        self.carry_out(answer)

    def action_dialog_close(self) -> None:
        """Leave it for later; it waits."""
        self.dismiss(None)
