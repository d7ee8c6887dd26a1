"""A person at the workstation, with the keyboard only, on the real services and a real store."""

from __future__ import annotations

from pathlib import Path

import pytest
from seats import GOOD_WORDS, HOURS, Seat, bring, mail, seated

from supportdesk.domain.words import OutboxState, Status
from supportdesk.services.desk import Desk
from widgets.heads import CaseHead

QUESTION = "Hello,\ncould you tell me when your shop in Bremen is open on Saturdays?\nAnna"
LONG = "\n\n".join(f"Paragraph {n}: I walked past your shop again today." for n in range(40))


@pytest.fixture
def busy_desk(desk: Desk, tmp_path: Path) -> Desk:
    """A desk with one ticket of two messages, the second longer than any screen, and a good draft."""
    desk.knowledge.put_all([HOURS], "lea")
    bring(desk, tmp_path, mail(QUESTION), mail(LONG, number=2, answers=1, subject="Re: Opening hours", at="08:30"))
    desk.review.take(1, "ana")
    desk.review.edit(1, "ana", GOOD_WORDS)
    desk.review.release(1, "ana")
    return desk


async def read_all(seat: Seat) -> None:
    """Read the thread to its end, as a person does."""
    for _ in range(30):
        if "2 of 2 read" in seat.text:
            return
        await seat.press("space")
    raise AssertionError("the thread was never read to its end")


async def test_a_reply_is_read_judged_approved_and_leaves(busy_desk: Desk, clock, tmp_path: Path) -> None:
    """The whole way: too early is refused and explained, then every item is confirmed, then the words leave."""
    async with seated(busy_desk, "ana") as seat:
        assert "Opening hours" in seat.text
        await seat.press("enter")
        assert "could you tell me when your shop" in seat.text
        assert "taken by you" in seat.text

        await seat.press("ctrl+s")
        assert seat.screen == "BlockersDialog"
        assert "in the way" in seat.text
        assert "Thread: 1 of 2" in seat.text
        assert "Facts: not answered yet" in seat.text
        await seat.press("enter")
        assert seat.app.screen.focused is not None
        assert seat.app.screen.focused.id == "thread"

        await read_all(seat)
        assert busy_desk.sending.entries() == ()
        await seat.press("tab", "tab", "tab", "tab")
        await seat.press("ctrl+y", "ctrl+y", "ctrl+y", "ctrl+y")
        assert "all confirmed" in seat.text
        await seat.press("ctrl+s")
        assert "Sends to anna@example.com, in 15 s, as a reply to message 2" in seat.painted("#dialog")
        assert busy_desk.sending.entries() == ()
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        assert seat.screen == "QueueScreen"
        assert "leaves for anna@example.com" in seat.text
        assert [e.state for e in busy_desk.sending.entries()] == [OutboxState.QUEUED]

        clock.forward(seconds=20)
        await seat.until("Sent")
    assert busy_desk.queue.get(1).status is Status.PENDING
    assert len(list((tmp_path / "outbox" / "new").iterdir())) == 1


async def test_a_reply_can_be_called_back_before_it_leaves(busy_desk: Desk, clock, tmp_path: Path) -> None:
    """`u` within the recall time: nothing leaves and the ticket is open again."""
    async with seated(busy_desk, "ana") as seat:
        await approve(seat)
        await seat.press("u")
        assert "did not leave" in seat.text
        clock.forward(seconds=60)
        await seat.pilot.pause(2.5)
        await seat.quiet()
        await seat.press("u")
        assert "nothing to recall" in seat.text
    assert [e.state for e in busy_desk.sending.entries()] == [OutboxState.CANCELLED]
    assert busy_desk.queue.get(1).status is Status.OPEN
    assert not (tmp_path / "outbox").exists()


async def approve(seat: Seat) -> None:
    """From the queue to an approved reply."""
    await seat.press("enter")
    await read_all(seat)
    await seat.press("tab", "tab", "tab", "tab", "ctrl+y", "ctrl+y", "ctrl+y", "ctrl+y", "ctrl+s")
    await seat.pilot.pause(0.4)
    await seat.press("ctrl+s")
    assert seat.screen == "QueueScreen", seat.text


