"""Recognising, line by line, what mail programs add to a person's words: the marks `quoting` folds by.

Every look at a line is bounded in length and every look around it in lines, so that the whole stays linear
whatever the mail holds. The words of each language stand in `data/quoting.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from supportdesk.rules.tables import once

LONGEST = 600
"""Characters of a line that are looked at."""

_QUOTED = re.compile(r"\s{0,3}[A-Z]{0,3}>")
_ADDRESS = re.compile(r"[^\s<>\"@]{1,64}@[^\s<>\"@]{1,255}")
_BRACKETED = re.compile(r"(?:<|&lt;)\s{0,2}(?:mailto:)?[^<>\s@]{1,64}@[^<>\s@]{1,255}")
_CLOCK = re.compile(r"\d{1,2}[:.hH]\d{2}|\d{1,2}\s?[aApP]\.?[mM]\b|\d{1,2}\s?[時时点點시]")
_DATE = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}(?:st|nd|rd|th|\.|º)?\s{1,2}\w{3}|\w{3}\.?\s{1,2}\d{1,2}")
_DATED = re.compile(r"\W{0,3}(?:\w{2,14}[.,]{0,2}\s)?\d{1,4}(?:\W|[年년])")
_ISO = re.compile(r"\W{0,3}\d{4}[-/年.]\s?\d{1,2}[-/月.]\s?\d{1,2}")
_OLD_GMAIL = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d .{1,80}")
_DELIMITER = re.compile(r"(?:-{2,}|_{2,}|={3,}|\*{3,}|#{3,}|~{3,}|\+{3,}|‐{3,}|─{2,}|[—–]{1,})")
_LABEL = re.compile(r"[\s*_>]{0,6}([^\s:：*_>][^:：]{0,24}?)\s?[*_]{0,2}\s?[:：]")
_CONTACT = re.compile(
    r"(?:tel|fon|phone|mob|mobil|mobile|fax|cell|t|m|p|tél|tlf|móvil|cel|тел|e-?mail|mail|web|www|skype|電話|电话)\b\.?\s?[:.]?\s?[+(\d]"
    r"|(?:e-?mail|mail|web|www|skype|twitter|linkedin)\s?[:.]|https?://|www\.|\+\d[\d\s()./-]{6,}|[^\s<>@]{1,64}@[^\s<>@]{1,255}\.\w",
    re.IGNORECASE,
)
_LINKED_APP = re.compile(r"\s\[?[\w.-]{2,20}\]?\s?[<(]https?://")
_EDGE = " \t\r*_"
_DASHES = " \t\r*_-=–—‐─#~|<>"


@dataclass(frozen=True, slots=True)
class _Words:
    """The table of all languages, arranged for looking up."""

    opens: tuple[str, ...]
    """Beginnings of an attribution, each with what must follow."""
    wrote: tuple[str, ...]
    """Ends of an attribution."""
    closers: tuple[str, ...]
    """All a line must end with to be looked at as the end of an attribution."""
    wrote_mid: re.Pattern[str]
    """Verbs inside an attribution."""
    speaks_of_self: re.Pattern[str]
    """A verb beside a word for the writer."""
    labels: dict[str, dict[str, str]]
    """Header label to its role in each language that has it."""
    original: tuple[str, ...]
    """Marks above a quoted mail."""
    forwarded: tuple[str, ...]
    """Marks above a forwarded mail."""
    reply_above: tuple[str, ...]
    """A helpdesk's line to write above."""
    device: tuple[tuple[str, str, bool], ...]
    """Beginning, end, and whether a device must be named between."""
    device_short: tuple[str, ...]
    """Phrases of device lines of at most four words."""
    devices: frozenset[str]
    """Names of devices and mail programs."""
    trackers: tuple[str, ...]
    """Marks tracking add-ons leave."""
    footer: tuple[str, ...]
    """Phrases of legal notices and list footers."""
    imprint: tuple[str, ...]
    """Words of a company's particulars."""
    signoff: tuple[str, ...]
    """Closings."""


_ROLES = ("from", "sent", "to", "cc", "subject", "reply_to")


def _alternatives(words: Iterable[str]) -> str:
    """Words as one regular expression, longest first."""
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


