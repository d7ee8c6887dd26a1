"""Any order of anything people, customers, models and servers can do: nothing is sent without its approval."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from supportdesk.bootstrap import open_desk
from supportdesk.domain.decision import Decision, digest
from supportdesk.domain.incoming import IncomingMessage, IncomingTicket
from supportdesk.domain.outgoing import Outcome, Outgoing, Stage
from supportdesk.domain.people import Person
from supportdesk.domain.preparation import Trigger
from supportdesk.domain.thread import Address
from supportdesk.domain.words import AnswerValue, Author, DecisionKind, OutboxState, Settled, TriggerKind
from supportdesk.errors import DeskError
from supportdesk.services.delivery import Sending
from supportdesk.services.desk import Desk
from supportdesk.settings import AuthoritySettings, GateSettings, Settings
from supportdesk.store import engine
from supportdesk.store.verify import verify

PEOPLE = ("lea", "ana", "ben", "app", "gone", "eve")
TEXTS = (
    "Hello,\n\nthank you for your message.\n\nKind regards",
    "Hello,\n\nwe will refund you €50 today.\n\nKind regards",
    "Hello,\n\nwe will refund you €500 today.\n\nKind regards",
    "",
)
MAILS = ("Thank you very much!", "I was charged twice, I want my money back!", "I will call my lawyer.", "Any news?")
_SETTINGS = Settings(
    authority=[
        AuthoritySettings(role="approver", kind="money", up_to=Decimal(100), currency="EUR"),
        AuthoritySettings(role="approver", kind="deadline"),
        AuthoritySettings(role="approver", kind="outcome"),
    ],
    gate=GateSettings(four_eyes=("legal",)),
)
tally: Counter[str] = Counter()


class _Clock:
    def __init__(self) -> None:
        self.at, self.uptime, self.boot_id = datetime(2026, 3, 12, 9, 0, tzinfo=UTC), 1_000_000, "boot-1"

    def now(self) -> datetime:
        return self.at

    def boot(self) -> tuple[str, int]:
        return self.boot_id, self.uptime


class _Post:
    """A mail server with moods; it keeps the Message-ID and words of all it took."""

    def __init__(self) -> None:
        self.mood = "takes"
        self.taken: list[tuple[str, str, tuple[str, ...]]] = []

    def deliver(self, outgoing: Outgoing, raw: bytes, on_stage: Callable[[Stage], None]) -> Outcome:
        to = outgoing.recipients
        if self.mood == "away":
            return Outcome(OutboxState.FAILED, "away", retry_to=to, desk_wide=True)
        on_stage(Stage.ENVELOPE)
        if self.mood == "refuses":
            return Outcome(OutboxState.FAILED, "550 no", refused=dict.fromkeys(to, "550 no"))
        on_stage(Stage.DATA)
        if self.mood != "drops":
            self.taken.append((outgoing.message_id, outgoing.text, to))
        if self.mood in ("drops", "breaks"):
            return Outcome(OutboxState.UNCERTAIN, "connection lost")
        return Outcome(OutboxState.SENT, "250 ok", accepted=to)


_base: list[Path] = []


def _fresh(folder: Path) -> Path:
    """A desk with everybody, copied from the first one made."""
    if not _base:
        _base.append(Path(tempfile.mkdtemp()) / "desk.db")
        desk = open_desk(_base[0], _SETTINGS, login="lea")
        for login, role in (("ana", "agent"), ("ben", "agent"), ("app", "approver")):
            desk.staff.put("lea", Person(login, role=role))
        desk.staff.put("lea", Person("gone", role="approver", active=False))
        desk.close()
    return Path(shutil.copy(_base[0], folder / "desk.db"))


who = st.sampled_from(PEOPLE)


class Desks(RuleBasedStateMachine):
    """One desk, two tickets, everybody doing anything."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock, self.post = _Clock(), _Post()
        self.desk: Desk = open_desk(_fresh(self.folder), _SETTINGS, login="lea", clock=self.clock)
        own = self.desk.sending
        self.sending = Sending(self.desk.store, self.clock, lambda: self.post, own._compose, own._identity)
        self.mails = 0
        self.customer("t1", MAILS[0])
        self.customer("t2", MAILS[2])

    def teardown(self) -> None:
        """Close the desk and hold the records against the rows."""
        self.desk.close()
        assert verify(self.folder / "desk.db").differences == ()
        shutil.rmtree(self.folder)

    def attempt(self, name: str, act: Callable[[], object]) -> None:
        """Whatever the desk refuses in words is fine."""
        try:
            act()
        except DeskError:
            tally["refused"] += 1
        else:
            tally[name] += 1

    @rule(external=st.sampled_from(("t1", "t2")), words=st.sampled_from(MAILS))
    def customer(self, external: str, words: str) -> None:
        """A customer writes."""
        self.mails += 1
        sender = Address(f"{external}@example.com", "Anna")
        message = IncomingMessage(Author.CUSTOMER, f"{words} {self.mails}", sender=sender, sent_at=self.clock.now())
        self.desk.intake.take([IncomingTicket(external, "Matter", sender, (message,))])

    @rule()
    def prepare(self) -> None:
        """The assistant prepares whatever waits."""
        self.attempt("prepared", lambda: list(self.desk.preparing.run()))

    @rule(ticket=st.integers(1, 2), kind=st.sampled_from(list(TriggerKind)))
    def flag(self, ticket: int, kind: TriggerKind) -> None:
        """Something raises a flag."""
        with self.desk.store.write() as tx:
            tx.reviews.raise_flags(ticket, [Trigger(kind, 0, "words")], self.clock.now())

    @rule(ticket=st.integers(1, 2), login=who, knowingly=st.booleans())
    def take(self, ticket: int, login: str, knowingly: bool) -> None:
        """Somebody takes a ticket, or takes it over."""
        self.attempt("took", lambda: self.desk.review.take(ticket, login, knowingly=knowingly))

    @rule(ticket=st.integers(1, 2), login=who, every=st.booleans())
    def see(self, ticket: int, login: str, every: bool) -> None:
        """Messages are on somebody's screen."""
        self.attempt("saw", lambda: self.desk.review.see(ticket, login, range(20) if every else [0]))

    @rule(ticket=st.integers(1, 2), login=who, text=st.sampled_from(TEXTS), cc=st.booleans())
    def edit(self, ticket: int, login: str, text: str, cc: bool) -> None:
        """Somebody writes."""
        to = ("boss@example.com",) if cc else ()
        self.attempt("edited", lambda: self.desk.review.edit(ticket, login, text, cc=to))

    @rule(ticket=st.integers(1, 2), login=who, value=st.sampled_from(list(AnswerValue)), item=st.integers(0, 6))
    def answer(self, ticket: int, login: str, value: AnswerValue, item: int) -> None:
        """Somebody answers one item, or all."""
        for name in self.desk.review.read(ticket, Person(login)).items[item % 7 if item < 5 else 0 :][
            : 1 if item < 5 else 9
        ]:
            self.attempt("answered", lambda n=name: self.desk.review.answer(ticket, login, n, value, reason="wrong"))  # type: ignore[misc]

    @rule(ticket=st.integers(1, 2), login=who)
    def settle(self, ticket: int, login: str) -> None:
        """Somebody settles whatever is open, with a reason."""
        for found in self.desk.review.read(ticket, Person(login)).open_findings:
            print_ = found.fingerprint
            self.attempt(
                "settled",
                lambda p=print_: self.desk.review.settle(ticket, login, p, Settled.OVERRIDE, "checked"),  # type: ignore[misc]
            )

    @rule(ticket=st.integers(1, 2), login=who)
    def work(self, ticket: int, login: str) -> None:
        """Somebody does all that is needed for an approval, but for deciding."""
        self.take(ticket, login, True)
        self.see(ticket, login, True)
        self.edit(ticket, login, TEXTS[0], False)
        self.settle(ticket, login)
        self.answer(ticket, login, AnswerValue.CONFIRMED, 5)

    @rule(ticket=st.integers(1, 2), login=who, kind=st.sampled_from(list(DecisionKind)))
    def decide(self, ticket: int, login: str, kind: DecisionKind) -> None:
        """Somebody decides."""
        decision = Decision(
            kind,
            reason="" if kind.sends else "other",
            queue="billing",
            owner="lea",
            backup="app",
            expected="refund or not",
            wake_on_message=True,
        )
        act = lambda: self.desk.review.decide(ticket, login, decision, rest_not_judged=True)  # noqa: E731
        self.attempt(f"decided {kind}", act)

    @rule(ticket=st.integers(1, 2), login=st.sampled_from(("ana", "ben", "app", "gone")), text=st.integers(0, 1))
    def work_and_approve(self, ticket: int, login: str, text: int) -> None:
        """Somebody works straight through to an approval."""
        self.work(ticket, login)
        if text:
            self.edit(ticket, login, TEXTS[text], True)
            self.grant(ticket, login, "app", True)
            self.settle(ticket, login)
            self.answer(ticket, login, AnswerValue.CONFIRMED, 5)
        self.decide(ticket, login, DecisionKind.APPROVE)

    @rule(ticket=st.integers(1, 2), login=who, other=who, granted=st.booleans())
    def grant(self, ticket: int, login: str, other: str, granted: bool) -> None:
        """Somebody asks for a grant, somebody decides on it."""
        for commitment in self.desk.review.read(ticket, Person(login)).unauthorised:
            ask = commitment.fingerprint
            self.attempt("asked", lambda a=ask: self.desk.review.ask_grant(ticket, login, a, "please"))  # type: ignore[misc]
        for waiting in self.desk.review.grants_waiting(ticket):
            number = waiting.id
            self.attempt(
                "granted",
                lambda n=number: self.desk.review.grant(n, other, "fine", granted=granted),  # type: ignore[misc]
            )

    @rule(
        ticket=st.integers(1, 2), login=who, kind=st.sampled_from(list(TriggerKind)), reason=st.sampled_from(("", "no"))
    )
    def lower(self, ticket: int, login: str, kind: TriggerKind, reason: str) -> None:
        """Somebody lowers a flag."""
        self.attempt("lowered", lambda: self.desk.review.clear_flag(ticket, login, kind.value, reason))

    @rule(by=who, login=who, role=st.sampled_from(("agent", "lead", "approver")), active=st.booleans())
    def staff(self, by: str, login: str, role: str, active: bool) -> None:
        """Somebody changes who works here."""
        if login != "eve":
            self.attempt("staffed", lambda: self.desk.staff.put(by, Person(login, role=role, active=active)))

    @rule(mood=st.sampled_from(("takes", "takes", "refuses", "away", "breaks", "drops")))
    def send(self, mood: str) -> None:
        """The back office sends what is due."""
        self.post.mood = mood
        self.attempt("sending", lambda: self.sending.send_due(now_too=True))

    @precondition(lambda self: self.sending.entries())
    @rule(login=who, was_sent=st.booleans(), reason=st.sampled_from(("", "called")), which=st.integers(0, 9))
    def recall_or_settle(self, login: str, was_sent: bool, reason: str, which: int) -> None:
        """Somebody recalls a reply, or settles one."""
        entry = self.sending.entries()[which % len(self.sending.entries())].id
        self.attempt("recalled", lambda: self.sending.recall(entry, login))
        self.attempt(
            "said what became of it", lambda: self.sending.settle(entry, login, was_sent=was_sent, reason=reason)
        )

    @rule(minutes=st.sampled_from((1, 5, 60, -600)), reboot=st.booleans())
    def time_passes(self, minutes: int, reboot: bool) -> None:
        """Time passes, or somebody sets the clock back; sometimes the machine starts anew."""
        self.clock.at += timedelta(minutes=minutes)
        self.clock.uptime = 1_000 if reboot else self.clock.uptime + max(minutes, 0) * 60_000
        self.clock.boot_id = f"{self.clock.boot_id}+" if reboot else self.clock.boot_id

    @invariant()
    def all_that_left_was_approved(self) -> None:
        """Every mail the server took has one approval with its digest, words and recipients; none was taken twice."""
        entries = {e.message_id: e for e in self.sending.entries()}
        for message_id, text, to in self.post.taken:
            payload = entries[message_id].payload
            assert digest(payload) == entries[message_id].digest
            assert (payload["text"], payload["to"]) == (text, list(to[:1]))
        assert len({m for m, _, _ in self.post.taken}) == len(self.post.taken)
        with closing(sqlite3.connect(f"file:{self.folder / 'desk.db'}?mode=ro", uri=True)) as connection:
            unapproved = "SELECT count(*) FROM outbox o WHERE o.state = 'sent' AND NOT EXISTS (" + _APPROVED + ")"
            assert connection.execute(unapproved).fetchone()[0] == 0
            assert connection.execute(_LOWERED).fetchone()[0] == 0


