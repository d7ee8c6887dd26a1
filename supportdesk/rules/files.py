"""Files that come with messages: a name that is safe to save under, and what to be careful of."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from importlib.resources import files

from supportdesk.rules.tables import once
from supportdesk.text import clean, hidden

_UNSAFE = re.compile(r"[^\w.\- ()+,=@]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_LONGEST = 100
_LONGEST_ENDING = 20
_SPACES = re.compile(r"\s{3,}")


@once
def _table() -> dict[str, frozenset[str]]:
    """The lists of endings, read once."""
    raw = tomllib.loads(files("supportdesk.rules").joinpath("data/files.toml").read_text("utf-8"))
    types = raw.pop("types")
    return {**{k: frozenset(v) for k, v in raw.items()}, **{f"type {k}": frozenset(v) for k, v in types.items()}}


def safe_name(name: str) -> str:
    """A name of our own making that keeps what is harmless of the sender's: no folder, no control character."""
    last = re.split(r"[/\\]", clean(name, one_line=True))[-1]
    text = _UNSAFE.sub("_", unicodedata.normalize("NFC", last)).strip(" ._-")
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING or not stem:
        stem, ending = text, ""
    stem = stem[: _LONGEST - len(ending)].strip(" .") or "file"
    text = f"{stem}.{ending}" if ending else stem
    return f"_{text}" if _RESERVED.fullmatch(text) else text


def warning(name: str, media_type: str, content: bytes = b"") -> str:
    """What to be careful of with a file, in one sentence; empty when nothing is known against it."""
    table, shown = _table(), clean(name, one_line=True).strip().rstrip(". ")
    parts = [part.strip().casefold() for part in shown.split(".")]
    ending = parts[-1] if len(parts) > 1 else ""
    before = parts[-2] if len(parts) > 2 else ""
    known = table["risky"] | table["macros"] | table["packed"] | table["pages"] | _harmless()
    if hidden(name):
        return "its name has hidden characters, which can make one ending look like another"
    if ending in table["risky"] and (before in known or _SPACES.search(name)):
        return f"its name looks like .{before or 'something else'}, but it is .{ending}, which can run on your computer"
    if ending in table["risky"] or content.startswith((b"MZ", b"\x7fELF", b"#!")):
        return "it can run on your computer"
    if content and (words := _not_as_named(ending, content)):
        return words
    expected = table.get(f"type {media_type.casefold()}")
    if expected is not None and ending and ending not in expected and ending in known:
        return f"it says it is {media_type}, but is called .{ending}"
    if ending in table["macros"]:
        return "it can carry macros, which run when it is opened"
    if ending in table["packed"]:
        return "it is an archive; what is in it was not looked at"
    if ending in table["pages"]:
        return "it is a page or a letter of its own, which can imitate a login"
    return ""


def _harmless() -> frozenset[str]:
    return frozenset().union(*(v for k, v in _table().items() if k.startswith("type ")))


_MARKS = {
    "pdf": (b"%PDF",), "png": (b"\x89PNG",), "gif": (b"GIF8",), "jpg": (b"\xff\xd8",), "jpeg": (b"\xff\xd8",),
    "docx": (b"PK",), "xlsx": (b"PK",), "pptx": (b"PK",), "odt": (b"PK",), "ods": (b"PK",),
}  # fmt: skip


def _not_as_named(ending: str, content: bytes) -> str:
    marks = _MARKS.get(ending)
    if marks is None or any(mark in content[:1024] for mark in marks):
        return ""
    return f"it is called .{ending}, but what is in it is something else"
