"""The queue's named views: choosing one, keeping one, taking one away, counting what each shows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input
from textual.worker import Worker

from screens.queue_words import BUILT_IN, listed
from supportdesk.domain.query import parse_query
from supportdesk.errors import BadInput, DeskError
from widgets.paint import one_line
from widgets.queue_table import QueueTable
from widgets.views_list import MOST, ViewsList

if TYPE_CHECKING:
    from screens.base import DeskScreen

    Base = DeskScreen[None]
else:
    Base = object

EVERY = 5.0
"""Seconds between counts at least; where counting takes long, twenty times as long as it takes."""


class QueueViews(Base):
    """The queue screen's side list."""

    _counted = 0.0
    _counting_took = 0.0

    def list_views(self) -> None:
        """Show the views there are."""
        clerk = self.station.clerk
        queues = {q.name: q.title for q in clerk.desk.routing.queues.values()} if clerk.is_open else {}
        self.query_one(ViewsList).show(listed(self.station.views, queues))

    def count_views(self, *, soon: bool = False) -> None:
        """Count what each view shows, now and then."""
        if not self.is_attached or not self.station.clerk.is_open or not self.query_one(ViewsList).display:
            return
        if soon or time.monotonic() - self._counted > max(EVERY, 20 * self._counting_took):
            self._counted = time.monotonic()
            _: Worker[None] = self.run_worker(self._count, group="count", exclusive=True)

    async def _count(self) -> None:
        if not self.is_attached:
            return
        views = self.query_one(ViewsList)
        login = self.station.login
        counts: dict[str, int] = {}
        began = time.monotonic()
        for view in views.views:
            if view.heading:
                continue
            try:
                query = parse_query(view.typed, login)
                counts[view.typed] = await self.station.clerk.survey(
                    lambda desk, query=query: desk.queue.count(query, MOST)  # type: ignore[misc]
                )
            except DeskError:
                continue  # a filter nobody can read has no count; a busy store says so elsewhere
            if not self.is_attached:
                return
        self._counting_took = time.monotonic() - began
        views.count(counts)

    @on(ViewsList.Chosen)
    def _choose(self, event: ViewsList.Chosen) -> None:
        self.query_one("#filter", Input).value = event.view.typed
        self.query_one(QueueTable).focus()

    def action_queue_views(self) -> None:
        """To the views; back with the same key."""
        views = self.query_one(ViewsList)
        if views.has_focus:
            self.action_views_leave()
            return
        self.add_class("-views")
        views.focus()
        self.count_views(soon=True)

    def action_views_leave(self) -> None:
        """Back to the tickets."""
        self.remove_class("-views")
        self.query_one(QueueTable).focus()

    def action_queue_keep(self) -> None:
        """Give the filter a name."""
        from screens.forms import Field, Form, FormDialog

        typed = " ".join(self.query_one("#filter", Input).value.split())
        if not typed:
            self.say("There is no filter to keep: / types one.", "refused")
            return
        taken = {v.name.casefold() for v in BUILT_IN}
        form = Form(
            title="Keep this filter as a view",
            button="Keep",
            words=typed,
            fields=(Field("name", "What to call it", hint="Refunds nobody has"),),
            will=lambda v: (
                f"Keeps “{one_line(v['name'])}” among your views{'' if self.station.keep else ' till you leave'}."
            ),
            wants=lambda v: (
                "Still to say: a name."
                if not v["name"].strip()
                else "There is a view of that name; say another."
                if v["name"].strip().casefold() in taken
                else ""
            ),
        )

        def answered(values: dict[str, str] | None) -> None:
            if values is not None:
                self._keep_views({**self.station.views, values["name"].strip(): typed})

        self.app.push_screen(FormDialog(self.station, form), answered)

    @on(ViewsList.Removed)
    def _remove(self, event: ViewsList.Removed) -> None:
        if not event.view.own:
            self.say("This view comes with the desk; only your own can be taken away.", "refused")
            return
        self._keep_views({n: t for n, t in self.station.views.items() if n != event.view.name})

    def _keep_views(self, views: Mapping[str, str]) -> None:
        self.station.views = dict(views)
        self.list_views()
        self.count_views(soon=True)
        self.carry_out(partial(self._write_views, dict(views)))

    async def _write_views(self, views: dict[str, str]) -> None:
        file = self.station.keep
        if file is None:
            self.say("Kept till you leave: a sample desk writes no settings.", "done")
            return

        def write() -> None:
            from supportdesk.settings_file import put

            put(file, "workstation.views", views)

        try:
            await self.station.clerk.aside(write)
        except BadInput as error:
            self.say(str(error), "refused")
            return
        self.say(f"Kept in {one_line(str(file))}.", "done")