@once
def _words() -> _Words:
    """The table, read once."""
    table = tomllib.loads(files("supportdesk.rules").joinpath("data/quoting.toml").read_text("utf-8"))
    shared = table.pop("shared")

    def every(key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(w.casefold() for language in table.values() for w in language.get(key, ())))

    labels: dict[str, dict[str, str]] = {}
    for name, language in table.items():
        for role in _ROLES:
            for label in language.get(role, ()):
                labels.setdefault(label.casefold(), {}).setdefault(name, role)
    wrote = every("wrote")
    both = _alternatives(dict.fromkeys(every("wrote") + every("wrote_mid")))
    own = _alternatives(every("self"))
    device = []
    for entry in every("device"):
        begin, gap, end = entry.partition("…")
        device.append((begin.strip(), end.strip(), bool(gap) and not end.strip()))
    return _Words(
        opens=every("opens"),
        wrote=wrote,
        closers=(":", "：", *wrote),
        wrote_mid=re.compile(rf"(?<!\w)(?:{_alternatives(every('wrote_mid'))})(?!\w)"),
        speaks_of_self=re.compile(rf"(?<!\w)(?:(?:{own})\s(?:{both})|(?:{both})\s(?:{own}))(?!\w)"),
        labels=labels,
        original=every("original"),
        forwarded=every("forwarded"),
        reply_above=every("reply_above"),
        device=tuple(device),
        device_short=every("device_short"),
        devices=frozenset(w.casefold() for w in shared["devices"]),
        trackers=tuple(w.casefold() for w in shared["trackers"]),
        footer=every("footer"),
        imprint=every("imprint"),
        signoff=every("signoff"),
    )


def is_quoted(line: str) -> bool:
    """Whether a line carries a quote mark: `>`, or a writer's initials before it."""
    return _QUOTED.match(line) is not None


def is_delimiter(line: str) -> bool:
    """Whether a line is only a rule drawn with dashes, underscores and the like, or a tracker's mark."""
    return len(line) < 200 and (_DELIMITER.fullmatch(line) is not None or line.casefold() in _words().trackers)


def attribution(lines: Sequence[str], at: int, floor: int, quote_follows: bool) -> int | None:
    """Where the attribution that ends on a line begins ("On … Ann wrote:"); None when it is none.

    Args:
        lines: All lines, stripped and cut.
        at: The line it would end on.
        floor: The first line it may begin on.
        quote_follows: Whether a quoted line comes next; without it, more proof is asked for.
    """
    words = _words()
    ending = lines[at].rstrip(" \t*_-")
    low = ending[-40:].casefold()
    closes = low.endswith(words.closers)
    if not closes and not _ISO.match(lines[at]):
        return None
    if lines[at][0] == ">" and low.strip("> :：") not in ("", *words.wrote):
        return None
    joined, best, blanks = "", None, 0
    for start in range(at, max(floor, at - 7) - 1, -1):
        line = lines[start]
        if not line:
            blanks += 1
            # Only a program that broke the line between name and address leaves blank lines inside.
            if blanks > 1 or joined[:1] not in ("<", ">"):
                break
            continue
        if start < at and (is_quoted(line) or is_delimiter(line)):
            break
        joined = f"{line} {joined}" if joined else line
        if len(joined) > LONGEST:
            break
        by_word = _begins(line, words)
        if not by_word and (best is not None or not _ADDRESS.search(line)):
            continue
        if _reads_as_attribution(joined, by_word, closes, quote_follows, start == floor or not lines[start - 1]):
            best = start
            if by_word:
                break
    return best


def _begins(line: str, words: _Words) -> bool:
    """Whether a line begins as attributions do: with a word for "on", or with a date."""
    head = line[:40].strip(" *_-\"'").casefold()
    for word in words.opens:
        if head.startswith(word) and (not word.isascii() or not head[len(word) : len(word) + 1].isalnum()):
            return True
    return _DATED.match(line[:40].lstrip(" *_-")) is not None


