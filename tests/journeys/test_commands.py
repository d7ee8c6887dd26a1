"""The catalogue of commands, and long threads."""

from __future__ import annotations

import json
from pathlib import Path

from seats import seated

from screens.base import DeskDialog
from screens.escalations import EscalationsScreen
from screens.forms import FormDialog
from screens.improvement import ImprovementScreen
from screens.lead import LeadScreen
from screens.monitoring import MonitoringScreen
from screens.promises import PromisesScreen
from screens.queue import QueueScreen
from screens.review import ReviewScreen
from screens.settings import SettingsScreen
from screens.welcome import WelcomeScreen
from supportdesk.app import DeskApp
from supportdesk.channels.sources import open_source
from supportdesk.services.desk import Desk
from widgets.catalogue import CATALOGUE
from widgets.checklist import Checklist
from widgets.choice import Choice
from widgets.commands import key_table, unknown_keys
from widgets.draft_editor import DraftEditor
from widgets.filter_line import FilterInput
from widgets.findings import FindingsList
from widgets.points import PointList
from widgets.prepared import PreparedList
from widgets.queue_table import QueueTable
from widgets.thread_view import ThreadView
from widgets.views_list import ViewsList

HOMES = {
    "app": (DeskApp,),
    "queue": (QueueScreen,),
    "review": (ReviewScreen,),
    "list": (QueueTable, PointList, ThreadView, DraftEditor),
    "thread": (ThreadView,),
    "editor": (DraftEditor,),
    "points": (PointList,),
    "prepared": (PreparedList,),
    "findings": (FindingsList,),
    "checklist": (Checklist,),
    "choice": (Choice,),
    "form": (FormDialog,),
    "views": (ViewsList,),
    "filter": (FilterInput,),
    "settings": (SettingsScreen,),
    "welcome": (WelcomeScreen,),
    "lead": (LeadScreen,),
    "escalations": (EscalationsScreen,),
    "monitoring": (MonitoringScreen,),
    "improvement": (ImprovementScreen,),
    "promises": (PromisesScreen,),
}

ABOVE = {"views": (QueueScreen,), "filter": (QueueScreen,)}
"""Who does what a place leaves to what it stands in."""


def test_every_command_can_be_done_where_it_is_bound() -> None:
    """A key that nobody answers is swallowed without a word; there is none."""
    dialogs = DeskDialog.__subclasses__()
    assert dialogs
    for command in CATALOGUE:
        homes = dialogs if command.place == "dialog" else HOMES[command.place]
        above = ABOVE.get(command.place, ())
        missing = [
            home.__name__ for home in homes if not any(hasattr(x, f"action_{command.action}") for x in (home, *above))
        ]
        assert not missing, f"{command.id} cannot be done by {missing}"


def test_no_two_commands_of_a_place_share_a_key() -> None:
    """One key, one meaning, wherever one stands."""
    for place in {command.place for command in CATALOGUE}:
        keys = [key for c in CATALOGUE if c.place == place for key in c.keys.split(",") if key]
        assert len(keys) == len(set(keys)), place


def test_no_printable_key_is_bound_to_a_decision() -> None:
    """Decisions are on keys a letter cannot press."""
    for command in CATALOGUE:
        if command.group == "Deciding" and command.place == "review":
            assert all(len(key) > 1 for key in command.keys.split(",")), command.id


def test_the_key_table_names_every_command() -> None:
    """The README's table is whole; a name that is none is told apart."""
    table = key_table()
    assert all(f"`{command.id}`" in table for command in CATALOGUE)
    assert unknown_keys({"review.approve": "f9", "review.nonsense": "x"}) == ("review.nonsense",)


async def test_a_persons_own_keys_work(desk: Desk) -> None:
    """`[workstation.keys]` moves a command to another key."""
    async with seated(desk, "ana", keys={"app.help": "f8"}) as seat:
        await seat.press("f8")
        assert seat.screen == "HelpDialog"


async def test_a_mail_of_a_hundred_thousand_lines_can_be_read(desk: Desk, tmp_path: Path) -> None:
    """It opens folded, unfolds whole, and its last line can be reached."""
    text = "\n".join(f"line {number}" for number in range(100_000))
    message = {"from": "customer", "text": text, "at": "2026-03-12T08:00:00+00:00", "email": "a@example.com"}
    ticket = {"id": "long", "channel": "mail", "subject": "Long", "messages": [message]}
    file = tmp_path / "long.jsonl"
    file.write_text(json.dumps(ticket))
    with open_source(file) as source:
        desk.intake.take(source)
    async with seated(desk, "ana") as seat:
        await seat.press("enter")
        await seat.until("line 0")
        await seat.press("G")
        assert "more lines" in seat.text
        await seat.press("f")
        await seat.quiet(60)
        await seat.press("G")
        await seat.until("line 99999")
