"""A desk of so many mails against neomutt on the same mails as a Maildir, its header cache warm."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from supportdesk.bootstrap import open_desk
from supportdesk.channels.sources import open_source
from supportdesk.settings import Settings

from .desk_of import LOGIN, folder
from .mail import _mail
from .rows import Row, in_turn
from .start import HOME, SCRIPT
from .terminal import Terminal

MAILS = int(os.environ.get("SUPPORTDESK_BENCH_MAILS", "100000"))


def rows() -> Iterator[Row]:
    """Time and memory until the first rows are there; nothing where neomutt is not installed."""
    if shutil.which("neomutt") is None:
        print("(neomutt is not installed: apt-get install neomutt)")
        return
    maildir, store = _prepared()
    with tempfile.TemporaryDirectory() as name:
        rc = Path(name) / "neomuttrc"
        rc.write_text(
            f'set header_cache = "{name}/cache"\nset sort = date\nset quit = yes\nset folder = "{maildir.parent}"\n'
            'set index_format = "painted %4C %s"\n'
        )
        env = {**HOME, "SUPPORTDESK_CONFIG": name}
        ours_mb: list[float] = []
        theirs_mb: list[float] = []

        def ours() -> float:
            with Terminal([SCRIPT, "--store", str(store)], env=env) as terminal:
                taken = terminal.until(b"review")
                terminal.until(b"most pressing first")
                terminal.settle(1.5)
                ours_mb.append(terminal.resident())
                return taken

        def theirs() -> float:
            with Terminal(["neomutt", "-n", "-F", str(rc), "-f", str(maildir)], env={"HOME": name}) as terminal:
                taken = terminal.until(b"painted", 300)
                theirs_mb.append(terminal.resident())
                return taken

        theirs()
        ours()
        ours_mb.clear()
        theirs_mb.clear()
        yield in_turn(f"{MAILS:,} mails to first rows", ours, theirs, "neomutt, warm cache", 0.6)
        yield Row(
            f"memory at {MAILS:,} mails (MB)",
            sorted(ours_mb)[len(ours_mb) // 2],
            sorted(theirs_mb)[len(theirs_mb) // 2],
            "neomutt, warm cache",
            0.5,
        )


def _prepared() -> tuple[Path, Path]:
    """The Maildir, and a desk that took it in; kept in the cache folder."""
    kept = folder() / f"maildir-{MAILS}"
    if not (kept / "done").exists():
        shutil.rmtree(kept, ignore_errors=True)
        for part in ("cur", "new", "tmp"):
            (kept / "Maildir" / part).mkdir(parents=True)
        for number in range(MAILS):
            content = _mail(number).split(b"\n", 1)[1]
            (kept / "Maildir" / "cur" / f"{1_700_000_000 + number}.{number}.bench:2,").write_bytes(content)
        (kept / "done").touch()
    store = kept / "desk.db"
    fresh = open_desk(store, Settings(), login=LOGIN)
    if not fresh.queue.last_id():
        with open_source(kept / "Maildir") as source:
            fresh.intake.take(source)
    fresh.close()
    return kept / "Maildir", store
