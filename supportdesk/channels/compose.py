"""An approved reply as mail: a fixed list of headers from cleaned text, read back before it may leave.

Nothing is copied from the mail it answers but its Message-IDs, and those only where they are plain tokens. The
standard library's header folding wraps long Message-IDs into encoded words, which breaks threading, so the top
headers are laid out here; body and files are its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from email.errors import HeaderParseError
from email.header import Header
from email.message import EmailMessage
from email.parser import Parser
from email.policy import SMTP
from email.utils import format_datetime

from supportdesk.domain.outgoing import OWN_MARK, Outgoing, OutgoingFile
from supportdesk.errors import ChannelTrouble
from supportdesk.text import clean, fold

MOST_REFERENCES = 30
"""References kept: the first, which names the thread, and the latest."""

_POLICY = SMTP.clone(cte_type="7bit")
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]"
# Dots anywhere in the local part: Japanese carriers gave out addresses like `a..b.@`, and their owners write to us.
# "=?" would be read as an encoded word.
_LOCAL = re.compile(rf"(?!.*=\?){_ATEXT}(?:{_ATEXT}|\.){{0,63}}")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?)(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)*|\[[0-9.]{7,15}\]")
_ID = re.compile(r"(?!.*=\?)[!-;=?-~]{1,900}")
_TYPE = re.compile(r"(?!message/|multipart/)[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f]+')
_MARK = re.compile(r"[^A-Za-z0-9._-]")
_STRUCTURE = frozenset({"content-type", "content-transfer-encoding", "mime-version"})


def compose(outgoing: Outgoing) -> bytes:
    """The reply as bytes for the wire, CRLF throughout; the same for the same `outgoing`.

    Pure ASCII, except for header addresses that need SMTPUTF8. Raises ChannelTrouble for an address or
    Message-ID that cannot be used, and when what was built does not read back as what was asked.
    """
    headers = _headers(outgoing)
    entity = _entity(outgoing)
    top = "".join(f"{name}: {value}".rstrip(" ") + "\r\n" for name, value in headers)
    raw = top.encode("utf-8") + entity.as_bytes(policy=_POLICY)
    _compare(raw, outgoing, [name for name, _ in headers])
    return raw


def new_message_id(domain: str, unique: str) -> str:
    """A Message-ID without angle brackets; `unique` must never have been used at this domain."""
    made = f"{_MARK.sub('', unique)}@{wire_address('x@' + domain)[2:]}"
    if made.startswith("@") or not made.isascii():
        raise ChannelTrouble(f"No Message-ID can be made for the domain {clean(domain, one_line=True)!r}.")
    return made


def wire_address(address: str) -> str:
    """A bare mail address as it goes over the wire; an international domain in its ASCII form.

    Letters outside ASCII before the @ stay, and need SMTPUTF8. Raises ChannelTrouble for what is no address.
    """
    local, at, domain = address.rpartition("@")
    usable = at and len(address) <= 254 and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    if not usable or clean(address, one_line=True) != address:
        shown = clean(address, one_line=True)[:80]
        raise ChannelTrouble(f"The mail address {shown!r} cannot be used; nothing was sent.")
    if not domain.isascii():
        try:
            ascii_form = domain.encode("idna").decode("ascii")
            # The old mapping turns ß into ss and ς into σ, which is somebody else's domain; then only SMTPUTF8 will do.
            if ascii_form.encode("ascii").decode("idna") == domain.lower():
                domain = ascii_form
        except UnicodeError:
            pass
    return f"{local}@{domain}"


def safe_name(name: str) -> str:
    """A file name that is one plain name everywhere: no path, no control or reserved character, at most 100 long."""
    name = clean(name).replace("\\", "/").rpartition("/")[2]
    name = " ".join(_NOT_IN_NAMES.sub("_", name).split()).strip(". ")
    if len(name) > 100:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: 99 - len(ending)]}.{ending}" if dot and len(ending) <= 12 else name[:100]
    return name.strip(". ") or "file"


def _headers(outgoing: Outgoing) -> list[tuple[str, str]]:
    """Every header of ours, in order, as it goes over the wire."""
    if not _ID.fullmatch(outgoing.message_id) or "@" not in outgoing.message_id:
        raise ChannelTrouble("The reply's Message-ID cannot be used; nothing was sent.")
    if not outgoing.to and not outgoing.cc and not outgoing.bcc:
        raise ChannelTrouble("The reply has no recipient; nothing was sent.")
    for address in outgoing.recipients:
        wire_address(address)
    sender = wire_address(outgoing.sender.email)
    headers = [
        ("Date", format_datetime(outgoing.at)),
        ("From", _named(_sender_name(outgoing), sender)),
    ]
    if outgoing.to:
        headers.append(("To", ",\r\n ".join(map(wire_address, outgoing.to))))
    if outgoing.cc:
        headers.append(("Cc", ",\r\n ".join(map(wire_address, outgoing.cc))))
    headers += [
        ("Subject", _unstructured("Subject", outgoing.whole_subject)),
        ("Message-ID", f"<{outgoing.message_id}>"),
    ]
    if _ID.fullmatch(outgoing.in_reply_to):
        headers.append(("In-Reply-To", f"<{outgoing.in_reply_to}>"))
    if references := _references(outgoing):
        headers.append(("References", "\r\n ".join(f"<{one}>" for one in references)))
    mark = _MARK.sub("", outgoing.desk or sender.rpartition("@")[2])[:64]
    headers.append((OWN_MARK, mark or "desk"))
    return headers


def _sender_name(outgoing: Outgoing) -> str:
    """The display name as it leaves."""
    return fold(clean(outgoing.sender.name))[:80].strip()


def _references(outgoing: Outgoing) -> tuple[str, ...]:
    """The thread's Message-IDs that can be named, oldest first, ending with the one that is answered."""
    asked = [one for one in (*outgoing.references, outgoing.in_reply_to) if _ID.fullmatch(one)]
    # The last mention counts, so that the answered one stands last.
    kept = tuple(dict.fromkeys(reversed(asked)))[::-1]
    return kept if len(kept) <= MOST_REFERENCES else (kept[0], *kept[1 - MOST_REFERENCES :])


