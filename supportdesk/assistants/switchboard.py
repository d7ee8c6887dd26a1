"""The way to the process that calls models: started at the first call, again when it died, ended with us."""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from supportdesk.assistants.fallback import CallFailed, Messages, Said
from supportdesk.assistants.models import provider_of
from supportdesk.services.ports.work import Watch
from supportdesk.settings import AssistantSettings

START_SECONDS = 180.0
"""How long the process may take to be ready: litellm is slow to import on a busy machine."""
GRACE_SECONDS = 15.0
"""How much later than its deadline an answer may come before the process is given up."""
LOOK_SECONDS = 0.1
"""How often a call that can be called off looks whether it was."""

_GONE = {"failed": "could not be called: the calling process ended", "again": True}


@dataclass(slots=True)
class _Line:
    """One running process."""

    process: subprocess.Popen[bytes]
    ready: threading.Event = field(default_factory=threading.Event)
    pending: dict[int, queue.SimpleQueue[Mapping[str, Any]]] = field(default_factory=dict)
    dead: bool = False


class CallingProcess:
    """The process that makes the calls. Safe to use from several threads."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._line: _Line | None = None
        self.closed = False

    def call(self, asked: Mapping[str, Any], seconds: float, watch: Watch | None) -> Mapping[str, Any]:
        """Ask, and wait for the answer: so many seconds and a little more. Raises CallFailed when there is none."""
        line = self._connected()
        number = next(self._numbers)
        answers: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        line.pending[number] = answers
        try:
            self._send(line, {"id": number, **asked})
            if line.dead:
                answers.put(_GONE)
            return self._hear(line, number, answers, seconds + GRACE_SECONDS, watch)
        finally:
            line.pending.pop(number, None)

    def warm(self) -> None:
        """Start without waiting."""
        with contextlib.suppress(CallFailed):
            self._started()

    def close(self) -> None:
        """End the process; calls under way fail."""
        self.closed = True
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            _end(line.process)

    def _hear(
        self,
        line: _Line,
        number: int,
        answers: queue.SimpleQueue[Mapping[str, Any]],
        seconds: float,
        watch: Watch | None,
    ) -> Mapping[str, Any]:
        # It may have to wait for one of those that are under way; its own time begins with its turn.
        until = time.monotonic() + 2 * seconds
        while True:
            left = max(until - time.monotonic(), 0.0)
            try:
                said = answers.get(timeout=left if watch is None else min(left, LOOK_SECONDS))
            except queue.Empty:
                if watch is not None and watch.off():
                    self._send(line, {"id": number, "cancel": True})
                    raise CallFailed("was called off") from None
                if time.monotonic() < until:
                    continue
                # Not even its own deadline worked: the process hangs as a whole.
                _end(line.process)
                raise CallFailed("did not answer in time", down=True) from None
            if "begun" in said:
                until = time.monotonic() + seconds
                continue
            if "part" not in said:
                return said
            if watch is not None:
                watch.heard(str(said["part"]))

    def _connected(self) -> _Line:
        line = self._started()
        until = time.monotonic() + START_SECONDS
        while not line.ready.wait(0.2):
            if self.closed or line.dead or time.monotonic() > until:
                _end(line.process)
                raise CallFailed("could not be called: litellm could not be loaded", spent=False)
        return line

    def _started(self) -> _Line:
        with self._lock:
            if self.closed:
                raise CallFailed("was called off", spent=False)
            if self._line is None or self._line.dead:
                self._line = _start()
            return self._line

    def _send(self, line: _Line, value: Mapping[str, Any]) -> None:
        pipe = line.process.stdin
        assert pipe is not None
        with self._writing, contextlib.suppress(OSError, ValueError):
            pipe.write(json.dumps(value).encode() + b"\n")
            pipe.flush()


class Switchboard:
    """A `Caller` whose calls are made by another process, as the settings have it."""

    def __init__(self, settings: AssistantSettings) -> None:
        """Start nothing yet."""
        self._settings = settings
        self._process = CallingProcess()

    def __call__(self, model: str, messages: Messages, schema: Mapping[str, Any], watch: Watch | None = None) -> Said:
        """Make the call. Raises CallFailed, also when `watch` calls it off or the switchboard is closed."""
        chosen = self._settings
        # The address is that of the main model's provider; another provider's fallback has its own.
        ours = provider_of(model) == provider_of(chosen.model)
        asked = {
            "model": model,
            "messages": [dict(m) for m in messages],
            "schema": dict(schema),
            "timeout": chosen.timeout,
            "base": chosen.base_url if ours else "",
            "stream": watch is not None,
            "at_once": chosen.concurrency,
        }
        said = self._process.call(asked, chosen.timeout, watch)
        if "failed" not in said:
            return Said(said["text"], said["tokens"], said["cost"], said["seconds"])
        raise CallFailed(
            str(said["failed"]),
            again=bool(said.get("again")) and not self._process.closed,
            after=said.get("after"),
            down=bool(said.get("down")),
            spent=bool(said.get("spent", True)),
        )

    def warm(self) -> None:
        """Start the process without waiting for it."""
        self._process.warm()

    def close(self) -> None:
        """End the process; calls under way fail."""
        self._process.close()


def _start() -> _Line:
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "supportdesk.assistants.calling"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # ctrl+c is for whoever asks; this process ends with its input
        )
    except OSError as error:
        raise CallFailed(f"could not be called: {error.strerror or error}") from error
    line = _Line(process)
    threading.Thread(target=_read, args=(line,), name="switchboard", daemon=True).start()
    return line


def _read(line: _Line) -> None:
    """Hand every answer to whoever asked; when the process ends, tell them all."""
    pipe: IO[bytes] | None = line.process.stdout
    assert pipe is not None
    with contextlib.suppress(ValueError, OSError):
        for raw in pipe:
            said = json.loads(raw)
            if "ready" in said:
                line.ready.set()
            elif (answers := line.pending.get(said["id"])) is not None:
                answers.put(said)
    line.dead = True
    _end(line.process)
    for answers in list(line.pending.values()):
        answers.put(_GONE)
    line.process.wait()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
