"""Web addresses, mail addresses and telephone numbers in a draft that stand in no source, look-alikes above all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind, Support
from supportdesk.rules.drafts import Draft
from supportdesk.rules.marks import mark
from supportdesk.rules.sources import Line, SourceIndex

_ADDRESS = re.compile(
    r"(?i)(?:https?://|www\.)[^\s<>\"'`|\\^{}\[\]]+"
    r"|(?<![\w.+\-@/])(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+(?:com|org|net|io|co|eu|de|fr|es|pt|nl|it|uk|us|br|at|ch|be|"
    r"info|biz|app|dev|shop|store|help|support|online|site|xyz|cloud|ai|me|tv|ly|gl|to|cc|example|test)(?![\w\-@])(?:/[^\s<>\"'`|\\^{}\[\]]*)?"
)
_MAIL = re.compile(r"(?i)(?<![\w.+\-])[\w.+\-]{1,64}@(?:[\w\-]+\.)+[^\W\d_]{2,24}")
_PATH = re.compile(r"[/?#]")
_TWINS = str.maketrans("013457", "oleast")
_ENDINGS = frozenset("co com org net gov ac edu".split())  # noqa: SIM905 - a list of words reads better as words


def findings(draft: Draft, index: SourceIndex) -> Iterator[tuple[Claim, Finding | None]]:
    """Each address and number in a draft as a claim, with a finding where no source has it."""
    known = index.remembered("addresses", _known)
    assert isinstance(known, dict)
    taken: list[tuple[int, int]] = []
    for match in _MAIL.finditer(draft.text):
        taken.append(match.span())
        yield _judged(draft, match.start(), match.group(), "email", known)
    for match in _ADDRESS.finditer(draft.text):
        if any(a < match.end() and match.start() < b for a, b in taken):
            continue
        yield _judged(draft, match.start(), match.group().rstrip(".,;:!?)»”'*_"), "url", known)
    for item in draft.identifiers:
        if item.kind == "phone" and not any(a < item.end and item.start < b for a, b in taken):
            yield _judged(draft, item.start, item.value, "phone", known)


def _known(index: SourceIndex) -> dict[str, Line]:
    """Every address and number of the sources, in the form they are compared in, and every host."""
    found: dict[str, Line] = {}
    for line in index.lines:
        if "@" in line.text or "." in line.text:
            for match in (*_MAIL.finditer(line.text), *_ADDRESS.finditer(line.text)):
                value = match.group().rstrip(".,;:!?)»”'*_")
                found.setdefault(_normal(value), line)
                found.setdefault(f"host {_host(value)}", line)
        if sum(c.isdecimal() for c in line.text) >= 7:
            found.setdefault(f"digits {line.source.value} {line.ref} {line.start}", line)
    for message in index.sources.thread.messages:
        if message.sender.email:
            found.setdefault(_normal(message.sender.email), _sender_line(message.sender.email, message.position))
    return found


def _sender_line(email: str, position: int) -> Line:
    none: frozenset[str] = frozenset()
    return Line(SourceKind.MESSAGE, str(position), email, 0, "", (), none, none, (), Author.CUSTOMER)


def _judged(draft: Draft, start: int, value: str, what: str, known: dict[str, Line]) -> tuple[Claim, Finding | None]:
    place = (start, start + len(value))
    line = _phone_line(value, known) if what == "phone" else known.get(_normal(value))
    if line is None and what == "url" and not _PATH.search(_normal(value)):
        line = known.get(f"host {_host(value)}")
    if line is not None:
        return Claim(*place, value, what, Support.SUPPORTED, (line.evidence,)), None
    twin = _look_alike(value, known) if what != "phone" else None
    name = {"url": "web address", "email": "mail address", "phone": "telephone number"}[what]
    if twin is not None:
        finding = mark(
            draft,
            place,
            FindingKind.LINK,
            "look_alike",
            f"This {name} only looks like the one in the sources: {_host(twin.text) or twin.text[:60]}.",
            "Use the address the sources give.",
            evidence=(twin.evidence,),
        )
        return Claim(*place, value, what, Support.CONTRADICTED, (twin.evidence,)), finding
    finding = mark(
        draft,
        place,
        FindingKind.LINK,
        what,
        f"This {name} stands in no message, record or article.",
        "Show where it comes from, or take it out.",
    )
    return Claim(*place, value, what, Support.UNSUPPORTED), finding


def _phone_line(value: str, known: dict[str, Line]) -> Line | None:
    number = "".join(c for c in value if c.isdecimal()).lstrip("0")
    for key, line in known.items():
        if key.startswith("digits ") and number[-9:] in "".join(c for c in line.text if c.isdecimal()):
            return line
    return None


def _normal(value: str) -> str:
    """An address without scheme, www, case and a last slash."""
    value = re.sub(r"(?i)^https?://", "", value.strip())
    return re.sub(r"(?i)^www\.", "", value).rstrip("/").casefold()


def _host(value: str) -> str:
    """The domain of an address or mail address."""
    bare = _normal(value)
    return _PATH.split(bare.split("@")[-1])[0] if "." in bare else ""


def _core(host: str) -> str:
    """The name people know a domain by: `acme` of help.acme.co.uk."""
    labels = host.split(".")[:-1]
    while len(labels) > 1 and labels[-1] in _ENDINGS:
        labels.pop()
    return labels[-1] if labels else host


def _look_alike(value: str, known: dict[str, Line]) -> Line | None:
    """The known host a value imitates: another ending, a letter changed, a word added, look-alike letters."""
    host = _host(value)
    core = _core(host)
    if not core:
        return None
    for key, line in known.items():
        if not key.startswith("host ") or key == f"host {host}":
            continue
        other = _core(key[5:])
        if len(other) < 4 or (other == core and host.endswith(key[5:])):
            continue
        if host.endswith("." + key[5:]) or key[5:].endswith("." + host):
            continue
        if other == core or core.translate(_TWINS) == other.translate(_TWINS) or other in re.split(r"[\-.]", host):
            return line
        if _close(core, other) or other in core:
            return line
    return None


def _close(a: str, b: str) -> bool:
    """Whether two names differ in one or two letters."""
    from rapidfuzz.distance import OSA

    most = 1 if len(b) < 7 else 2
    return OSA.distance(a, b, score_cutoff=most) <= most
