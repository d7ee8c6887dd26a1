"""The knowledge base: versions of articles and their search."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from supportdesk.domain.evidence import Article
from supportdesk.errors import NotFound
from supportdesk.store import mapping
from supportdesk.store.search import match_any
from supportdesk.store.tables import ArticleRow, table

_ARTICLE = table(ArticleRow)


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
        version = row["version"] + 1 if row is not None else 1
        values = {
            "slug": article.slug,
            "version": version,
            "title": mapping.storable(article.title),
            "text": mapping.storable(article.text),
            "language": article.language,
            "owner": row["owner"] if row is not None else "",
            "state": "published",
            "by": by,
            "at": mapping.milliseconds(at),
        }
        self._connection.execute(insert(_ARTICLE).values(values))
        self._connection.execute(text("DELETE FROM article_fts WHERE slug = :slug"), {"slug": article.slug})
        statement = text("INSERT INTO article_fts (slug, title, body) VALUES (:slug, :title, :text)")
        self._connection.execute(statement, {key: values[key] for key in ("slug", "title", "text")})
        return True

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
        statement = text(
            "SELECT slug, -bm25(article_fts, 0, 4.0, 1.0) AS score FROM article_fts"
            " WHERE article_fts MATCH :match ORDER BY score DESC LIMIT :limit"
        )
        found = self._connection.execute(statement, {"match": match_any(words), "limit": limit}).all()
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
        which = (_ARTICLE.c.slug == slug) & (_ARTICLE.c.state == "published")
        statement = select(_ARTICLE).where(which).order_by(_ARTICLE.c.version.desc()).limit(1)
        return self._connection.execute(statement).mappings().first()


def _article_from(row: Any, score: float = 0.0) -> Article:
    return Article(row["slug"], row["title"], row["text"], row["version"], row["language"], score)
