"""The queue's filter: one line, with what could be typed next below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from supportdesk.domain.completion import Offers, complete
from widgets.clean_input import CleanInput
from widgets.commands import bindings
from widgets.paint import one_line


class FilterInput(CleanInput):
    """The field; Tab takes what is offered, again Tab the next."""

    PLACE: ClassVar[str] = "filter"
    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")

    @dataclass
    class Offered(Message):
        """Something else could be typed next."""

        field: FilterInput
        """The field."""
        words: Content
        """How to say it in a line."""

        @property
        def control(self) -> FilterInput:
            """The field."""
            return self.field

    known: Mapping[str, Sequence[str]]
    """A desk's own values by key: its queues, its people."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Start empty."""
        self.known = {}
        self._offers = Offers(0, 0, ())
        self._taken = -1
        self._taking = False
        super().__init__(placeholder="filter or search: queue:billing is:unread refund", id=id, compact=True)

    @property
    def offering(self) -> bool:
        """Whether something fits where the cursor is."""
        return bool(self._offers.offers)

    def watch_cursor_position(self) -> None:
        """Offer what fits where the cursor is."""
        self.offer()

    def watch_has_focus(self, focus: bool) -> None:
        """Offer when the field is entered."""
        super().watch_has_focus(focus)
        self.offer()

    def offer(self) -> None:
        """Say what could be typed next."""
        if not self.is_mounted:
            return
        if not self._taking:
            self._offers = complete(self.value, self.cursor_position, self.known)
            self._taken = -1
        self.post_message(self.Offered(self, self._words()))

    def action_filter_complete(self) -> None:
        """Take the next of what is offered; go on where nothing is."""
        offers = self._offers.offers
        if not offers or (len(offers) == 1 and offers[0].text == self.value[self._offers.start : self._offers.end]):
            self.screen.focus_next()
            return
        self._taken = (self._taken + 1) % len(offers)
        text = offers[self._taken].text
        text = f'"{text}"' if " " in text else text
        # More could follow a finished word; the line stays open for it.
        start, end = self._offers.start, self._offers.end
        self._taking = len(offers) > 1
        value = self.value[:start] + text + self.value[end:]
        self._offers = Offers(start, start + len(text), offers)
        with self.prevent():
            self.value = value
            self.cursor_position = start + len(text)
        self.call_after_refresh(self._took if len(offers) > 1 else self.offer)
        self.post_message(self.Offered(self, self._words()))

    def _took(self) -> None:
        self._taking = False

    def _words(self) -> Content:
        if not self.has_focus:
            return Content("")
        if not self._offers.offers:
            return Content("Words are searched in subjects, people, messages and notes; quotes hold a phrase together.")
        parts: list[Content] = []
        for number, offer in enumerate(self._offers.offers):
            here = number == max(self._taken, 0)
            shown = one_line(offer.text)
            parts.append(Content.styled(shown, "bold $accent" if here else ""))
            if here and offer.says:
                parts.append(Content.styled(f" {offer.says}", "$text-muted"))
            parts.append(Content("  "))
        return Content.assemble(("Tab ", "$text-muted"), *parts)
