"""What is kept of an error nobody expected: where it happened, never what was in it."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from supportdesk.paths import log_folder, private_folder
from supportdesk.text import clean

_LINES = 400  # a recursion's places are all alike


def keep(error: BaseException) -> str:
    """Write an error's places (no locals, no message of ours that could hold a secret) to a private log file.

    Returns where it is, as words for the person.
    """
    lines = [time.strftime("%Y-%m-%d %H:%M:%S")]
    at: BaseException | None = error
    while at is not None and len(lines) < _LINES:
        frames = traceback.extract_tb(at.__traceback__)
        lines += [type(at).__name__, *(f"  {Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames)]
        # A worker's failure carries what failed inside it.
        at = getattr(at, "error", None) or at.__cause__ or at.__context__
    content = "\n".join([*lines, ""])
    try:
        file = private_folder(log_folder()) / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(clean(content))
    except OSError:
        return "and no log could be written. What was confirmed before is kept."
    return f"where it happened is in {file}. What was confirmed before is kept."
