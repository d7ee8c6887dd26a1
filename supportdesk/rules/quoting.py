"""Telling a writer's own words from what came with them: quotes, forwarded mail, signatures, legal footers.

Works on lines, in one pass and a bounded look around each, so a megabyte of anything takes linear time.
Where in doubt words count as the writer's own: what is folded away is not read for triggers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from supportdesk.rules import quoting_marks as marks

MOST_LINES = 20_000
"""Lines that are looked at; what follows (a pasted log, say) counts as one more line."""


class PartKind(StrEnum):
    """Whose words, or what they are for."""

    OWN = "own"
    QUOTE = "quote"
    FORWARD = "forward"
    SIGNATURE = "signature"
    FOOTER = "footer"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text that is all of one kind; a text's parts cover it without gaps."""

    kind: PartKind
    """Own words, quote, forwarded mail, signature or footer."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset just after it."""


def parts(text: str) -> tuple[Part, ...]:
    """A text's parts in order; none for an empty text, neighbours always differ in kind."""
    return _read(text).parts


def own_text(text: str) -> str:
    """The text with everything but the writer's own words blanked: same length, same newlines, same offsets."""
    found = parts(text)
    if all(part.kind is PartKind.OWN for part in found):
        return text
    return "".join(
        text[part.start : part.end] if part.kind is PartKind.OWN else _blank(text[part.start : part.end])
        for part in found
    )


def trimmed(text: str) -> str:
    """The writer's own words for reading, with the quotes they answer inline; line ends made plain, stripped."""
    kept = "".join(text[start:end] for start, end in _read(text).kept)
    lines = [line.rstrip() for line in kept.replace("\r\n", "\n").split("\n")]
    return "\n".join(lines).strip("\n")


