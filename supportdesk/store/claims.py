"""What the back office keeps: claims of tickets, signs of life, and the list of calls to models."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Connection, Index, Integer, Text, bindparam, delete, func, insert, select, text, update
from sqlmodel import Field, SQLModel

from supportdesk.domain.calls import ModelCall, Worker
from supportdesk.errors import NotFound
from supportdesk.services.ports import Clock
from supportdesk.store import mapping
from supportdesk.store.engine import transaction
from supportdesk.store.sqlite import SqliteStore
from supportdesk.store.tables import add, table

_STRICT = {"sqlite_strict": True}
_KEPT = 200_000  # characters of one call's text that are kept


class PreparingRow(SQLModel, table=True):
    """Who prepares a ticket now. Ends by itself, by the boot clock."""

    __tablename__ = "preparing"
    __table_args__ = _STRICT
    ticket_id: int = Field(sa_column=Column(Integer, primary_key=True))
    worker: str = Field(default="", sa_column=Column(Text, nullable=False))
    boot: str = Field(default="", sa_column=Column(Text, nullable=False))
    until: int = Field(default=0, sa_column=Column(Integer, nullable=False))


class WantedRow(SQLModel, table=True):
    """A ticket somebody has in front of them and waits for."""

    __tablename__ = "wanted"
    __table_args__ = _STRICT
    ticket_id: int = Field(sa_column=Column(Integer, primary_key=True))


class PauseRow(SQLModel, table=True):
    """That nothing is to be prepared for now, and who said so; at most one row."""

    __tablename__ = "pause"
    __table_args__ = _STRICT
    id: int = Field(default=1, sa_column=Column(Integer, primary_key=True))
    by: str = Field(default="", sa_column=Column(Text, nullable=False))


class WorkerRow(SQLModel, table=True):
    """A back office process. Counts as gone when its time ends, by the boot clock."""

    __tablename__ = "worker"
    __table_args__ = _STRICT
    name: str = Field(sa_column=Column(Text, primary_key=True))
    boot: str = Field(default="", sa_column=Column(Text, nullable=False))
    until: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    state: str = Field(default="", sa_column=Column(Text, nullable=False))
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    done: int = Field(default=0, sa_column=Column(Integer, nullable=False))


class ModelCallRow(SQLModel, table=True):
    """One call of a model: written before it is made, finished when it is answered. Cost in millionths of a dollar."""

    __tablename__ = "model_call"
    __table_args__ = (Index("model_call_by_day", "day", "tokens", "cost"), _STRICT)
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    at: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    day: str = Field(default="", sa_column=Column(Text, nullable=False))
    model: str = Field(default="", sa_column=Column(Text, nullable=False))
    prompts: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    sent: str = Field(default="", sa_column=Column(Text, nullable=False))
    answer: str = Field(default="", sa_column=Column(Text, nullable=False))
    outcome: str = Field(default="begun", sa_column=Column(Text, nullable=False))
    tokens: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    cost: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    milliseconds: int = Field(default=0, sa_column=Column(Integer, nullable=False))


_PREPARING = table(PreparingRow)
_WANTED = table(WantedRow)
_PAUSE = table(PauseRow)
_WORKER = table(WorkerRow)
_CALL = table(ModelCallRow)
_SAID = ("answer", "outcome", "cost", "milliseconds")
_ENDED = update(_CALL).where(_CALL.c.id == bindparam("which")).values({name: bindparam(name) for name in _SAID})
_COUNTED = _ENDED.values(tokens=bindparam("tokens"))


_FREE = text(
    "SELECT id FROM ticket WHERE stale = 1 AND NOT EXISTS (SELECT 1 FROM preparing p"
    " WHERE p.ticket_id = ticket.id AND p.boot = :boot AND p.until > :uptime) ORDER BY press LIMIT :limit"
)
# Whoever waits in front of a ticket need not wait for one that rests after a failure.
_FREE_WANTED = text(
    "SELECT ticket.id FROM wanted JOIN ticket ON ticket.id = wanted.ticket_id WHERE stale = 1 AND NOT EXISTS"
    " (SELECT 1 FROM preparing p WHERE p.ticket_id = ticket.id AND p.boot = :boot AND p.until > :uptime"
    " AND p.worker <> '') ORDER BY press LIMIT :limit"
)


class SqlClaims:
    """The `Claims` port on a store."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        """Work on this store."""
        self._store = store
        self._clock = clock

    def claim(
        self, worker: str, limit: int, milliseconds: int, finished: tuple[int, ...] = (), *, wanted: bool = False
    ) -> tuple[int, ...]:
        """Claim the most pressing tickets that want preparing and that nobody has; `finished` are given back.

        Those somebody waits for come first; with `wanted`, only those.
        """
        boot, uptime = self._clock.boot()
        given = {"boot": boot, "uptime": uptime, "limit": limit}
        with self._store.read_connection() as connection:
            # Most looks find nothing: they cost no write.
            if not finished and not self._free(connection, given | {"limit": 1}, wanted=wanted):
                return ()
        with transaction(self._store._engine, writes=True) as connection:
            if finished:
                mine = (_PREPARING.c.worker == worker) & _PREPARING.c.ticket_id.in_(finished)
                connection.execute(delete(_PREPARING).where(mine))
            ids = self._free(connection, given, wanted=wanted)
            if ids:
                rows = [{"ticket_id": t, "worker": worker, "boot": boot, "until": uptime + milliseconds} for t in ids]
                connection.execute(delete(_PREPARING).where(_PREPARING.c.ticket_id.in_(ids)))
                connection.execute(insert(_PREPARING), rows)
            connection.execute(text("DELETE FROM wanted WHERE ticket_id IN (SELECT ticket_id FROM preparing)"))
        return ids

    def _free(self, connection: Connection, given: dict[str, object], *, wanted: bool) -> tuple[int, ...]:
        """Tickets that want preparing and that nobody has, those somebody waits for first."""
        if connection.execute(text("SELECT 1 FROM pause LIMIT 1")).first() is not None:
            return ()
        urgent = tuple(connection.execute(_FREE_WANTED, given).scalars())
        limit = int(str(given["limit"])) - len(urgent)
        if wanted or limit <= 0:
            return urgent
        more = connection.execute(_FREE, given | {"limit": limit + len(urgent)}).scalars()
        return (*urgent, *[ticket for ticket in more if ticket not in urgent][:limit])

    def want(self, ticket_id: int) -> None:
        """Somebody has a ticket in front of them and waits for it: it is claimed before all others."""
        with transaction(self._store._engine, writes=True) as connection:
            connection.execute(delete(_WANTED).where(_WANTED.c.ticket_id == ticket_id))
            connection.execute(insert(_WANTED).values(ticket_id=ticket_id))

    def pause(self, by: str) -> None:
        """Prepare nothing from now on; an empty name ends the pause."""
        with transaction(self._store._engine, writes=True) as connection:
            connection.execute(delete(_PAUSE))
            if by:
                connection.execute(insert(_PAUSE).values(id=1, by=by))

    def paused_by(self) -> str:
        """Who paused the preparing; empty when nobody did."""
        with self._store.read_connection() as connection:
            return str(connection.execute(select(_PAUSE.c.by)).scalar() or "")

    def extend(self, worker: str, milliseconds: int) -> None:
        """A sign of life: all of a worker's claims hold for another while."""
        boot, uptime = self._clock.boot()
        with transaction(self._store._engine, writes=True) as connection:
            mine = (_PREPARING.c.worker == worker) & (_PREPARING.c.boot == boot)
            connection.execute(update(_PREPARING).where(mine).values(until=uptime + milliseconds))

    def release(self, worker: str, ticket_id: int, rest: int = 0) -> None:
        """Give a claim back; with `rest`, nobody gets the ticket for so many milliseconds."""
        boot, uptime = self._clock.boot()
        mine = (_PREPARING.c.worker == worker) & (_PREPARING.c.ticket_id == ticket_id)
        with transaction(self._store._engine, writes=True) as connection:
            if rest:
                resting = {"worker": "", "boot": boot, "until": uptime + rest}
                connection.execute(update(_PREPARING).where(mine).values(resting))
            else:
                connection.execute(delete(_PREPARING).where(mine))

    def beat(self, worker: Worker, milliseconds: int) -> None:
        """Say that a worker lives and what it does; 0 takes it off the list and frees its claims."""
        boot, uptime = self._clock.boot()
        with transaction(self._store._engine, writes=True) as connection:
            gone = (_WORKER.c.name == worker.name) | (_WORKER.c.boot != boot) | (_WORKER.c.until <= uptime)
            connection.execute(delete(_WORKER).where(gone))
            if milliseconds <= 0:
                connection.execute(delete(_PREPARING).where(_PREPARING.c.worker == worker.name))
                return
            values = {"name": worker.name, "state": worker.state, "note": worker.note, "done": worker.done}
            connection.execute(insert(_WORKER).values(**values, boot=boot, until=uptime + milliseconds))

    def workers(self) -> tuple[Worker, ...]:
        """Workers that live."""
        boot, uptime = self._clock.boot()
        alive = (_WORKER.c.boot == boot) & (_WORKER.c.until > uptime)
        with self._store.read_connection() as connection:
            rows = connection.execute(select(_WORKER).where(alive).order_by(_WORKER.c.name)).mappings()
            return tuple(Worker(r["name"], r["state"], r["note"], r["done"], r["until"] - uptime) for r in rows)


