"""Reading one mail: bytes in, an `IncomingMessage` out, whatever the bytes are."""

from __future__ import annotations

import re
from collections.abc import Set

from supportdesk.channels.body import Body
from supportdesk.channels.headers import Headers, addresses, date, ids, split_message
from supportdesk.channels.limits import MEGABYTE, Limits
from supportdesk.channels.mail_kinds import mail_kind
from supportdesk.channels.parts import Tree, read_tree
from supportdesk.channels.reports import copied_id
from supportdesk.domain.incoming import IncomingMessage
from supportdesk.domain.thread import Address
from supportdesk.domain.words import Author, MessageKind
from supportdesk.errors import BadInput

_ENVELOPE = re.compile(rb"(?:\xef\xbb\xbf|[ \t]*\r?\n|>?From (?![ \t]*:)[^\n]*\n)+")
_FIRST_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_NAMED = frozenset(
    """
    from to cc subject date message-id received return-path mime-version content-type delivered-to reply-to sender
    x-mailer in-reply-to references envelope-to resent-from x-original-to status content-transfer-encoding
    content-disposition bcc list-id x-priority dkim-signature user-agent
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
_LONGEST_SUBJECT = 2000


def read_message(
    raw: bytes, *, own_addresses: Set[str] = frozenset(), limits: Limits | None = None, source: str = ""
) -> IncomingMessage:
    """Read a mail.

    Args:
        raw: The mail as it came.
        own_addresses: The desk's own addresses, lower case; mail from them is our own coming back.
        limits: How much of it is read.
        source: Where it stood, for people.

    Raises:
        BadInput: It is larger than the limit, empty, or has no header a mail has.
    """
    limits = limits or Limits()
    if len(raw) > limits.message_bytes:
        size = len(raw) / MEGABYTE
        raise BadInput(f"The message is {size:,.0f} MB, above the limit of {limits.message_bytes / MEGABYTE:,.0f} MB.")
    envelope = _ENVELOPE.match(raw)
    start = envelope.end() if envelope else 0
    if start == len(raw):
        raise BadInput("The message is empty.")
    tree = read_tree(raw, start, len(raw), limits)
    headers = tree.root.headers
    if not any(name in headers for name in _NAMED):
        raise BadInput("It has none of the headers a mail has.")
    return _message(raw, tree, own_addresses, limits, source)


def has_mail_headers(head: bytes) -> bool:
    """Whether a file's first bytes are those of a mail: header fields, one of them known, before anything else."""
    envelope = _ENVELOPE.match(head)
    start = envelope.end() if envelope else 0
    if not _FIRST_FIELD.match(head, start):
        return False
    headers, _ = split_message(head, start, len(head), Limits())
    return any(name in headers for name in _NAMED)


def _message(raw: bytes, tree: Tree, own: Set[str], limits: Limits, source: str) -> IncomingMessage:
    headers = tree.root.headers
    body = Body(raw, limits)
    for remark in tree.remarks:
        body.remark(remark)
    body.read(tree.root)
    text = body.text
    sender = _sender(headers, limits, body)
    subject = " ".join(headers.text("subject").splitlines())[:_LONGEST_SUBJECT]
    report = tree.root.params.get("report-type", "").lower() if tree.root.media_type == "multipart/report" else ""
    kind = mail_kind(headers, sender, subject, own, tree.root.media_type, report)
    if kind is MessageKind.BOUNCE and body.trouble is False:
        # A report that all went well is no bounce.
        kind = MessageKind.AUTO_REPLY
    if kind is MessageKind.ORDINARY and body.invite:
        kind = MessageKind.INVITE
    references = ids(" ".join(headers.all("references")))
    answered = ids(headers.raw("in-reply-to"))
    if kind is MessageKind.BOUNCE:
        returned = body.returned or copied_id(text)
        references = tuple(dict.fromkeys((*references, *returned)))
    sent_at = date(headers.raw("date"))
    if sent_at is None and headers.raw("date"):
        body.remark("its date cannot be read")
    reply_to = addresses(headers.raw("reply-to"), limits)
    return IncomingMessage(
        author=Author.AGENT if kind is MessageKind.OWN else Author.CUSTOMER,
        text=text,
        subject=subject,
        sender=sender,
        to=addresses(", ".join(headers.all("to")), limits),
        cc=addresses(", ".join(headers.all("cc")), limits),
        sent_at=sent_at,
        kind=kind,
        message_id=next(iter(ids(headers.raw("message-id"))), ""),
        in_reply_to=answered[0] if answered else "",
        references=references,
        attachments=tuple(body.files),
        remarks=tuple(body.remarks),
        raw=raw,
        source=source,
        reply_to=reply_to[0] if reply_to and reply_to[0].email != sender.email else Address(""),
    )


def _sender(headers: Headers, limits: Limits, body: Body) -> Address:
    """Who wrote it: From, else Sender, else the envelope's return path."""
    if len(headers.all("from")) > 1:
        body.remark("it has more than one From header; the first is shown")
    for field in ("from", "sender", "return-path"):
        found = addresses(headers.raw(field), limits)
        if found and (found[0].email or (field == "from" and found[0].name)):
            if field == "from" and len(found) > 1:
                body.remark("it names more than one sender; the first is shown")
            return found[0]
    body.remark("it names no sender")
    return Address("")
