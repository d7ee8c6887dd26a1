"""Replies to hostile mail, composed and read back: no header or recipient may appear that nobody approved."""

from __future__ import annotations

import email
import email.policy
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from supportdesk.channels.compose import MOST_REFERENCES, compose, safe_name, wire_address
from supportdesk.domain.outgoing import Outgoing, OutgoingFile
from supportdesk.domain.thread import Address
from supportdesk.errors import ChannelTrouble

OURS = frozenset(
    {"date", "from", "to", "cc", "subject", "message-id", "in-reply-to", "references", "x-supportdesk"}
    | {"content-type", "content-transfer-encoding", "mime-version"}
)
"""The only headers a mail of ours may have."""

_BREAKS = ["\r\n", "\n", "\r", "\r\n ", "\n\t", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\r\r\n", "\n\r\n"]
_HEADERS = ["Bcc: thief@evil.example", "To: thief@evil.example", "Resent-To: thief@evil.example", "X: y", ": z"]
_SYNTAX = ['"', "\\", "<", ">", ",", ";", ":", "(", ")", "@", "<thief@evil.example>", "thief@evil.example", " ", "\t"]
_ENCODED = ["=?utf-8?q?=0ABcc:_thief=40evil.example?=", "=?utf-8?b?Cg==?=", "=?", "?=", "=?x"]
_SIGHTS = [
    "\x1b]0;x\x07",
    "\u202e",
    "\u200b",
    "\ud800",
    "\x00",
    "é",
    "日本語",
    "\U0001f468\u200d\U0001f469",
    "e\u0301" * 3,
]
_BODIES = [".\r\n", "\r\n.\r\n", "From thief", "-- ", "x" * 90, "Re: ", "AW: ", "回复:"]
_known = st.sampled_from(_BREAKS + _HEADERS + _SYNTAX + _ENCODED + _SIGHTS + _BODIES)
hostile = st.lists(st.one_of(_known, _known, st.text(max_size=20), st.text("ab z", max_size=12)), max_size=12).map(
    "".join
)
"""Text with everything in it that ever broke a header."""

_local = st.text("abcxyz019.+_-'=!#$%&*/?^`{|}~", min_size=1, max_size=20).filter(
    lambda s: s[0] != "." and "=?" not in s
)
_odd_local = st.sampled_from(["josé", "ñandú", "用户"])
_domain = st.sampled_from(
    ["example.com", "a.example", "mail.example.co.uk", "localhost", "müller.example", "straße.example", "[127.0.0.1]"]
)
_good = st.builds("{}@{}".format, st.one_of(_local, _local, _odd_local), _domain)
_bad = st.one_of(hostile, st.builds("{}@{}".format, hostile, _domain), st.builds("{}{}".format, _good, hostile))
_good_id = st.text("abcXYZ019.+_-=@$%/", min_size=1, max_size=150)
reference = st.one_of(_good_id, _good_id, hostile, st.builds("{}@{}".format, hostile, _domain))
_names = ["../../etc/cron.d/x", "C:\\x.exe", "a\r\nBcc: b@c.d.pdf", "rechnung_März.pdf", ".", "", "名" * 200 + ".pdf"]
_types = ["text/plain", "message/rfc822", "multipart/mixed", "image/png", "application/pdf; name=x"]
_file = st.builds(
    OutgoingFile,
    st.one_of(hostile, st.sampled_from(_names)),
    st.one_of(hostile, st.sampled_from(_types)),
    st.binary(max_size=300),
)


def replies(addresses: st.SearchStrategy[str]) -> st.SearchStrategy[Outgoing]:
    """Replies to such addresses, with hostile text everywhere a stranger's text can reach."""
    return st.builds(
        Outgoing,
        message_id=st.uuids().map("{}@desk.example".format),
        sender=st.builds(Address, st.sampled_from(["help@desk.example", "hilfe@müller.example"]), hostile),
        to=st.lists(addresses, min_size=1, max_size=3).map(tuple),
        cc=st.lists(addresses, max_size=2).map(tuple),
        bcc=st.lists(addresses, max_size=2).map(tuple),
        subject=hostile,
        text=hostile,
        in_reply_to=st.one_of(st.just(""), reference),
        references=st.lists(reference, max_size=45).map(tuple),
        attachments=st.lists(_file, max_size=2).map(tuple),
        at=st.integers(0, 2_000_000_000).map(lambda s: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
        signature=st.one_of(st.just(""), hostile),
        desk=hostile,
    )


def faults(outgoing: Outgoing, raw: bytes) -> list[str]:
    """What a reader other than the one in `compose` sees in the mail that was not asked for."""
    # The old parser shares neither header registry nor folding with the policy the product reads back with.
    parsed = email.message_from_string(raw.decode(), policy=email.policy.compat32)
    names = [name.lower() for name in parsed.keys()]  # noqa: SIM118
    found = []
    if extra := [name for name in names if name not in OURS or names.count(name) > 1]:
        found.append(f"extra headers {extra}")
    for name, asked in (("To", outgoing.to), ("Cc", outgoing.cc)):
        got = [pair[1] for pair in getaddresses([str(parsed[name])])] if parsed[name] else []
        if got != [wire_address(one) for one in asked]:
            found.append(f"{name}: {got} instead of {asked}")
    if str(parsed["Message-ID"]) != f"<{outgoing.message_id}>":
        found.append("Message-ID")
    found += _thread_faults(outgoing, str(parsed["In-Reply-To"] or ""), str(parsed["References"] or "").split())
    parts = [part for part in parsed.walk() if not part.is_multipart()]
    if len(parts) != 1 + len(outgoing.attachments):
        found.append(f"{len(parts)} parts")
    for part in parts[1:]:
        name = part.get_filename("")
        if name != safe_name(name) or part.get_payload(decode=True) not in [f.content for f in outgoing.attachments]:
            found.append(f"file {name!r}")
    return found


def _plain(one: str) -> bool:
    """Whether a Message-ID can stand between angle brackets."""
    return 0 < len(one) <= 900 and "=?" not in one and all("!" <= c <= "~" and c not in "<>" for c in one)


def _thread_faults(outgoing: Outgoing, answered: str, references: list[str]) -> list[str]:
    """Whether the mail hangs where it should."""
    found = []
    if answered != (f"<{outgoing.in_reply_to}>" if _plain(outgoing.in_reply_to) else ""):
        found.append(f"In-Reply-To {answered!r}")
    named = [f"<{one}>" for one in outgoing.references if _plain(one)]
    if not set(references) <= {*named, f"<{outgoing.in_reply_to}>"} or len(references) > MOST_REFERENCES:
        found.append("References names something else")
    if _plain(outgoing.in_reply_to) and references[-1:] != [f"<{outgoing.in_reply_to}>"]:
        found.append("References does not end with the answered mail")
    if len(set(named)) < MOST_REFERENCES and not set(named) <= set(references):
        found.append("References lost one")
    return found


def usable(outgoing: Outgoing) -> bool:
    """Whether every address asked for is one."""
    addresses = (*outgoing.to, *outgoing.cc, *outgoing.bcc)
    try:
        return bool(addresses) and all(wire_address(one) for one in addresses)
    except ChannelTrouble:
        return False


def run(count: int) -> str:
    """Compose and read back `count` replies, and a tenth as many to addresses that are none.

    Raises AssertionError with the smallest reply that went wrong.
    """
    tally: Counter[str] = Counter()
    phases = [Phase.generate, Phase.shrink]
    given_many = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=phases)

    @settings(given_many, max_examples=count)
    @given(replies(_good))
    def good(outgoing: Outgoing) -> None:
        raw = compose(outgoing)
        assert faults(outgoing, raw) == []
        assert compose(outgoing) == raw
        tally["composed"] += 1

    @settings(given_many, max_examples=count // 10)
    @given(replies(st.one_of(_good, _bad)))
    def bad(outgoing: Outgoing) -> None:
        try:
            raw = compose(outgoing)
        except ChannelTrouble as refusal:
            # A reply with an impossible address must be refused; any other refusal is a reply lost.
            assert not usable(outgoing), f"refused without need: {refusal}"
            tally["refused"] += 1
        else:
            assert usable(outgoing)
            assert faults(outgoing, raw) == []

    good()
    bad()
    return (
        f"{tally['composed']:,} hostile replies composed and read back: 0 extra headers or recipients; "
        f"{tally['refused']:,} of {count // 10:,} more refused for an address that is none"
    )
