"""Where a statement rests: a line of a message, a record or an article."""

from __future__ import annotations

from dataclasses import dataclass

from supportdesk.domain.words import SourceKind


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim quote and where it stands."""

    source: SourceKind
    """Message, record or article."""
    ref: str
    """Message position ("0", "1", …), dotted record key ("order.total"), or article slug."""
    quote: str
    """The words themselves, verbatim in the source (white space folded)."""
    start: int = 0
    """Offset of the quote in the source's text, in characters."""
    end: int = 0
    """Offset just after the quote."""

    @property
    def label(self) -> str:
        """How a screen points at it: [3] for the third message, a record's key, an article's slug."""
        return f"[{int(self.ref) + 1}]" if self.source is SourceKind.MESSAGE else f"[{self.ref}]"


@dataclass(frozen=True, slots=True)
class Article:
    """A page of the knowledge base, in the version that was read."""

    slug: str
    """Its short name, unique: the file name without `.md`."""
    title: str
    """Its heading."""
    text: str
    """Markdown, without the heading."""
    version: int = 1
    """Grows with each published change."""
    language: str = "en"
    """ISO 639-1 code."""
    score: float = 0.0
    """How well it matched the search that found it (BM25, larger is better); 0 outside a search."""