def _reads_as_attribution(joined: str, by_word: bool, closes: bool, quote_follows: bool, stands_alone: bool) -> bool:
    """Whether one or more lines, joined, are an attribution."""
    words = _words()
    core = joined.strip(" \t*_->").rstrip(":： ").strip(" *_")
    low = core.casefold()
    bracketed = _BRACKETED.search(core) is not None
    address = bracketed or _ADDRESS.search(core) is not None
    if not closes:
        if not _ISO.match(core):
            return False
        return _OLD_GMAIL.fullmatch(core) is not None or (bracketed and joined.endswith(">"))
    clock = _CLOCK.search(core) is not None
    dated = clock or _DATE.search(core) is not None
    ends = low.endswith(words.wrote)
    middle = words.wrote_mid.search(low) is not None
    if ends:
        fits = (by_word and dated) or address
    elif middle:
        fits = dated and (by_word or address)
    else:
        # Some programs leave the verb out: a date, a time, a name and the address.
        fits = bracketed and ((by_word and clock and joined.endswith(">:")) or _ISO.match(core) is not None)
    if not fits:
        return False
    if quote_follows:
        return True
    if words.speaks_of_self.search(low):
        return False
    return bracketed or (clock and by_word and (stands_alone or address))


def header_block(lines: Sequence[str], at: int, marked: bool) -> int | None:
    """Where a block of mail headers that begins on a line ends (exclusive); None when it is none.

    Args:
        lines: All lines, stripped and cut.
        at: The line it would begin on.
        marked: Whether a rule or mark stands above it, so that less proof is needed.
    """
    labels = _words().labels
    roles: dict[str, set[str]] = {}
    end, loose, address = at, 0, False
    for index in range(at, min(at + 16, len(lines))):
        line = lines[index]
        found = _label(line, labels)
        if found is None:
            loose += 1
            if index == at or not line or loose > 4:
                break
            continue
        loose = 0
        end = index + 1
        address = address or _ADDRESS.search(line) is not None
        for language, role in found.items():
            roles.setdefault(language, set()).add(role)
    for seen in roles.values():
        enough = len(seen - {"cc"}) >= (2 if marked else 3)
        if enough and "from" in seen and ("subject" in seen or address or marked):
            return end
    return None


def _label(line: str, labels: dict[str, dict[str, str]]) -> dict[str, str] | None:
    """The role of a header label at a line's start, by language."""
    match = _LABEL.match(line)
    return labels.get(match.group(1).casefold()) if match else None


def marker(line: str) -> str:
    """`original`, `forwarded` or `above` for a line that announces a quoted or forwarded mail; else empty."""
    if len(line) > 160:
        return ""
    words = _words()
    low = line.casefold()
    core = low.strip(_DASHES)
    dashed = line[:2].strip(_EDGE + "-=–—‐─#~|") == "" and line != core
    if core.startswith(words.forwarded) and (dashed or core.endswith((":", "："))):
        return "forwarded"
    if dashed and len(core) < 70 and core.startswith(words.original):
        return "original"
    return "above" if any(phrase in low for phrase in words.reply_above) else ""


def is_device_line(line: str) -> bool:
    """Whether a line is what a phone or mail program adds: "Sent from my iPhone"."""
    if len(line) > 140:
        return False
    words = _words()
    low = line.casefold().strip(" \t*_-–—<>()[]|~").rstrip(".!")
    if any(phrase in low for phrase in words.device_short) and len(low.split()) <= 4:
        return True
    for begin, end, named in words.device:
        if low.startswith(begin) and low.endswith(end):
            if not named:
                return True
            if _LINKED_APP.match(low, len(begin)):
                return True
            rest = re.split(r"[\s,;:()<>\[\]]+", low[len(begin) : len(begin) + 60])
            if len(rest) <= 9 and not words.devices.isdisjoint(rest):
                return True
    return False


def is_footer(paragraph: str) -> bool:
    """Whether a paragraph is a legal notice, a company's particulars or a mailing list's footer."""
    words = _words()
    low = " ".join(paragraph.casefold().split())
    if any(phrase in low for phrase in words.footer):
        return True
    return sum(phrase in low for phrase in words.imprint) >= 3


def is_signoff(line: str) -> bool:
    """Whether a line is a closing such as "Best regards,"."""
    return len(line) < 60 and line.casefold().rstrip(" ,.!\t") in _words().signoff


def is_contact(line: str) -> bool:
    """Whether a line gives a telephone number, an address or a link, as signatures do."""
    return len(line) < 120 and _CONTACT.search(line) is not None
