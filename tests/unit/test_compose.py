"""A reply as mail: threads rightly, says what was approved, and names nobody else."""

from __future__ import annotations

import dataclasses
import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.channels import compose as composing
from supportdesk.channels.compose import compose, new_message_id, safe_name, wire_address
from supportdesk.domain.outgoing import Outcome, Outgoing, OutgoingFile, reply_subject
from supportdesk.domain.thread import Address
from supportdesk.domain.words import OutboxState
from supportdesk.errors import ChannelTrouble

PLAIN = Outgoing(
    message_id="7f3a@desk.example",
    sender=Address("help@desk.example", "Help Desk"),
    to=("ann@customer.example",),
    subject="Double charge",
    text="Hello Ann,\n\nwe are looking into it.\n",
    in_reply_to="q2@customer.example",
    references=("q1@customer.example", "a1@desk.example", "q2@customer.example"),
    at=datetime(2026, 3, 4, 9, 12, 30, 500, tzinfo=UTC),
)


def having(**fields: object) -> Outgoing:
    return dataclasses.replace(PLAIN, **fields)  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def html(text: str) -> EmailMessage:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail.set_content(text, subtype="html", cte="7bit")
    return mail


def text_of(raw: bytes) -> str:
    body = read(raw).get_body(("plain",))
    assert isinstance(body, EmailMessage)
    content = body.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def test_a_reply_hangs_where_its_thread_is() -> None:
    """The customer's mail program shows the reply under their mail."""
    mail = read(compose(PLAIN))
    assert mail["Message-ID"] == "<7f3a@desk.example>"
    assert mail["In-Reply-To"] == "<q2@customer.example>"
    assert mail["References"].split() == ["<q1@customer.example>", "<a1@desk.example>", "<q2@customer.example>"]
    assert mail["Subject"] == "Re: Double charge"
    assert mail["Date"].datetime == datetime(2026, 3, 4, 9, 12, 30, tzinfo=UTC)
    assert mail["From"] == "Help Desk <help@desk.example>"
    assert text_of(compose(PLAIN)) == PLAIN.text


def test_it_has_these_headers_and_no_others() -> None:
    """The list is fixed: nothing can come along from the mail that is answered."""
    assert [name.lower() for name in read(compose(PLAIN))] == [
        *("date", "from", "to", "subject", "message-id", "in-reply-to", "references", "x-supportdesk"),
        *("content-type", "content-transfer-encoding", "mime-version"),
    ]


def test_blind_recipients_are_on_the_envelope_only() -> None:
    """Nobody can read in the mail who else got it unseen."""
    outgoing = having(cc=("bo@customer.example",), bcc=("audit@desk.example",))
    raw = compose(outgoing)
    assert b"audit" not in raw
    assert b"bcc" not in raw.lower()
    assert outgoing.recipients == ("ann@customer.example", "bo@customer.example", "audit@desk.example")


def test_a_recipient_named_twice_is_served_once() -> None:
    """The same mailbox in To and Cc gets one copy."""
    outgoing = having(cc=("ann@Customer.example", "bo@x.example"), bcc=("bo@x.example",))
    assert outgoing.recipients == ("ann@customer.example", "bo@x.example")
    assert dataclasses.replace(outgoing, only=("bo@x.example",)).recipients == ("bo@x.example",)
    strangers = ("ann@straße.example", "ann@strasse.example", "Ann@strasse.example")
    assert having(to=strangers).recipients == strangers


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Double charge", "Re: Double charge"),
        ("Re: Double charge", "Re: Double charge"),
        ("RE: re: Re : Double charge", "Re: Double charge"),
        ("Re[2]: RE(3): Double charge", "Re: Double charge"),
        ("AW: Doppelt abgebucht", "Re: Doppelt abgebucht"),
        ("Antw: Sv: SV: Vs: x", "Re: x"),
        ("Rép : Rép: Facturé deux fois", "Re: Facturé deux fois"),
        ("RES: Odp: YNT: x", "Re: x"),
        ("回复：RE: 重复扣款", "Re: 重复扣款"),
        ("Отв: Двойное списание", "Re: Двойное списание"),
        ("Rechnung: doppelt", "Re: Rechnung: doppelt"),
        ("Fwd: Double charge", "Re: Fwd: Double charge"),
        ("Result: fine", "Re: Result: fine"),
        ("", "Re:"),
        ("Re:", "Re:"),
        ("  Re:\r\n  Double \t charge ", "Re: Double charge"),
    ],
)
def test_a_subject_gets_one_re(subject: str, expected: str) -> None:
    """However often and in whatever language it was answered before, there is one `Re:`."""
    assert reply_subject(subject) == expected
    assert read(compose(having(subject=subject)))["Subject"] == expected


