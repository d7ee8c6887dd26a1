"""What the review screen offers beside deciding: jumps, panes, saved replies, articles, what changed, who is there."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import stage
from seats import Seat, bring, mail, seated

from screens.review import ReviewScreen
from supportdesk.channels.sources import open_source
from supportdesk.domain.correction import Fault
from supportdesk.domain.decision import Decision
from supportdesk.domain.query import QueueQuery
from supportdesk.domain.thread import EPOCH, Ticket
from supportdesk.domain.words import AnswerValue, DecisionKind
from supportdesk.services.desk import Desk
from widgets.differences import counted, differences
from widgets.draft_editor import DraftEditor, alike
from widgets.findings import FindingsList
from widgets.prepared import PreparedList
from widgets.thread_view import ThreadView


@pytest.fixture
def staged(tmp_path: Path) -> Desk:
    """The stage's desk: one ticket with a thread, flags, findings and a claim, and others around it."""
    return stage.open_stage(tmp_path / "stage.db")


def main_ticket(desk: Desk) -> Ticket:
    """The ticket that has everything."""
    return next(t for t in desk.queue.page(list(desk.queue.ids(QueueQuery()))) if t.subject == stage.MAIN)


async def sit_down(seat: Seat, ticket: Ticket) -> ReviewScreen:
    """Open a ticket."""
    screen = ReviewScreen(seat.app.station, ticket.id, ticket)
    seat.app.push_screen(screen)
    await seat.until(f"#{ticket.id} ")
    return screen


async def test_from_a_line_to_what_rests_on_it_and_from_finding_to_claim(staged: Desk) -> None:
    """Enter in the thread walks through the lines that something rests on; both lists show what does."""
    with stage.fixed_checks():
        async with seated(staged, size=(150, 42)) as seat:
            screen = await sit_down(seat, main_ticket(staged))
            await seat.press("enter")
            assert "2 points rest on this line" in seat.text
            prepared = screen.query_one(PreparedList)
            first = prepared.current
            assert first is not None
            assert first.evidence[0].quote == "charged twice for Fernweh Go in March"
            await seat.press("enter")
            assert "two charges of €24" in screen.query_one(FindingsList).current.text  # type: ignore[union-attr]
            await seat.press("full_stop", "full_stop")
            assert "contradicted" in seat.painted("#findings")
            await seat.press("right_parenthesis")
            assert screen.query_one(FindingsList).current.mark == "✔"  # type: ignore[union-attr]
            await seat.press("enter")
            assert screen.focused is screen.query_one(ThreadView)


async def test_panes_are_widened_swapped_and_zoomed_and_a_narrow_terminal_says_why_not(staged: Desk) -> None:
    """The layout stays for the next ticket; where there is one pane, the keys say so."""
    with stage.fixed_checks():
        async with seated(staged, size=(150, 42)) as seat:
            screen = await sit_down(seat, main_ticket(staged))
            before = screen.query_one(ThreadView).region
            await seat.press("greater_than_sign", "greater_than_sign")
            assert screen.query_one(ThreadView).region.width > before.width
            await seat.press("w")
            assert screen.query_one(ThreadView).region.x > screen.query_one(PreparedList).region.x
            await seat.press("plus")
            assert "Only the panes of the right column" in seat.text
            await seat.press("z")
            assert not screen.query_one(PreparedList).region.width
            await seat.press("z", "escape")
            again = await sit_down(seat, main_ticket(staged))
            assert again.query_one(ThreadView).region.x > again.query_one(PreparedList).region.x
            await seat.pilot.resize_terminal(90, 30)
            await seat.press("greater_than_sign")
            assert "All panes need 120 columns" in seat.text


async def test_a_saved_reply_and_an_articles_line_go_into_the_draft(staged: Desk) -> None:
    """Found by a few letters, fields filled, an unfilled field selected; citing an article is kept and checked."""
    ticket = main_ticket(staged)
    with stage.fixed_checks():
        async with seated(staged, size=(120, 36)) as seat:
            screen = await sit_down(seat, ticket)
            await seat.press("m")
            await seat.type("thnks wait")
            await seat.press("enter")
            editor = screen.query_one(DraftEditor)
            assert editor.editing
            assert editor.text.startswith(f"Hi Daniel,\n\nthank you for your patience with {ticket.ref}.")
            assert editor.selected_text == "{order}"
            await seat.type("GO-3117")
            await seat.press("escape")
            await seat.press("d")
            assert "{+Hi Daniel" in seat.text
            await seat.press("escape", "a")
            await seat.type("cancel")
            await seat.press("enter", "enter")
            await seat.press("escape")
    case = staged.review.open(ticket.id, stage.LOGIN)
    assert case.revision is not None
    assert "We are looking at GO-3117." in case.revision.text
    assert "up to 3 days before the next charge" in case.revision.text
    assert case.revision.citations == ("refunds", "cancelling")
    assert case.revision.by == stage.LOGIN


async def test_the_requesters_other_tickets_open_over_this_one(staged: Desk) -> None:
    """`o` lists them; Enter opens one, Esc comes back to a ticket that is still taken."""
    ticket = main_ticket(staged)
    with stage.fixed_checks():
        async with seated(staged, size=(120, 36)) as seat:
            await sit_down(seat, ticket)
            await seat.press("o")
            assert "Invoice for February" in seat.painted("#dialog")
            await seat.press("enter")
            await seat.until("Could you send me the invoice")
            await seat.press("escape")
            assert stage.MAIN in seat.text
            assert "taken by you" in seat.text


