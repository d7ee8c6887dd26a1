"""Reading one mail: what a person would have seen, whatever program wrote it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.channels.limits import Limits
from supportdesk.channels.mime import read_message
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.words import Author, MessageKind
from supportdesk.errors import BadInput

HEAD = b"From: Ann Lee <ann@Example.ORG>\nTo: desk@example.org\nSubject: Order\nMessage-ID: <1@example.org>\n"


def mail(body: bytes, head: bytes = HEAD) -> IncomingMessage:
    return read_message(head + body)


def test_the_ordinary_fields_are_read() -> None:
    """Names, addresses, time in UTC, ids without brackets."""
    got = mail(
        b"Date: Mon, 2 Mar 2026 09:12:00 +0100\nCc: Bo <bo@example.org>, carl@example.org\nReply-To: ann@home.example\n"
        b"In-Reply-To: <0@example.org>\nReferences: <a@example.org>\n <0@example.org>\n\nHello,\nplease help.\n"
    )
    assert (got.sender.email, got.sender.name) == ("ann@example.org", "Ann Lee")
    assert [a.email for a in got.to] == ["desk@example.org"]
    assert [(a.email, a.name) for a in got.cc] == [("bo@example.org", "Bo"), ("carl@example.org", "")]
    assert got.reply_to.email == "ann@home.example"
    assert got.sent_at == datetime(2026, 3, 2, 8, 12, tzinfo=UTC)
    assert (got.message_id, got.in_reply_to) == ("1@example.org", "0@example.org")
    assert got.references == ("a@example.org", "0@example.org")
    assert got.text == "Hello,\nplease help."
    assert (got.author, got.kind, got.remarks) == (Author.CUSTOMER, MessageKind.ORDINARY, ())


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("=?utf-8?q?J=C3=BCrgen=2C_Bo?= <j@example.org>", [("j@example.org", "Jürgen, Bo")]),
        ('"Lee, Ann" <a@example.org>, b@example.org', [("a@example.org", "Lee, Ann"), ("b@example.org", "")]),
        ("Lee, Ann <a@example.org>", [("a@example.org", "Lee, Ann")]),
        ("a@example.org (Ann (at home) Lee)", [("a@example.org", "Ann (at home) Lee")]),
        ("undisclosed-recipients:;", []),
        ("Friends: a@example.org, Bo <b@example.org>;", [("a@example.org", ""), ("b@example.org", "Bo")]),
        ("'Ann' <a@example.org>", [("a@example.org", "Ann")]),
        ("<@relay.example:a@example.org>", [("a@example.org", "")]),
        ("a(home)@example.org", [("a@example.org", "home")]),
        ("<>", []),
        ("(((((((((((((", [("", "((((((((((((")]),
        ('"never closed <a@example.org>', [("a@example.org", "never closed")]),
    ],
)
def test_addresses_are_read_however_they_are_written(field: str, expected: list[tuple[str, str]]) -> None:
    """Commas in names, comments, groups, routes, quotes that never close."""
    got = read_message(b"From: x@example.org\nTo: " + field.encode() + b"\n\nhi")
    assert [(a.email, a.name) for a in got.to] == expected


def test_a_letter_cut_between_two_encoded_words_is_put_together() -> None:
    """Some programs cut a subject in the middle of a character."""
    got = read_message(
        b"From: a@example.org\nSubject: =?utf-8?b?R3LD?=\n =?utf-8?b?vMOf?= =?iso-8859-1?q?e_=FC?= x\n\n"
    )
    assert got.subject == "Grüße ü x"


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 99:99:99", "Thu, 1 Jan 1904 00:00:00 +0000"])
def test_a_missing_or_impossible_date_is_none(date: str) -> None:
    """No guessed dates."""
    assert mail(f"Date: {date}\n\nhi".encode()).sent_at is None


@pytest.mark.parametrize(
    ("declared", "codec", "words"),
    [
        ("utf-8", "utf-8", "Grüße – 日本 – привет"),
        ("iso-8859-1", "cp1252", "Preis: 5 € „netto“"),
        ("gb2312", "gb18030", "我想退款"),
        ("ks_c_5601-1987", "cp949", "환불해 주세요"),
        ("shift_jis", "cp932", "返金①してください"),
        ("iso-2022-jp", "iso2022_jp", "返金してください"),
        ("koi8-r", "koi8-r", "Верните деньги, пожалуйста"),
        ("", "utf-8", "Grüße"),
        ("us-ascii", "utf-8", "Grüße"),
        ("iso-8859-1", "utf-8", "Grüße"),
        ("x-made-up", "utf-8", "Grüße"),
        ("utf-8", "cp1252", "Grüße aus Köln"),
        ("", "cp1251", "Привет, верните мне деньги за мой заказ"),
        ("utf-8", "cp1251", "Привет, верните мне деньги за мой заказ"),
        ("unicode_escape", "utf-8", "\\x41 stays as it is ü"),
    ],
)
def test_text_is_read_in_the_character_set_it_is_really_in(declared: str, codec: str, words: str) -> None:
    """Declared rightly, wrongly, under odd names, or not at all."""
    kind = f"Content-Type: text/plain; charset={declared}\n\n" if declared else "\n"
    assert mail(kind.encode() + words.encode(codec)).text == words


def test_a_guessed_character_set_is_said() -> None:
    """A person can see that what they read was guessed."""
    got = mail(b"Content-Type: text/plain; charset=x-made-up\n\n" + "Привет, где мой заказ?".encode("cp1251"))
    assert any("x-made-up" in remark and "guessed" in remark for remark in got.remarks)


def test_of_two_renderings_the_plain_one_is_read() -> None:
    """multipart/alternative, as most mails are."""
    both = EmailMessage()
    both["From"] = "a@example.org"
    both.set_content("The plain words.")
    both.add_alternative("<p>The <b>rich</b> words.</p>", subtype="html")
    assert read_message(both.as_bytes()).text == "The plain words."


def test_a_plain_part_that_only_points_at_the_html_one_is_passed_over() -> None:
    """'Your program cannot show HTML' is not what the customer said."""
    both = EmailMessage()
    both["From"] = "a@example.org"
    both.set_content("Please use a program that shows HTML.")
    both.add_alternative("<p>" + "I was charged twice and want my money back. " * 60 + "</p>", subtype="html")
    got = read_message(both.as_bytes())
    assert got.text.startswith("I was charged twice")
    assert any("HTML" in remark for remark in got.remarks)


def test_files_and_inline_pictures_are_told_apart() -> None:
    """An attachment is a file; a picture the text shows is inline; both keep their bytes."""
    message = EmailMessage()
    message["From"] = "a@example.org"
    message.set_content("See the file.")
    message.add_alternative('<p>See the file. <img src="cid:logo"></p>', subtype="html")
    rich = message.get_payload()[1]  # type: ignore[index]
    rich.add_related(b"\x89PNG", "image", "png", cid="<logo>")  # type: ignore[union-attr]
    message.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="Rechnung März.pdf")
    got = read_message(message.as_bytes())
    assert got.text == "See the file."
    assert [(f.name, f.media_type, f.size, f.content, f.inline) for f in got.attachments] == [
        ("unnamed.png", "image/png", 4, b"\x89PNG", True),
        ("Rechnung März.pdf", "application/pdf", 6, b"%PDF-1", False),
    ]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'attachment; filename="a b.txt"', "a b.txt"),
        (b"attachment; filename=a b.txt", "a b.txt"),
        (b"attachment; filename*=utf-8''%e2%82%ac.txt", "€.txt"),
        (b"attachment; filename*0*=utf-8''%e2%82; filename*1*=%ac; filename*2=.txt", "€.txt"),
        (b'attachment; filename="=?utf-8?b?4oKsLnR4dA==?="', "€.txt"),
        ("attachment; filename=€.txt".encode(), "€.txt"),
        (b'attachment; filename="../../etc/cron.d/x"', "../../etc/cron.d/x"),
        (b'attachment; filename="a\r\n b.txt"', "a b.txt"),
        (b"attachment", "unnamed.txt"),
    ],
)
def test_a_files_name_is_read_however_it_is_encoded(disposition: bytes, name: str) -> None:
    """RFC 2231, encoded words where they do not belong, raw bytes; the name stays untrusted."""
    got = mail(b"Content-Type: text/plain\nContent-Disposition: " + disposition + b"\n\nx")
    assert [f.name for f in got.attachments] == [name]


def test_flowed_paragraphs_are_put_together() -> None:
    """RFC 3676: soft breaks go, hard breaks, quotes and the signature mark stay."""
    got = mail(
        b"Content-Type: text/plain; format=flowed\n\n"
        b"> old words that \n> go on\nMy answer is \nlong.\n Second.\n-- \nAnn\n"
    )
    assert got.text.split("\n") == ["> old words that go on", "My answer is long.", "Second.", "-- ", "Ann"]


def test_a_forwarded_mail_is_read_below_a_mark_and_kept_as_a_file() -> None:
    """Mail inside mail: its words, its sender, its files."""
    inner = EmailMessage()
    inner["From"] = "Cy <cy@example.org>"
    inner["Subject"] = "My rope broke"
    inner.set_content("It broke on Monday.")
    inner.add_attachment(b"jpg", maintype="image", subtype="jpeg", filename="rope.jpg")
    outer = MIMEMultipart()
    outer["From"] = "ann@example.org"
    outer.attach(MIMEText("Please answer this one."))
    outer.attach(MIMEMessage(inner))
    got = read_message(outer.as_bytes())
    assert got.text.startswith("Please answer this one.\n\n---------- Forwarded message ----------\nFrom: Cy <cy@")
    assert got.text.endswith("It broke on Monday.")
    assert [(f.name, f.media_type) for f in got.attachments] == [
        ("My rope broke.eml", "message/rfc822"),
        ("rope.jpg", "image/jpeg"),
    ]


def test_a_calendar_invitation_is_recognised_and_readable() -> None:
    """An invitation is no request for support, but a person can read what it is."""
    calendar = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Rope meeting\\, urgent\r\n"
        'DTSTART;TZID="Europe/Berlin":20260302T091200\r\nORGANIZER;CN="Ann Lee":mailto:ann@example.org\r\n'
        "LOCATION:Ro\r\n om 5\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    got = mail(b'Content-Type: text/calendar; method=REQUEST; charset="utf-8"\n\n' + calendar.encode())
    assert got.kind is MessageKind.INVITE
    lines = got.text.split("\n")
    assert lines[0] == "Invitation"
    assert "Title: Rope meeting, urgent" in lines
    assert "Starts: 2026-03-02 09:12 (Europe/Berlin)" in lines
    assert "Where: Room 5" in lines
    assert "Organizer: Ann Lee <ann@example.org>" in lines


def bounce(action: str) -> IncomingMessage:
    return mail(
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nSorry.\n'
        b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        b"Final-Recipient: rfc822; gone@example.org\nAction: " + action.encode() + b"\nStatus: 5.1.1\n"
        b"Diagnostic-Code: smtp; 550 no such user\n\n--b\nContent-Type: message/rfc822\n\n"
        b"Message-ID: <sent-by-us@example.org>\nSubject: Re: Order\n\nOur words.\n--b--\n",
        b"From: MAILER-DAEMON@mx.example\nSubject: Undelivered\n",
    )


def test_a_bounce_names_who_was_not_reached_why_and_which_mail_it_was() -> None:
    """A failed delivery finds its way to the ticket it belongs to."""
    got = bounce("failed")
    assert got.kind is MessageKind.BOUNCE
    assert got.references == ("sent-by-us@example.org",)
    assert got.remarks == ("not delivered to gone@example.org: 550 no such user",)
    assert got.text == "Sorry."


def test_a_report_that_all_went_well_is_no_bounce() -> None:
    """Delivery reports of success are a machine's mail, not trouble."""
    assert bounce("delivered").kind is MessageKind.AUTO_REPLY


