"""A whole desk, opened: every service a front end needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from supportdesk.domain.people import Person
from supportdesk.domain.routing import Routing
from supportdesk.services.articles import Articles
from supportdesk.services.bulk import Bulk
from supportdesk.services.corrections import Corrections
from supportdesk.services.delivery import Sending
from supportdesk.services.escalation import Escalations
from supportdesk.services.exercises import Exercises
from supportdesk.services.habits import Reviewing
from supportdesk.services.improvement import Improvement
from supportdesk.services.intake import Intake, IntakeReport
from supportdesk.services.knowledge import KnowledgeBase
from supportdesk.services.monitoring import Monitoring
from supportdesk.services.office import Office
from supportdesk.services.people import Staff
from supportdesk.services.ports import Clock, Store
from supportdesk.services.preparation import Preparing
from supportdesk.services.promises import Promises
from supportdesk.services.queue import Queue
from supportdesk.services.readiness import Readiness
from supportdesk.services.redrafting import Redrafting
from supportdesk.services.review import Review
from supportdesk.services.themes import Themes
from supportdesk.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """The services of one opened store."""

    store: Store
    """The store they share."""
    clock: Clock
    """The clocks they share."""
    settings: Settings
    """What the person has set."""
    routing: Routing
    """Categories, queues and rules."""
    person: Person
    """Who is at the keyboard."""
    queue: Queue
    """What waits."""
    review: Review
    """One ticket's way through the gate."""
    bulk: Bulk
    """The same for many tickets."""
    intake: Intake
    """Messages in."""
    preparing: Preparing
    """Summary, triage and draft."""
    sending: Sending
    """Approved replies out."""
    knowledge: KnowledgeBase
    """Articles."""
    staff: Staff
    """Who works here."""
    escalations: Escalations
    """What waits for somebody else's decision."""
    monitoring: Monitoring
    """How the desk is doing."""
    improvement: Improvement
    """What it can learn from its work."""
    readiness: Readiness
    """Whether the desk may be relied on."""
    themes: Themes
    """Repeated questions and wrong routes, from the proposal to the effect."""
    articles: Articles
    """Articles from a draft to the knowledge base."""
    promises: Promises
    """What was promised, and whether it was kept."""
    reviewing: Reviewing
    """How people review, and how much waits for them."""
    exercises: Exercises
    """Drafts with a planted fault."""
    corrections: Corrections
    """What people say of the checks."""
    redrafting: Redrafting
    """New drafts on request."""
    office: Office
    """The back office, seen from outside."""
    file: Path
    """Where the store lies."""
    bring: Callable[[str], IntakeReport]
    """Import a file or folder, as `supportdesk import` does. Raises BadInput."""
    close: Callable[[], None]
    """Let go of the store."""

    @property
    def login(self) -> str:
        """Login of who is at the keyboard."""
        return self.person.login
