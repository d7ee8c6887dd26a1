"""The store as the services see it: `read()` and `write()`, each one short transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, PoolProxiedConnection, select

from supportdesk.services.ports import Clock
from supportdesk.store.corrections import SqlCorrections
from supportdesk.store.decisions import SqlDecisions
from supportdesk.store.engine import make_engine, transaction, translated
from supportdesk.store.escalations import SqlEscalations
from supportdesk.store.exercises import SqlExercises
from supportdesk.store.exports import SqlExports
from supportdesk.store.feeds import SqlFeeds
from supportdesk.store.figures import SqlFigures
from supportdesk.store.habits import SqlHabits
from supportdesk.store.improvement import SqlImprovement
from supportdesk.store.knowledge import SqlKnowledge
from supportdesk.store.migrate import bring_up_to_date
from supportdesk.store.people import SqlPeople
from supportdesk.store.promises import SqlPromises
from supportdesk.store.records import SqlRecords
from supportdesk.store.reviews import SqlReviews
from supportdesk.store.tables import MetaRow, table
from supportdesk.store.themes import SqlThemes
from supportdesk.store.tickets import SqlTickets


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """One transaction's view of the store."""

    tickets: SqlTickets
    """Tickets and messages."""
    reviews: SqlReviews
    """Review state."""
    decisions: SqlDecisions
    """Decisions and outbox."""
    knowledge: SqlKnowledge
    """Articles."""
    people: SqlPeople
    """People."""
    records: SqlRecords
    """Audit chain, raw content, set-aside."""
    exports: SqlExports
    """Everything as it is kept."""
    feeds: SqlFeeds
    """How far each channel was read."""
    escalations: SqlEscalations
    """Escalations and their clocks."""
    figures: SqlFigures
    """Figures and the tickets behind them."""
    improvement: SqlImprovement
    """What the desk can learn from."""
    themes: SqlThemes
    """The register of themes."""
    promises: SqlPromises
    """The ledger of commitments."""
    habits: SqlHabits
    """How people review."""
    exercises: SqlExercises
    """Drafts with a planted fault."""
    corrections: SqlCorrections
    """What people say of the checks."""


class SqliteStore:
    """A desk in one SQLite file."""

    def __init__(self, file: Path, clock: Clock) -> None:
        """Open the store, making or upgrading it first. Raises StoreTrouble."""
        self._clock = clock
        self._engine = make_engine(file)
        bring_up_to_date(self._engine, file)
        self._readers = make_engine(file, reading=True)
        with self.read_connection() as connection:
            statement = select(table(MetaRow).c.value).where(table(MetaRow).c.name == "desk_id")
            self.desk_id: str = connection.execute(statement).scalar() or ""
        self._watch: PoolProxiedConnection | None = None

    @contextlib.contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """A consistent view; nothing can be written through it."""
        with self.read_connection() as connection:
            yield self._view(connection)

    @contextlib.contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """One write at a time; durable when the block ends, undone when it raises."""
        with transaction(self._engine, writes=True) as connection:
            view = self._view(connection)
            yield view
            view.records.seal(self._clock.now())

    @contextlib.contextmanager
    def read_connection(self) -> Iterator[Connection]:
        """A bare connection in a read transaction, for this package."""
        with transaction(self._readers, writes=False) as connection:
            yield connection

    def changed(self) -> int:
        """A number that differs when another connection has written since."""
        with translated():
            if self._watch is None:
                # A bare connection: SQLAlchemy resets others with pragmas the authoriser refuses.
                self._watch = self._readers.raw_connection()
            cursor = self._watch.cursor()
            try:
                cursor.execute("PRAGMA data_version")
                row = cursor.fetchone()
                return int(row[0]) if row is not None else 0
            finally:
                cursor.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._watch is not None:
            self._watch.close()
        self._readers.dispose()
        self._engine.dispose()

    def _view(self, connection: Connection) -> SqlTransaction:
        return SqlTransaction(
            SqlTickets(connection, self._clock),
            SqlReviews(connection, self._clock),
            SqlDecisions(connection, self._clock),
            SqlKnowledge(connection),
            SqlPeople(connection),
            SqlRecords(connection),
            SqlExports(connection, self._clock),
            SqlFeeds(connection),
            SqlEscalations(connection),
            SqlFigures(connection),
            SqlImprovement(connection),
            SqlThemes(connection),
            SqlPromises(connection),
            SqlHabits(connection),
            SqlExercises(connection),
            SqlCorrections(connection),
        )