@given(st.text(max_size=400))
def test_a_replys_subject_stays_as_it_is_when_taken_again(subject: str) -> None:
    """What the reviewer approved as subject is what leaves."""
    assert reply_subject(reply_subject(subject)) == reply_subject(subject)


def test_a_new_matter_keeps_its_subject_and_names_no_thread() -> None:
    """Only an answer says `Re:`."""
    mail = read(compose(having(in_reply_to="", references=(), subject="Your order")))
    assert mail["Subject"] == "Your order"
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None
    assert read(compose(having(in_reply_to="", references=(), subject="")))["Subject"] == ""


def test_a_very_long_thread_keeps_its_start_and_its_end() -> None:
    """References stay short enough to pass every server, and still find the thread."""
    ids = tuple(f"m{n}@customer.example" for n in range(500))
    named = read(compose(having(references=ids, in_reply_to="m499@customer.example")))["References"].split()
    assert len(named) == composing.MOST_REFERENCES
    assert named[0] == "<m0@customer.example>"
    assert named[1:] == [f"<{one}>" for one in ids[-len(named) + 1 :]]


def test_very_long_ids_are_neither_wrapped_nor_encoded() -> None:
    """Exchange and others make ids of hundreds of characters; they must come back byte for byte."""
    long = "x" * 400 + "@prod.outlook.example"
    raw = compose(
        having(in_reply_to=long, references=("first@x.example", long), message_id="y" * 200 + "@desk.example")
    )
    assert f"In-Reply-To: <{long}>\r\n".encode() in raw
    assert f"\r\n <{long}>\r\n".encode() in raw
    assert b"=?" not in raw


@pytest.mark.parametrize(
    "bad", ["a b@c", "x>\r\nBcc: thief@evil.example", "<x@y>", "\x00@y", "é@y", "=?utf-8?q?x?=@y", ""]
)
def test_an_id_that_is_no_token_is_left_out(bad: str) -> None:
    """A broken or hostile Message-ID costs the thread one link, never a header."""
    mail = read(compose(having(in_reply_to=bad, references=("q1@customer.example", bad))))
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<q1@customer.example>"
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    "bad",
    [
        *("", "ann", "@x.example", "ann@", "a b@x.example", "ann@x.example, thief@evil.example", "<ann@x.example>"),
        *("ann@x.example\r\nBcc: thief@evil.example", "ann@x\n.example", '"a b"@x.example', "ann@x..example"),
        *("ann@-x.example", "ann\u202e@x.example", "ann@x.example\x00", "a(b)c@x.example", "x" * 65 + "@x.example"),
        *("=?utf-8?q?ann?=@x.example", "ann@x.example;", "@evil.example:ann@x.example", ".ann@x.example"),
    ],
)
@pytest.mark.parametrize("field", ["to", "cc", "bcc", "only"])
def test_what_is_no_address_is_refused(bad: str, field: str) -> None:
    """A string that could mean somebody else, or several, is never written to."""
    with pytest.raises(ChannelTrouble):
        compose(having(**{field: ("ann@customer.example", bad)}))


@pytest.mark.parametrize(
    "good", ["o'neil+x@x.example", "a..b.@carrier.example", "root@localhost", "x@[127.0.0.1]", "A_B=c@X.example"]
)
def test_odd_addresses_that_exist_are_written_to(good: str) -> None:
    """People with unusual addresses get their answer."""
    assert read(compose(having(to=(good,))))["To"].addresses[0].addr_spec == good


