"""What was recorded can be checked, copied and put back; what was altered is named."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from journeys.test_one_tickets_way import APPROVE, bring, ready

from supportdesk.errors import BadInput, StoreTrouble
from supportdesk.services.desk import Desk
from supportdesk.store.backup import backup, restore
from supportdesk.store.verify import verify


def sent(desk: Desk, tmp_path: Path, clock) -> Path:  # type: ignore[no-untyped-def]
    """A desk with one reply that left, closed; returns its file."""
    ticket = bring(desk, tmp_path)
    ready(desk, ticket)
    desk.review.decide(ticket, "ana", APPROVE)
    clock.forward(minutes=1)
    assert desk.sending.send_due()
    desk.close()
    return desk.file


def tamper(file: Path, *statements: str) -> None:
    """What somebody with the file and another tool can do: no guards, no authorizer."""
    with closing(sqlite3.connect(file)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount, statement
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


def test_an_honest_desk_verifies(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """Chain, rows and guards all stand; the head can be anchored and found again."""
    file = sent(desk, tmp_path, clock)
    found = verify(file)
    assert found.differences == ()
    assert found.links > 10
    assert found.rows > found.links / 2
    assert verify(file, found.head).differences == ()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE message SET text = 'other' WHERE id = 1", "message 1"),
        ("UPDATE revision SET text = text || '!' WHERE id = 1", "revision"),
        ("UPDATE answer SET value = 'problem' WHERE item = 'tone'", "answer"),
        ("UPDATE decision SET by = 'ben'", "decision"),
        ("UPDATE decision SET seconds = 900", "decision"),
        ("UPDATE approval SET to_json = '[\"eve@example.org\"]'", "approval 1"),
        ("DELETE FROM seen", "seen"),
        ("DELETE FROM answer WHERE item = 'facts'", "answer"),
        ("UPDATE audit SET actor = 'ben' WHERE action = 'approved'", "was changed"),
        ("DELETE FROM audit WHERE action = 'approved'", "does not follow"),
        ("UPDATE raw SET body = x'00'", "kept file"),
        ("DELETE FROM raw", "is gone"),
        ("DELETE FROM approval", "approval"),
        (
            "INSERT INTO seen (message_id, login, ticket_id, at) VALUES (77, 'ana', 1, 1)",
            "1 rows of seen are in no record",
        ),
        ("INSERT INTO flag SELECT 9, 1, 'legal', 'rule', 1, 'x', 1, 'ana', 'r', 5", "flag 9"),
    ],
)
def test_what_was_altered_is_named(desk: Desk, tmp_path: Path, clock, statement: str, named: str) -> None:  # type: ignore[no-untyped-def]
    """By somebody who had the file and knew SQL."""
    file = sent(desk, tmp_path, clock)
    tamper(file, statement)
    differences = verify(file).differences
    assert any(named in words for words in differences), differences


def test_a_long_chain_is_looked_along_by_several_processes(
    desk: Desk,
    tmp_path: Path,
    clock,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the same result as by one, anchor and all; what differs in another's share is named too."""
    file = sent(desk, tmp_path, clock)
    alone = verify(file)
    with closing(sqlite3.connect(file)) as connection:
        early = connection.execute("SELECT hash FROM audit WHERE id = 2").fetchone()[0]
    monkeypatch.setattr("supportdesk.store.verify._SHARE", 5)
    assert verify(file, early) == alone
    tamper(file, "UPDATE message SET text = 'other' WHERE id = 1")
    assert any("message 1" in words for words in verify(file).differences)


def test_a_missing_or_weakened_guard_is_named(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """Guards are part of what is verified."""
    file = sent(desk, tmp_path, clock)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TRIGGER approval_needs_tone")
        connection.execute("DROP TRIGGER approval_needs_facts")
        connection.execute("CREATE TRIGGER approval_needs_facts BEFORE INSERT ON approval BEGIN SELECT 1; END")
    words = " ".join(verify(file).differences)
    assert "approval_needs_tone is missing" in words
    assert "approval_needs_facts was changed" in words


def test_a_cut_off_end_shows_against_an_anchor(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """A chain alone cannot know what came after its end; the anchor kept elsewhere does."""
    file = sent(desk, tmp_path, clock)
    head = verify(file).head
    tamper(file, "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    assert any("anchor" in words for words in verify(file, head).differences)


def test_flipped_bits_in_stored_words_are_found(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """Forty single bits in the words of messages, drafts and approvals; every one is found."""
    file = sent(desk, tmp_path, clock)
    with closing(sqlite3.connect(file)) as connection:
        # The search index repeats the words and can be made anew from the messages.
        connection.execute("DELETE FROM message_fts")
        connection.execute("DELETE FROM article_fts")
        connection.commit()
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert verify(file).differences == ()
    whole = file.read_bytes()
    words = [b"our shop in Bremen is open", b"when your shop in Bremen is open"]
    places = [i for w in words for start in _all(whole, w) for i in range(start, start + len(w))]
    chance = random.Random(6)
    missed = []
    for place in chance.sample(places, 40):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(7)
        copy = tmp_path / "flipped.db"
        copy.write_bytes(flipped)
        if not verify(copy).differences:
            missed.append(place)
    assert missed == []


def _all(whole: bytes, words: bytes) -> list[int]:
    found, at = [], whole.find(words)
    while at >= 0:
        found.append(at)
        at = whole.find(words, at + 1)
    return found


def test_a_copy_made_while_in_use_is_whole_and_private(desk: Desk, tmp_path: Path) -> None:
    """What is only in the WAL is in the copy; nobody else may read it; nothing is overwritten."""
    bring(desk, tmp_path)
    copy = tmp_path / "copy.db"
    backup(desk.file, copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert verify(copy).differences == ()
    assert verify(copy).head == verify(desk.file).head
    with pytest.raises(BadInput):
        backup(desk.file, copy)
    assert sorted(p.name for p in tmp_path.glob("copy*")) == ["copy.db"]


def test_a_copy_is_put_back_and_what_was_there_is_kept(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """The store is as it was when it was copied; the newer one lies beside it."""
    bring(desk, tmp_path)
    copy = tmp_path / "copy.db"
    backup(desk.file, copy)
    head = verify(desk.file).head
    newer = sent(desk, tmp_path, clock)
    newest = verify(newer).head
    restore(copy, newer)
    assert verify(newer).head == head
    assert verify(newer.with_name("desk.db.before")).head == newest


def test_an_altered_copy_is_not_put_back(desk: Desk, tmp_path: Path, clock) -> None:  # type: ignore[no-untyped-def]
    """It is verified first; the store stays."""
    file = sent(desk, tmp_path, clock)
    copy = tmp_path / "copy.db"
    backup(file, copy)
    tamper(copy, "UPDATE message SET text = 'other' WHERE id = 1")
    before = verify(file).head
    with pytest.raises(StoreTrouble, match="message 1"):
        restore(copy, file)
    assert verify(file).head == before
