"""The back office: prepares what changed, sends what is due, wakes what was paused; several may run at once."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Protocol

from supportdesk.domain.calls import Worker
from supportdesk.domain.case import Case
from supportdesk.domain.evidence import Article
from supportdesk.domain.preparation import Draft, Provenance, Triage
from supportdesk.domain.thread import Thread
from supportdesk.errors import AssistantTrouble, DeskError
from supportdesk.rules.check import examine
from supportdesk.services.cases import articles_for, first_revision, sources_of
from supportdesk.services.delivery import Sending, Sent
from supportdesk.services.ports import Store
from supportdesk.services.ports.work import Claims
from supportdesk.services.preparation import Prepared, Preparing
from supportdesk.services.queue import Queue
from supportdesk.services.review import Review

LEASE_MS = 30_000
"""How long a claim or a sign of life holds."""
REST_MS = 60_000
"""How long a ticket that could not be prepared waits for its next try."""
BEAT_SECONDS = 5.0
"""How often a worker gives one."""
LOOK_SECONDS = 1.0
"""How often an idle worker looks for something to do."""


class Redrafter(Protocol):
    """An assistant that can write a draft anew."""

    def redraft(
        self, thread: Thread, articles: tuple[Article, ...], draft: str, instruction: str, found: Triage
    ) -> tuple[Draft, Provenance]:
        """The new draft and how it was made. Raises AssistantTrouble."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """One thing the back office did."""

    ticket_id: int
    """Which ticket."""
    words: str
    """What happened, in one line."""
    failed: bool = False
    """Whether it went wrong."""


@dataclass(slots=True)
class _Turn:
    """What one run of the back office has done so far."""

    prepared: int = 0
    failed: int = 0
    sent: int = 0


class BackOffice:
    """One worker process. Several on one store share the work by claims."""

    def __init__(
        self,
        queue: Queue,
        preparing: Preparing,
        sending: Sending,
        claims: Claims,
        *,
        threads: int = 1,
        unreachable: Callable[[], tuple[str, ...]] = tuple,
        name: str = "",
    ) -> None:
        """`threads` tickets are prepared at a time; `unreachable` names models that do not answer."""
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self._queue = queue
        self._preparing = preparing
        self._sending = sending
        self._claims = claims
        self._threads = threads
        self._unreachable = unreachable
        self._stop = threading.Event()

    def stop(self) -> None:
        """Finish what is under way and return; safe in a signal handler."""
        self._stop.set()

    def waiting(self) -> int:
        """How many tickets wait to be prepared."""
        return self._preparing.waiting()

    def run(self, report: Callable[[Done], None], *, once: bool = False, limit: int = 0) -> tuple[int, int, int]:
        """Work until stopped, or `once` until nothing waits, or until `limit` tickets.

        Returns how many tickets were prepared, how many failed, and how many replies were sent.
        """
        turn = _Turn()
        beating = threading.Thread(target=self._beat, args=(turn,), name="beat", daemon=True)
        self._claims.beat(self._sign("working", turn), LEASE_MS)
        beating.start()
        try:
            with ThreadPoolExecutor(self._threads, thread_name_prefix="prepare") as pool:
                while not self._stop.is_set():
                    turn.sent += self._housekeeping(report)
                    found = self._prepare_all(pool, report, turn, limit)
                    if once or (limit and turn.prepared + turn.failed >= limit):
                        break
                    if not found:
                        self._stop.wait(LOOK_SECONDS)
        finally:
            self._stop.set()
            beating.join(BEAT_SECONDS * 2)
            self._claims.beat(self._sign("stopping", turn), 0)
        return turn.prepared, turn.failed, turn.sent

    def _housekeeping(self, report: Callable[[Done], None]) -> int:
        """Wake paused tickets and send due replies; trouble with either never stops preparing."""
        sent: list[Sent] = []

        def told(one: Sent) -> None:
            sent.append(one)
            report(Done(one.entry.ticket_id, one.words, failed=one.state != "sent"))

        try:
            self._queue.wake()
            self._sending.send_due(progress=told)
        except DeskError as why:
            report(Done(0, str(why), failed=True))
        return len(sent)

    def _prepare_all(self, pool: ThreadPoolExecutor, report: Callable[[Done], None], turn: _Turn, limit: int) -> int:
        """Prepare until nobody waits: a ticket is claimed only when a thread is free, so the most pressing is next."""
        begun = 0
        running: set[Future[Done]] = set()
        finished: list[int] = []
        while True:
            free = self._threads - len(running)
            room = min(free, limit - turn.prepared - turn.failed - len(running)) if limit else free
            claimed: tuple[int, ...] = ()
            if room > 0 and not self._stop.is_set():
                claimed = self._claims.claim(self.name, room, LEASE_MS, tuple(finished))
                finished.clear()
            for ticket_id in claimed:
                running.add(pool.submit(self._one, ticket_id))
            begun += len(claimed)
            if not running:
                for ticket_id in finished:
                    self._claims.release(self.name, ticket_id)
                return begun
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                turn.failed += result.failed
                turn.prepared += not result.failed
                report(result)
                if not result.failed:
                    finished.append(result.ticket_id)

    def _one(self, ticket_id: int) -> Done:
        try:
            done = Done(ticket_id, _line(self._preparing.one(ticket_id)))
        except DeskError as why:
            done = Done(ticket_id, str(why), failed=True)
        except Exception as why:
            # One ticket nobody foresaw must not keep the others waiting; it stays unprepared and is named.
            done = Done(ticket_id, f"could not be prepared ({type(why).__name__}: {why})", failed=True)
        if done.failed:
            # It rests a while: at once again, it would only push in before the others.
            self._claims.release(self.name, ticket_id, REST_MS)
        return done

    def _beat(self, turn: _Turn) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            state = "working" if self._preparing.waiting() else "idle"
            try:
                self._claims.extend(self.name, LEASE_MS)
                self._claims.beat(self._sign(state, turn), LEASE_MS)
            except DeskError:
                continue  # the store is busy: the next beat comes before the claim ends

    def _sign(self, state: str, turn: _Turn) -> Worker:
        away = self._unreachable()
        note = f"{', '.join(away)} cannot be reached" if away else ""
        return Worker(self.name, state, note, turn.prepared, LEASE_MS)


class Redrafting:
    """A draft written anew as a reviewer asks; their own words are kept as the revision before it."""

    def __init__(self, store: Store, review: Review, assistant: object) -> None:
        """Ask this assistant, where it can redraft."""
        self._store = store
        self._review = review
        self._assistant = assistant

    def propose(self, ticket_id: int, login: str, instruction: str) -> tuple[Draft, Provenance, Case]:
        """A new draft for comparing, nothing kept; with the case as it would be examined.

        Raises AssistantTrouble when no model can write it.
        """
        redraft = getattr(self._assistant, "redraft", None)
        if redraft is None:
            raise AssistantTrouble("The offline assistant cannot redraft; set assistant.model to use a model.")
        case = self._review.open(ticket_id, login)
        with self._store.read() as tx:
            articles = articles_for(tx, case.thread)
        if case.preparation is None:
            raise AssistantTrouble(f"{case.ticket.ref} is not prepared yet; nothing was changed.")
        words = case.revision.text if case.revision is not None else ""
        draft, made = redraft(case.thread, articles, words, instruction, case.preparation.triage)
        revision = replace(case.revision or first_revision(case), text=draft.text, citations=draft.citations)
        case = replace(case, revision=revision, articles=articles)
        return draft, made, replace(case, examination=examine(draft.text, sources_of(case)))

    def redraft(self, ticket_id: int, login: str, instruction: str) -> Case:
        """A new draft, kept as the next revision; the reviewer must have the ticket."""
        draft, _, _ = self.propose(ticket_id, login, instruction)
        return self._review.edit(ticket_id, login, draft.text)


def _line(prepared: Prepared | None) -> str:
    if prepared is None:
        return "its thread moved on; it is prepared again"
    made = prepared.preparation
    note = f" ({made.provenance.note})" if made.provenance.note else ""
    flags = ", ".join(t.kind.value for t in made.triage.triggers) or "no flags"
    return f"{made.triage.path} · {flags} · {made.provenance.assistant} · {made.provenance.seconds:.1f} s{note}"