def test_signed_and_encrypted_parts_are_said() -> None:
    """A person knows what was not checked and what cannot be read."""
    signed = mail(
        b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\n\n--b\n\nMy words.\n'
        b"--b\nContent-Type: application/pgp-signature; name=signature.asc\n\nxx\n--b--\n"
    )
    assert (signed.text, signed.remarks) == ("My words.", ("signed (PGP, not verified)",))
    assert [(f.name, f.inline) for f in signed.attachments] == [("signature.asc", True)]
    encrypted = mail(
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n--b\n'
        b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
        b"--b\nContent-Type: application/octet-stream\n\nxx\n--b--\n"
    )
    assert encrypted.remarks == ("encrypted (PGP): it cannot be read here",)


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body


@pytest.mark.parametrize("pieces", [1, 3])
def test_an_smime_envelope_that_is_only_signed_is_opened(pieces: int) -> None:
    """Opaque signatures hide the words from a reader without S/MIME; ours shows them."""
    words = b"Content-Type: text/plain; charset=utf-8\r\n\r\nSealed, not secret.\r\n"
    size = len(words) // pieces + 1
    octets = [der(0x04, words[at : at + size]) for at in range(0, len(words), size)]
    octets = octets if pieces == 1 else [der(0x24, *octets)]
    data_oid = der(0x06, bytes.fromhex("2a864886f70d010701"))
    signed = der(0x30, der(0x02, b"\x01"), der(0x31), der(0x30, data_oid, der(0xA0, *octets)), der(0x31))
    envelope = der(0x30, der(0x06, bytes.fromhex("2a864886f70d010702")), der(0xA0, signed))
    got = mail(
        b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(envelope)
    )
    assert (got.text, got.remarks) == ("Sealed, not secret.", ("signed (S/MIME, not verified)",))