async def test_other_words_void_the_answers_about_the_old_ones(busy_desk: Desk) -> None:
    """Editing after answering: the thread stays confirmed, what depends on the words does not."""
    async with seated(busy_desk, "ana") as seat:
        await seat.press("enter")
        await read_all(seat)
        await seat.press("tab", "tab", "tab", "tab", "ctrl+y", "ctrl+y", "ctrl+y", "ctrl+y")
        await seat.press("e", "ctrl+end")
        await seat.type("\n")
        await seat.type("See you soon")
        assert "not kept yet" in seat.text
        await seat.press("escape")
        assert "3 to confirm" in seat.text
        await seat.press("ctrl+s")
        assert "Thread:" not in seat.text
        assert "Facts: not answered yet" in seat.text
    case = busy_desk.review.open(1, "ana")
    assert case.revision is not None
    assert case.revision.text.endswith("See you soon")
    assert case.revision.by == "ana"


async def test_a_promise_beyond_ones_authority_is_found_while_typing(busy_desk: Desk) -> None:
    """The checks run as one types; what they find is underlined, explained and in the way."""
    async with seated(busy_desk, "ana", size=(150, 42)) as seat:
        await seat.press("enter", "e", "ctrl+end")
        await seat.type(" We will refund you 49 EUR tomorrow.")
        await seat.pilot.pause(0.5)
        await seat.quiet()
        assert "Beyond your authority" in seat.painted("#findings")
        await seat.press("escape", "ctrl+s")
        assert "beyond your authority" in seat.painted("#dialog")
    assert busy_desk.sending.entries() == ()


async def test_leaving_keeps_the_words_and_gives_the_ticket_back(busy_desk: Desk) -> None:
    """Esc out of the review: what was typed is a revision, and nobody has the ticket."""
    async with seated(busy_desk, "ana") as seat:
        await seat.press("enter", "e", "ctrl+end")
        await seat.type(" Bye")
        await seat.press("escape", "escape")
        assert seat.screen == "QueueScreen"
    case = busy_desk.review.open(1, "ana")
    assert case.revision is not None
    assert case.revision.text.endswith("Bye")
    assert case.ticket.taken_by == ""


async def test_quitting_in_the_middle_of_a_sentence_loses_nothing(busy_desk: Desk) -> None:
    """ctrl+q while editing keeps the words and gives the ticket back."""
    async with seated(busy_desk, "ana") as seat:
        await seat.press("enter", "e", "ctrl+end")
        await seat.pilot.press("B", "y", "e", "ctrl+q")
        await seat.pilot.pause(0.5)
    case = busy_desk.review.open(1, "ana")
    assert case.revision is not None
    assert case.revision.text.endswith("Bye")
    assert case.ticket.taken_by == ""


async def test_no_printable_key_decides_anything(busy_desk: Desk) -> None:
    """Every printable key, in every pane of a review that could be approved: nothing is decided, nothing answered."""
    async with seated(busy_desk, "ana") as seat:
        await seat.press("enter")
        await read_all(seat)
        await seat.press("tab", "tab", "tab", "tab", "ctrl+y", "ctrl+y", "ctrl+y", "ctrl+y")
        before = busy_desk.review.open(1, "ana").answers
        for pane in range(6):
            # What a pane does not know itself goes to the screen, so one pane tries all keys, the others a share each.
            for code in range(33, 127) if pane == 0 else range(32 + pane, 127, 5):
                await seat.pilot.press(chr(code))
                while seat.screen != "ReviewScreen" or seat.app.screen.query_one("#draft").editing:  # type: ignore[attr-defined]
                    await seat.pilot.press("escape")
                    await seat.pilot.pause()
            await seat.quiet()
            await seat.press("tab")
            assert seat.screen == "ReviewScreen", pane
        assert busy_desk.review.open(1, "ana").answers == before
    assert busy_desk.sending.entries() == ()
    assert busy_desk.queue.get(1).status.group == "open"


