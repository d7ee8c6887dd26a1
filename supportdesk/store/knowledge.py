"""The knowledge base: versions of articles and their search."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, column, func, insert, literal_column, select, text, update

from supportdesk.domain.article import ArticleState, ArticleVersion
from supportdesk.domain.evidence import Article
from supportdesk.errors import NotFound
from supportdesk.store import mapping
from supportdesk.store.compiled import Compiled
from supportdesk.store.search import match_any
from supportdesk.store.tables import ArticleRow, table

_ARTICLE = table(ArticleRow)
_PUBLISHED = Compiled(
    select(_ARTICLE)
    .where(_ARTICLE.c.slug == bindparam("article"), _ARTICLE.c.state == "published")
    .order_by(_ARTICLE.c.version.desc())
    .limit(1)
)
_FOUND = Compiled(
    select(column("slug"), literal_column("-bm25(article_fts, 0, 4.0, 1.0)").label("score"))
    .select_from(text("article_fts"))
    .where(text("article_fts MATCH :match"))
    .order_by(text("score DESC"))
    .limit(bindparam("most"))
)
_NOBODY = {"theme_id": 0, "sources_json": "[]", "reviewed_by": "", "approved_by": "", "note": ""}


class SqlKnowledge:
    """The `Knowledge` port on a database connection."""

    def __init__(self, connection: Connection) -> None:
        """Work inside this connection's transaction."""
        self._connection = connection

    def put(self, article: Article, by: str, at: datetime) -> bool:
        """Publish an article; a changed one becomes a new version. Returns whether anything changed."""
        row = self._published(article.slug)
        same = row is not None and (row["title"], row["text"], row["language"]) == (
            article.title,
            article.text,
            article.language,
        )
        if same:
            return False
        values: dict[str, object] = {
            "slug": article.slug,
            "title": mapping.storable(article.title),
            "text": mapping.storable(article.text),
            "language": article.language,
            "owner": row["owner"] if row is not None else "",
            "state": "published",
            "by": by,
            "at": mapping.milliseconds(at),
            **_NOBODY,
        }
        values["version"] = self._next(article.slug)
        self._connection.execute(insert(_ARTICLE).values(values))
        self._index(article.slug, str(values["title"]), str(values["text"]))
        return True

    def draft(self, made: ArticleVersion) -> ArticleVersion:
        """Keep a version that is not published yet; returns it with its number."""
        article = replace(made.article, version=self._next(made.article.slug))
        values = {
            "slug": article.slug,
            "version": article.version,
            "title": mapping.storable(article.title),
            "text": mapping.storable(article.text),
            "language": article.language,
            "owner": made.owner,
            "state": made.state.value,
            "by": made.by,
            "at": mapping.milliseconds(made.at),
            **_NOBODY,
            "theme_id": made.theme_id,
            "sources_json": mapping.packed(list(made.sources)),
        }
        self._connection.execute(insert(_ARTICLE).values(values))
        return replace(made, article=article)

    def version(self, slug: str, version: int = 0) -> ArticleVersion:
        """One version of an article, the latest for 0. Raises NotFound."""
        statement = select(_ARTICLE).where(_ARTICLE.c.slug == slug)
        if version:
            statement = statement.where(_ARTICLE.c.version == version)
        row = self._connection.execute(statement.order_by(_ARTICLE.c.version.desc()).limit(1)).mappings().first()
        if row is None:
            raise NotFound(f"There is no article “{slug}”{f' in version {version}' if version else ''}.")
        return _version_from(row)

    def versions(self, slug: str = "") -> tuple[ArticleVersion, ...]:
        """Every version of an article, or of all, by slug and number."""
        statement = select(_ARTICLE).order_by(_ARTICLE.c.slug, _ARTICLE.c.version)
        if slug:
            statement = statement.where(_ARTICLE.c.slug == slug)
        return tuple(_version_from(row) for row in self._connection.execute(statement).mappings())

    def change(self, slug: str, version: int, **fields: object) -> None:
        """Set fields of a version; a published one is found by search from now on."""
        which = (_ARTICLE.c.slug == slug) & (_ARTICLE.c.version == version)
        values = {name: mapping.milliseconds(v) if isinstance(v, datetime) else v for name, v in fields.items()}
        self._connection.execute(update(_ARTICLE).where(which).values(values))
        if values.get("state") == ArticleState.PUBLISHED.value:
            row = self._connection.execute(select(_ARTICLE).where(which)).mappings().one()
            self._index(slug, row["title"], row["text"])

    def answered(self, slug: str) -> tuple[int, ...]:
        """Tickets whose sent reply rested on an article, oldest first."""
        query = text(
            "SELECT DISTINCT d.ticket_id, r.citations_json FROM revision r JOIN decision d ON d.revision_id = r.id"
            " WHERE r.citations_json LIKE :like AND d.kind IN ('approve', 'request_information') ORDER BY d.ticket_id"
        )
        rows = self._connection.execute(query, {"like": f"%{json.dumps(slug)}%"})
        return tuple(ticket for ticket, cited in rows if slug in json.loads(cited))

    def _next(self, slug: str) -> int:
        highest = select(func.max(_ARTICLE.c.version)).where(_ARTICLE.c.slug == slug)
        return int(self._connection.execute(highest).scalar() or 0) + 1

    def _index(self, slug: str, title: str, words: str) -> None:
        self._connection.execute(text("DELETE FROM article_fts WHERE slug = :slug"), {"slug": slug})
        statement = text("INSERT INTO article_fts (slug, title, body) VALUES (:slug, :title, :words)")
        self._connection.execute(statement, {"slug": slug, "title": title, "words": words})

    def get(self, slug: str) -> Article:
        """The published version. Raises NotFound."""
        row = self._published(slug)
        if row is None:
            raise NotFound(f"There is no article “{slug}” in the knowledge base.")
        return _article_from(row)

    def all(self) -> tuple[Article, ...]:
        """Every published article."""
        newest = self._newest().subquery()
        joined = _ARTICLE.join(newest, (newest.c.slug == _ARTICLE.c.slug) & (newest.c.version == _ARTICLE.c.version))
        rows = self._connection.execute(select(_ARTICLE).select_from(joined).order_by(_ARTICLE.c.slug)).mappings()
        return tuple(_article_from(row) for row in rows)

    def search(self, words: str, limit: int = 5) -> tuple[Article, ...]:
        """The articles that match best (BM25), best first."""
        found = _FOUND.run(self._connection, match=match_any(words), most=limit).fetchall()
        rows = [(self._published(slug), score) for slug, score in found]
        return tuple(_article_from(row, score) for row, score in rows if row is not None)

    def _newest(self) -> Any:
        published = _ARTICLE.c.state == "published"
        return (
            select(_ARTICLE.c.slug, func.max(_ARTICLE.c.version).label("version"))
            .where(published)
            .group_by(_ARTICLE.c.slug)
        )

    def _published(self, slug: str) -> Any:
        return _PUBLISHED.first(self._connection, article=slug)


def _article_from(row: Any, score: float = 0.0) -> Article:
    return Article(row["slug"], row["title"], row["text"], row["version"], row["language"], score)


def _version_from(row: Any) -> ArticleVersion:
    at = mapping.moment(row["at"])
    assert at is not None
    return ArticleVersion(
        article=_article_from(row),
        state=ArticleState(row["state"]),
        sources=tuple(json.loads(row["sources_json"])),
        at=at,
        reviewed_at=mapping.moment(row["reviewed_at"]),
        approved_at=mapping.moment(row["approved_at"]),
        **{name: row[name] for name in ("owner", "by", "theme_id", "reviewed_by", "approved_by", "note")},
    )
