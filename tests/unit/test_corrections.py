"""What people say of the checks: kept, counted by rule, turned into cases that can be replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from supportdesk.cli.main import cli
from supportdesk.demo import open_sample_desk
from supportdesk.domain.findings import Finding
from supportdesk.domain.people import Person
from supportdesk.domain.words import FindingKind
from supportdesk.errors import BadInput, Refused
from supportdesk.services.corrections import replay
from supportdesk.services.desk import Desk
from supportdesk.store import sqlite


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The sample desk, prepared."""
    desk = open_sample_desk(tmp_path_factory.mktemp("sample"))
    yield desk
    desk.close()


def found(desk: Desk, *kinds: FindingKind) -> tuple[int, Finding]:
    """A ticket of the sample whose draft has a finding of one of these kinds."""
    for number in range(1, desk.queue.last_id() + 1):
        for finding in desk.review.read(number, desk.person).examination.findings:
            if finding.kind in kinds:
                return number, finding
    raise AssertionError(f"the sample has no finding of {kinds}")


def test_a_finding_called_wrong_counts_against_its_rule_and_settles_nothing(desk: Desk) -> None:
    """The report shows hits, what was called wrong, and the share; the finding still stands."""
    ticket, finding = found(desk, FindingKind.FACT, FindingKind.TONE, FindingKind.THREAD, FindingKind.LINK)
    said = desk.corrections.wrong(ticket, desk.login, finding.fingerprint, "That is our house style.")
    until = desk.clock.now() + timedelta(days=1)
    figures = {f.rule: f for f in desk.corrections.figures(until - timedelta(days=3650), until)}
    assert figures[finding.rule].hits >= 1
    assert figures[finding.rule].wrong == 1
    assert figures[finding.rule].false_alarms
    case = desk.review.read(ticket, desk.person)
    assert finding.fingerprint in {f.fingerprint for f in case.examination.findings}
    assert case.settled(finding) is None
    made = desk.corrections.case(said.id, desk.login)
    assert replay(json.loads(json.dumps(made, default=str)))


def test_what_was_missed_becomes_a_case_that_fails_until_it_is_found(desk: Desk) -> None:
    """The words are kept with the draft's fingerprint; a quote that is not there is refused."""
    ticket, _ = found(desk, *FindingKind)
    case = desk.review.read(ticket, desk.person)
    assert case.revision is not None
    quote = case.revision.text.splitlines()[0]
    said = desk.corrections.missed(ticket, desk.login, quote, FindingKind.ADVICE, "legal", "It tells them the law.")
    made = desk.corrections.case(said.id, desk.login)
    assert made["draft"][made["expect"]["faults"][0]["start"] :].startswith(quote)
    assert replay(made) == (f"advice not found: “{quote}”",)
    with pytest.raises(BadInput):
        desk.corrections.missed(ticket, desk.login, "no such words", FindingKind.ADVICE, "legal", "Why not.")


def test_a_correction_cannot_be_changed_or_taken_back(desk: Desk) -> None:
    """The table is append-only in the database too."""
    ticket, finding = found(desk, FindingKind.FACT, FindingKind.TONE, FindingKind.THREAD, FindingKind.LINK)
    desk.corrections.wrong(ticket, desk.login, finding.fingerprint, "No.")
    assert isinstance(desk.store, sqlite.SqliteStore)
    for statement in ("UPDATE check_correction SET reason = 'x'", "DELETE FROM check_correction"):
        with pytest.raises(Exception, match="never"), desk.store._engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_not_a_commitment_is_no_way_round_the_authority(desk: Desk) -> None:
    """Who may not make a commitment may not call it none; nor may who has the ticket in hand."""
    ticket, finding = found(desk, FindingKind.COMMITMENT)
    desk.staff.put("maren", Person("newcomer", "New Comer", "trainee"))
    with pytest.raises(Refused):
        desk.corrections.wrong(ticket, "newcomer", finding.fingerprint, "I say it is none.")


def test_the_shell_reports_corrects_and_replays(desk: Desk, tmp_path: Path) -> None:
    """`rules report --json`, `rules wrong`, `rules case` and `rules replay` work on a store."""
    ticket, finding = found(desk, FindingKind.FACT, FindingKind.TONE, FindingKind.THREAD, FindingKind.LINK)
    cases = tmp_path / "cases.jsonl"
    base = ["--store", str(desk.file), "rules"]
    run = CliRunner(env={"SUPPORTDESK_LOGIN": desk.login})
    report = run.invoke(cli, [*base, "report", "--days", "3650", "--json"])
    assert report.exit_code == 0, report.output
    assert any(r["rule"] == finding.rule for r in json.loads(report.output)["rules"])
    done = run.invoke(cli, [*base, "wrong", str(ticket), finding.fingerprint, "--reason", "It is right."])
    assert done.exit_code == 0, done.output
    number = done.output.rsplit(" ", 1)[-1].strip(" .\n")
    assert run.invoke(cli, [*base, "case", number, "--into", str(cases)]).exit_code == 0
    again = run.invoke(cli, [*base, "replay", str(cases)])
    assert "0 of 1 cases hold." in again.output
