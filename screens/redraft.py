"""A new draft from the model, as a reviewer asks: watched as it comes, compared, taken or left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from screens.base import DeskDialog
from supportdesk.errors import AssistantTrouble
from supportdesk.services.ports.work import Watch
from widgets.clean_input import CleanInput
from widgets.commands import bindings
from widgets.differences import Differences, counted, differences
from widgets.footline import FootLine
from widgets.paint import block, one_line

if TYPE_CHECKING:
    from screens.station import Station
    from supportdesk.services.redrafting import Proposal

SHOW_SECONDS = 0.1
"""How often a growing draft is drawn."""
MOST = 8_000
"""Characters of a growing draft that are drawn."""


class RedraftDialog(DeskDialog["Proposal | None"]):
    """Say what should change, watch it come, see what changed, take it or not."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")
    DEFAULT_CSS = """
    RedraftDialog #coming { height: 1fr; }
    RedraftDialog #coming Static { height: auto; }
    RedraftDialog #says { height: auto; color: $text-muted; }
    """

    def __init__(self, station: Station, ticket_id: int, words: str, typed: str | None, author: str) -> None:
        """For a ticket whose draft is `words`, by `author` where a person wrote them; `typed` are not kept yet."""
        super().__init__(station)
        self._ticket_id = ticket_id
        self._words = words
        self._typed = typed
        self._author = author
        self._proposal: Proposal | None = None
        self._heard = ""
        self._off: threading.Event | None = None
        self._asked = False

    def compose(self) -> ComposeResult:
        """What to change; the new words; what is said of them."""
        with Vertical(id="dialog", classes="-tall -broad"):
            yield Static(Content("What should the new draft do differently?"), id="dialog-title")
            yield CleanInput(
                placeholder="shorter, apologise for the delay … Enter asks; empty for a fresh draft",
                id="instruction",
                classes="dialog-field",
            )
            with VerticalScroll(id="coming"):
                yield Static("", id="words", markup=False)
            yield Static("", id="says", markup=False)
        yield FootLine()

    def on_mount(self) -> None:
        """Have the way to the model ready while the reviewer types."""
        super().on_mount()
        self.query_one(CleanInput).focus()
        self.set_interval(SHOW_SECONDS, self._draw)
        self.carry_out(self._warm, group="warm")

    async def _warm(self) -> None:
        await self.station.clerk.survey(lambda desk: desk.redrafting.warm())

    @on(Input.Submitted)
    def _ask(self, event: Input.Submitted) -> None:
        if self._off is not None:
            self.say("It is being written; Esc calls it off.", "refused")
            return
        instruction = event.value.strip()
        self._off, self._heard, self._proposal, self._asked = threading.Event(), "", None, False
        self._says("The model is asked…")
        self.carry_out(lambda: self._propose(instruction), group="propose", exclusive=True)

    async def _propose(self, instruction: str) -> None:
        off = self._off or threading.Event()
        watch = Watch(self._hear, off.is_set)
        ticket_id, login, typed = self._ticket_id, self.station.login, self._typed
        try:
            proposal = await self.station.clerk.ask(
                lambda desk: desk.redrafting.propose(ticket_id, login, instruction, typed, watch)
            )
        except AssistantTrouble as why:
            self._says("Called off; nothing was changed." if off.is_set() else f"No new draft: {why}")
            return
        finally:
            self._off = None
        await self._show(proposal)

    async def _show(self, proposal: Proposal) -> None:
        """What changed, word by word, and what the checks say."""
        self._proposal = proposal
        pieces = differences(block(self._words), block(proposal.draft.text))
        _, gone, new = counted(pieces)
        coming = self.query_one("#coming", VerticalScroll)
        await coming.remove_children()
        await coming.mount(Differences(pieces))
        found = sum(map(proposal.examination.waits, proposal.examination.findings))
        made = proposal.provenance
        price = f" · ${made.cost:.4f}" if made.cost else ""
        note = f" · {made.note}" if made.note else ""
        checks = f"{found} findings to settle" if found else "the checks find nothing to settle"
        cost = f"{made.assistant} · {made.tokens:,} tokens{price} · {made.seconds:.1f} s{note}"
        self._says(f"{new} words new, {gone} gone; {checks}. {cost}. ^s takes it, Esc leaves it.")

    def _hear(self, words: str) -> None:
        self._heard = words  # from the asking thread; drawn by the timer

    def _draw(self) -> None:
        if self._off is not None and self._heard:
            for words in self.query("#words").results(Static):
                words.update(Content(block(self._heard[-MOST:])))

    def _says(self, words: str) -> None:
        self.query_one("#says", Static).update(Content(one_line(words)))

    def action_dialog_accept(self) -> None:
        """Take the new draft; over words a person typed only when asked twice."""
        if self._proposal is None:
            self.say("There is no new draft yet: Enter asks for one.", "refused")
        elif (self._author or self._typed is not None) and not self._asked:
            self._asked = True
            whose = one_line(self._author or self.station.login)
            self.say(f"It replaces words {whose} typed; they stay in the history. ^s again replaces them.", "alert")
        else:
            self.dismiss(self._proposal)

    def action_dialog_close(self) -> None:
        """Call off what is being written; else close without taking it."""
        if self._off is not None:
            self._off.set()
            self._says("Calling it off…")
        else:
            self.dismiss(None)

    def on_unmount(self) -> None:
        """Nobody waits any more."""
        if self._off is not None:
            self._off.set()
