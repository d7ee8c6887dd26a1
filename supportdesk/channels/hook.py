"""Telling somebody by a command of the desk's own: JSON on its standard input, no shell."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence

from supportdesk.text import clean


def tell(command: Sequence[str], particulars: Mapping[str, object], timeout: float) -> str:
    """Run the command with the particulars; returns what went wrong, empty when nothing did."""
    content = json.dumps(dict(particulars), ensure_ascii=True, default=str).encode()
    try:
        done = subprocess.run(  # noqa: S603 (the desk's own settings name it; no shell reads it)
            list(command), input=content, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return f"took longer than {timeout:g} s"
    except OSError as error:
        return error.strerror or str(error)
    if done.returncode:
        said = clean(done.stderr.decode("utf-8", "replace"), one_line=True)[:200]
        return f"ended with {done.returncode}: {said}" if said else f"ended with {done.returncode}"
    return ""
