"""Fetching from Debian's dovecot, started on loopback as an ordinary user. Run by `make test-servers`."""

from __future__ import annotations

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import StandingClock

from supportdesk.bootstrap import channel_rounds, fetching_for, open_desk
from supportdesk.domain.query import QueueQuery
from supportdesk.services.desk import Desk
from supportdesk.services.rounds import Done, Rounds
from supportdesk.settings import settings_from

DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
pytestmark = pytest.mark.skipif(
    not os.environ.get("SUPPORTDESK_SERVERS") or not Path(DOVECOT).exists(), reason="run by make test-servers"
)
WORD = "correct-horse"


@contextlib.contextmanager
def dovecot(folder: Path) -> Iterator[int]:
    """Run dovecot for one user with a Maildir; as nobody where the tests run as root."""
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    group = grp.getgrgid(user.pw_gid).gr_name
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    home = Path("/tmp") / f"dovecot-{os.getpid()}-{port}"  # a socket's path must be short
    home.mkdir(mode=0o755)
    (home / "dovecot.conf").write_text(f"""
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user.pw_name}
default_internal_group = {group}
default_login_user = {user.pw_name}
first_valid_uid = 1
mail_location = maildir:{home}/mail
passdb {{
  driver = static
  args = password={WORD}
}}
userdb {{
  driver = static
  args = uid={user.pw_name} gid={group} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
""")
    if os.geteuid() == 0:
        for path in (home, home / "dovecot.conf"):
            os.chown(path, user.pw_uid, user.pw_gid)
    as_them = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    server = subprocess.Popen([DOVECOT, "-F", "-c", str(home / "dovecot.conf")], **as_them)  # type: ignore[call-overload]
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert server.poll() is None, (home / "log").read_text() if (home / "log").exists() else "it did not start"
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with dovecot(tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTDESK_IN_PASSWORD", WORD)


def desk_on(tmp_path: Path, port: int, **more: object) -> Desk:
    channel = {"name": "in", "kind": "imap", "host": "127.0.0.1", "port": port, "security": "none", "user": "desk"}
    settings = settings_from({"channels": [{**channel, **more}]}, "test")
    return open_desk(tmp_path / "desk.db", settings, login="lea", clock=StandingClock())


def other(port: int) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", port)
    client.login("desk", WORD)
    return client


def mail(number: int) -> bytes:
    return f"From: a@example.org\r\nMessage-ID: <{number}@x>\r\nSubject: {number}\r\n\r\nHello {number}\r\n".encode()


def subjects(desk: Desk) -> set[str]:
    return {t.subject for t in desk.queue.page(desk.queue.ids(QueueQuery(status="any")))}


def test_mails_are_fetched_once_and_marked(tmp_path: Path, port: int) -> None:
    """Each once; read ones are marked where that is set; the next fetch brings what is new."""
    client = other(port)
    for number in range(120):
        client.append("INBOX", "", "", mail(number))
    desk = desk_on(tmp_path, port, after="seen")
    assert fetching_for(desk).feed("in").test()[0]
    assert fetching_for(desk).once("in", threading.Event()).report.messages == 120
    client.select("INBOX", readonly=True)
    assert client.search(None, "UNSEEN")[1] == [b""]
    client.append("INBOX", "", "", mail(120))
    assert fetching_for(desk).once("in", threading.Event()).report.messages == 1
    assert len(subjects(desk)) == 121
    desk.close()


def test_mails_are_moved_when_they_are_kept(tmp_path: Path, port: int) -> None:
    """Into the folder that is set; somebody else's deleted mail stays."""
    client = other(port)
    client.create("Done")
    client.append("INBOX", "", "", mail(1))
    client.append("INBOX", r"(\Deleted)", "", mail(2))
    desk = desk_on(tmp_path, port, after="move", move_to="Done")
    assert fetching_for(desk).once("in", threading.Event()).report.messages == 2
    assert client.select("Done", readonly=True)[1] == [b"2"]
    desk.close()


def test_new_mail_is_told_by_the_server(tmp_path: Path, port: int) -> None:
    """IDLE: what arrives while the back office waits is a ticket within moments, however rarely it would look."""
    client = other(port)
    desk = desk_on(tmp_path, port, every=3600)
    told: list[Done] = []
    come = threading.Semaphore(0)
    rounds = Rounds(channel_rounds(desk))
    rounds.start(lambda done: (told.append(done), come.release())[0])
    for number in (1, 2):
        time.sleep(1)
        client.append("INBOX", "", "", mail(number))
        assert come.acquire(timeout=30), told
    rounds.stop(20)
    assert subjects(desk) == {"1", "2"}
    desk.close()


def test_a_wrong_password_is_said_plainly(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the server's words, without the password."""
    monkeypatch.setenv("SUPPORTDESK_IN_PASSWORD", "wrong-horse")
    desk = desk_on(tmp_path, port)
    ok, lines = fetching_for(desk).feed("in").test()
    assert not ok
    assert "Failed" in lines[-1]
    assert "wrong-horse" not in " ".join(lines)
    desk.close()
