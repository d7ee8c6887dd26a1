"""A small desk whose preparation is fixed: what pictures show must not change because a rule of the desk did."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from unittest import mock

from supportdesk.bootstrap import open_desk
from supportdesk.channels.sources import open_source
from supportdesk.domain.evidence import Article, Evidence
from supportdesk.domain.findings import Claim, Commitment, Examination, Finding
from supportdesk.domain.people import Person
from supportdesk.domain.preparation import (
    Draft,
    MissingDetail,
    Preparation,
    Provenance,
    Question,
    SummaryPoint,
    Triage,
    Trigger,
)
from supportdesk.domain.thread import Thread
from supportdesk.domain.words import (
    CommitmentKind,
    FindingKind,
    Priority,
    Sentiment,
    SourceKind,
    Support,
    TriggerKind,
)
from supportdesk.domain.words import (
    Path as Way,
)
from supportdesk.services.clock import SystemClock
from supportdesk.services.desk import Desk
from supportdesk.services.preparation import Preparing
from supportdesk.settings import Settings, settings_from

START = datetime.fromisoformat("2026-03-12T09:00:00+00:00")
LOGIN = "you"
SETTINGS = {
    "desk": {"name": "Fernweh Cycles", "address": "help@fernweh.example"},
    "workstation": {
        "macros": {
            "Thanks for waiting": "Hi {name},\n\nthank you for your patience with {ref}. We are looking at {order}.",
            "How to cancel": "Dear {name},\n\nyou can cancel in your account, under Subscription.",
        }
    },
}
MAIN = "Charged twice for Go in March"
DRAFT = """\
Dear Daniel,

thank you for writing again, and sorry that nobody answered you in February.

I can see two charges of €24 on 3 March for subscription GO-3117. We will refund the second one by Friday.

You can cancel at any time in your account, up to 60 days before the next charge.

Kind regards
Fernweh Cycles
"""
FIRST = """\
Hello,

I was charged twice for Fernweh Go in March: 2 × €24 on the 3rd. My subscription is GO-3117.

This is the second time I write, nobody answered in February. When will I get the second charge back?

Daniel Okafor
"""
SECOND = """\
Here is the statement, as you asked. My bank says both went through.

> Hello Daniel,
> could you send us the bank statement with both charges?
> Kind regards
> Ife

