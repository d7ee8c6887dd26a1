"""People, articles and records, as the services need them from the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from supportdesk.domain.article import ArticleVersion
from supportdesk.domain.evidence import Article
from supportdesk.domain.people import Person
from supportdesk.domain.records import AuditRecord, SetAside


class Knowledge(Protocol):
    """The articles."""

    def put(self, article: Article, by: str, at: datetime) -> bool:
        """Publish an article; a changed one becomes a new version. Returns whether anything changed."""
        ...

    def get(self, slug: str) -> Article:
        """The published version. Raises NotFound."""
        ...

    def all(self) -> tuple[Article, ...]:
        """Every published article."""
        ...

    def search(self, words: str, limit: int = 5) -> tuple[Article, ...]:
        """The articles that match best (BM25), best first."""
        ...

    def draft(self, made: ArticleVersion) -> ArticleVersion:
        """Keep a version that is not published yet; returns it with its number."""
        ...

    def version(self, slug: str, version: int = 0) -> ArticleVersion:
        """One version of an article, the latest for 0. Raises NotFound."""
        ...

    def versions(self, slug: str = "") -> tuple[ArticleVersion, ...]:
        """Every version of an article, or of all, by slug and number."""
        ...

    def change(self, slug: str, version: int, **fields: object) -> None:
        """Set fields of a version; a published one is found by search from now on."""
        ...

    def answered(self, slug: str) -> tuple[int, ...]:
        """Tickets whose sent reply rested on an article, oldest first."""
        ...


class People(Protocol):
    """Who works here."""

    def get(self, login: str) -> Person | None:
        """A person by login."""
        ...

    def all(self) -> tuple[Person, ...]:
        """Everybody, by login."""
        ...

    def put(self, person: Person, by: str) -> None:
        """Add or change a person; only for an active lead."""
        ...


class Records(Protocol):
    """The append-only chain of records, and what could not be read."""

    def append(self, actor: str, action: str, ticket_id: int, body: Mapping[str, object], at: datetime) -> None:
        """Add a link to the chain."""
        ...

    def history(self, ticket_id: int) -> tuple[AuditRecord, ...]:
        """A ticket's links, oldest first."""
        ...

    def keep_raw(self, content: bytes) -> str:
        """Keep content as it came, once; returns its SHA-256."""
        ...

    def set_aside(self, source: str, raw: bytes, reason: str, at: datetime) -> bool:
        """Keep something unreadable whole; False when it is there already."""
        ...

    def settle_aside(self, number: int) -> None:
        """Something that was set aside could be read after all."""
        ...

    def list_aside(self) -> tuple[SetAside, ...]:
        """What was set aside."""
        ...