async def test_a_ticket_that_is_being_taken_is_not_called_free(
    busy_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is known whether one has it, nothing is said of it."""
    heads: list[str] = []
    show = CaseHead.show
    monkeypatch.setattr(CaseHead, "show", lambda self, *given: (heads.append(given[2][0]), show(self, *given)))
    async with seated(busy_desk, "ana") as seat:
        await seat.press("enter")
        await seat.until("taken by you")
    assert "not taken" not in heads
    assert heads


async def test_a_ticket_somebody_has_can_be_read_and_taken_over_knowingly(busy_desk: Desk) -> None:
    """Who has it is said; changing it is refused with a reason; taking over is asked, done and recorded."""
    busy_desk.review.take(1, "ben")
    async with seated(busy_desk, "ana") as seat:
        assert "ben" in seat.text
        await seat.press("enter")
        assert "ben has this ticket" in seat.text
        await seat.press("e")
        assert "^t takes it over" in seat.text
        await seat.press("ctrl+t")
        assert "ben has had it since" in seat.painted("#dialog")
        await seat.pilot.pause(0.4)
        await seat.press("ctrl+s")
        assert "taken by you" in seat.text
    assert any(r.action == "took_over" for r in busy_desk.review.history(1))


async def test_a_message_that_arrives_meanwhile_is_announced_and_voids_the_draft(
    busy_desk: Desk, tmp_path: Path
) -> None:
    """The thread grows under one's eyes: a banner says so, and the draft cannot be sent as it is."""
    async with seated(busy_desk, "ana") as seat:
        await seat.press("enter")
        another = mail("Never mind, I found it.", number=3, answers=2, subject="Re: Opening hours", at="08:50")
        (tmp_path / "late").mkdir()
        late = tmp_path / "late" / "late.eml"
        late.write_text(another)
        from supportdesk.channels.sources import open_source

        with open_source(late) as source:
            busy_desk.intake.take(source)
        await seat.until("A message came after this draft was written")
        assert "of 3 read" in seat.text
        await seat.press("ctrl+s")
        assert "renew the draft" in seat.painted("#dialog")


async def test_pointing_at_a_summary_point_shows_its_line(busy_desk: Desk) -> None:
    """The cursor on a point brings the source line into sight, marked."""
    async with seated(busy_desk, "ana", size=(150, 42)) as seat:
        await seat.press("enter", "G", "tab", "g")
        thread = seat.app.screen.query_one("#thread")
        marked = [
            f"{segment.text} "
            for y in range(thread.size.height)
            for segment in thread.render_line(y)
            if segment.style is not None and segment.style.underline
        ]
        point = seat.app.screen.query_one("#prepared").current  # type: ignore[attr-defined]
        assert point.evidence
        assert "".join(marked).split() == point.evidence[0].quote.split()


async def test_a_note_is_in_the_thread_and_visibly_internal(busy_desk: Desk) -> None:
    """`n` leaves a note; it stands in the thread as an internal one."""
    async with seated(busy_desk, "ana") as seat:
        await seat.press("enter", "n")
        await seat.type("Ask the Bremen shop")
        await seat.press("ctrl+s")
        await seat.press("G")
        assert "internal note" in seat.text
        assert "Ask the Bremen shop" in seat.text


async def test_an_empty_desk_says_what_to_do_next(desk: Desk) -> None:
    """A first start is not a riddle."""
    async with seated(desk, "ana") as seat:
        assert "supportdesk import" in seat.text
        assert "supportdesk demo" in seat.text


async def test_a_filter_narrows_the_queue_and_says_what_is_wrong_with_it(busy_desk: Desk, tmp_path: Path) -> None:
    """Typing filters live; what cannot be understood is said beside it; Esc shows all again."""
    other = mail(
        "My invoice is wrong, please send a new one.", number=9, subject="Invoice", sender="Bo <bo@example.org>"
    )
    bring(busy_desk, tmp_path, other)
    async with seated(busy_desk, "ana") as seat:
        assert "Invoice" in seat.text
        await seat.press("slash")
        await seat.type("bremen")
        await seat.until("1 ticket ")
        assert "Invoice" not in seat.text
        await seat.press("enter", "escape")
        await seat.until("2 tickets")
        await seat.press("slash")
        await seat.type("colour:red")
        assert "Unknown filter colour" in seat.text
        await seat.press("escape")
        await seat.press("slash")
        await seat.type("zebra")
        await seat.until("No ticket fits")