def test_an_encrypted_smime_mail_is_said_to_be_one() -> None:
    """Nothing to read, but not silently empty."""
    got = mail(b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nxx")
    assert got.remarks == ("encrypted (S/MIME): it cannot be read here",)
    assert [f.name for f in got.attachments] == ["smime.p7m"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"\n\n\n", "empty"),
        (b"just words\nand more words\n", "none of the headers"),
        (b"Dear desk: hello\n\nwords", "none of the headers"),
    ],
)
def test_what_is_no_mail_is_refused_in_one_sentence(raw: bytes, said: str) -> None:
    """Not everything is a mail."""
    with pytest.raises(BadInput, match=said):
        read_message(raw)


def test_a_mail_above_the_limit_is_refused() -> None:
    """The limit is said in the sentence."""
    with pytest.raises(BadInput, match="limit"):
        read_message(HEAD + b"\n" + b"x" * 1000, limits=Limits(message_bytes=500))


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (b"Auto-Submitted: auto-replied", MessageKind.AUTO_REPLY),
        (b"Auto-Submitted: no", MessageKind.ORDINARY),
        (b"X-Autoreply: yes", MessageKind.AUTO_REPLY),
        (b"Precedence: auto_reply", MessageKind.AUTO_REPLY),
        (b"Subject: Automatische Antwort: Auftrag", MessageKind.AUTO_REPLY),
        (b"Precedence: bulk", MessageKind.BULK),
        (b"List-Id: Ropes <ropes.example.org>", MessageKind.BULK),
        (b"List-Id: Desk <desk.example.org>\nList-Post: <mailto:desk@example.org>", MessageKind.ORDINARY),
        (b"X-Loop: desk@example.org", MessageKind.OWN),
        (b"X-Failed-Recipients: a@example.org", MessageKind.BOUNCE),
        (b"Return-Path: <>\nSubject: Undelivered Mail Returned to Sender", MessageKind.BOUNCE),
        (b"X-Priority: 1", MessageKind.ORDINARY),
    ],
)
def test_machines_mail_is_told_from_peoples(headers: bytes, kind: MessageKind) -> None:
    """No draft, and no loop, for what a machine sent."""
    got = read_message(b"From: ann@example.com\n" + headers + b"\n\nhi", own_addresses=frozenset({"desk@example.org"}))
    assert got.kind is kind


def test_our_own_mail_coming_back_is_the_agents() -> None:
    """A copy of what we sent is ours, not the customer's."""
    got = read_message(b"From: Desk <Desk@example.org>\n\nhi", own_addresses=frozenset({"desk@example.org"}))
    assert (got.kind, got.author) == (MessageKind.OWN, Author.AGENT)


@settings(max_examples=400, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", HEAD, HEAD + b"Content-Type: ", HEAD + b"Content-Type: text/html\n\n"]),
)
def test_no_bytes_make_reading_fail_otherwise_than_in_words(noise: bytes, head: bytes) -> None:
    """Whatever comes in is read, or refused with a sentence."""
    try:
        got = read_message(head + noise)
    except BadInput as refusal:
        assert str(refusal)
    else:
        assert got.raw == head + noise
        got.text.encode("utf-8")
        got.subject.encode("utf-8")
