"""Delivery into a Maildir: whole or not at all, private, and never twice."""

from __future__ import annotations

import dataclasses
import mailbox
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from supportdesk.channels.compose import compose
from supportdesk.channels.maildir_out import MaildirDelivery
from supportdesk.domain.outgoing import Outgoing, Stage
from supportdesk.domain.thread import Address
from supportdesk.domain.words import OutboxState
from supportdesk.errors import StoreTrouble

MAIL = Outgoing(
    message_id="1@desk.example",
    sender=Address("help@desk.example", "Help"),
    to=("ann@x.example",),
    bcc=("audit@x.example",),
    subject="Grüße",
    text="From here\n.\n",
    at=datetime(2026, 1, 2, tzinfo=UTC),
)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_mail_lies_there_as_composed_for_its_owner_only(tmp_path: Path) -> None:
    """Any mail program reads it; no other user of the machine does."""
    folder = tmp_path / "outbox"
    stages: list[Stage] = []
    outcome = MaildirDelivery(folder).deliver(MAIL, compose(MAIL), stages.append)
    assert (outcome.state, outcome.already) == (OutboxState.SENT, False)
    assert outcome.accepted == ("ann@x.example", "audit@x.example")
    assert stages == [Stage.ENVELOPE, Stage.DATA]
    (file,) = files(folder)
    assert str(file) in outcome.response
    assert file.read_bytes() == compose(MAIL)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {stat.S_IMODE(part.stat().st_mode) for part in (folder, *folder.iterdir())} == {0o700}
    (read,) = mailbox.Maildir(folder, create=False)
    assert read["Message-ID"] == "<1@desk.example>"


def test_a_second_delivery_is_recognised(tmp_path: Path) -> None:
    """After a crash the same mail is tried again; it is there once, and the answer says so."""
    way = MaildirDelivery(tmp_path)
    assert way.was_delivered(MAIL.message_id) is False
    way.deliver(MAIL, compose(MAIL), lambda stage: None)
    again = way.deliver(
        dataclasses.replace(MAIL, at=datetime(2027, 1, 1, tzinfo=UTC)), b"other bytes", lambda stage: None
    )
    assert (again.state, again.already) == (OutboxState.SENT, True)
    assert [file.read_bytes() for file in files(tmp_path)] == [compose(MAIL)]
    assert way.was_delivered(MAIL.message_id) is True


def test_a_mail_somebody_has_read_meanwhile_is_recognised_too(tmp_path: Path) -> None:
    """Mail programs move what was looked at and add flags to its name."""
    way = MaildirDelivery(tmp_path)
    way.deliver(MAIL, compose(MAIL), lambda stage: None)
    (file,) = files(tmp_path)
    file.rename(tmp_path / "cur" / f"{file.name}:2,RS")
    assert way.deliver(MAIL, compose(MAIL), lambda stage: None).already
    assert len(files(tmp_path)) == 1


def test_different_mails_do_not_meet(tmp_path: Path) -> None:
    """Ids that differ in case, or look like paths, have files of their own."""
    ids = ["a@x", "A@x", "../../../a@x", "a/b@x", "x" * 800 + "@x"]
    for one in ids:
        mail = dataclasses.replace(MAIL, message_id=one)
        assert not MaildirDelivery(tmp_path / "m").deliver(mail, compose(mail), lambda stage: None).already
    assert len(files(tmp_path)) == len(ids)


def test_a_sender_killed_while_writing_leaves_no_half_mail(tmp_path: Path) -> None:
    """Killed at either stage, nothing lies where mail programs look; the next try delivers once."""
    code = """
import os, sys, pathlib
sys.path.insert(0, sys.argv[3])
from test_maildir_out import MAIL, MaildirDelivery, compose, Stage
way = MaildirDelivery(pathlib.Path(sys.argv[1]))
way.deliver(MAIL, compose(MAIL), lambda stage: os._exit(9) if stage == sys.argv[2] else None)
"""
    way = MaildirDelivery(tmp_path)
    for stage in Stage:
        arguments = [sys.executable, "-c", code, str(tmp_path), stage.value, str(Path(__file__).parent)]
        assert subprocess.run(arguments, check=False).returncode == 9
        assert way.was_delivered(MAIL.message_id) is False
        assert not (tmp_path / "new").exists() or not any((tmp_path / "new").iterdir())
    assert way.deliver(MAIL, compose(MAIL), lambda stage: None).state is OutboxState.SENT
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_when_a_stage_cannot_be_recorded_nothing_is_written(tmp_path: Path) -> None:
    """The error passes through, and no draft stays behind."""

    def on_stage(stage: Stage) -> None:
        if stage is Stage.DATA:
            raise StoreTrouble("The store is full.")

    with pytest.raises(StoreTrouble):
        MaildirDelivery(tmp_path).deliver(MAIL, compose(MAIL), on_stage)
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_fails_and_may_be_tried_again(tmp_path: Path) -> None:
    """One sentence, nothing lost, and the whole desk is concerned."""
    (tmp_path / "file").write_text("")
    outcome = MaildirDelivery(tmp_path / "file").deliver(MAIL, compose(MAIL), lambda stage: None)
    assert (outcome.state, outcome.desk_wide) == (OutboxState.FAILED, True)
    assert outcome.retry_to == MAIL.recipients
    assert str(tmp_path / "file") in outcome.response
