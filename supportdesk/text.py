r"""Making outside text displayable. `clean()` is the one door, applied last, before any screen, log or mail.

Terminals obey control characters: a customer's mail can recolour the screen, fill the clipboard, or make
the terminal "type" an answer (`ESC ] 11 ; ? ESC \\`). Textual and Rich strip only five of them. Raw text is
stored as it came; only what is shown or sent passes here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# C0 except tab and newline, DEL, C1; bidi overrides and isolates; zero-width and other invisible format
# characters; line/paragraph separators; interlinear marks; tags; lone surrogates; noncharacters.
# Kept: U+200D between emoji and Indic letters, U+200C (Persian), variation selectors after a visible base.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff\U0001d173-\U0001d17a\U0001bca0-\U0001bca3"
)
_BROKEN = "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_HIDDEN = re.compile(f"[{_CONTROLS}{_BIDI}{_INVISIBLE}{_BROKEN}]")
_JOINERS = re.compile("[\u200c\u200d]")
_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{5})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_NEWLINES = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
# A terminal sequence as a whole, so that its parameters do not stay behind as litter.
_SEQUENCE = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]"  # CSI
    "|\x9b[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]{0,4096}(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS, SOS, PM, APC
    "|\x1b[ -/]+[0-~]"
    "|\x1b[0-~]"
)


def clean(text: str, *, one_line: bool = False) -> str:
    """Return text that is safe to paint, log, copy or send: no control, bidi or invisible characters.

    Newlines and tabs stay (`one_line=True` folds them to spaces). Whole terminal sequences go, not only
    their first byte. Idempotent: ``clean(clean(x)) == clean(x)``.
    """
    if text.isascii() and (text if one_line else text.replace("\n", "").replace("\t", "")).isprintable():
        return text
    text = _NEWLINES.sub("\n", text)
    before = None
    while before != text:
        # Removing one sequence may join two halves of another.
        before = text
        text = _HIDDEN.sub("", _SEQUENCE.sub("", text))
    if not text.isascii():
        text = _MARKS.sub(r"\1", _JOINERS.sub(_joiner, text))
    if one_line:
        text = " ".join(text.split())
    return text


def _joiner(match: re.Match[str]) -> str:
    """Keep a joiner where it shapes letters or emoji, drop it where it only hides."""
    text, at = match.string, match.start()
    before = text[at - 1] if at else ""
    after = text[at + 1] if at + 1 < len(text) else ""
    shaped = before and after and not before.isascii() and not after.isascii()
    return match.group() if shaped and before not in "\u200c\u200d" else ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """One character that `clean()` removes."""

    offset: int
    """Where it stands in the raw text."""
    name: str
    """Its Unicode name, or `U+001B` for one without."""


def hidden(text: str) -> tuple[Hidden, ...]:
    """The characters `clean()` takes out of a text, for "3 hidden characters" and for spelling them out."""
    if text.isascii() and text.isprintable():
        return ()
    text = _NEWLINES.sub(lambda m: "\n" * len(m.group()), text)
    found = [m.start() for m in _HIDDEN.finditer(text)]
    found += [m.start() for m in _JOINERS.finditer(text) if not _joiner(m)]
    return tuple(Hidden(at, unicodedata.name(text[at], f"U+{ord(text[at]):04X}")) for at in sorted(found))


def fold(text: str) -> str:
    """Text with white space folded to single spaces, for comparing a quote with its source."""
    return " ".join(text.split())


def stands_in(quote: str, source: str) -> bool:
    """Whether a quote stands verbatim in a source, white space folded. An empty quote stands nowhere."""
    folded = fold(quote)
    return bool(folded) and folded in fold(source)


def count_words(text: str) -> int:
    """How many words a person has to read: runs of non-space characters."""
    return len(text.split())
