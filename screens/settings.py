"""Every setting with its value and what it means; Enter changes one, checked as it is typed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.base import DeskScreen
from screens.forms import Field, Form, FormDialog, Values
from supportdesk.errors import BadInput
from widgets.commands import bindings
from widgets.footline import FootLine
from widgets.paint import block, one_line
from widgets.points import Point, PointList

if TYPE_CHECKING:
    from supportdesk.settings_file import Setting


class SettingsScreen(DeskScreen[None]):
    """The settings file, table by table."""

    PLACE: ClassVar[str] = "settings"
    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("settings")
    AUTO_FOCUS = "PointList"

    def compose(self) -> ComposeResult:
        """Head, list, explanation, foot."""
        yield Static("", id="settings-head", markup=False)
        yield PointList(id="settings-list", empty="Reading the settings…")
        yield Static("", id="settings-says", markup=False)
        yield FootLine()

    def on_mount(self) -> None:
        """Read the file."""
        super().on_mount()
        self.carry_out(self._read)

    async def _read(self) -> None:
        file = self._file()

        def read() -> list[Setting]:
            from supportdesk.settings import load_settings
            from supportdesk.settings_file import listed

            return list(listed(load_settings(file)))

        found = await self.station.clerk.aside(read)
        points: list[Point] = []
        width = max(len(s.name) for s in found) + 1
        table = None
        for setting in found:
            if setting.table != table:
                table = setting.table
                points.append(Point(f"[{table}]" if table else "further tables", heading=True))
            points.append(
                Point(
                    setting.value or "–",
                    "*" if setting.changed else " ",
                    "accent",
                    text_look="" if setting.changed else "muted",
                    lead=setting.name,
                    lead_look="strong" if setting.changed else "",
                    lead_width=width,
                    key=setting.path,
                )
            )
        self._found = {s.path: s for s in found}
        self.query_one(PointList).show(points)
        changed = sum(s.changed for s in found)
        head = Content.assemble(
            ("Settings", "bold $accent"),
            f"  {one_line(str(file))}",
            (f"   * {changed} not at their default", "$text-muted"),
        )
        self.query_one("#settings-head", Static).update(head)
        self._explain()

    def _file(self) -> Path:
        from supportdesk.settings import settings_file

        return self.station.keep or settings_file()

    @on(PointList.Moved)
    def _explain(self) -> None:
        setting = self._current()
        if setting is None:
            return
        parts: list[tuple[str, str] | str] = [(f"{setting.path}  ", "bold"), block(setting.says)]
        if setting.choices:
            parts.append((f"\nOne of: {', '.join(setting.choices)}", "$text-muted"))
        parts.append((f"\nDefault: {setting.default or 'empty'}", "$text-muted"))
        self.query_one("#settings-says", Static).update(Content.assemble(*parts))

    def _current(self) -> Setting | None:
        point = self.query_one(PointList).current
        found: dict[str, Setting] = getattr(self, "_found", {})
        return found.get(str(point.key)) if point is not None else None

    @on(PointList.Chosen)
    def _change(self) -> None:
        setting = self._current()
        if setting is None:
            return
        if self.station.keep is None:
            self.say("The sample desk writes no settings; leave it and open your own.", "refused")
            return
        if not setting.plain:
            where = one_line(str(self._file()))
            self.say(
                f"{setting.path} takes more than a line: edit {where}, supportdesk config check looks at it.", "said"
            )
            return
        self.app.push_screen(FormDialog(self.station, self._form(setting)), partial(self._answered, setting))

    def _form(self, setting: Setting) -> Form:
        from supportdesk.settings_file import check

        file = self._file()

        def wants(values: Values) -> str:
            try:
                check(setting.path, values["value"], file)
            except BadInput as error:
                return str(error).removeprefix(f"{file}: ").removesuffix(" Nothing was changed.")
            return ""

        options = tuple((c, c) for c in setting.choices)
        return Form(
            title=setting.path,
            button="Keep",
            words=setting.says,
            fields=(Field("value", "Value", options, setting.value, hint=setting.default or "empty"),),
            will=lambda v: f"Writes {setting.path} = {one_line(v['value']) or 'empty'}; comments in the file stay.",
            wants=wants,
        )

    def _answered(self, setting: Setting, values: dict[str, str] | None) -> None:
        if values is not None:
            self.carry_out(partial(self._write, setting, values["value"]))

    async def _write(self, setting: Setting, typed: str) -> None:
        file = self._file()

        def write() -> None:
            from supportdesk.settings_file import meant, put

            put(file, setting.path, meant(setting.path, typed))

        await self.station.clerk.aside(write)
        await self._read()
        if setting.path == "workstation.theme" and typed in self.app.available_themes:
            self.app.theme = typed
            self.say("Kept.", "done")
        else:
            self.say("Kept; it counts from the next start of the workstation.", "done")

    def action_settings_reset(self) -> None:
        """Back to the default."""
        setting = self._current()
        if setting is None or self.station.keep is None or not setting.changed:
            self.say("This setting is at its default.", "refused")
            return
        self.carry_out(partial(self._reset, setting.path))

    async def _reset(self, path: str) -> None:
        file = self._file()

        def write() -> None:
            from supportdesk.settings_file import unset

            unset(file, path)

        await self.station.clerk.aside(write)
        await self._read()
        self.say(f"{path} is at its default again.", "done")

    def action_settings_back(self) -> None:
        """Back to where one was."""
        self.dismiss(None)
