"""The back office: prepares what changed and does its rounds; several may run at once."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

from supportdesk.domain.calls import Worker
from supportdesk.errors import DeskError
from supportdesk.services.ports.work import Abandoned, Claims
from supportdesk.services.preparation import Prepared, Preparing
from supportdesk.services.rounds import Done, Report, Round, Rounds

LEASE_MS = 30_000
"""How long a claim or a sign of life holds."""
REST_MS = 60_000
"""How long a ticket that could not be prepared waits for its next try."""
BEAT_SECONDS = 5.0
"""How often a worker gives one."""
LOOK_SECONDS = 1.0
"""How often an idle worker looks for something to do, at least."""
GLANCE_SECONDS = 0.2
"""How often it looks whether the store changed, or somebody waits for a ticket."""
SWITCH_SECONDS = 0.0005
"""How long a preparing thread may keep the interpreter from one that comes back from the store.

At Python's usual 5 ms every statement of a transaction waits so long, and every other writer with it.
"""
GRACE_SECONDS = 15.0
"""How long a worker that is to end goes on with what is under way."""


@dataclass(slots=True)
class _Turn:
    """What one run of the back office has done so far, and what it does now."""

    limit: int
    prepared: int = 0
    failed: int = 0
    sent: int = 0
    running: dict[Future[Done | None], int] = field(default_factory=dict)
    express: set[Future[Done | None]] = field(default_factory=set)
    finished: list[int] = field(default_factory=list)

    @property
    def room(self) -> int:
        """How many more may be begun."""
        return self.limit - self.prepared - self.failed - len(self.running) if self.limit else 1_000_000


class BackOffice:
    """One worker process. Several on one store share the work by claims."""

    def __init__(
        self,
        preparing: Preparing,
        claims: Claims,
        *,
        changed: Callable[[], int] = lambda: 0,
        rounds: Iterable[Round] = (),
        threads: int = 1,
        batch: int = 1,
        assistant: object = None,
        name: str = "",
    ) -> None:
        """`threads` tickets are prepared at a time, claimed `batch` at a time.

        `changed` tells whether the store has changed; an `assistant` may tell which models are unreachable, be made
        ready, and be told to give up.
        """
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self._preparing = preparing
        self._claims = claims
        self._changed = changed
        self._rounds = Rounds(rounds)
        self._threads = threads
        self._batch = min(batch, threads)
        self._assistant = assistant
        self._stop = threading.Event()
        self._over = threading.Event()
        self._nudge = threading.Event()
        self._state = "working"
        self._ready = False

    def stop(self) -> None:
        """Finish what is under way and return; safe in a signal handler."""
        self._stop.set()

    def waiting(self) -> int:
        """How many tickets wait to be prepared."""
        return self._preparing.waiting()

    def run(self, report: Report, *, once: bool = False, limit: int = 0) -> tuple[int, int, int]:
        """Work until stopped, or `once` until nothing waits, or until `limit` tickets.

        Returns how many tickets were prepared, how many failed, and how many replies were sent.
        """
        turn = _Turn(limit)
        telling = threading.Lock()

        def told(done: Done) -> None:
            with telling:
                turn.sent += done.sent
                report(done)

        usual = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._claims.beat(self._sign(turn), LEASE_MS)
        beating = threading.Thread(target=self._beat, args=(turn,), name="beat", daemon=True)
        beating.start()
        try:
            # One thread more than the tickets at a time: for the one somebody waits for.
            with ThreadPoolExecutor(self._threads + 1, thread_name_prefix="prepare") as pool:
                if once:
                    self._rounds.once(told)
                    self._prepare_all(pool, told, turn)
                    self._rounds.once(told)
                else:
                    self._rounds.start(told)
                    self._until_stopped(pool, told, turn)
        finally:
            sys.setswitchinterval(usual)
            self._stop.set()
            self._over.set()
            self._nudge.set()
            self._rounds.stop(BEAT_SECONDS)
            beating.join(BEAT_SECONDS * 2)
            self._claims.beat(self._sign(turn, "stopping"), 0)
        return turn.prepared, turn.failed, turn.sent

    def _until_stopped(self, pool: ThreadPoolExecutor, report: Report, turn: _Turn) -> None:
        while not self._stop.is_set() and turn.room > 0:
            seen = self._changed()
            self._prepare_all(pool, report, turn)
            self._now("paused" if self._claims.paused_by() else "idle")
            until = time.monotonic() + LOOK_SECONDS
            while not self._stop.is_set() and time.monotonic() < until and self._changed() == seen:
                self._stop.wait(GLANCE_SECONDS)

    def _prepare_all(self, pool: ThreadPoolExecutor, report: Report, turn: _Turn) -> None:
        """Prepare until nobody waits: tickets are claimed when threads are free, so the most pressing is next."""
        if not self._ready and self.waiting():
            _tell(self._assistant, "make_ready")
            # The tables stay: looking through them for garbage again and again would cost a tenth of the work.
            gc.collect()
            gc.freeze()
            self._ready = True
        while True:
            self._claim(pool, turn)
            if not turn.running:
                return
            self._now("working")
            done, _ = wait(turn.running, timeout=GLANCE_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                ticket_id = turn.running.pop(future)
                turn.express.discard(future)
                result = future.result()
                if result is None:
                    continue  # given up, and given back
                turn.failed += result.failed
                turn.prepared += not result.failed
                if not result.failed:
                    turn.finished.append(ticket_id)
                report(result)

    def _claim(self, pool: ThreadPoolExecutor, turn: _Turn) -> None:
        """Take as many tickets as threads are free, and one besides that somebody waits for."""
        if self._stop.is_set():
            self._give_back(turn)
            return
        free = min(self._threads - (len(turn.running) - len(turn.express)), turn.room)
        claimed: list[tuple[int, bool]] = []
        if free >= min(self._batch, turn.room) and free > 0:
            finished, turn.finished = tuple(turn.finished), []
            claimed += [(t, False) for t in self._claims.claim(self.name, free, LEASE_MS, finished)]
        elif not turn.express and turn.room > 0:
            claimed += [(t, True) for t in self._claims.claim(self.name, 1, LEASE_MS, wanted=True)]
        for ticket_id, express in claimed:
            future = pool.submit(self._one, ticket_id)
            turn.running[future] = ticket_id
            if express:
                turn.express.add(future)
        if not turn.running:
            self._give_back(turn)

    def _give_back(self, turn: _Turn) -> None:
        while turn.finished:
            self._claims.release(self.name, turn.finished.pop())

    def _one(self, ticket_id: int) -> Done | None:
        try:
            done = Done(ticket_id, _line(self._preparing.one(ticket_id)))
        except Abandoned:
            self._claims.release(self.name, ticket_id)
            return None
        except DeskError as why:
            done = Done(ticket_id, str(why), failed=True)
        except Exception as why:
            # One ticket nobody foresaw must not keep the others waiting; it stays unprepared and is named.
            done = Done(ticket_id, f"could not be prepared ({type(why).__name__}: {why})", failed=True)
        if done.failed:
            # It rests a while: at once again, it would only push in before the others.
            self._claims.release(self.name, ticket_id, REST_MS)
        return done

    def _now(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self._nudge.set()

    def _beat(self, turn: _Turn) -> None:
        """Signs of life, until all is done; what takes too long after the stop is given up."""
        stopped = 0.0
        while not self._over.is_set():
            self._nudge.wait(0.5 if self._stop.is_set() else BEAT_SECONDS)
            self._nudge.clear()
            if self._stop.is_set():
                stopped = stopped or time.monotonic()
                if time.monotonic() - stopped > GRACE_SECONDS:
                    _tell(self._assistant, "abandon")
            try:
                self._claims.extend(self.name, LEASE_MS)
                self._claims.beat(self._sign(turn), LEASE_MS)
            except DeskError:
                continue  # the store is busy: the next beat comes before the claim ends

    def _sign(self, turn: _Turn, state: str = "") -> Worker:
        away: tuple[tuple[str, datetime], ...] = _tell(self._assistant, "unreachable") or ()  # type: ignore[assignment]
        note = ", ".join(f"{model} unreachable since {since:%H:%M} UTC" for model, since in away)
        return Worker(self.name, state or self._state, note, turn.prepared, LEASE_MS)


def _tell(assistant: object, what: str) -> object:
    """Ask an assistant for something not every assistant can do."""
    call = getattr(assistant, what, None)
    return call() if call is not None else None


def _line(prepared: Prepared | None) -> str:
    if prepared is None:
        return "its thread moved on; it is prepared again"
    made = prepared.preparation
    note = f" ({made.provenance.note})" if made.provenance.note else ""
    flags = ", ".join(t.kind.value for t in made.triage.triggers) or "no flags"
    return f"{made.triage.path} · {flags} · {made.provenance.assistant} · {made.provenance.seconds:.1f} s{note}"
