"""One parsing process as its parent sees it: pipes that never block, batches under way, answers as they come."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path

from supportdesk.channels.limits import MEGABYTE, Limits
from supportdesk.channels.parser_child import IDLE
from supportdesk.channels.wire import LENGTH, pack_batch, pack_config, unpack_message
from supportdesk.domain.incoming import Incoming

_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from supportdesk.channels.parser_child import main; main(int(sys.argv[1]))"
)


@dataclass(slots=True)
class Mail:
    """A raw mail waiting to be read."""

    source: str
    """Where it stands, for people."""
    raw: bytes
    """The mail."""
    done: int = 0
    """Bytes of its source read when it was found, for a progress bar."""


@dataclass(slots=True)
class Slot:
    """One place in the order of results."""

    mail: Mail | None
    result: Incoming | None = None
    done: int = 0
    size: int = 0


@dataclass(slots=True)
class Batch:
    """Slots that travel together; those before `answered` have their results."""

    slots: list[Slot] = field(default_factory=list)
    size: int = 0
    answered: int = 0


class ParserProcess:
    """One parsing process and the pipes to it."""

    def __init__(self, own: Set[str], limits: Limits) -> None:
        with tempfile.TemporaryFile() as shared:
            shared.write(LENGTH.pack(IDLE) * 2)
            shared.flush()
            self._progress = mmap.mmap(shared.fileno(), 8)
            command = [sys.executable, "-I", "-c", _START, _ROOT, str(shared.fileno())]
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=(shared.fileno(),),
                env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
                start_new_session=True,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self.inlet = self._process.stdin.fileno()
        self.outlet = self._process.stdout.fileno()
        for pipe in (self.inlet, self.outlet):
            os.set_blocking(pipe, False)
            _widen(pipe)
        self.batches: deque[Batch] = deque()
        self.pending: deque[memoryview] = deque([memoryview(pack_config(list(own), limits))])
        self.since = time.monotonic()
        """When it last gave a sign of life."""
        self.answered = False
        """Whether it ever gave one."""
        self._received = bytearray()

    def give(self, batch: Batch) -> None:
        """Queue a batch."""
        if not self.batches:
            self.since = time.monotonic()
        self.batches.append(batch)
        self.pending.extend(memoryview(p) for p in pack_batch([s.mail.raw for s in batch.slots if s.mail]) if p)
        self.push()

    def push(self) -> bool:
        """Write what the pipe takes; False if the process is gone."""
        try:
            while self.pending:
                # Many small pieces go out in one call.
                pieces = list(self.pending)[:256]
                written = os.writev(self.inlet, pieces)
                while written:
                    if written >= len(self.pending[0]):
                        written -= len(self.pending.popleft())
                    else:
                        self.pending[0] = self.pending[0][written:]
                        written = 0
        except BlockingIOError:
            return True
        except (BrokenPipeError, ConnectionResetError):
            # Its last answers may still be in the other pipe: reading them ends with the end of file.
            self.pending.clear()
        return True

    def pull(self) -> bool:
        """Read what it answered; False if the process is gone."""
        try:
            data = os.read(self.outlet, MEGABYTE)
        except BlockingIOError:
            return True
        if not data:
            return False
        self.answered = True
        self.since = time.monotonic()
        self._received += data
        self._settle()
        return True

    def _settle(self) -> None:
        """Turn complete answers into results."""
        at, received = 0, self._received
        while len(received) - at >= 4:
            (length,) = LENGTH.unpack_from(received, at)
            if len(received) - at - 4 < length:
                break
            batch = self.batches[0]
            slot = batch.slots[batch.answered]
            assert slot.mail is not None
            with memoryview(received) as view, view[at + 4 : at + 4 + length] as answer:
                slot.result = unpack_message(answer, slot.mail.raw, slot.mail.source)
            slot.mail = None
            at += 4 + length
            batch.answered += 1
            if batch.answered == len(batch.slots):
                self.batches.popleft()
        del received[:at]

    def reading(self) -> int | None:
        """The place, in the batch as it was sent, of the mail it is reading; None if it reads none."""
        place = LENGTH.unpack(self._progress[:4])[0]
        return None if place == IDLE else place

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()
        self._progress.close()


def _widen(pipe: int) -> None:
    """Let a pipe hold a megabyte, where the system can: fewer turns between the processes."""
    try:
        import fcntl

        fcntl.fcntl(pipe, getattr(fcntl, "F_SETPIPE_SZ", 1031), MEGABYTE)
    except (ImportError, OSError):
        return