def test_international_domains_travel_in_ascii_and_only_where_that_is_the_same_domain() -> None:
    """müller.example has one ASCII form; the old mapping would send straße.example's mail to a stranger."""
    assert wire_address("ann@müller.example") == "ann@xn--mller-kva.example"
    assert wire_address("ann@straße.example") == "ann@straße.example"
    assert wire_address("ann@βόλος.example") == "ann@βόλος.example"
    assert compose(having(to=("ann@müller.example",))).isascii()
    assert "To: josé@x.example\r\n".encode() in compose(having(to=("josé@x.example",)))


def test_a_mail_without_anyone_to_go_to_is_refused() -> None:
    """An empty list of recipients is a mistake somewhere, and is said."""
    with pytest.raises(ChannelTrouble):
        compose(having(to=()))


@pytest.mark.parametrize("bad", ["", "no-at-sign", "x>@y", "a b@c", "x@y\r\nBcc: z@z"])
def test_our_own_id_must_be_usable(bad: str) -> None:
    """Without a Message-ID of its own a mail could not be recognised when it comes back."""
    with pytest.raises(ChannelTrouble):
        compose(having(message_id=bad))


def test_ids_are_made_for_a_domain() -> None:
    """They carry the unique part given and pass through every header."""
    assert new_message_id("desk.example", "0198-ab") == "0198-ab@desk.example"
    assert new_message_id("müller.example", "1") == "1@xn--mller-kva.example"
    assert new_message_id("desk.example", "a b\r\n<c>") == "abc@desk.example"
    for domain, unique in (("", "1"), ("a b", "1"), ("x.example\r\nBcc: y", "1"), ("desk.example", "<>")):
        with pytest.raises(ChannelTrouble):
            new_message_id(domain, unique)


def test_our_own_mail_is_marked_with_the_desk() -> None:
    """A mail that comes back in a loop is told from another desk's."""
    assert read(compose(having(desk="a1b2-c3")))["X-Supportdesk"] == "a1b2-c3"
    assert read(compose(PLAIN))["X-Supportdesk"] == "desk.example"
    assert read(compose(having(desk="x\r\nBcc: y@z.example")))["X-Supportdesk"] == "xBccyz.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".\n..\n.hidden\n",
        "From here on\nFrom there",
        "Grüße, 日本語, 👩\u200d👩\u200d👧",
        "x" * 5000,
        "wort " * 1000,
        "tabs\tand trailing spaces   \nmore",
        "é" * 3000,
        "=20 =?utf-8?q?x?= --=_boundary",
    ],
)
def test_the_text_arrives_as_it_was_approved(text: str) -> None:
    """Any length, any language; only white space at the very end may go."""
    raw = compose(having(text=text))
    assert raw.isascii()
    assert text_of(raw) == text.rstrip() + "\n"


def test_invisible_and_control_characters_do_not_leave() -> None:
    """A draft that quotes a customer's terminal sequences does not pass them on."""
    raw = compose(
        having(
            text="a\x1b]0;title\x07b\u202ec\ud800d", subject="x\x1b[2Jy", sender=Address("h@d.example", "Desk\u202e")
        )
    )
    assert text_of(raw) == "abcd\n"
    assert read(raw)["Subject"] == "Re: xy"
    assert read(raw)["From"].addresses[0].display_name == "Desk"


def test_the_signature_stands_under_the_usual_mark() -> None:
    """Mail programs fold what stands under two dashes and a space."""
    assert text_of(compose(having(signature="The desk\nMon to Fri"))) == (
        "Hello Ann,\n\nwe are looking into it.\n\n-- \nThe desk\nMon to Fri\n"
    )


@pytest.mark.parametrize(
    "name", ['Smith, "Jo" \\ Ltd.', "Größe & Co", "=?utf-8?q?x?=", "a" * 200, "thief@evil.example", "日本 語 " * 30]
)
def test_a_display_name_names_one_sender(name: str) -> None:
    """Commas, quotes and encoded words in the desk's name do not make a second address."""
    sender = read(compose(having(sender=Address("help@desk.example", name))))["From"]
    assert [address.addr_spec for address in sender.addresses] == ["help@desk.example"]
    assert sender.addresses[0].display_name.replace(" ", "") in name.replace(" ", "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/cron.d/x", "x"),
        ("C:\\Users\\ann\\x.exe", "x.exe"),
        ("Rechnung März.pdf", "Rechnung März.pdf"),
        (".bashrc", "bashrc"),
        ("a\r\nBcc: b@c.d.pdf", "a_Bcc_ b@c.d.pdf"),
        ("fdp.\u202egnp.exe", "fdp.gnp.exe"),
        ("", "file"),
        ("...", "file"),
        ("n" * 300 + ".pdf", "n" * 96 + ".pdf"),
    ],
)
def test_files_go_out_under_a_harmless_name(name: str, expected: str) -> None:
    """No path, no second header, no name that reads backwards."""
    mail = read(compose(having(attachments=(OutgoingFile(name, "application/pdf", b"%PDF-1.7"),))))
    (file,) = mail.iter_attachments()
    assert file.get_filename() == expected == safe_name(expected)
    assert safe_name(name) == expected