def _blank(text: str) -> str:
    """Spaces for everything but newlines."""
    return "\n".join(" " * len(line) for line in text.split("\n"))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one look at a text found."""

    parts: tuple[Part, ...]
    """Its parts."""
    kept: tuple[tuple[int, int], ...]
    """Spans of own words and of the quotes they answer."""


@lru_cache(maxsize=256)
def _read(text: str) -> _Reading:
    """Fold a text; remembered, since screens, rules and assistants ask for the same messages."""
    if not text:
        return _Reading((), ())
    folding = _Folding(text)
    folding.mark_quotes()
    folding.mark_tails()
    return folding.reading()


class _Folding:
    """The lines of one text and, for each, what it was found to be."""

    def __init__(self, text: str) -> None:
        raw = text.split("\n", MOST_LINES)
        self.offsets = [0]
        for line in raw:
            self.offsets.append(self.offsets[-1] + len(line) + 1)
        self.offsets[-1] -= 1
        self.lines = [line[: marks.LONGEST].replace("\xa0", " ").replace("\u202f", " ").strip() for line in raw]
        self.lines[-1] = self.lines[-1].partition("\n")[0]
        self.kinds = [PartKind.OWN] * len(raw)
        self.announces = bytearray(len(raw))
        """1 for lines that announce a quote (attribution, headers, marks), which are never shown as answered."""
        self.announced = bytearray(len(raw))
        """1 for quoted lines below an announcement."""
        self.quoted = [">" in line[:8] and marks.is_quoted(line) for line in self.lines]
        self.protected = self._fenced()

    def _fenced(self) -> bytearray:
        """1 for lines inside a closed ``` block, where rules and marks are somebody's code."""
        inside = bytearray(len(self.lines))
        fences = [i for i, line in enumerate(self.lines) if line.startswith("```") and line.count("```") % 2]
        for first, last in zip(fences[::2], fences[1::2], strict=False):
            inside[first : last + 1] = b"\x01" * (last + 1 - first)
        return inside

    def mark_quotes(self) -> None:
        """Find quoted lines, and the attributions, headers and marks that announce what is not the writer's."""
        floor = own = at = 0
        while at < len(self.lines):
            announced = None if self.protected[at] or not self.lines[at] else self._announced(at, floor, own)
            if announced is None:
                if self.quoted[at] and not self.protected[at]:
                    self.kinds[at] = PartKind.QUOTE
                    floor = at + 1
                own += self._counts_as_own(at)
                at += 1
                continue
            first, after, kind = announced
            # An attribution's earlier lines were taken for own words a moment ago.
            own -= sum(self._counts_as_own(i) for i in range(first, at))
            follows = self._next_line(after)
            self._set(self._with_rule_above(first), after, kind, announces=True)
            floor = at = after
            if follows is not None and self._bears_quote_mark(follows):
                floor = at = self._take_quote(follows, kind)
            elif own:
                self._set(after, len(self.lines), kind)
                return
            # Else nothing but a forwarded or quoted mail: its words are all there is to read.

    def _announced(self, at: int, floor: int, own: int) -> tuple[int, int, PartKind] | None:
        """First line, line after the last, and kind of what announces a quote or forwarded mail here."""
        line = self.lines[at]
        mark = marks.marker(line)
        follows = self._next_line(at + 1)
        if mark:
            kind = PartKind.FORWARD if mark == "forwarded" else PartKind.QUOTE
            block = marks.header_block(self.lines, follows, marked=True) if follows is not None else None
            return at, block or at + 1, kind
        if not self.quoted[at] and (":" in line or "：" in line):
            above = self._previous_line(at)
            ruled = above is not None and len(self.lines[above]) > 4 and marks.is_delimiter(self.lines[above])
            block = marks.header_block(self.lines, at, marked=ruled)
            if block is not None:
                return at, block, PartKind.QUOTE if own else PartKind.FORWARD
        start = marks.attribution(self.lines, at, floor, follows is not None and self._bears_quote_mark(follows))
        return None if start is None else (start, at + 1, PartKind.QUOTE)

    def _counts_as_own(self, at: int) -> bool:
        """Whether a line holds words of the writer's own, as far as is known."""
        return self.kinds[at] is PartKind.OWN and bool(self.lines[at]) and not marks.is_delimiter(self.lines[at])

    def _bears_quote_mark(self, at: int) -> bool:
        """Whether a line is quoted with `>` or, below an attribution, `|`."""
        return self.quoted[at] or self.lines[at][:1] == "|"

    def _next_line(self, at: int) -> int | None:
        """The next line that is not blank, at most a few lines on."""
        return next((i for i in range(at, min(at + 6, len(self.lines))) if self.lines[i]), None)

    def _previous_line(self, at: int) -> int | None:
        """The line before that is not blank, at most a few lines back."""
        return next((i for i in range(at - 1, max(at - 4, -1), -1) if self.lines[i]), None)

    def _with_rule_above(self, first: int) -> int:
        """Take a drawn rule above an announcement into it."""
        above = self._previous_line(first)
        ruled = above is not None and self.kinds[above] is PartKind.OWN and marks.is_delimiter(self.lines[above])
        return above if ruled and above is not None else first

    def _take_quote(self, at: int, kind: PartKind) -> int:
        """Mark the quoted lines that follow an announcement; the line after them."""
        last = at
        while at < len(self.lines) and (not self.lines[at] or self._bears_quote_mark(at)):
            if self.lines[at]:
                self.kinds[at] = kind
                self.announced[at] = 1
                last = at
            at += 1
        return last + 1

    def _set(self, first: int, after: int, kind: PartKind, *, announces: bool = False) -> None:
        """Give lines a kind."""
        self.kinds[first:after] = [kind] * (after - first)
        if announces:
            self.announces[first:after] = b"\x01" * (after - first)

    def mark_tails(self) -> None:
        """Find signatures and footers at the end of each stretch of own words."""
        for first, after in list(self._runs()):
            if self.kinds[first] is PartKind.OWN:
                self._mark_tail(first, after)

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Stretches of lines of one kind; blank lines break none."""
        first = 0
        for at in range(1, len(self.lines) + 1):
            if at == len(self.lines) or (self.lines[at] and self.kinds[at] is not self.kinds[first]):
                yield first, at
                first = at

    def _mark_tail(self, first: int, after: int) -> None:
        """Find the signature and footers at the end of one stretch of own words."""
        end = after
        while end > first:
            above = end - 1
            if not self.lines[above] or marks.is_delimiter(self.lines[above]):
                end -= 1
                continue
            if self.protected[above]:
                break
            if marks.is_device_line(self.lines[above]):
                self._set(above, end, PartKind.SIGNATURE)
                end = above
                continue
            top = above
            while top > first and self.lines[top - 1] and above - top < 30:
                top -= 1
            if top == 0 or not marks.is_footer(" ".join(self.lines[top:end])):
                break
            self._set(top, end, PartKind.FOOTER)
            end = top
        if end < after:
            trailing = next((k for k in self.kinds[end:after] if k is not PartKind.OWN), PartKind.SIGNATURE)
            for at in range(end, after):
                if self.kinds[at] is PartKind.OWN:
                    self.kinds[at] = trailing
        start = self._signature(first, end)
        if start is not None:
            self._set(start, end, PartKind.SIGNATURE)

    def _signature(self, first: int, end: int) -> int | None:
        """Where the signature of a stretch of own words begins."""
        for at in range(end - 1, max(first - 1, end - 40), -1):
            line = self.lines[at]
            if not line:
                continue
            if self.protected[at]:
                return None
            if marks.is_delimiter(line):
                return at if self._is_signature(at + 1, end, solid=line in ("--", "—")) else None
        return self._contact_lines(first, end)

    def _is_signature(self, first: int, after: int, *, solid: bool) -> bool:
        """Whether the lines below a rule read as a signature; below the customary two dashes nearly all do."""
        below = [line for line in self.lines[first:after] if line]
        if solid:
            return len(below) <= 16 and all(len(line) <= 200 for line in below)
        if not self.lines[first] or len(below) > 4:
            return False
        return all(len(line) <= 70 and "?" not in line and not marks.is_signoff(line) for line in below)

    def _contact_lines(self, first: int, end: int) -> int | None:
        """Where contact lines below a closing and a name begin."""
        for at in range(max(first, end - 14), end):
            if not marks.is_signoff(self.lines[at]):
                continue
            below = [i for i in range(at + 1, end) if self.lines[i]]
            if len(below) < 2 or any(len(self.lines[i]) > 100 or "?" in self.lines[i] for i in below):
                continue
            if any(marks.is_contact(self.lines[i]) for i in below[1:]):
                return below[1]
        return None

    def reading(self) -> _Reading:
        """The parts, and the spans worth reading."""
        found = [Part(self.kinds[a], self.offsets[a], self.offsets[b]) for a, b in self._runs()]
        merged = [part for part in found if part.end > part.start]
        return _Reading(tuple(merged), tuple(self._kept()))

    def _kept(self) -> Iterator[tuple[int, int]]:
        """Own words, and quotes that are answered below them or that are all there is."""
        own = [i for i, kind in enumerate(self.kinds) if kind is PartKind.OWN and self.lines[i]]
        first_own, last_own = (own[0], own[-1]) if own else (len(self.lines), -1)
        announced_anywhere = any(self.announces) or any(self.announced)
        for first, after in self._runs():
            kind = self.kinds[first]
            if kind is PartKind.OWN:
                yield self.offsets[first], self.offsets[after]
            elif kind in (PartKind.QUOTE, PartKind.FORWARD):
                announced = any(self.announced[first:after]) or self._announces_inside(first, after)
                if after <= last_own:
                    keep = first_own < first or not announced
                else:
                    keep = not announced and not announced_anywhere and (not own or after - first <= 5)
                if keep:
                    shown = [i for i in range(first, after) if not self.announces[i]]
                    yield from ((self.offsets[i], self.offsets[i + 1]) for i in shown)

    def _announces_inside(self, first: int, after: int) -> bool:
        """Whether a quote begins with a quoted attribution or header block of its own."""
        bare = [self.lines[i].lstrip("> ") for i in range(first, min(after, first + 6))]
        if marks.header_block(bare, 0, marked=False):
            return True
        return any(
            line and (marks.marker(line) or marks.attribution(bare, i, 0, quote_follows=True) is not None)
            for i, line in enumerate(bare)
        )
