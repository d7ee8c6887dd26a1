"""The machine's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path


class SystemClock:
    """The `Clock` port on the operating system."""

    def now(self) -> datetime:
        """Wall-clock time, UTC."""
        return datetime.now(UTC)

    def boot(self) -> tuple[str, int]:
        """The boot's id and the milliseconds since, suspended time included where the system counts it."""
        clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return _boot_id(), round(time.clock_gettime(clock) * 1000)


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"