--
Daniel Okafor
12 Harbour Street, Bristol
"""


class StillClock(SystemClock):
    """A time that stands still."""

    def now(self) -> datetime:
        return START


def _at(minutes: int) -> str:
    return (START - timedelta(minutes=minutes)).isoformat()


def _says(author: str, text: str, minutes: int, name: str = "", email: str = "", **more: object) -> dict[str, object]:
    return {"from": author, "text": text, "at": _at(minutes), "name": name, "email": email, **more}


def _ticket(name: str, email: str, subject: str, channel: str, messages: list[dict[str, object]]) -> dict[str, object]:
    for message in messages:
        if message["from"] == "customer":
            message |= {"name": name, "email": email}
    return {"id": subject, "channel": channel, "subject": subject, "requester": {"email": email, "name": name}} | {
        "messages": messages,
        "records": {"subscription": {"number": "GO-3117", "price": "24.00 EUR"}, "charges": ["2026-03-03 24.00 EUR"]}
        if subject == MAIN
        else {},
    }


TICKETS = (
    _ticket(
        "Daniel Okafor",
        "daniel.okafor@example.net",
        MAIN,
        "mail",
        [
            _says("customer", FIRST, 2 * 1440 + 40),
            _says(
                "agent",
                "Hello Daniel,\n\ncould you send us the bank statement with both charges?\n\nKind regards\nIfe",
                1440 + 100,
                "Ife Adeyemi",
                "help@fernweh.example",
            ),
            _says(
                "internal", "Gateway shows one charge settled and one pending. Ask Tomas before promising.", 1440, "Ife"
            ),
            _says(
                "customer",
                SECOND,
                50,
                attachments=[
                    {"name": "statement March.pdf", "media_type": "application/pdf", "content_base64": "eA=="}
                ],
            ),
        ],
    ),
    _ticket(
        "Daniel Okafor",
        "daniel.okafor@example.net",
        "Invoice for February",
        "mail",
        [_says("customer", "Could you send me the invoice for February, please?", 30 * 1440)],
    ),
    _ticket(
        "Priya Raman",
        "priya.raman@example.com",
        "Battery hissing and smoking",
        "chat",
        [_says("customer", "the battery of my lumen is hissing and theres white smoke coming out of the side", 11)],
    ),
    _ticket(
        "Jürgen Weiß",
        "j.weiss@example.de",
        "Rechnung an falsche Adresse – bitte dringend ändern, siehe meine Nachricht vom Montag",
        "mail",
        [_says("customer", "Guten Tag, die Rechnung ging an meine alte Adresse. Bitte ändern Sie sie.", 300)],
    ),
    _ticket(
        "田中 美咲",
        "misaki@example.jp",
        "注文した自転車はいつ届きますか",
        "form",
        [_says("customer", "先週注文した自転車はいつ届きますか。注文番号は88213です。", 700)],
    ),
    _ticket(
        "ليلى حداد",
        "layla@example.org",
        "متى تصل الدراجة؟",
        "form",
        [_says("customer", "مرحبا، متى تصل دراجتي؟ رقم الطلب 88214.", 900)],
    ),
    _ticket(
        "Chloé Martin",
        "chloe@example.fr",
        "Annulation de Fernweh Go",
        "mail",
        [_says("customer", "Bonjour, je voudrais annuler mon abonnement.", 1500)],
    ),
    _ticket(
        "Tom",
        "tom@example.com",
        "Which size for 1.78 m?",
        "feedback",
        [_says("customer", "Hi, I am 1.78 m tall. Which size should I buy?", 2000)],
    ),
)
ARTICLES = (
    Article(
        "refunds",
        "Double charges and refunds",
        "A charge that was made twice is refunded to the same card.\n\nIt takes five working days to arrive.",
    ),
    Article("cancelling", "Cancelling Fernweh Go", "You can cancel at any time, up to 3 days before the next charge."),
)
_KINDS: dict[str, tuple[str, Priority, Way, str, Sentiment, tuple[tuple[TriggerKind, str], ...]]] = {
    MAIN: (
        "billing",
        Priority.HIGH,
        Way.REVIEW,
        "billing",
        Sentiment.FRUSTRATED,
        ((TriggerKind.BILLING_DISPUTE, "charged twice"), (TriggerKind.REPEATED, "the second time I write")),
    ),
    "Battery hissing and smoking": (
        "product",
        Priority.URGENT,
        Way.ESCALATION,
        "escalations",
        Sentiment.DISTRESSED,
        ((TriggerKind.SAFETY, "white smoke"),),
    ),
    "Annulation de Fernweh Go": (
        "cancellation",
        Priority.NORMAL,
        Way.REVIEW,
        "cancellations",
        Sentiment.NEUTRAL,
        ((TriggerKind.CANCELLATION, "annuler mon abonnement"),),
    ),
}


def _span(text: str, quote: str) -> tuple[int, int]:
    start = text.index(quote)
    return start, start + len(quote)


def _line(thread: Thread, position: int, quote: str) -> Evidence:
    start, end = _span(thread.messages[position].text, quote)
    return Evidence(SourceKind.MESSAGE, str(position), quote, start, end)


class FixedAssistant:
    """Prepares the stage's tickets, always the same way."""

    def prepare(self, thread: Thread, articles: Sequence[Article], history: int = 0) -> Preparation:
        del articles, history
        category, priority, path, queue, mood, flags = _KINDS.get(
            thread.subject, ("order", Priority.NORMAL, Way.ROUTINE, "orders", Sentiment.NEUTRAL, ())
        )
        main = thread.subject == MAIN
        first = thread.messages[0].text
        triage = Triage(
            category=category,
            priority=priority,
            language="en",
            sentiment=mood,
            triggers=tuple(
                Trigger(
                    kind, 0, quote, start=_span(first, quote)[0], end=_span(first, quote)[1], why="The words say so."
                )
                for kind, quote in flags
            ),
            path=path,
            queue=queue,
            queue_reason=f"{flags[0][0].value if flags else category} → {queue}",
            missing=() if main else (MissingDetail("order_number", "the order number"),),
            unresolved=(
                Question("When will I get the second charge back?", 0, *_span(first, "When will I get the second")),
            )
            if main
            else (),
            summary=(
                SummaryPoint(
                    "charged twice in March, 2 × €24", _line(thread, 0, "charged twice for Fernweh Go in March")
                ),
                SummaryPoint("wrote in February, no answer", _line(thread, 0, "nobody answered in February")),
                SummaryPoint("sent the statement we asked for", _line(thread, 3, "Here is the statement")),
                SummaryPoint("has been a customer since 2021", None),
            )
            if main
            else (SummaryPoint(first[:40].strip(), Evidence(SourceKind.MESSAGE, "0", first[:40].strip(), 0, 40)),),
        )
        words = DRAFT if main else f"Hello,\n\nthank you for your message about “{thread.subject}”.\n\nKind regards\n"
        draft = Draft(words, citations=("refunds",) if main else ())
        return Preparation(triage, draft, Provenance("fixed rules"))


