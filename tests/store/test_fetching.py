"""Channels of the settings: each message once, its place kept with it, and going on after any break."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import StandingClock
from servers import PASSWORD, USER, imap

from supportdesk.bootstrap import channel_rounds, fetching_for, open_desk
from supportdesk.cli.main import cli
from supportdesk.domain.query import QueueQuery
from supportdesk.errors import NotFound
from supportdesk.services.desk import Desk
from supportdesk.services.rounds import Done, Rounds
from supportdesk.settings import ChannelSettings, DeskSettings, Settings

EVERYTHING = QueueQuery(status="any")
GO = threading.Event()


def mail(number: int, more: str = "") -> bytes:
    return (
        f"From: Anna <anna@example.org>\r\nTo: help@shop.example\r\nMessage-ID: <{number}@x.example>\r\n"
        f"Subject: Question {number}\r\n{more}\r\nHello {number}\r\n"
    ).encode()


def desk_with(tmp_path: Path, **channel: Any) -> Desk:
    settings = Settings(
        desk=DeskSettings(address="help@shop.example"), channels=(ChannelSettings(name="in", **channel),)
    )
    return open_desk(tmp_path / "desk.db", settings, login="lea", clock=StandingClock())


def mailbox(port: int, **more: Any) -> dict[str, Any]:
    return {"kind": "imap", "host": "127.0.0.1", "port": port, "security": "none", "user": USER, "every": 1, **more}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTDESK_IN_PASSWORD", PASSWORD)


def subjects(desk: Desk) -> list[str]:
    return sorted(t.subject for t in desk.queue.page(desk.queue.ids(EVERYTHING)))


def test_a_mailbox_is_fetched_once_and_the_rest_next_time(tmp_path: Path) -> None:
    """Mails become tickets; asking again brings only what is new, also after the place was lost."""
    with imap() as server:
        server.put(mail(1), mail(2))
        desk = desk_with(tmp_path, **mailbox(server.port, after="seen"))
        found = fetching_for(desk).once("in", GO)
        assert (found.report.tickets, found.report.messages, found.trouble) == (2, 2, "")
        assert all(rb"\Seen" in flags for flags in server.flags().values())
        server.put(mail(3))
        assert fetching_for(desk).once("in", GO).report.messages == 1
        with desk.store.write() as tx:
            tx.feeds.keep("in", "", 0)
        again = fetching_for(desk).once("in", GO).report
        assert (again.messages, again.duplicates) == (0, 3)
        assert subjects(desk) == ["Question 1", "Question 2", "Question 3"]
        desk.close()


def test_what_cannot_be_kept_is_not_marked_on_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that fails leaves the mails unread where they are; the next fetch has them."""
    with imap() as server:
        server.put(mail(1), mail(2))
        desk = desk_with(tmp_path, **mailbox(server.port, after="seen"))
        fetching = fetching_for(desk)
        with monkeypatch.context() as broken:
            broken.setattr(fetching._intake, "take_in", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                fetching.once("in", GO)
        assert not any(rb"\Seen" in flags for flags in server.flags().values())
        assert fetching.once("in", GO).report.messages == 2
        assert all(rb"\Seen" in flags for flags in server.flags().values())
        desk.close()


def test_new_mail_comes_to_the_back_office_by_itself(tmp_path: Path) -> None:
    """The server tells of it (IDLE); ending the back office ends the waiting at once."""
    with imap() as server:
        desk = desk_with(tmp_path, **mailbox(server.port))
        told: list[Done] = []
        come = threading.Event()
        rounds = Rounds(channel_rounds(desk))
        rounds.start(lambda done: (told.append(done), come.set())[0])
        server.put(mail(1))
        assert come.wait(20)
        assert "1 messages" in told[0].words
        started = time.monotonic()
        rounds.stop(20)
        assert time.monotonic() - started < 15
        assert subjects(desk) == ["Question 1"]
        desk.close()


def test_a_server_that_is_away_is_told_once(tmp_path: Path) -> None:
    """A fetch ends with a sentence; nothing is lost or marked."""
    desk = desk_with(tmp_path, **mailbox(1))
    found = fetching_for(desk).once("in", GO)
    assert "refuses connections" in found.trouble
    with pytest.raises(NotFound, match="there are in"):
        fetching_for(desk).feed("out")
    desk.close()


def test_a_folder_of_mails_and_forms_is_read_as_files_come(tmp_path: Path) -> None:
    """Mails, web forms on one or many lines, lists; what is neither is set aside; moved when kept."""
    drop, done = tmp_path / "drop", tmp_path / "done"
    drop.mkdir()
    (drop / "a.eml").write_bytes(mail(1))
    form = {"id": "f1", "subject": "Form", "requester": {"email": "b@example.org"}}
    form["messages"] = [{"from": "customer", "text": "from the web"}]  # type: ignore[assignment]
    (drop / "b.json").write_text(json.dumps(form, indent=2))
    (drop / "c.json").write_text(json.dumps([{**form, "id": "f2"}, {**form, "id": "f3"}]))
    (drop / "d.bin").write_bytes(b"\x00\x01")
    (drop / "e.json").write_text(json.dumps({"email": "c@example.org", "subject": "Short", "text": "a short form"}))
    (drop / ".hidden").write_text("no")
    (drop / "f.eml.part").write_text("not yet")
    desk = desk_with(tmp_path, kind="folder", folder=str(drop), after="move", move_to=str(done))
    found = fetching_for(desk).once("in", GO)
    assert (found.report.messages, found.report.set_aside, found.trouble) == (5, 1, "")
    assert subjects(desk) == ["Form", "Form", "Form", "Question 1", "Short"]
    assert sorted(f.name for f in done.iterdir()) == ["a.eml", "b.json", "c.json", "d.bin", "e.json"]
    (drop / "a.eml").write_bytes(mail(2))
    assert fetching_for(desk).once("in", GO).report.messages == 1
    assert (done / "a-1.eml").exists()
    desk.close()


def test_files_that_stay_are_not_read_twice(tmp_path: Path) -> None:
    """Where nothing is moved, the place says which files were read; a changed one is read again."""
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "a.eml").write_bytes(mail(1))
    desk = desk_with(tmp_path, kind="folder", folder=str(drop))
    assert fetching_for(desk).once("in", GO).report.messages == 1
    assert fetching_for(desk).once("in", GO).report.all == 0
    (drop / "a.eml").write_bytes(mail(2))
    (drop / "b.eml").write_bytes(mail(3))
    assert fetching_for(desk).once("in", GO).report.messages == 2
    desk.close()