@pytest.mark.parametrize(
    "media_type", ["text/plain", "text/html", "image/png", "message/rfc822", "multipart/mixed", "a/b; c=d", "nonsense"]
)
def test_files_arrive_byte_for_byte(media_type: str) -> None:
    """Whatever type a file claims, its bytes are not touched."""
    content = bytes(range(256)) * 20 + b"\r\n.\r\n--=_x\r\nBcc: thief@evil.example\r\n"
    raw = compose(having(attachments=(OutgoingFile("a.bin", media_type, content), OutgoingFile("b", media_type, b""))))
    first, second = read(raw).iter_attachments()
    assert first.get_payload(decode=True) == content
    assert second.get_payload(decode=True) == b""
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) < 998


def test_the_same_reply_composes_to_the_same_bytes() -> None:
    """After a crash the mail can be built again and recognised."""
    outgoing = having(attachments=(OutgoingFile("a.bin", "image/png", b"\x00\x01"),), text="é")
    assert compose(outgoing) == compose(outgoing)


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("_unstructured", lambda name, text: f"{text}\r\nBcc: thief@evil.example"),
        ("_unstructured", lambda name, text: f"{text}\r\n\r\nother words"),
        ("_unstructured", lambda name, text: f"{text}!"),
        ("_references", lambda outgoing: ("other@x.example",)),
        ("_named", lambda name, address: f"{name} <{address}>, thief@evil.example"),
        ("_named", lambda name, address: "Somebody Else <help@desk.example>"),
        ("_named", lambda name, address: f'"{name}"\n <{address}>'),
        ("_entity", lambda outgoing: html(outgoing.body)),
        ("_media_type", lambda file: "text/x-other"),
        ("format_datetime", lambda at: "Wed, 04 Mar 2026 10:12:30 +0000"),
    ],
)
def test_a_mail_that_does_not_read_back_as_asked_never_leaves(
    part: str, broken: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the building of a header ever fail, reading back finds it."""
    outgoing = having(attachments=() if part == "_entity" else (OutgoingFile("a.png", "image/png", b"x"),))
    original = getattr(composing, part)
    calls: list[object] = []

    def once(*args: object) -> object:
        # Only while building: the reading side must not share the fault.
        calls.append(args)
        return broken(*args) if len(calls) == 1 else original(*args)  # type: ignore[operator]

    monkeypatch.setattr(composing, part, once)
    with pytest.raises(ChannelTrouble, match="nothing was sent"):
        compose(outgoing)
    assert calls


def test_a_line_no_server_would_take_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines over 998 bytes are cut or refused on the way, and with them the words."""
    monkeypatch.setattr(composing, "_unstructured", lambda name, text: text)
    with pytest.raises(ChannelTrouble, match="length"):
        compose(having(subject="word " * 400, in_reply_to="", references=()))


def test_times_need_a_zone() -> None:
    """A Date header without a zone would be read as somebody's local time."""
    with pytest.raises(ValueError, match="zone"):
        having(at=datetime(2026, 3, 4))


def test_an_outcome_cannot_ask_for_a_second_copy() -> None:
    """Who has the mail, or may have it, is never retried."""
    with pytest.raises(ValueError, match="retried"):
        Outcome(OutboxState.UNCERTAIN, "", retry_to=("a@x.example",))
    with pytest.raises(ValueError, match="retried"):
        Outcome(OutboxState.SENT, "", accepted=("a@x.example",), retry_to=("a@x.example",))
    with pytest.raises(ValueError, match="end as"):
        Outcome(OutboxState.QUEUED, "")
