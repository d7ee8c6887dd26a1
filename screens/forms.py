"""A dialog of a few fields that says what it will do before it does it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from screens.base import DeskDialog
from widgets.choice import Choice
from widgets.clean_input import CleanInput
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.paint import block
from widgets.points import PointList

if TYPE_CHECKING:
    from screens.station import Station

Values = Mapping[str, str]

LOW = 32
"""Rows under which a dialog is drawn tighter."""

STILL = 0.3
"""Seconds a new dialog does not take its own key: a key held down must not answer it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a form asks for."""

    name: str
    """Its name among the values."""
    label: str
    """What it asks."""
    options: tuple[tuple[str, str], ...] = ()
    """(value, words) pairs to choose from; empty for free words."""
    value: str = ""
    """What it starts with."""
    hint: str = ""
    """Shown in an empty field of free words."""
    when: Callable[[Values], bool] = lambda _: True
    """Whether it is asked, given the other values."""


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog's content."""

    title: str
    """What it is about."""
    button: str
    """What doing it is called."""
    words: str = ""
    """What to know before; lines stay lines."""
    fields: tuple[Field, ...] = ()
    """What it asks."""
    will: Callable[[Values], str] = lambda _: ""
    """What it will do with these values, in a sentence."""
    wants: Callable[[Values], str] = lambda _: ""
    """What is still missing; empty when it can be done."""


class FormDialog(DeskDialog[dict[str, str] | None]):
    """Fields, what will happen, and two buttons.

    Keys can come faster than they are taken in, over a slow line or from a practised hand: Enter moves the focus at
    once, so that what is typed after it goes into the next field, and a form is read only after all typed before.
    """

    ALSO: ClassVar[tuple[str, ...]] = ("form",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog"), *bindings("form")]

    def __init__(self, station: Station, form: Form) -> None:
        """Show this form."""
        super().__init__(station)
        self._form = form
        self._began = time.monotonic()
        self._room = 0

    def compose(self) -> ComposeResult:
        """Words, fields, consequence, buttons."""
        form = self._form
        with Vertical(id="dialog") as dialog:
            dialog.border_title = ""
            yield Static(Content(block(form.title)), id="dialog-title")
            with VerticalScroll(id="dialog-body", can_focus=False):
                if form.words:
                    yield Static(Content(block(form.words)), classes="dialog-words")
                for field in form.fields:
                    yield Static(Content(field.label), classes="dialog-label", id=f"label-{field.name}")
                    if field.options:
                        yield Choice(
                            field.options, value=field.value, id=f"field-{field.name}", classes="dialog-choice"
                        )
                    else:
                        yield CleanInput(
                            field.value, placeholder=field.hint, id=f"field-{field.name}", classes="dialog-field"
                        )
            yield Static("", id="dialog-will", classes="dialog-words")
            with Horizontal(id="dialog-buttons"):
                yield Button(Content(f"{form.button} ^s"), id="accept", variant="primary")
                yield Button(Content("Cancel Esc"), id="cancel")
        yield FootLine()

    def on_mount(self) -> None:
        """Stand on the first field, or on the button where there is none."""
        super().on_mount()
        self._update()
        fields = self._asked()
        (fields[0] if fields else self.query_one("#accept", Button)).focus()

    def on_resize(self) -> None:
        """The fields scroll where the terminal is low; what will happen and the buttons stay in sight."""
        self.set_class(self.app.size.height < LOW, "-low")
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Give the fields the lines that title, consequence and buttons leave."""
        dialog, body = self.query_one("#dialog"), self.query_one("#dialog-body")
        room = self.size.height - self.query_one(FootLine).outer_size.height
        most = int(room * (0.96 if self.has_class("-low") else 0.9))
        others = [child for child in dialog.children if child is not body and child.display]
        around = dialog.gutter.height + sum(c.outer_size.height + c.styles.margin.height for c in others)
        room = max(most - around, 3)
        dialog.scroll_to(0, 0, animate=False)
        if room != self._room:
            self._room = body.styles.max_height = room
            self.call_after_refresh(self._fit)  # what was measured may have been laid out for another size

    @property
    def values(self) -> dict[str, str]:
        """What the fields say now."""
        found: dict[str, str] = {}
        for field in self._form.fields:
            widget = self.query_one(f"#field-{field.name}")
            found[field.name] = widget.value if isinstance(widget, Choice | Input) else ""
        return found

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Bring what a field asks into sight with it."""
        name = (event.widget.id or "").removeprefix("field-")
        for label in self.query(f"#label-{name}"):
            self.query_one("#dialog-body", VerticalScroll).scroll_to_widget(label, animate=False, top=False)

    @on(Input.Changed)
    @on(PointList.Moved)
    def _update(self) -> None:
        values = self.values
        for field in self._form.fields:
            asked = field.when(values)
            self.query_one(f"#field-{field.name}").display = asked
            self.query_one(f"#label-{field.name}").display = asked
        wants = self._form.wants(values)
        will = "" if wants else self._form.will(values)
        line = self.query_one("#dialog-will", Static)
        line.display = bool(wants or will)
        if wants:
            line.update(Content.assemble(("· ", "bold $warning"), block(wants)))
        elif will:
            line.update(Content.assemble(("→ ", "bold $accent"), block(will)))
        self.call_after_refresh(self._fit)

    @on(PointList.Chosen)
    def action_form_next(self) -> None:
        """Enter goes on to the next field, and from the last one does it; on a button it presses that."""
        if isinstance(self.focused, Button):
            self.focused.press()
            return
        fields = self._asked()
        at = fields.index(self.focused) if self.focused in fields else len(fields) - 1
        if at + 1 < len(fields):
            self.set_focus(fields[at + 1])
        else:
            self.action_dialog_accept()

    def action_dialog_accept(self) -> None:
        """Do it, or say what is missing; what was typed before this key is taken in first."""
        (self.focused or self).call_later(self._accept_now)

    def _accept_now(self) -> None:
        if time.monotonic() - self._began < STILL or not self.is_active:
            return
        wants = self._form.wants(self.values)
        if wants:
            self.say(wants, "refused")
            return
        self.dismiss(self.values)

    def action_dialog_close(self) -> None:
        """Do nothing."""
        self.dismiss(None)

    @on(Button.Pressed, "#accept")
    def _accept(self) -> None:
        self.action_dialog_accept()

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    def _asked(self) -> list[Widget]:
        return [widget for field in self._form.fields if (widget := self.query_one(f"#field-{field.name}")).display]


def choices(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Reason codes as people read them."""
    return tuple((value, value.replace("_", " ")) for value in values)