def test_the_shell_fetches_lists_and_tests_channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`fetch`, `channels list` and `channels test`, with the settings' file as a person writes it."""
    monkeypatch.setenv("SUPPORTDESK_CONFIG", str(tmp_path))
    monkeypatch.setenv("SUPPORTDESK_STORE", str(tmp_path / "desk.db"))
    with imap() as server:
        server.put(mail(1))
        (tmp_path / "settings.toml").write_text(
            f'[[channels]]\nname = "in"\nkind = "imap"\nhost = "127.0.0.1"\nport = {server.port}\n'
            f'security = "none"\nuser = "{USER}"\n'
        )
        run = lambda *words: CliRunner().invoke(cli, list(words), catch_exceptions=False)  # noqa: E731
        tried = run("channels", "test", "in")
        assert "has 1 mails" in tried.output
        assert "works" in tried.output
        assert "1 ticket, 1 message" in run("fetch").output
        assert "last fetched" in run("channels", "list").output
        monkeypatch.setenv("SUPPORTDESK_IN_PASSWORD", "wrong")
        tried = run("channels", "test", "in")
        assert "does not work yet" in tried.output
        assert "wrong" not in tried.output


def test_ctrl_c_ends_an_import_cleanly_and_the_next_goes_on(tmp_path: Path) -> None:
    """What was read is kept, in words and by exit status; the whole again adds the rest only."""
    mails = [b"From x@x.example Mon Mar  9 09:00:00 2026\n" + mail(n).replace(b"\r", b"") for n in range(1200)]
    command = [sys.executable, "-m", "supportdesk", "--store", str(tmp_path / "desk.db"), "import"]
    importing = subprocess.Popen([*command, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert importing.stdin is not None
    importing.stdin.write(b"\n".join(mails[:1100]))
    importing.stdin.flush()
    # The mails in the pipe are read once it is full or closed; the first batch is in the store by then.
    importing.stdin.write(b"\n" * 2_000_000)
    importing.stdin.flush()
    for _ in range(600):
        if (tmp_path / "desk.db").exists() and _messages(tmp_path / "desk.db") >= 500:
            break
        time.sleep(0.1)
    importing.send_signal(signal.SIGINT)
    time.sleep(0.5)
    importing.stdin.close()
    importing.wait(60)
    assert importing.returncode == 130, importing.stderr.read() if importing.stderr else ""
    kept = _messages(tmp_path / "desk.db")
    assert 500 <= kept <= 1100
    (tmp_path / "all.mbox").write_bytes(b"\n".join(mails))
    again = subprocess.run([*command, "--json", str(tmp_path / "all.mbox")], capture_output=True, check=True)
    assert json.loads(again.stdout) == {
        "tickets": 1200 - kept,
        "messages": 1200 - kept,
        "duplicates": kept,
        "set_aside": 0,
    }


def _messages(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(file)) as connection, contextlib.suppress(sqlite3.Error):
        return int(connection.execute("SELECT count(*) FROM message").fetchone()[0])
    return 0