@dataclass(slots=True)
class _Entry:
    """One thing to write into the list of calls, and what came of it."""

    write: Callable[[Connection], int]
    done: bool = False
    result: int = 0
    error: BaseException | None = None


class SqlCalls:
    """The `Calls` port on a store. What several threads write at a time becomes one transaction."""

    def __init__(self, store: SqliteStore) -> None:
        """Work on this store."""
        self._store = store
        self._waiting: list[_Entry] = []
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def begin(
        self,
        model: str,
        prompts: tuple[str, ...],
        sent: str,
        tokens: int,
        at: datetime,
        limit_tokens: int,
        limit_cost: float,
    ) -> int:
        """Write a call down before it is made; 0 when the day's budget is spent."""
        values = {
            "at": mapping.milliseconds(at),
            "day": at.date().isoformat(),
            "model": model,
            "prompts": json.dumps(prompts),
            "sent": mapping.storable(sent[:_KEPT]),
            "answer": "",
            "outcome": "begun",
            "tokens": tokens,
            "cost": 0,
            "milliseconds": 0,
        }

        def write(connection: Connection) -> int:
            if limit_tokens or limit_cost:
                used, cost = _spent(connection, at.date())
                if (limit_tokens and used >= limit_tokens) or (limit_cost and cost >= limit_cost):
                    return 0
            return add(connection, _CALL, values)

        return self._written(write)

    def end(self, call: int, *, answer: str, outcome: str, tokens: int | None, cost: float, seconds: float) -> None:
        """Write down what became of a call; `tokens` None leaves the estimate."""
        values: dict[str, object] = {
            "answer": mapping.storable(answer[:_KEPT]),
            "outcome": mapping.storable(outcome[:500]),
            "cost": round(cost * 1_000_000),
            "milliseconds": round(seconds * 1000),
        }
        if tokens is not None:
            values["tokens"] = tokens

        def write(connection: Connection) -> int:
            return connection.execute(_ENDED if tokens is None else _COUNTED, {"which": call, **values}).rowcount

        self._written(write)

    def _written(self, write: Callable[[Connection], int]) -> int:
        """Write, together with whatever else waits to be written: a commit takes as long for many as for one."""
        mine = _Entry(write)
        with self._lock:
            self._waiting.append(mine)
        with self._turn:
            if not mine.done:
                with self._lock:
                    batch, self._waiting = self._waiting, []
                self._write(batch)
        if mine.error is not None:
            raise mine.error
        return mine.result

    def _write(self, batch: list[_Entry]) -> None:
        try:
            with transaction(self._store._engine, writes=True) as connection:
                for entry in batch:
                    entry.result = entry.write(connection)
        except Exception as error:
            for entry in batch:
                entry.error = error
        finally:
            for entry in batch:
                entry.done = True

    def get(self, call: int) -> ModelCall:
        """One call. Raises NotFound."""
        with self._store.read_connection() as connection:
            row = connection.execute(select(_CALL).where(_CALL.c.id == call)).mappings().first()
        if row is None:
            raise NotFound(f"There is no call {call}.")
        at = mapping.moment(row["at"])
        assert at is not None
        return ModelCall(
            id=row["id"],
            at=at,
            model=row["model"],
            prompts=tuple(json.loads(row["prompts"])),
            sent=row["sent"],
            answer=row["answer"],
            outcome=row["outcome"],
            tokens=row["tokens"],
            cost=row["cost"] / 1_000_000,
            seconds=row["milliseconds"] / 1000,
        )

    def spent(self, day: date) -> tuple[int, float]:
        """Tokens and US dollars of a UTC day."""
        with self._store.read_connection() as connection:
            return _spent(connection, day)


def _spent(connection: Connection, day: date) -> tuple[int, float]:
    sums = select(func.coalesce(func.sum(_CALL.c.tokens), 0), func.coalesce(func.sum(_CALL.c.cost), 0))
    tokens, cost = connection.execute(sums.where(_CALL.c.day == day.isoformat())).one()
    return int(tokens), int(cost) / 1_000_000