_APPROVED = (
    "SELECT 1 FROM approval a JOIN decision d ON d.id = a.decision_id JOIN revision r ON r.id = a.revision_id"
    " WHERE a.id = o.approval_id AND a.ticket_id = o.ticket_id AND d.by = a.by AND r.text = a.text"
    " AND d.kind IN ('approve','request_information') AND EXISTS (SELECT 1 FROM answer x WHERE x.by = a.by"
    " AND x.ticket_id = a.ticket_id AND x.item = 'thread' AND x.value = 'confirmed')"
)
_LOWERED = (
    "SELECT count(*) FROM flag f WHERE f.cleared_at IS NOT NULL AND (f.cleared_reason = '' OR NOT EXISTS"
    " (SELECT 1 FROM audit x WHERE x.action = 'lowered_flag' AND x.ticket_id = f.ticket_id AND x.actor = f.cleared_by))"
)


def run(examples: int, steps: int = 40) -> dict[str, int]:
    """Let so many desks live, each for so many steps. Raises AssertionError with the shortest way to a wrong one."""
    tally.clear()
    usual, engine._PRAGMAS = engine._PRAGMAS, tuple(p.replace("=FULL", "=OFF") for p in engine._PRAGMAS)
    try:
        run_state_machine_as_test(
            Desks,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            ),
        )
    finally:
        engine._PRAGMAS = usual
    return {"desks": examples, "steps_each_up_to": steps, **dict(sorted(tally.items()))}
