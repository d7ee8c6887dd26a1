"""A disk that is full at any point of a desk's work: a sentence, nothing acknowledged lost, and on when there is room.

Where this process may mount, the disk is a small tmpfs; elsewhere a limit on the size of files stands for it.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.domain.decision import Decision
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.thread import Address
from supportdesk.domain.words import AnswerValue, Author, DecisionKind
from supportdesk.errors import ChannelTrouble, StoreTrouble
from supportdesk.services.desk import Desk
from supportdesk.settings import DeliverySettings, Settings
from supportdesk.store.verify import verify

_SIZE = 24_000_000
_SETTINGS = Settings(delivery=DeliverySettings(recall_seconds=0))
_WORDS = "Hello,\n\nthank you for your message.\n\nKind regards"


def steps(desk: Desk, number: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """One ticket's way, step by step, each with a name; what a step has done can be looked up later."""
    sender = Address(f"anna{number}@example.com", "Anna")
    words = f"Thank you! {number} " + "Some more words. " * 200
    message = IncomingMessage(Author.CUSTOMER, words, sender=sender, raw=os.urandom(3000), sent_at=desk.clock.now())
    yield f"brought {number}", lambda: desk.intake.take([IncomingTicket(f"t{number}", "Thanks", sender, (message,))])
    with desk.store.read() as tx:
        ticket = tx.tickets.last_id()
    yield f"prepared {ticket}", lambda: list(desk.preparing.run())
    yield f"took {ticket}", lambda: desk.review.take(ticket, "lea")
    yield f"saw {ticket}", lambda: desk.review.see(ticket, "lea", [0])
    yield f"edited {ticket}", lambda: desk.review.edit(ticket, "lea", f"{_WORDS} {number}")
    for item in desk.review.open(ticket, "lea").items:
        yield (
            f"answered {ticket} {item}",
            lambda item=item: desk.review.answer(  # type: ignore[misc]
                ticket, "lea", item, AnswerValue.CONFIRMED
            ),
        )
    yield f"decided {ticket}", lambda: desk.review.decide(ticket, "lea", Decision(DecisionKind.APPROVE))
    yield f"sent {ticket}", lambda: desk.sending.send_due(now_too=True)


_RECORD = {"prepared": "prepared", "took": "took", "saw": "saw", "edited": "edited", "decided": "decided_approve"}


def lost(desk: Desk, confirmed: list[str]) -> list[str]:
    """What was confirmed and is not there."""
    gone = []
    for line in confirmed:
        what, _, rest = line.partition(" ")
        number, _, item = rest.partition(" ")
        if what in ("brought", "sent"):
            # Sending may fail for want of room; then the entry is put off, and is not lost.
            found = desk.sending.entries(ticket_id=int(number)) if what == "sent" else True
        else:
            with desk.store.read() as tx:
                records = tx.records.history(int(number))
            wanted = _RECORD.get(what, "answered")
            found = any(r.action == wanted and (not item or r.body.get("item") == item) for r in records)
        if not found:
            gone.append(line)
    return gone


def full_disks(folder: Path, points: int, seed: int = 6) -> dict[str, object]:
    """Let the disk be full at so many points; count what was confirmed and lost, and what was said."""
    chance = random.Random(seed)
    said: dict[str, int] = {}
    confirmed = missing = torn = stuck = troubles = 0
    with _small_disk(folder) as (place, kind):
        base = folder / "base.db"
        desk = open_desk(base, _SETTINGS, login="lea")
        desk.close()
        for _ in range(points):
            for old in place.iterdir():
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            file = place / "desk.db"
            shutil.copy(base, file)
            done, words, went_on = _work_until_full(file, kind, chance.randrange(1000, 900_000))
            desk = open_desk(file, _SETTINGS, login="lea")
            confirmed += len(done)
            missing += len(lost(desk, done))
            stuck += not went_on
            troubles += len(words)
            desk.close()
            torn += len(verify(file).differences)
            for sentence in words:
                said[sentence] = said.get(sentence, 0) + 1
    return {
        "disk": kind,
        "points": points,
        "confirmed": confirmed,
        "lost": missing,
        "torn": torn,
        "met_a_full_disk": troubles,
        "did_not_go_on": stuck,
        "said": said,
    }


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[tuple[Path, str]]:
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place)]
    mounted = shutil.which("mount") and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield place, "tmpfs" if mounted else "limit on the size of files"
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=False)


def _work_until_full(file: Path, kind: str, room: int) -> tuple[list[str], list[str], bool]:
    """Work until the disk is full, make room, work on; what was confirmed, what was said, whether it went on."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        status = 1
        try:
            with os.fdopen(writing, "w", buffering=1) as out:
                _work(file, kind, room, lambda line: print(line, file=out, flush=True))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as lines:
        heard = lines.read().splitlines()
    went_on = os.waitpid(process, 0)[1] == 0
    words = [line.removeprefix("! ") for line in heard if line.startswith("! ")]
    return [line for line in heard if not line.startswith("! ")], words, went_on


def _work(file: Path, kind: str, room: int, tell: Callable[[str], None]) -> None:
    filler = file.with_name("filler")
    desk = open_desk(file, _SETTINGS, login="lea")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if kind == "tmpfs":
        left = shutil.disk_usage(file.parent).free - room
        with filler.open("wb") as out:
            out.write(b"\0" * max(left, 0))
    else:
        size = file.stat().st_size + room
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    met, number, after = False, 0, 0
    while not met or after < 2:
        number += 1
        after += met
        for name, step in steps(desk, number):
            try:
                step()
            except (StoreTrouble, ChannelTrouble) as trouble:
                tell(f"! {trouble}")
                met = True
                filler.unlink(missing_ok=True)
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                step()
            tell(name)
    desk.close()
