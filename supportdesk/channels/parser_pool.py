"""Parsing mail in processes of its own, many at a time, in order: what kills one of them is set aside.

Batches keep the pipes and both cores busy; a mail that ends its process, by time or memory, is known by the
shared progress mark, becomes `Unreadable`, and what waited behind it goes to a fresh process.
"""

from __future__ import annotations

import os
import selectors
import time
from collections import deque
from collections.abc import Iterable, Iterator, Set
from types import TracebackType

from supportdesk.channels.limits import MEGABYTE, Limits
from supportdesk.channels.parser_process import Batch, Mail, ParserProcess, Slot
from supportdesk.domain.incoming import Incoming, Unreadable
from supportdesk.errors import ChannelTrouble

_BATCH_MAILS = 64
_BATCH_BYTES = 512 * 1024
_BYTES_UNDER_WAY = 24 * MEGABYTE
"""Mail in memory beyond which no more is read ahead."""
_WAITING_BATCHES = 2
"""Batches a process has at once: one it reads and one in the pipe."""
_GRACE_SECONDS = 2.0
"""Time beyond a mail's own before its process is ended from outside."""
_STARTS = 5
"""Processes that may die in a row without answering anything."""


class ParserPool:
    """A few parsing processes; use as a context manager, or close it."""

    def __init__(
        self, own_addresses: Set[str] = frozenset(), limits: Limits | None = None, processes: int | None = None
    ) -> None:
        """Nothing is started before the first mail.

        Args:
            own_addresses: The desk's addresses.
            limits: What one mail may use up.
            processes: How many to run; as many as there are processors, at most four, if None.
        """
        self.limits = limits or Limits()
        self._own = frozenset(address.casefold() for address in own_addresses)
        self._count = max(1, processes or min(4, _processors()))
        self._children: list[ParserProcess] = []
        self.position = 0
        """`done` of the last mail that was handed out."""

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes."""
        for child in self._children:
            child.stop()
        self._children.clear()

    def parse(self, mails: Iterable[Mail | tuple[Incoming, int]]) -> Iterator[Incoming]:
        """Read mails; results come in the order of the mails, those that are results already pass through.

        Raises:
            ChannelTrouble: No parsing process can be started.
        """
        run = _Run(self, iter(mails))
        try:
            while (slot := run.next()) is not None:
                self.position = slot.done
                assert slot.result is not None
                yield slot.result
        except BaseException:
            self.close()
            raise

    def spawn(self) -> ParserProcess:
        """Start one more process."""
        child = ParserProcess(self._own, self.limits)
        self._children.append(child)
        return child

    def replace(self, dead: ParserProcess) -> None:
        """Forget a process that ended."""
        dead.stop()
        self._children.remove(dead)

    @property
    def children(self) -> list[ParserProcess]:
        """The processes that run."""
        return self._children

    @property
    def wanted(self) -> int:
        """How many processes may run."""
        return self._count


class _Run:
    """One pass through some mails."""

    def __init__(self, pool: ParserPool, mails: Iterator[Mail | tuple[Incoming, int]]) -> None:
        self._pool = pool
        self._mails = mails
        self._order: deque[Slot] = deque()
        self._ready: deque[Batch] = deque()
        """Batches no process has yet."""
        self._bytes = 0
        self._exhausted = False
        self._deaths = 0

    def next(self) -> Slot | None:
        """The next slot with its result; None at the end."""
        while True:
            if self._order and self._order[0].result is not None:
                slot = self._order.popleft()
                self._bytes -= slot.size
                return slot
            self._feed()
            if not self._order:
                return None
            if self._order[0].result is None:
                self._pump()

    def _feed(self) -> None:
        """Give every process with room a batch."""
        while True:
            if not self._ready and not self._exhausted and not self._crowded():
                self._gather()
            if not self._ready:
                return
            child = self._free_child()
            if child is None:
                return
            child.give(self._ready.popleft())

    def _crowded(self) -> bool:
        """Whether enough is under way."""
        most = _BATCH_MAILS * (self._pool.wanted + 1) * _WAITING_BATCHES
        return len(self._order) > most or self._bytes > _BYTES_UNDER_WAY

    def _free_child(self) -> ParserProcess | None:
        children = self._pool.children
        free = min(children, key=lambda c: len(c.batches), default=None)
        if free is not None and not free.batches:
            return free
        if len(children) < self._pool.wanted:
            return self._pool.spawn()
        return free if free is not None and len(free.batches) < _WAITING_BATCHES else None

    def _gather(self) -> None:
        """Make the next batch."""
        batch = Batch()
        for item in self._mails:
            if isinstance(item, Mail):
                slot = Slot(item, None, item.done, len(item.raw))
                self._bytes += slot.size
                if len(item.raw) > self._pool.limits.message_bytes:
                    slot = Slot(None, _too_large(item, self._pool.limits), item.done, slot.size)
                else:
                    batch.slots.append(slot)
                    batch.size += len(item.raw)
            else:
                slot = Slot(None, item[0], item[1])
            self._order.append(slot)
            if len(batch.slots) >= _BATCH_MAILS or batch.size >= _BATCH_BYTES or self._crowded():
                break
        else:
            self._exhausted = True
        if batch.slots:
            self._ready.append(batch)

    def _pump(self) -> None:
        """Wait until some process answers, dies or takes too long."""
        with selectors.DefaultSelector() as selector:
            for child in self._pool.children:
                if child.batches:
                    selector.register(child.outlet, selectors.EVENT_READ, (child, False))
                    if child.pending:
                        selector.register(child.inlet, selectors.EVENT_WRITE, (child, True))
            events = selector.select(max(0.0, self._deadline() - time.monotonic()))
        for key, _ in events:
            child, writing = key.data
            if child in self._pool.children:
                alive = child.push() if writing else child.pull()
                if not alive:
                    self._bury(child, "Reading it ended the process that read it.")
        now = time.monotonic()
        for child in list(self._pool.children):
            if child.batches and now > child.since + self._pool.limits.seconds + _GRACE_SECONDS:
                self._bury(child, f"Reading it takes longer than {self._pool.limits.seconds:g} seconds.")

    def _deadline(self) -> float:
        since = min((c.since for c in self._pool.children if c.batches), default=time.monotonic())
        return since + self._pool.limits.seconds + _GRACE_SECONDS + 0.01

    def _bury(self, child: ParserProcess, reason: str) -> None:
        """Replace a dead process: the mail it was reading is set aside, what waited behind it is read again."""
        guilty = child.reading()
        self._pool.replace(child)
        self._deaths = 0 if child.answered or guilty is not None else self._deaths + 1
        if self._deaths > _STARTS:
            raise ChannelTrouble("Mail cannot be read: the process that reads it does not start.")
        for number, batch in enumerate(child.batches):
            left = batch.slots[batch.answered :]
            if number == 0 and guilty is not None and batch.answered <= guilty < len(batch.slots):
                slot = batch.slots[guilty]
                assert slot.mail is not None
                slot.result = Unreadable(slot.mail.source, slot.mail.raw, reason)
                left = [s for s in left if s is not slot]
            if left:
                self._ready.append(Batch(left, sum(len(s.mail.raw) for s in left if s.mail)))


def _too_large(mail: Mail, limits: Limits) -> Unreadable:
    size = len(mail.raw) / MEGABYTE
    return Unreadable(
        mail.source, mail.raw, f"It is {size:,.0f} MB, above the limit of {limits.message_bytes / MEGABYTE:,.0f} MB."
    )


def _processors() -> int:
    """Processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
