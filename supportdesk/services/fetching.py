"""Messages from the channels the settings name: once, or as they come; each haul and its place in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from supportdesk.errors import DeskError, NotFound
from supportdesk.services.intake import Intake, IntakeReport
from supportdesk.services.ports import Clock, Store
from supportdesk.services.ports.feeds import Feed, Haul
from supportdesk.services.rounds import Done, Report, Round

Progress = Callable[[IntakeReport], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one channel brought."""

    name: str
    """Which channel."""
    report: IntakeReport
    """What became of it."""
    trouble: str = ""
    """Why it brought no more; empty when all went well."""


class Fetching:
    """The desk's channels."""

    def __init__(self, store: Store, clock: Clock, intake: Intake, feeds: Mapping[str, Callable[[], Feed]]) -> None:
        """Work on this store; a channel is opened when it is first asked."""
        self._store = store
        self._clock = clock
        self._intake = intake
        self._feeds = feeds

    @property
    def names(self) -> tuple[str, ...]:
        """The channels, in the settings' order."""
        return tuple(self._feeds)

    def feed(self, name: str) -> Feed:
        """A channel. Raises NotFound, and BadSettings for one that cannot be."""
        if name not in self._feeds:
            there = f"there are {', '.join(self._feeds)}" if self._feeds else "the settings name none"
            raise NotFound(f"There is no channel “{name}”; {there}.")
        return self._feeds[name]()

    def once(self, name: str, stop: threading.Event, progress: Progress | None = None) -> Fetched:
        """Take in what a channel has now; trouble on the way is told, and what came before it is kept."""
        total = IntakeReport()
        try:
            feed = self.feed(name)
            for haul in feed.fetch(self._position(name), stop):
                total += self._keep(name, haul)
                if progress is not None:
                    progress(total)
        except DeskError as trouble:
            return Fetched(name, total, str(trouble))
        return Fetched(name, total)

    def watch(
        self, name: str, stop: threading.Event, on_trouble: Callable[[DeskError], None]
    ) -> Iterator[IntakeReport]:
        """Take in what a channel brings until `stop` is set; what each haul did."""
        for haul in self.feed(name).watch(self._position(name), stop, on_trouble):
            yield self._keep(name, haul)

    def last(self) -> Mapping[str, int]:
        """When each channel last brought something, in milliseconds since 1970."""
        with self._store.read() as tx:
            return tx.feeds.all()

    def _position(self, name: str) -> str:
        with self._store.read() as tx:
            return tx.feeds.get(name)

    def _keep(self, name: str, haul: Haul) -> IntakeReport:
        """A haul and where to go on: both or neither."""
        with self._store.write() as tx:
            report = self._intake.take_in(tx, list(haul.items))
            tx.feeds.keep(name, haul.position, round(self._clock.now().timestamp() * 1000))
        return report


def rounds_of(fetching: Fetching) -> tuple[Round, ...]:
    """Watching each channel, as rounds of the back office."""
    return tuple(_round(fetching, name) for name in fetching.names)


def _round(fetching: Fetching, name: str) -> Round:
    stop = threading.Event()
    told: list[str] = []

    def watch(report: Report) -> None:
        def trouble(what: DeskError) -> None:
            # A server that is away is tried again and again; the log need not say so each time.
            if told != [str(what)]:
                told[:] = [str(what)]
                report(Done(0, f"channel {name}: {what}", failed=True))

        for found in fetching.watch(name, stop, trouble):
            told.clear()
            if found.messages or found.set_aside:
                report(Done(0, f"channel {name}: {_words(found)}"))

    def once(report: Report) -> None:
        found = fetching.once(name, stop)
        if found.report.messages or found.report.set_aside:
            report(Done(0, f"channel {name}: {_words(found.report)}"))
        if found.trouble:
            report(Done(0, f"channel {name}: {found.trouble}", failed=True))

    return Round(f"channel {name}", watch, stop=stop.set, once=once)


def _words(report: IntakeReport) -> str:
    aside = f", {report.set_aside} set aside" if report.set_aside else ""
    return f"{report.messages} messages, {report.tickets} new tickets{aside}"
