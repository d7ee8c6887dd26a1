"""The process that parses mail: few rights to memory and time, nothing to lose, replaced when it dies.

Started by `parser_pool` with pipes for standard input and output; reads batches of raw mails, answers each with
a read mail or the reason why not. A file shared with the parent says which mail is being read, so that the one
that kills the process is known.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import time
from typing import BinaryIO, NoReturn

from supportdesk.channels.limits import MEGABYTE, Limits
from supportdesk.channels.mime import read_message
from supportdesk.channels.wire import LENGTH, pack_failure, pack_message, unpack_config
from supportdesk.errors import DeskError

IDLE = 0xFFFFFFFF
"""What the shared file says between batches."""
_ANSWER_SECONDS = 0.25
_ANSWER_BYTES = 256 * 1024
_CPU_SECONDS = 60


class _TimeIsUp(BaseException):
    """Raised by the alarm; not an Exception, so that no parser swallows it."""


def main(progress_fd: int) -> None:
    """Serve batches until standard input ends."""
    inlet = os.fdopen(os.dup(0), "rb", buffering=MEGABYTE)
    outlet = os.fdopen(os.dup(1), "wb", buffering=0)
    # What a library prints must not get between the answers.
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    progress = mmap.mmap(progress_fd, 8)
    own, limits = unpack_config(_frame(inlet))
    _limit_memory(limits)
    signal.signal(signal.SIGALRM, _ring)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while head := inlet.read(4):
        _serve(inlet, outlet, LENGTH.unpack(head)[0], progress, own, limits)


def _serve(
    inlet: BinaryIO, outlet: BinaryIO, count: int, progress: mmap.mmap, own: frozenset[str], limits: Limits
) -> None:
    """Read one batch and answer it; answers go out often enough to show that work goes on."""
    mails = [_frame(inlet) for _ in range(count)]
    _limit_time()
    answers: list[bytes] = []
    since, waiting = time.monotonic(), 0
    for index, raw in enumerate(mails):
        progress[:4] = LENGTH.pack(index)
        try:
            answer = _answer(raw, own, limits)
        except MemoryError:
            mails.clear()
            answers.append(pack_failure(f"Reading it needs more than {limits.memory_bytes // MEGABYTE} MB of memory."))
            _start_over(outlet, answers, progress)
        answers.append(answer)
        waiting += len(answer)
        now = time.monotonic()
        if now - since > _ANSWER_SECONDS or waiting > _ANSWER_BYTES:
            _write(outlet, answers)
            answers, since, waiting = [], now, 0
    progress[:4] = LENGTH.pack(IDLE)
    _write(outlet, answers)


def _answer(raw: bytes, own: frozenset[str], limits: Limits) -> bytes:
    """Read one mail within its time."""
    try:
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)
        try:
            return pack_message(read_message(raw, own_addresses=own, limits=limits))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _TimeIsUp:
        return pack_failure(f"Reading it takes longer than {limits.seconds:g} seconds.")
    except DeskError as trouble:
        return pack_failure(str(trouble))
    except MemoryError:
        raise
    except Exception as trouble:
        return pack_failure(f"It could not be read ({type(trouble).__name__}); please report this as an error of ours.")


def _start_over(outlet: BinaryIO, answers: list[bytes], progress: mmap.mmap) -> NoReturn:
    """Answer what is done and leave: memory that was once short stays in pieces."""
    progress[:4] = LENGTH.pack(IDLE)
    _write(outlet, answers)
    os._exit(0)


def _write(outlet: BinaryIO, answers: list[bytes]) -> None:
    data = memoryview(b"".join(answers))
    while data:
        written = outlet.write(data)
        data = data[written or 0 :]


def _frame(inlet: BinaryIO) -> bytes:
    head = inlet.read(4)
    length = LENGTH.unpack(head)[0] if len(head) == 4 else 0
    data = inlet.read(length)
    if len(head) < 4 or len(data) < length:
        # The parent is gone.
        os._exit(0)
    return data


def _ring(_signal: int, _frame: object) -> NoReturn:
    raise _TimeIsUp


def _limit_memory(limits: Limits) -> None:
    """Bound the address space, where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        return


def _limit_time() -> None:
    """Bound the processor time of the next batch: the last net, for when nobody is left to end the process."""
    try:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + _CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
    except (ImportError, ValueError, OSError):
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
