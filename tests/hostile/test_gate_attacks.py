"""Sending without a valid approval, every way we could think of, through the application's own connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile.gate_attacks import Forge, Held, Way, make_store
from hostile.gate_ways import SHAPE
from hostile.gate_ways_close import ATTACKS, HONEST

from supportdesk.store.engine import make_engine


@pytest.fixture
def forge(tmp_path: Path, clock) -> Iterator[Forge]:  # type: ignore[no-untyped-def]
    """A connection as the application has it, in a transaction that is undone."""
    file = tmp_path / "desk.db"
    make_store(file, clock)
    plain = sqlite3.connect(file)
    columns = Forge(plain).columns
    plain.close()
    engine = make_engine(file)
    raw = engine.raw_connection()
    connection = raw.driver_connection
    assert connection is not None
    forge = Forge.__new__(Forge)
    forge.connection, forge.columns = connection, columns
    yield forge
    raw.close()
    engine.dispose()


def test_there_are_many_ways_to_try() -> None:
    """A list that shrinks by accident proves nothing."""
    assert len({way.name for way in ATTACKS}) == len(ATTACKS)
    assert len(ATTACKS) + len(SHAPE) >= 200


def test_every_attack_is_refused(forge: Forge) -> None:
    """Each ends in a refusal by the database, and leaves nothing sent."""
    through = [way.name for way in ATTACKS if not refused(forge, way)]
    assert not through, through


def test_every_honest_way_stays_open(forge: Forge) -> None:
    """A gate that refuses everything would pass the attacks too."""
    stuck = [way.name for way in HONEST if refused(forge, way)]
    assert not stuck, stuck


@pytest.mark.parametrize(("name", "statement"), SHAPE)
def test_the_stores_shape_is_out_of_reach(forge: Forge, name: str, statement: str) -> None:
    """DDL, ATTACH and pragmas are denied by the connection itself."""
    with pytest.raises(
        sqlite3.DatabaseError, match=r"not authorized|prohibited|denied|no such function|may not be modified"
    ):
        forge.connection.execute(statement).fetchall()


def refused(forge: Forge, way: Way) -> bool:
    """Whether a way is refused; whatever it did is undone."""
    forge.connection.execute("BEGIN IMMEDIATE")
    try:
        way.run(forge)
    except (sqlite3.IntegrityError, Held):
        return True
    finally:
        forge.connection.rollback()
    return False
