"""What sort of mail a mail is: a person's, or one a machine sent and no draft must answer."""

from __future__ import annotations

import tomllib
from collections.abc import Set
from functools import cache
from importlib.resources import files

from supportdesk.channels.headers import Headers
from supportdesk.domain.outgoing import OWN_MARK
from supportdesk.domain.thread import Address
from supportdesk.domain.words import MessageKind

LOOP_MARK = "supportdesk"
"""What X-Loop of our own outgoing mail says."""


def own_mark(desk: str) -> str:
    """How a desk's id stands among its own addresses."""
    return f"desk:{desk.strip().casefold()}"


@cache
def _table() -> dict[str, tuple[str, ...]]:
    """The word lists, read once."""
    raw = files("supportdesk.channels").joinpath("data/mail_kinds.toml").read_text("utf-8")
    return {key: tuple(word.casefold() for word in words) for key, words in tomllib.loads(raw).items()}


def mail_kind(
    headers: Headers, sender: Address, subject: str, own_addresses: Set[str], media_type: str, report: str
) -> MessageKind:
    """Tell the sort of a mail from its headers (RFC 3834, 2919, 3464 and what programs do besides).

    Args:
        headers: The mail's own headers.
        sender: Its decoded From.
        subject: Its decoded subject.
        own_addresses: The desk's addresses, lower case.
        media_type: The mail's Content-Type.
        report: `report-type` of a multipart/report, lower case.
    """
    words = _table()
    if _is_own(headers, sender, own_addresses):
        return MessageKind.OWN
    if _is_bounce(headers, sender, subject, media_type, report, words):
        return MessageKind.BOUNCE
    precedence = headers.raw("precedence").casefold()
    submitted = headers.raw("auto-submitted").casefold().partition(";")[0].strip()
    auto = (
        submitted not in ("", "no")
        or report == "disposition-notification"
        or precedence in words["auto_precedence"]
        or any(name in headers for name in words["auto_headers"])
        or subject.casefold().startswith(words["auto_subjects"])
    )
    if auto:
        return MessageKind.AUTO_REPLY
    bulk = precedence in words["bulk_precedence"] or any(name in headers for name in words["bulk_headers"])
    if bulk and not _through_own_list(headers, own_addresses):
        return MessageKind.BULK
    return MessageKind.ORDINARY


def _is_own(headers: Headers, sender: Address, own_addresses: Set[str]) -> bool:
    """Whether the desk itself sent it."""
    if sender.email and sender.email.casefold() in own_addresses:
        return True
    # Only our own desk's mark counts: another desk that uses this program writes to us like anybody.
    if any(own_mark(value) in own_addresses for value in headers.all(OWN_MARK.casefold())):
        return True
    loops = [value.casefold().strip(" <>") for value in headers.all("x-loop")]
    return any(loop == LOOP_MARK or loop in own_addresses for loop in loops)


def _is_bounce(
    headers: Headers, sender: Address, subject: str, media_type: str, report: str, words: dict[str, tuple[str, ...]]
) -> bool:
    """Whether it reports a failed delivery."""
    if media_type == "multipart/report" and report in ("delivery-status", ""):
        return True
    if "x-failed-recipients" in headers:
        return True
    local = (sender.email.partition("@")[0] or sender.name).casefold()
    daemon = local in words["daemons"]
    nobody = headers.raw("return-path").replace(" ", "") == "<>"
    reports = subject.casefold().startswith(words["bounce_subjects"])
    return (daemon and (nobody or reports or local.startswith("mailer"))) or (nobody and reports)


def _through_own_list(headers: Headers, own_addresses: Set[str]) -> bool:
    """Whether a list is only how the desk's own address is shared: people's mail to it is still people's mail."""
    post = headers.raw("list-post").casefold()
    name = headers.raw("list-id").casefold().rpartition("<")[2].strip(" >")
    return any(own in post or name == own.replace("@", ".") for own in own_addresses if own)
