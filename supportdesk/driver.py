"""The second net before the terminal: only what Textual itself says may pass, and no paste presses a key."""

from __future__ import annotations

import re
import sys
from functools import cache

from textual.driver import Driver

_SPOKEN = re.compile(
    "\x1b\\[[0-9;:]*m"  # colours and weights
    "|\x1b\\[[0-9]*(?:;[0-9]+)?[A-DGH]"  # cursor
    "|\x1b\\[\\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"  # modes
    "|\x1b\\[\\?(?:2026|2048)\\$p"  # asks for two modes
    "|\x1b\\[>[0-9]{1,2}u|\x1b\\[<u"  # keyboard protocol
    "|\x1b\\]52;c;[A-Za-z0-9+/=]*\x07"  # clipboard, base64
    "|\x1b\\]22;[a-z-]*\x07"  # pointer shape
)
_REFUSED = re.compile(
    "[\x00-\x06\x08-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

_READERS = ("textual.drivers.linux_driver", "textual.drivers.win32")
"""Textual's modules that read from a terminal."""


def passing(data: str) -> str:
    """Terminal output with everything taken out that is not Textual's own vocabulary."""
    if not _REFUSED.search(_SPOKEN.sub("", data)):
        return data
    passed: list[str] = []
    at = 0
    for spoken in _SPOKEN.finditer(data):
        passed += [_REFUSED.sub("", data[at : spoken.start()]), spoken.group()]
        at = spoken.end()
    passed.append(_REFUSED.sub("", data[at:]))
    return "".join(passed)


@cache
def guarded(base: type[Driver]) -> type[Driver]:
    """The driver for this system, with the net in front of its `write` and pastes taken out of what it reads."""
    for module in map(sys.modules.get, _READERS):
        if module is not None:
            from supportdesk.pasting import PasteParser

            # A driver makes its parser itself, in the thread that reads: its module's name is the only door.
            vars(module)["XTermParser"] = PasteParser

    class GuardedDriver(base):  # type: ignore[misc, valid-type]
        """Writes to the terminal what passes the net."""

        def write(self, data: str) -> None:
            """Write what passes."""
            super().write(passing(data))

    return GuardedDriver
