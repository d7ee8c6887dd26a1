"""The first steps: look around, bring mail in, connect a mailbox, choose who prepares."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.base import DeskScreen
from screens.forms import Field, Form, FormDialog, Values
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.paint import one_line
from widgets.points import Point, PointList
from widgets.wording import count_words

if TYPE_CHECKING:
    from supportdesk.services.desk import Desk

STEPS = (
    Point(
        "Look around a sample desk",
        "1",
        "accent",
        "strong",
        detail="Sixty invented tickets of a bicycle shop, prepared and waiting. Nothing is kept, nothing leaves.",
        key="sample",
    ),
    Point(
        "Import a mailbox",
        "2",
        "accent",
        "strong",
        detail="An mbox file, a Maildir, .eml files or JSON Lines. Importing the same again adds nothing.",
        key="import",
    ),
    Point(
        "Connect a mailbox by IMAP",
        "3",
        "accent",
        "strong",
        detail="New mail becomes tickets by itself. The password is asked for by supportdesk key set, never here.",
        key="imap",
    ),
    Point(
        "Choose who prepares the tickets",
        "4",
        "accent",
        "strong",
        detail="The offline rules need nothing. A language model, on this machine or hosted, is one name.",
        key="model",
    ),
)


class WelcomeScreen(DeskScreen[None]):
    """Four ways to begin; each asks for what it needs and says what it will do."""

    PLACE: ClassVar[str] = "welcome"
    CSS_PATH = "welcome.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("welcome")
    AUTO_FOCUS = "PointList"

    def compose(self) -> ComposeResult:
        """Words, the list, the foot."""
        yield Static(Content.assemble(("supportdesk", "bold $accent"), "  How to begin"), id="welcome-head")
        yield Static(
            Content("AI prepares each ticket; you read, check and decide. Nothing leaves without your decision."),
            id="welcome-says",
        )
        yield PointList(STEPS, id="steps")
        yield FootLine()

    @on(PointList.Chosen)
    def _begin(self, event: PointList.Chosen) -> None:
        begin: dict[object, Callable[[], None]] = {
            "sample": lambda: self.app.exit("demo"),
            "import": self._import,
            "imap": self._imap,
            "model": self._model,
        }
        begin[event.point.key]()

    def _ask(self, form: Form, then: Callable[[Values], None]) -> None:
        def answered(values: dict[str, str] | None) -> None:
            if values is not None:
                then(values)

        self.app.push_screen(FormDialog(self.station, form), answered)

    def _import(self) -> None:
        form = Form(
            title="Import a mailbox",
            button="Import",
            fields=(Field("path", "Which file or folder", hint="~/Mail/inbox.mbox"),),
            will=lambda v: f"Reads {one_line(v['path'])} and makes a ticket of each matter. The file stays as it is.",
            wants=lambda v: "" if v["path"].strip() else "Still to say: a path.",
        )

        def bring(values: Values) -> None:
            self.carry_out(partial(self._bring, values["path"].strip()), group="import")

        self._ask(form, bring)

    async def _bring(self, path: str) -> None:
        self.say(f"Reading {one_line(path)}…", seconds=0)
        report = await self.station.clerk.act(lambda desk: desk.bring(path))
        self.say(
            f"{count_words(report.tickets, 'ticket')}, {count_words(report.messages, 'message')}, "
            f"{count_words(report.duplicates, 'duplicate')}, {report.set_aside} set aside. Preparing…",
            "done",
            seconds=0,
        )
        prepared = await self.station.clerk.post(_prepare)
        self.say(f"{count_words(prepared, 'ticket')} prepared. Esc shows the queue.", "done", seconds=0)

    def _imap(self) -> None:
        wanted = ("name", "host", "user")
        form = Form(
            title="Connect a mailbox by IMAP",
            button="Connect",
            fields=(
                Field("name", "What you call it", value="support"),
                Field("host", "IMAP server", hint="imap.example.com"),
                Field("user", "Login there", hint="support@example.com"),
                Field("folder", "Mailbox", value="INBOX"),
            ),
            will=lambda v: (
                f"Adds the channel {one_line(v['name'])} to your settings. Then, in a shell: "
                f"supportdesk key set {one_line(v['name'])}, and supportdesk channels test {one_line(v['name'])}."
            ),
            wants=lambda v: next((f"Still to say: the {n}." for n in wanted if not v[n].strip()), ""),
        )

        def connect(values: Values) -> None:
            given = {n: v.strip() for n, v in values.items()}

            def write() -> None:
                from supportdesk.settings_file import add_table

                assert self.station.keep is not None
                add_table(self.station.keep, "channels", {"kind": "imap", **given})

            name = given["name"]
            self._write(write, f"Kept. Now run: supportdesk key set {name}; supportdesk channels test {name}")

        self._ask(form, connect)

    def _model(self) -> None:
        form = Form(
            title="Choose who prepares the tickets",
            button="Keep",
            words="For a hosted model, supportdesk key set openai keeps the key; supportdesk doctor tries it.",
            fields=(Field("model", "Model", value="offline", hint="offline, ollama/llama3.1, openai/gpt-4.1-mini"),),
            will=lambda v: f"Tickets are prepared by {one_line(v['model'])} from the next start on.",
            wants=lambda v: "" if v["model"].strip() else "Still to say: a model, or offline.",
        )

        def keep(values: Values) -> None:
            def write() -> None:
                from supportdesk.settings_file import put

                assert self.station.keep is not None
                put(self.station.keep, "assistant.model", values["model"].strip())

            self._write(write, "Kept. supportdesk doctor makes one tiny call of it.")

        self._ask(form, keep)

    def _write(self, write: Callable[[], None], words: str) -> None:
        if self.station.keep is None:
            self.say("The sample desk writes no settings; leave it and open your own.", "refused")
            return

        async def kept() -> None:
            await self.station.clerk.aside(write)
            self.say(one_line(words), "done", seconds=0)

        self.carry_out(kept)

    def action_welcome_back(self) -> None:
        """To the queue."""
        self.dismiss(None)


def _prepare(desk: Desk) -> int:
    return sum(1 for _ in desk.preparing.run())
