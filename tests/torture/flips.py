"""Single bits turned round in a store's file: what changes content is found; and how fast a look through is."""

from __future__ import annotations

import hashlib
import random
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.domain.case import Answer, Revision
from supportdesk.domain.findings import Examination
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.thread import Address
from supportdesk.domain.words import AnswerValue, Author
from supportdesk.services.clock import SystemClock
from supportdesk.services.ports import NewTicket
from supportdesk.settings import Settings
from supportdesk.store.chain import COVERED
from supportdesk.store.verify import verify

_WORDS = (
    "Hello,\n\nI was charged twice for order {number} on 3 March, and nobody answered my first mail. Could you look "
    "into it, please? My customer number is {number}.\n\nKind regards\nAnna Wolf\n"
)


def filled_store(file: Path, tickets: int) -> None:
    """A desk with so many tickets, each written to, drafted, read and answered: about eleven records each."""
    clock = SystemClock()
    desk = open_desk(file, Settings(), login="lea", clock=clock)
    for start in range(0, tickets, 1000):
        with desk.store.write() as tx:
            for number in range(start, min(start + 1000, tickets)):
                sender = Address(f"anna{number}@example.com", "Anna Wolf")
                ticket = tx.tickets.add(NewTicket("Charged twice", sender.email, sender.name, "mail"), clock.now())
                words = _WORDS.format(number=number)
                message = tx.tickets.add_message(
                    ticket, IncomingMessage(Author.CUSTOMER, words, sender=sender, raw=words.encode()), clock.now()
                )
                assert message is not None
                tx.records.append("desk", "message", ticket, {"from": "customer"}, clock.now())
                draft = Revision(0, words, "Charged twice", "lea", 1, to=(sender.email,))
                kept = tx.reviews.add_revision(ticket, draft, Examination(), clock.now())
                tx.records.append("lea", "edited", ticket, {"revision": kept.id}, clock.now())
                tx.reviews.see(ticket, "lea", [message.id], clock.now())
                tx.records.append("lea", "saw", ticket, {"messages": [message.id]}, clock.now())
                for item in ("thread", "facts"):
                    answer = Answer(item, AnswerValue.CONFIRMED, "lea", kept.id, 1)
                    tx.reviews.add_answer(ticket, answer, clock.now())
                    tx.records.append("lea", "answered", ticket, {"item": item}, clock.now())
    desk.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def look_through(file: Path, tickets: int, times: int = 3) -> dict[str, float]:
    """Records a second of the best of some looks, and SHA-256 over as many bytes as the file has, for the ratio."""
    filled_store(file, tickets)
    whole = file.read_bytes()
    best = work = plain = float("inf")
    for _ in range(times):
        began, busy = time.perf_counter(), time.process_time()
        found = verify(file)
        best, work = min(best, time.perf_counter() - began), min(work, time.process_time() - busy)
        assert found.differences == (), found.differences
        began = time.perf_counter()
        hashlib.sha256(whole).hexdigest()
        plain = min(plain, time.perf_counter() - began)
    records = found.links + found.rows
    return {
        "records": records,
        "records_per_s": round(records / best),
        "records_per_cpu_s": round(records / work),
        "seconds": round(best, 3),
        "megabytes": round(len(whole) / 1e6, 1),
        "sha256_of_the_file_takes": round(plain / best, 3),
    }


def flips(file: Path, count: int, tickets: int = 40, seed: int = 6) -> dict[str, object]:
    """Turn single bits of stored content, one a look; every one must be found."""
    filled_store(file, tickets)
    assert verify(file).differences == ()
    whole = file.read_bytes()
    places = sorted({place for start, length in _contents(file, whole) for place in range(start, start + length)})
    chance = random.Random(seed)
    copy = file.with_name("flipped.db")
    missed, idle, said = [], 0, _says(file)
    for _ in range(count):
        place, bit = chance.choice(places), chance.randrange(8)
        flipped = bytearray(whole)
        flipped[place] ^= 1 << bit
        copy.write_bytes(flipped)
        if not verify(copy).differences:
            missed.append((place, bit))
            idle += _says(copy) == said
    return {
        "flips": count,
        "bytes_of_content": len(places),
        "found": count - len(missed),
        "changed_no_content": idle,
        "missed": len(missed) - idle,
    }


def _says(file: Path) -> list[object]:
    """All that kept rows say; a compressed file has a few bits that say nothing."""
    with closing(sqlite3.connect(file)) as connection:
        rows = [connection.execute(f"SELECT * FROM {name}").fetchall() for name in (*COVERED, "audit")]
        kept = [(sha, zlib.decompress(body)) for sha, body in connection.execute("SELECT sha256, body FROM raw")]
    return [*rows, kept]


def _contents(file: Path, whole: bytes) -> Iterator[tuple[int, int]]:
    """Where the values of kept rows lie in the file; the search index repeats them and can be made anew."""
    index = _pages_of_index(file)
    size = int.from_bytes(whole[16:18], "big")
    with closing(sqlite3.connect(file)) as connection:
        for name in (*COVERED, "audit", "raw"):
            for row in connection.execute(f"SELECT * FROM {name}"):
                for value in row:
                    content = value.encode() if isinstance(value, str) else value
                    if not isinstance(content, bytes) or len(content) < 8:
                        continue
                    at = whole.find(content)
                    while at >= 0:
                        if at // size + 1 not in index:
                            yield at, len(content)
                        at = whole.find(content, at + 1)


def _pages_of_index(file: Path) -> set[int]:
    """Pages of tables and indexes that only repeat what kept rows hold."""
    kept = {*COVERED, "audit", "raw"}
    with closing(sqlite3.connect(file)) as connection:
        try:
            rows = connection.execute("SELECT name, pageno FROM dbstat").fetchall()
        except sqlite3.OperationalError:
            return set()
    return {page for name, page in rows if name not in kept}
