"""An article's way from a draft to the knowledge base."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supportdesk.domain.evidence import Article


class ArticleState(StrEnum):
    """How far a version of an article has come."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """One version of an article and who did what to it."""

    article: Article
    """Slug, title, words, version, language."""
    state: ArticleState
    """How far it has come."""
    owner: str
    """Login or role of who may publish it."""
    by: str
    """Who wrote it: a login, or `assistant` for a draft nobody has touched."""
    at: datetime
    """When, UTC."""
    theme_id: int = 0
    """The theme it came of; 0 for none."""
    sources: tuple[int, ...] = ()
    """Tickets it was written from."""
    reviewed_by: str = ""
    """Who held it against its sources."""
    reviewed_at: datetime | None = None
    """When, UTC."""
    approved_by: str = ""
    """Who published it; never who wrote it."""
    approved_at: datetime | None = None
    """When, UTC."""
    note: str = ""
    """What the reviewer or owner said."""


@dataclass(frozen=True, slots=True)
class StaleArticle:
    """An article that wants a look."""

    article: Article
    """Which."""
    owner: str
    """Who sees to it."""
    reasons: tuple[str, ...]
    """Why, in words."""
    tickets: tuple[int, ...]
    """The tickets that say so."""
