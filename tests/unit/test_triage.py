"""Triage: a thread understood as a whole."""

import pytest

from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import ALWAYS_ESCALATE, Author, Path, TriggerKind
from supportdesk.rules.clauses import readings
from supportdesk.rules.routing import default_routing
from supportdesk.rules.triage import History, triage
from supportdesk.rules.triggers import raised


def thread(*messages: tuple[str, str], subject: str = "") -> Thread:
    return Thread(
        tuple(Message(Author(author), text, position) for position, (author, text) in enumerate(messages)), subject
    )


def kinds(*messages: tuple[str, str], subject: str = "") -> set[TriggerKind]:
    return {t.kind for t in triage(thread(*messages, subject=subject), default_routing()).triggers}


def test_every_quote_stands_verbatim_where_it_says() -> None:
    """Flags, summary points and questions can be looked up in the message they name."""
    given = thread(
        ("customer", "Hello,\n\nI was charged twice in March. When do I get my money back?\n\nRegards\nAna"),
        ("agent", "Which charge do you mean?"),
        ("customer", "The one of 49 EUR. My charger caught fire too.\n> I was charged twice"),
    )
    result = triage(given, default_routing())
    assert result.triggers and result.summary and result.unresolved
    for found in (*result.triggers, *result.unresolved):
        words = found.quote if hasattr(found, "quote") else found.text
        assert given.messages[found.message].text[found.start : found.end] == words
    for point in result.summary:
        assert point.evidence is not None
        text = given.messages[int(point.evidence.ref)].text
        assert text[point.evidence.start : point.evidence.end] == point.evidence.quote


def test_agents_words_and_quoted_words_raise_nothing() -> None:
    """Only what the customer says themselves, now, is held against the routine path."""
    quoted = "Thanks, that answers it.\n\nOn Monday Bo wrote:\n> My lawyer will sue you. The charger caught fire."
    assert kinds(("customer", "Where do I find my invoices?"), ("agent", "I was charged twice and will sue.")) == set()
    assert not kinds(("customer", quoted)) & ALWAYS_ESCALATE


@pytest.mark.parametrize("kind", sorted(ALWAYS_ESCALATE))
def test_what_must_escalate_does(kind: TriggerKind) -> None:
    """No setting and no model lowers safety, legal, privacy and vulnerable."""
    assert default_routing().path_of(kind) is Path.ESCALATION


def test_history_makes_a_calm_message_repeated() -> None:
    """A matter that came back is repeated even when the words do not say so."""
    calm = thread(("customer", "Where do I find my invoices for last year?"))
    assert triage(calm, default_routing()).path is Path.ROUTINE
    again = triage(calm, default_routing(), History(reopened=1))
    assert [t.kind for t in again.triggers] == [TriggerKind.REPEATED]
    assert again.path is Path.REVIEW


def test_an_unreadable_language_needs_a_person() -> None:
    """Rules that cannot read a text do not call it routine."""
    result = triage(thread(("customer", "Sijapokea agizo langu bado, naomba msaada tafadhali")), default_routing())
    assert result.path is not Path.ROUTINE


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x1b[2J", "?" * 5000, "a" * 100_000, "🙂" * 50, ">" * 3000])
def test_any_text_is_answered(text: str) -> None:
    """Whatever a customer sends, triage says something and never raises."""
    assert triage(thread(("customer", text)), default_routing()).queue


def test_a_subject_line_states_nothing_by_itself() -> None:
    """A heading names a topic: what counts is what is said under it."""
    asked = ("customer", "Could you point me to the page with your terms? I am only comparing gyms.")
    assert TriggerKind.CANCELLATION not in kinds(asked, subject="Cancellation")
    assert TriggerKind.CANCELLATION in kinds(("customer", "Please cancel my membership."), subject="Hello")


def test_a_vague_message_is_unclear_and_a_short_clear_one_is_not() -> None:
    """Nobody can act on "please fix it"; a short question can be answered."""
    assert kinds(("customer", "It doesn't look right, please fix.")) & {TriggerKind.UNCLEAR}
    assert TriggerKind.UNCLEAR not in kinds(("customer", "Are you open on Sundays?"))


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I was charged twice on my invoice, please check the amount.", "billing"),
        ("The app crashes since the update and shows an error.", "technical"),
        ("When will my parcel be delivered? I ordered on Monday.", "orders"),
    ],
)
def test_the_category_follows_the_matter(text: str, category: str) -> None:
    """What a ticket is about is told by its words and its flags."""
    assert triage(thread(("customer", text)), default_routing()).category == category


def test_letters_that_fold_to_nothing_are_read_without_harm() -> None:
    """Marks without a letter, controls and bare joiners leave words without a single character."""
    text = "\u0301\u0302 \u200d\u200d \u0489\u0489 refund \u0300please"
    raised([(0, readings(text, "en"))])
