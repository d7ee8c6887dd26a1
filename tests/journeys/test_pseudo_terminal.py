"""The installed console script in a real pseudo-terminal: painted, left, status 0."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

SCRIPT = str(Path(sys.executable).with_name("supportdesk"))


@pytest.mark.slow
def test_the_sample_desk_is_painted_in_a_terminal_and_ctrl_q_leaves() -> None:
    """The queue's most pressing ticket is on screen; ctrl+q ends with status 0."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm-256color"}
        os.execv(SCRIPT, [SCRIPT, "demo"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    painted, asked, ends = b"", False, time.monotonic() + 90
    status = None
    while status is None:
        assert time.monotonic() < ends, painted[-300:]
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                painted += os.read(terminal, 65536)
            except OSError:
                time.sleep(0.2)
        if not asked and b"Battery hissing" in painted:
            os.write(terminal, b"\x11")
            asked = True
        done, code = os.waitpid(process, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if done else None
    os.close(terminal)
    assert asked
    assert status == 0
