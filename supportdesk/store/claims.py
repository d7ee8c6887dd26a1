"""What the back office keeps: claims of tickets, signs of life, and the list of calls to models."""

from __future__ import annotations

import json
from datetime import date, datetime

from sqlalchemy import Column, Connection, Index, Integer, Text, delete, func, insert, select, text, update
from sqlmodel import Field, SQLModel

from supportdesk.domain.calls import ModelCall, Worker
from supportdesk.errors import NotFound
from supportdesk.services.ports import Clock
from supportdesk.store import mapping
from supportdesk.store.engine import transaction
from supportdesk.store.sqlite import SqliteStore
from supportdesk.store.tables import table

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
_WORKER = table(WorkerRow)
_CALL = table(ModelCallRow)


class SqlClaims:
    """The `Claims` port on a store."""

    def __init__(self, store: SqliteStore, clock: Clock) -> None:
        """Work on this store."""
        self._store = store
        self._clock = clock

    def claim(self, worker: str, limit: int, milliseconds: int, finished: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Claim the most pressing tickets that want preparing and that nobody has; `finished` are given back."""
        boot, uptime = self._clock.boot()
        free = text(
            "SELECT id FROM ticket WHERE stale = 1 AND NOT EXISTS (SELECT 1 FROM preparing p"
            " WHERE p.ticket_id = ticket.id AND p.boot = :boot AND p.until > :uptime) ORDER BY press LIMIT :limit"
        )
        given = {"boot": boot, "uptime": uptime, "limit": limit}
        with self._store.read_connection() as connection:
            # Most looks find nothing: they cost no write.
            if not finished and connection.execute(free, given | {"limit": 1}).first() is None:
                return ()
        with transaction(self._store._engine, writes=True) as connection:
            if finished:
                mine = (_PREPARING.c.worker == worker) & _PREPARING.c.ticket_id.in_(finished)
                connection.execute(delete(_PREPARING).where(mine))
            ids = tuple(connection.execute(free, given).scalars())
            for ticket_id in ids:
                values = {"ticket_id": ticket_id, "worker": worker, "boot": boot, "until": uptime + milliseconds}
                connection.execute(delete(_PREPARING).where(_PREPARING.c.ticket_id == ticket_id))
                connection.execute(insert(_PREPARING).values(values))
        return ids

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


class SqlCalls:
    """The `Calls` port on a store."""

    def __init__(self, store: SqliteStore) -> None:
        """Work on this store."""
        self._store = store

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
        with transaction(self._store._engine, writes=True) as connection:
            if limit_tokens or limit_cost:
                used, cost = _spent(connection, at.date())
                if (limit_tokens and used >= limit_tokens) or (limit_cost and cost >= limit_cost):
                    return 0
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
            key = connection.execute(insert(_CALL).values(values)).inserted_primary_key
            return int(key[0]) if key else 0

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
        with transaction(self._store._engine, writes=True) as connection:
            connection.execute(update(_CALL).where(_CALL.c.id == call).values(values))

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