def _unstructured(name: str, text: str) -> str:
    """Free text as a header value: plain where that reads back the same, else encoded words."""
    words = text.split(" ")
    if text.isascii() and "=?" not in text and all(len(word) < 70 for word in words):
        lines = [f"{name}:"]
        for word in words:
            if len(lines[-1]) + len(word) > 76:
                lines.append("")
            lines[-1] += f" {word}"
        return "\r\n".join(lines)[len(name) + 1 :].strip(" ")
    return Header(text, "utf-8", maxlinelen=76, header_name=name).encode(linesep="\r\n")


def _named(name: str, address: str) -> str:
    """A display name with its address."""
    if not name:
        return address
    if name.isascii() and "=?" not in name:
        quoted = re.sub(r'(["\\])', r"\\\1", name)
        return f'"{quoted}"\r\n <{address}>'
    return f"{_unstructured('From', name)}\r\n <{address}>"


def _entity(outgoing: Outgoing) -> EmailMessage:
    """Body and files, with the headers that describe them and no others."""
    entity = EmailMessage(policy=_POLICY)
    entity.set_content(outgoing.body, charset="utf-8")
    for file in outgoing.attachments:
        main, _, sub = _media_type(file).partition("/")
        entity.add_attachment(file.content, maintype=main, subtype=sub, filename=safe_name(file.name))
    if entity.is_multipart():
        # "=_" can stand in neither base64 nor quoted-printable.
        entity.set_boundary("=_" + hashlib.sha256(outgoing.message_id.encode()).hexdigest()[:40])
    return entity


def _media_type(file: OutgoingFile) -> str:
    """The declared type where it is usable; mails inside mail and multiparts go as plain bytes."""
    declared = file.media_type.strip().lower()
    return declared if _TYPE.fullmatch(declared) else "application/octet-stream"


def _compare(raw: bytes, outgoing: Outgoing, names: Sequence[str]) -> None:
    """Raise ChannelTrouble unless the bytes read back as exactly what was asked, headers and all."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")
    if b"\0" in raw or b"\r" in raw.replace(b"\r\n", b"") or b"\n" in raw.replace(b"\r\n", b""):
        raise _differs("line endings")
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        raise _differs("line length")
    found = [line.partition(b":")[0].decode("ascii", "replace") for line in lines]
    if [name for name in found if name.lower() not in _STRUCTURE] != list(names):
        raise _differs("headers")
    parsed = Parser(policy=_POLICY).parsestr(raw.decode("utf-8"))
    assert isinstance(parsed, EmailMessage)
    if list(parsed.keys()) != found:
        raise _differs("headers")
    try:
        _compare_headers(parsed, outgoing)
        _compare_content(parsed, outgoing)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, HeaderParseError) as trouble:
        # What the library's reader stumbles over, another one may misread.
        raise _differs("content") from trouble


def _compare_headers(parsed: EmailMessage, outgoing: Outgoing) -> None:
    """Addresses, subject and thread as a reader takes them."""
    wanted = {"From": [outgoing.sender.email], "To": outgoing.to, "Cc": outgoing.cc}
    for name, addresses in wanted.items():
        field = parsed[name]
        got = [] if field is None else [address.addr_spec for address in field.addresses]
        if got != [wire_address(address) for address in addresses]:
            raise _differs(f"recipients in {name}" if name != "From" else "sender")
    # The library's reader puts a space between two encoded words of a name.
    if "".join(parsed["From"].addresses[0].display_name.split()) != _sender_name(outgoing).replace(" ", ""):
        raise _differs("sender's name")
    if parsed["Bcc"] is not None or parsed["Resent-To"] is not None:
        raise _differs("recipients")
    if str(parsed["Subject"] or "") != outgoing.whole_subject:
        raise _differs("subject")
    if parsed["Date"].datetime != outgoing.at.replace(microsecond=0):
        raise _differs("date")
    answered = (outgoing.in_reply_to,) if _ID.fullmatch(outgoing.in_reply_to) else ()
    expected = {"Message-ID": (outgoing.message_id,), "In-Reply-To": answered, "References": _references(outgoing)}
    for name, ids in expected.items():
        if str(parsed[name] or "").split() != [f"<{one}>" for one in ids]:
            raise _differs(name)


def _compare_content(parsed: EmailMessage, outgoing: Outgoing) -> None:
    """Text and files as a reader takes them."""
    parts: Iterable[EmailMessage] = parsed.iter_parts() if parsed.is_multipart() else (parsed,)  # type: ignore[assignment]
    text, *files = parts
    if text.get_content_type() != "text/plain" or text.get_content().replace("\r\n", "\n") != outgoing.body:
        raise _differs("text")
    got = [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in files]
    if got != [(safe_name(file.name), _media_type(file), file.content) for file in outgoing.attachments]:
        raise _differs("attachments")


def _differs(what: str) -> ChannelTrouble:
    """The refusal of a mail that would not say what was approved."""
    return ChannelTrouble(f"The mail as built does not read back with the approved {what}; nothing was sent.")