async def test_what_came_meanwhile_is_marked_and_told(staged: Desk, tmp_path: Path) -> None:
    """One who looked before sees what is new: a banner with what changed, a line before the first new message."""
    ticket = main_ticket(staged)
    staged.review.take(ticket.id, stage.LOGIN)
    staged.review.see(ticket.id, stage.LOGIN, range(4))
    staged.review.release(ticket.id, stage.LOGIN)
    staged.review.note(ticket.id, "tomas", "The bank has confirmed it.")
    with stage.fixed_checks():
        async with seated(staged, size=(120, 36)) as seat:
            await sit_down(seat, ticket)
            assert "Since you last looked" in seat.text
            assert "tomas left a note" in seat.text
            await seat.press("G")
            assert "new since you last looked" in seat.text
            assert "● " in seat.text
            late = {"from": "customer", "text": "Never mind, it came.", "email": "daniel.okafor@example.net"}
            whole = next(t for t in stage.TICKETS if t["id"] == stage.MAIN)
            more = whole | {"messages": [*whole["messages"], late | {"at": "2026-03-12T08:59:00+00:00"}]}  # type: ignore[misc]
            file = tmp_path / "late.jsonl"
            file.write_text(json.dumps(more))
            with open_source(file, own_addresses=staged.intake.own_addresses) as source:
                staged.intake.take(source)
            await seat.until("came after this draft was written")
            assert "Never mind, it came." in seat.painted("#banner")


async def test_the_same_words_to_the_same_person_are_not_sent_twice_unasked(staged: Desk) -> None:
    """A second approval of the same words within minutes says so before it is given."""
    words = "Hello,\n\nthank you, it is on its way.\n"
    first, second = main_ticket(staged), staged.review.others(main_ticket(staged).id)[0]
    with stage.fixed_checks():
        for ticket in (first, second):
            staged.review.take(ticket.id, stage.LOGIN)
            case = staged.review.edit(ticket.id, stage.LOGIN, words)
            staged.review.see(ticket.id, stage.LOGIN, range(len(case.thread.messages)))
            for item in case.items:
                case = staged.review.answer(ticket.id, stage.LOGIN, item, AnswerValue.CONFIRMED)
            assert (staged.review.same_words_lately(case) is not None) is (ticket is second)
            if ticket is first:
                staged.review.decide(ticket.id, stage.LOGIN, Decision(DecisionKind.APPROVE))
        async with seated(staged, size=(120, 36)) as seat:
            await sit_down(seat, second)
            await seat.press("ctrl+s")
            assert "The very same words were approved for this person" in seat.painted("#dialog")


def test_a_word_that_changed_is_a_word_that_changed() -> None:
    """Differences are by words, what stays is counted, and joining the pieces gives both texts back."""
    before, after = "You get it by Friday, the 5th.\n\nRegards", "You may get it on Monday, the 5th.\n\nKind regards"
    pieces = differences(before, after)
    assert "".join(p.text for p in pieces if p.how != "new") == before
    assert "".join(p.text for p in pieces if p.how != "gone") == after
    assert [(p.text, p.how) for p in pieces if p.how != "same"][:3] == [
        ("may ", "new"),
        ("by Friday", "gone"),
        ("on Monday", "new"),
    ]
    assert counted(pieces)[0] >= 5
    assert alike("abc", "abd") == 2
    assert alike("", "x") == 0


def _found(screen: ReviewScreen, kind: str) -> str:
    """The first finding of a kind, by its fingerprint."""
    assert screen.case is not None
    return next(f.fingerprint for f in screen.case.examination.findings if f.kind == kind)


async def test_a_check_that_is_wrong_and_one_that_missed_something_are_told_so(staged: Desk) -> None:
    """By commands of the palette; the draft, its findings and its flags stay as they were."""
    with stage.fixed_checks():
        async with seated(staged, size=(150, 42)) as seat:
            ticket = main_ticket(staged)
            screen = await sit_down(seat, ticket)
            await seat.press("full_stop")
            screen.query_one(FindingsList).stand_on(("finding", _found(screen, "fact")))
            await seat.app.run_action("review_wrong", screen)
            await seat.until("The check is wrong")
            await seat.pilot.pause(0.4)
            assert "Give your reason" in seat.text
            await seat.type("it says so in the first mail")
            await seat.press("ctrl+s")
            await seat.until("nothing about this ticket changes")
            await seat.app.run_action("review_missed", screen)
            await seat.until("The checks missed something")
            await seat.pilot.pause(0.4)
            await seat.type("no such words")
            await seat.press("tab", "tab")
            await seat.type("it binds us")
            await seat.press("ctrl+s")
            await seat.until("Those words are not in the draft")
    said = staged.corrections.all(EPOCH, staged.clock.now() + timedelta(days=1))
    assert [(c.ticket_id, c.what, c.reason) for c in said] == [(ticket.id, Fault.WRONG, "it says so in the first mail")]


async def test_a_file_to_be_careful_with_says_so_where_it_is_listed(desk: Desk, tmp_path: Path) -> None:
    """What its name hides, in words, under the file."""
    odd = mail("Here is the bill.").replace(
        "Content-Type: text/plain; charset=utf-8\n\n",
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\n',
    )
    odd += '--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename="bill.pdf.exe"\n\nMZ\n--b--\n'
    bring(desk, tmp_path, odd)
    async with seated(desk, "ana") as seat:
        await seat.press("enter")
        await seat.until("careful: its name looks like .pdf")
