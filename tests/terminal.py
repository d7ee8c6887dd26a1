"""The installed console script in a real pseudo-terminal: keys in, a painted screen out."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len

SCRIPT = str(Path(sys.executable).with_name("supportdesk"))
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pagedown": "\x1b[6~",
    "ctrl+home": "\x1b[1;5H",
    "ctrl+end": "\x1b[1;5F",
    **{f"f{n}": f"\x1b[{code}~" for n, code in ((5, 15), (6, 17), (7, 18))},
    **{f"f{n}": f"\x1bO{letter}" for n, letter in ((2, "Q"), (3, "R"), (4, "S"))},
    **{f"ctrl+{chr(96 + n)}": chr(n) for n in range(1, 27) if n not in (9, 13)},
}
_SPOKEN = re.compile(
    r"\x1b\[(?P<args>[0-9;?<>=$]*)(?P<final>[@-~])|\x1b[\]P_^X](?:[^\x07\x1b]*)(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b(?![\[\]PX^_])[0-~]"
)


def command(*arguments: str, store: Path | None = None, stdin: str = "", status: int = 0) -> str:
    """Run the console script where nobody sits; returns what it printed, both streams."""
    environment = {**os.environ} | ({"SUPPORTDESK_STORE": str(store)} if store else {})
    done = subprocess.run(
        [SCRIPT, *arguments], input=stdin, capture_output=True, text=True, env=environment, timeout=100
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


class Screen:
    """What a terminal shows of the few sequences the workstation speaks."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._rest = ""

    def feed(self, words: str) -> None:
        """Take in what the program wrote; half a sequence at the end waits for its other half."""
        words = self._rest + words
        cut = words.rfind("\x1b")
        self._rest = words[cut:] if cut >= 0 and not _SPOKEN.match(words, cut) else ""
        words = words[: len(words) - len(self._rest)]
        at = 0
        for match in _SPOKEN.finditer(words):
            self._write(words[at : match.start()])
            self._obey(match)
            at = match.end()
        self._write(words[at:])

    @property
    def lines(self) -> list[str]:
        """What stands there, line by line."""
        return ["".join(row).rstrip() for row in self._cells]

    def _obey(self, match: re.Match[str]) -> None:
        args, final = match["args"] or "", match["final"]
        if final == "H":
            numbers = [int(n or 1) for n in args.split(";")] if args else [1]
            self._y, self._x = numbers[0] - 1, (numbers[1] if len(numbers) > 1 else 1) - 1
        elif final == "J" and args in ("2", "3"):
            self._cells = [[" "] * self.columns for _ in range(self.rows)]

    def _write(self, text: str) -> None:
        for character in text:
            if character == "\n":
                self._y += 1
            elif character == "\r":
                self._x = 0
            elif character >= " ":
                width = cell_len(character)
                if 0 <= self._y < self.rows and 0 <= self._x < self.columns:
                    if width == 0 and self._x:
                        self._cells[self._y][self._x - 1] += character
                    elif width:
                        self._cells[self._y][self._x] = character
                        for more in range(self._x + 1, min(self._x + width, self.columns)):
                            self._cells[self._y][more] = ""
                self._x += width


class Terminal:
    """One run of the console script, and the hand at its keyboard."""

    def __init__(self, pid: int, handle: int, size: tuple[int, int]) -> None:
        self.pid, self._handle = pid, handle
        self._screen = Screen(*size)
        self.pressed = 0
        """Keys pressed so far."""
        self.octets = 0
        """Bytes the program wrote so far."""
        self.status: int | None = None

    @property
    def lines(self) -> list[str]:
        """What is painted, line by line."""
        return self._screen.lines

    @property
    def text(self) -> str:
        """What is painted."""
        return "\n".join(self._screen.lines)

    @property
    def folded(self) -> str:
        """What is painted as one line, frames left out: for sentences that are wrapped."""
        return " ".join(re.sub("[│╭╮╰╯─▎]", " ", self.text).split())

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, and let each be painted."""
        for key in keys:
            os.write(self._handle, KEYS.get(key, key).encode())
            self.pressed += 1
            # A terminal's program waits a moment to tell Esc from the begin of another key.
            self.settle(still=0.25 if key == "escape" else 0.06)

    def type(self, words: str) -> None:
        """Type words."""
        self.press(*words)

    def settle(self, still: float = 0.06, most: float = 3.0) -> None:
        """Read until nothing has come for a moment."""
        ends = time.monotonic() + most
        while time.monotonic() < ends and self._read(still):
            pass

    def until(self, words: str, seconds: float = 60.0) -> None:
        """Wait until words are painted."""
        ends = time.monotonic() + seconds
        while words not in self.folded:
            assert time.monotonic() < ends, f"{words!r} never came; the terminal shows:\n{self.text}"
            assert self._read(0.1) or self.status is None, f"it ended with {self.status}:\n{self.text}"
        self.settle()

    def leave(self, seconds: float = 60.0) -> int:
        """Ctrl+q; returns the exit status."""
        os.write(self._handle, b"\x11")
        ends = time.monotonic() + seconds
        while self.status is None:
            assert time.monotonic() < ends, f"it never ended:\n{self.text}"
            self._read(0.1)
        return self.status

    def end(self) -> None:
        """End the program if it still runs."""
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._handle)

    def _read(self, seconds: float) -> bool:
        """Take in what there is; whether there was something."""
        if select.select([self._handle], [], [], seconds)[0]:
            with contextlib.suppress(OSError):
                data = os.read(self._handle, 1 << 16)
                self.octets += len(data)
                self._screen.feed(data.decode("utf-8", "replace"))
                return bool(data)
        if self.status is None:
            done, code = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(code) if done else None
            if done == 0 and seconds:
                time.sleep(0.01)
        return False


@contextlib.contextmanager
def terminal(*arguments: str, size: tuple[int, int] = (80, 24), **environment: str) -> Iterator[Terminal]:
    """The console script in a pseudo-terminal of this size."""
    pid, handle = pty.fork()
    if pid == 0:
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": str(size[0]), "LINES": str(size[1]), **environment}
        time.sleep(0.05)  # until its size is set
        os.execv(SCRIPT, [SCRIPT, *arguments])
    fcntl.ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    seat = Terminal(pid, handle, size)
    try:
        yield seat
    finally:
        seat.end()
