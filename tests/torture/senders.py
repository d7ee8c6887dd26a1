"""Senders killed at any moment while they hand mails to a real mail server."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from torture.forks import forked

from supportdesk.bootstrap import open_desk
from supportdesk.domain.decision import Decision
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import AnswerValue, Author, DecisionKind, OutboxState
from supportdesk.services.desk import Desk
from supportdesk.settings import DeliverySettings, DeskSettings, Settings
from supportdesk.store import engine
from supportdesk.store.verify import verify

_SERVER = """
import re, sys, time
sys.path.insert(0, sys.argv[1])
from servers import Post, smtp
log = open(sys.argv[2], "ab", buffering=0)
class Logging(Post):
    async def handle_DATA(self, server, session, envelope):
        found = re.search(rb"(?im)^message-id: *<([^>]+)>", envelope.original_content)
        log.write(found.group(1) + b"\\n")
        return "250 kept"
with smtp(Logging()) as port:
    print(port, flush=True)
    sys.stdin.read()
"""
_WORDS = "Hello,\n\nthank you for your message.\n\nKind regards"
_BATCH = 30


@contextlib.contextmanager
def mail_server(log: Path) -> Iterator[int]:
    """A mail server in a process of its own that writes down what it took before it says yes."""
    tests = str(Path(__file__).resolve().parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, tests, str(log)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.communicate()


def settings_for(port: int) -> Settings:
    """A desk that sends through this server at once."""
    delivery = DeliverySettings(kind="smtp", host="127.0.0.1", port=port, security="none", recall_seconds=0)
    return Settings(desk=DeskSettings(name="Shop", address="help@shop.example"), delivery=delivery)


def approve(desk: Desk, first: int, count: int) -> None:
    """Some tickets, each with an approved reply."""
    for number in range(first, first + count):
        sender = Address(f"anna{number}@example.com", "Anna")
        message = IncomingMessage(Author.CUSTOMER, f"Thank you! {number}", sender=sender, sent_at=desk.clock.now())
        desk.intake.take([IncomingTicket(f"t{number}", "Thanks", sender, (message,))])
        with desk.store.read() as tx:
            ticket = tx.tickets.last_id()
        desk.review.take(ticket, "lea")
        desk.review.see(ticket, "lea", [0])
        case = desk.review.edit(ticket, "lea", _WORDS)
        for item in case.items:
            desk.review.answer(ticket, "lea", item, AnswerValue.CONFIRMED)
        desk.review.decide(ticket, "lea", Decision(DecisionKind.APPROVE))


def sender_kills(folder: Path, kills: int, seed: int = 6) -> dict[str, object]:
    """Kill senders at random moments; hold what the server took against what the desk says."""
    file, log = folder / "desk.db", folder / "taken.log"
    log.touch()
    chance = random.Random(seed)
    with mail_server(log) as port:
        settings = settings_for(port)
        made = done = 0
        while done < kills:
            made += _refill(file, settings, made, min(_BATCH, kills))
            # Each batch is used up by forks, so that no kill waits for a program to start.
            while done < kills and _waiting(file, settings):
                for _ in range(min(5, kills - done)):
                    _kill_one(file, settings, chance.random() * 0.4)
                    done += 1
        desk = open_desk(file, settings, login="lea")
        while desk.sending.entries([OutboxState.QUEUED, OutboxState.CLAIMED]):
            desk.sending.send_due(now_too=True)
        entries = desk.sending.entries()
        desk.close()
    taken = Counter(log.read_text().split())
    state = {entry.message_id: entry.state for entry in entries}
    unclear = [m for m, s in state.items() if s is OutboxState.UNCERTAIN]
    return {
        "kills": done,
        "mails": len(entries),
        "sent": sum(s is OutboxState.SENT for s in state.values()),
        "unclear_and_listed": len(unclear),
        "of_these_taken_by_the_server": sum(m in taken for m in unclear),
        "duplicates": sum(n - 1 for n in taken.values()),
        "silently_lost": sum(s is OutboxState.SENT and m not in taken for m, s in state.items()),
        "taken_but_neither_sent_nor_listed": sum(
            state.get(m) not in (OutboxState.SENT, OutboxState.UNCERTAIN) for m in taken
        ),
        "other_states": sum(s not in (OutboxState.SENT, OutboxState.UNCERTAIN) for s in state.values()),
        "torn": len(verify(file).differences),
    }


def _refill(file: Path, settings: Settings, made: int, count: int) -> int:
    def fill() -> None:
        # Only the setting up: a killed process loses nothing the system has, and no power fails here.
        engine._PRAGMAS = tuple(p.replace("=FULL", "=OFF") for p in engine._PRAGMAS)
        desk = open_desk(file, settings, login="lea")
        approve(desk, made, count)
        desk.close()

    assert os.waitpid(forked(fill), 0)[1] == 0
    return count


def _waiting(file: Path, settings: Settings) -> bool:
    def look() -> None:
        desk = open_desk(file, settings, login="lea")
        if not desk.sending.entries([OutboxState.QUEUED, OutboxState.CLAIMED]):
            os._exit(3)

    return os.waitpid(forked(look), 0)[1] == 0


def _kill_one(file: Path, settings: Settings, after: float) -> None:
    """Let a sender work for so long, then kill it."""
    reading, writing = os.pipe()

    def send() -> None:
        desk = open_desk(file, settings, login="lea")
        os.write(writing, b"r")
        while True:
            desk.sending.send_due(now_too=True)

    process = forked(send)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    time.sleep(after)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
