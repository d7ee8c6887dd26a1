"""The review's panes: one or all in sight, wider, taller, in another order."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.containers import Horizontal

from screens.review_acts import ReviewActs
from supportdesk.domain.case import Case
from widgets.checklist import Checklist
from widgets.heads import PaneTabs

WIDE = 120
"""Columns from which all panes stand beside each other."""

PANES = ("thread", "prepared", "draft", "findings", "checklist")
TABS = {"thread": "thread", "prepared": "prepared", "draft": "draft", "findings": "draft", "checklist": "checks"}
COLUMNS = {"thread": "thread", "prepared": "prepared", "draft": "right", "findings": "right", "checklist": "right"}

LEAST, MOST, STEP = 4, 30, 2
"""Shares of the width a column can have, and what a key adds or takes."""


class ReviewPanes(ReviewActs):
    """Which pane is where; what is in it is its subclasses' matter."""

    PANE_CLASSES: ClassVar[tuple[str, ...]] = tuple(f"-on-{tab}" for tab in dict.fromkeys(TABS.values()))

    _pane = "thread"
    _zoomed = False

    def show_frame(self, case: Case) -> None:
        """Draw titles, tabs, banner and decisions."""
        raise NotImplementedError

    def stop_editing(self) -> None:
        """Only read the draft again."""
        raise NotImplementedError

    @property
    def one_pane(self) -> bool:
        """Whether only one pane is in sight."""
        return self._zoomed or self.app.size.width < WIDE

    def lay_out_panes(self) -> None:
        """Put the panes where they belong at this size."""
        one = self.one_pane
        self.set_class(one, "-one")
        tab = TABS[self._pane]
        for each in dict.fromkeys(TABS.values()):
            self.set_class(one and each == tab, f"-on-{each}")
        layout = self.station.panes
        for name, share in layout.shares.items():
            styles = self.query_one(f"#{name}").styles
            if one:
                styles.clear_rule("width")
            else:
                styles.width = f"{share}fr"
        for name, lines in layout.lines.items():
            styles = self.query_one(f"#{name}").styles
            if one:
                styles.clear_rule("max_height")
            else:
                styles.max_height = lines
        panes = self.query_one("#panes", Horizontal)
        if [child.id for child in panes.children] != layout.order:
            for name in layout.order:
                panes.move_child(self.query_one(f"#{name}"), after=-1)
        if self.case is not None:
            self.show_frame(self.case)

    def show_pane(self, pane: str) -> None:
        """Bring a pane into sight and put the focus there."""
        if TABS[pane] != TABS[self._pane] and not (pane == "findings" and self._pane == "checklist"):
            self._pane = pane
            self.lay_out_panes()
        self._pane = pane
        self.query_one(f"#{pane}").focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The pane with the focus is the one in sight."""
        if event.widget.id in PANES and event.widget.id != self._pane:
            self.show_pane(event.widget.id)

    @on(PaneTabs.Picked)
    def _tab_picked(self, event: PaneTabs.Picked) -> None:
        self.show_pane("checklist" if event.key == "checks" else event.key)

    def action_review_next_pane(self) -> None:
        """To the next pane."""
        self._step_pane(1)

    def action_review_previous_pane(self) -> None:
        """To the pane before."""
        self._step_pane(-1)

    def _step_pane(self, way: int) -> None:
        self.stop_editing()
        column = {name: [p for p in PANES if COLUMNS[p] == name] for name in self.station.panes.order}
        every = [*(pane for name in self.station.panes.order for pane in column[name]), "decisions"]
        here = self.focused.id if self.focused is not None and self.focused.id in every else self._pane
        target = every[(every.index(here or "thread") + way) % len(every)]
        if target == "decisions":
            self.query_one("#decisions").focus()
        else:
            self.show_pane(target)

    def action_review_checklist(self) -> None:
        """To the first item that is not confirmed."""
        self.stop_editing()
        self.show_pane("checklist")
        self.query_one(Checklist).to_first_open()

    def action_review_zoom(self) -> None:
        """This pane alone, or all of them."""
        if self._all_in_sight(zoomed_too=True):
            self._zoomed = not self._zoomed
            self.lay_out_panes()

    def action_review_wider(self) -> None:
        """More columns."""
        self._widen(STEP)

    def action_review_narrower(self) -> None:
        """Fewer columns."""
        self._widen(-STEP)

    def _widen(self, by: int) -> None:
        if not self._all_in_sight():
            return
        shares = self.station.panes.shares
        column = COLUMNS[self._pane]
        share = min(max(shares[column] + by, LEAST), MOST)
        if share == shares[column]:
            self.say(f"This pane is as {'wide' if by > 0 else 'narrow'} as it goes.", "refused", seconds=4)
            return
        shares[column] = share
        self.lay_out_panes()

    def action_review_taller(self) -> None:
        """More lines."""
        self._heighten(2)

    def action_review_lower(self) -> None:
        """Fewer lines."""
        self._heighten(-2)

    def _heighten(self, by: int) -> None:
        """The draft has what the checks and the checklist leave: it grows when the checks shrink."""
        if not self._all_in_sight():
            return
        if COLUMNS[self._pane] != "right":
            self.say("Only the panes of the right column can be made taller or lower.", "refused", seconds=4)
            return
        name, by = (self._pane, by) if self._pane != "draft" else ("findings", -by)
        height = self.query_one("#right").size.height
        lines = self.station.panes.lines
        now = min(lines.get(name, self.query_one(f"#{name}").outer_size.height), height)
        wanted = now + by
        if not 3 <= wanted <= height - 9:
            self.say("There is no more room for that.", "refused", seconds=4)
            return
        lines[name] = wanted
        self.lay_out_panes()

    def action_review_swap(self) -> None:
        """This column and the one to its right change places."""
        if not self._all_in_sight():
            return
        order = self.station.panes.order
        here = order.index(COLUMNS[self._pane])
        there = (here + 1) % len(order)
        order[here], order[there] = order[there], order[here]
        self.lay_out_panes()

    def _all_in_sight(self, *, zoomed_too: bool = False) -> bool:
        """Whether all panes are in sight, or could be; says what is in the way."""
        width = self.app.size.width
        if width < WIDE:
            self.say(f"All panes need {WIDE} columns; this terminal has {width}. Tab changes panes.", "refused")
            return False
        if self._zoomed and not zoomed_too:
            self.say("This pane stands alone; z brings the others back.", "refused")
            return False
        return True