def fixed_examination(text: str, sources: object) -> Examination:
    """What the checks say of the stage's draft, whatever words were added to it."""
    del sources
    refund, cancel, fee = (
        "We will refund the second one by Friday.",
        "60 days before the next charge",
        "two charges of €24",
    )
    findings, claims, commitments = [], [], []
    if refund in text:
        start, end = _span(text, refund)
        commitments.append(Commitment(start, end, refund, CommitmentKind.MONEY, Decimal(24), "EUR"))
        findings.append(
            Finding(
                FindingKind.COMMITMENT,
                "money",
                start,
                end,
                refund,
                "It promises or grants money, and no record or article covers it.",
                settle="Take it out, or have somebody with the authority grant it.",
            )
        )
    if cancel in text:
        start, end = _span(text, cancel)
        article = ARTICLES[1].text
        says = Evidence(SourceKind.ARTICLE, "cancelling", "up to 3 days before", *_span(article, "up to 3 days before"))
        claims.append(Claim(start, end, cancel, "duration", Support.CONTRADICTED, (says,)))
        findings.append(
            Finding(
                FindingKind.FACT,
                "contradicted",
                start,
                end,
                cancel,
                "The article says 3 days.",
                (says,),
                settle="Write what the article says.",
            )
        )
    if fee in text:
        start, end = _span(text, fee)
        source = Evidence(SourceKind.MESSAGE, "0", "2 × €24 on the 3rd", *_span(FIRST, "2 × €24 on the 3rd"))
        claims.append(Claim(start, end, fee, "amount", Support.SUPPORTED, (source,)))
    return Examination(tuple(findings), tuple(claims), tuple(commitments))


@contextlib.contextmanager
def fixed_checks() -> Iterator[None]:
    """Checks that always say the same of the stage's draft."""
    with (
        mock.patch("supportdesk.services.preparation.examine", fixed_examination),
        mock.patch("supportdesk.services.review.examine", fixed_examination),
    ):
        yield


def settings() -> Settings:
    """The stage's settings."""
    return settings_from(SETTINGS, "stage.toml")


def open_stage(file: Path) -> Desk:
    """The stage's desk in a file, made and prepared where it is not there yet."""
    new = not file.exists()
    desk = open_desk(file, settings(), login=LOGIN, clock=StillClock())
    preparing = Preparing(desk.store, desk.clock, FixedAssistant(), desk.routing)
    if new:
        for login, role in (("tomas", "approver"), ("maren", "lead"), ("ife", "agent")):
            desk.staff.put(LOGIN, Person(login, login.capitalize(), role))
        desk.staff.put("maren", Person(LOGIN, "You", "agent"))
        desk.knowledge.put_all(ARTICLES, LOGIN)
        lines = file.with_suffix(".jsonl")
        lines.write_text("\n".join(json.dumps(ticket) for ticket in TICKETS), encoding="utf-8")
        with open_source(lines, own_addresses=desk.intake.own_addresses) as source:
            desk.intake.take(source)
        with fixed_checks():
            for _ in preparing.run():
                pass
    return replace(desk, person=desk.staff.get(LOGIN), preparing=preparing)
