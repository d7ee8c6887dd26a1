"""Reading Debian's Request Tracker live, set up and started as an ordinary user, without systemd.

Run by `make test-servers`. The database is SQLite in a folder of its own, the server RT's own standalone one.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import StandingClock

from supportdesk.bootstrap import fetching_for, open_desk
from supportdesk.domain.words import Author, Status
from supportdesk.settings import settings_from

SETUP = Path("/usr/sbin/rt-setup-database-5")
SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
pytestmark = pytest.mark.skipif(
    not os.environ.get("SUPPORTDESK_SERVERS") or not (SETUP.exists() and SERVER.exists()),
    reason="run by make test-servers, where Debian's request-tracker5 with rt5-db-sqlite and rt5-standalone is",
)


@contextlib.contextmanager
def request_tracker() -> Iterator[tuple[int, str]]:
    """A fresh Request Tracker with one ticket; its port and a token."""
    folder = Path(tempfile.mkdtemp(prefix="rt-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    config = folder / "RT_SiteConfig.pm"
    config.write_text(f"""
Set($rtname, 'test.example');
Set($Organization, 'test.example');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '{folder}/rt.db');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($LogToSyslog, undef);
Set($MailCommand, 'testfile');
Set($WebSessionClass, 'Apache::Session::File');
Set($MasonDataDir, '{folder}/mason');
Set($MasonSessionDir, '{folder}/sessions');
1;
""")
    (folder / "mason").mkdir()
    (folder / "sessions").mkdir()
    shutil.copy(Path(__file__).with_name("request_tracker.pl"), folder)
    them: dict[str, Any] = {"env": {**os.environ, "RT_SITE_CONFIG": str(config), "HOME": str(folder)}, "cwd": folder}
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
        them |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    setup = ["perl", str(SETUP), "--action", "init", "--skip-create"]
    done = subprocess.run(setup, capture_output=True, timeout=400, check=False, **them)
    assert done.returncode == 0, done.stderr[-2000:]
    fill = ["perl", str(folder / "request_tracker.pl")]
    token = subprocess.run(fill, capture_output=True, timeout=200, check=True, text=True, **them).stdout.strip()
    command = ["perl", str(SERVER), "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **them)
    try:
        for _ in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
                break
            assert server.poll() is None, "it did not start"
            time.sleep(0.5)
        yield port, token
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def test_tickets_are_read_live_by_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The customer's mail with its file, an internal comment, the answer; read once, and again only what changed."""
    with request_tracker() as (port, token):
        monkeypatch.setenv("SUPPORTDESK_RT_TOKEN", token)
        channel = {"name": "rt", "kind": "rt", "url": f"http://127.0.0.1:{port}"}
        desk = open_desk(
            tmp_path / "desk.db", settings_from({"channels": [channel]}, "test"), login="lea", clock=StandingClock()
        )
        fetching = fetching_for(desk)
        ok, lines = fetching.feed("rt").test()
        assert ok, lines
        assert fetching.once("rt", threading.Event()).report.messages == 3
        with desk.store.read() as tx:
            ticket, thread = tx.tickets.get(1), tx.tickets.thread(1)
            assert tx.tickets.attachment(thread.messages[0].attachments[0].sha256) == b"%PDF-1.4 statement"
        assert (ticket.subject, ticket.status, ticket.priority) == ("Charged twice in March", Status.PENDING, "high")
        assert ticket.requester.email == "anna@example.org"
        assert [m.author for m in thread.messages] == [Author.CUSTOMER, Author.INTERNAL, Author.AGENT]
        assert thread.messages[0].message_id == "anna-1@example.org"
        assert fetching.once("rt", threading.Event()).report.all == 0
        monkeypatch.setenv("SUPPORTDESK_RT_TOKEN", "1-1-wrong")
        ok, lines = fetching.feed("rt").test()
        assert not ok
        assert "token" in lines[-1]
        desk.close()
