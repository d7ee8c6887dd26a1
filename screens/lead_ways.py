"""The ways from the queue to the lead's screens and between them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

    from screens.lead import LeadScreen
    from screens.station import Station

    Base = App[None]
else:
    Base = object

SCREENS = {
    "escalations": ("screens.escalations", "EscalationsScreen"),
    "monitoring": ("screens.monitoring", "MonitoringScreen"),
    "improvement": ("screens.improvement", "ImprovementScreen"),
    "promises": ("screens.promises", "PromisesScreen"),
    "readiness": ("screens.readiness", "ReadinessScreen"),
}
"""Where each of them lives; imported when it is first asked for."""


class LeadWays(Base):
    """The app's actions that open a lead's screen."""

    station: Station

    def action_lead_escalations(self) -> None:
        """What waits for somebody's decision."""
        self._to("escalations")

    def action_lead_monitoring(self) -> None:
        """How the desk is doing."""
        self._to("monitoring")

    def action_lead_improvement(self) -> None:
        """What the desk learns from its work."""
        self._to("improvement")

    def action_lead_promises(self) -> None:
        """What the desk has promised."""
        self._to("promises")

    def action_lead_readiness(self) -> None:
        """Whether the desk may be relied on."""
        self._to("readiness")

    def action_lead_exercise(self) -> None:
        """A draft with a planted fault."""
        from screens.base import DeskScreen
        from screens.exercise import ExerciseDialog

        here = self.screen
        if not self.station.clerk.is_open or not isinstance(here, DeskScreen):
            return
        login = self.station.login

        async def show() -> None:
            exercise = await self.station.clerk.act(lambda desk: desk.exercises.show(login))
            self.push_screen(ExerciseDialog(self.station, exercise))

        here.carry_out(show)

    def _to(self, name: str) -> None:
        from screens.base import DeskScreen
        from screens.lead import LeadScreen
        from screens.queue import QueueScreen

        here = self.screen
        if not self.station.clerk.is_open or not isinstance(here, QueueScreen | LeadScreen):
            if isinstance(here, DeskScreen):
                here.say("Go back to the queue first: Esc.", "refused")
            return
        module, kind = SCREENS[name]
        wanted: type[LeadScreen] = getattr(import_module(module), kind)
        if isinstance(here, wanted):
            return
        new = wanted(self.station)
        if isinstance(here, LeadScreen):
            self.switch_screen(new)
        else:
            self.push_screen(new)
