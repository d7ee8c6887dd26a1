"""The one tree of errors a person can meet.

    DeskError
    ├── BadInput            a file, line or argument that cannot be used
    │   ├── NotFound        an unknown ticket, article, person, set-aside item
    │   └── BadSettings     a settings file or value that cannot be used
    ├── Refused             the gate or a rule of the desk says no; carries the blockers
    ├── Stale               somebody else changed it meanwhile; look again
    ├── StoreTrouble        the store is locked, read-only, full, damaged or from a newer version
    ├── ChannelTrouble      a mailbox, server or folder does not do what it should
    └── AssistantTrouble    a model cannot be reached or answers nonsense

Each message is one sentence: what happened, what was kept, what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supportdesk.domain.gate import Blocker


class DeskError(Exception):
    """Something a person can understand and act on; printed without a traceback."""

    exit_status = 1


class BadInput(DeskError):
    """A file, line or argument that cannot be used."""

    exit_status = 2


class NotFound(BadInput):
    """Nothing here has that name or number."""


class BadSettings(BadInput):
    """A settings file or value that cannot be used."""


class Refused(DeskError):
    """A decision that may not be made now; `blockers` says all that stands in the way."""

    def __init__(self, words: str, blockers: Sequence[Blocker] = ()) -> None:
        """Keep the sentence and what stands in the way."""
        super().__init__(words)
        self.blockers = tuple(blockers)


class Stale(DeskError):
    """Somebody else changed it meanwhile."""


class StoreTrouble(DeskError):
    """The store is locked, read-only, full, damaged or from a newer version."""


class ChannelTrouble(DeskError):
    """A mailbox, server or folder does not do what it should."""


class AssistantTrouble(DeskError):
    """A model cannot be reached or answers nonsense."""
