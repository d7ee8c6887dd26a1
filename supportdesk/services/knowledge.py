"""The knowledge base: articles from Markdown files, found by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from supportdesk.domain.evidence import Article
from supportdesk.errors import BadInput
from supportdesk.rules.language import detect
from supportdesk.services.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class ArticlesReport:
    """What an import of articles did."""

    read: int
    """Files read."""
    changed: int
    """Articles that are new or have a new version."""


class KnowledgeBase:
    """The desk's articles."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Work on this store."""
        self._store = store
        self._clock = clock

    def put_all(self, articles: Iterable[Article], by: str) -> ArticlesReport:
        """Publish articles; those that did not change stay as they are."""
        read = changed = 0
        with self._store.write() as tx:
            now = self._clock.now()
            for article in articles:
                read += 1
                if tx.knowledge.put(article, by, now):
                    changed += 1
                    tx.records.append(by, "published", 0, {"article": article.slug}, now)
        return ArticlesReport(read, changed)

    def all(self) -> tuple[Article, ...]:
        """Every published article."""
        with self._store.read() as tx:
            return tx.knowledge.all()

    def get(self, slug: str) -> Article:
        """One article. Raises NotFound."""
        with self._store.read() as tx:
            return tx.knowledge.get(slug)

    def search(self, words: str, limit: int = 10) -> tuple[Article, ...]:
        """The articles that match best, best first."""
        with self._store.read() as tx:
            return tx.knowledge.search(words, limit)


def read_articles(folder: Path) -> tuple[Article, ...]:
    """The Markdown files of a folder, by name.

    Raises BadInput when the folder cannot be read, holds no `.md` file, or two files share a name.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder of Markdown articles.")
    found: dict[str, Article] = {}
    for file in sorted(folder.rglob("*.md")):
        article = article_from(file.stem, _read(file))
        if article.slug in found:
            raise BadInput(f"Two articles in {folder} are called {article.slug}.md; rename one.")
        found[article.slug] = article
    if not found:
        raise BadInput(f"{folder} holds no Markdown articles (*.md).")
    return tuple(found.values())


def article_from(name: str, text: str) -> Article:
    """An article from a Markdown file's name and text; its first heading is its title."""
    match = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    title = match[1].strip() if match else name.replace("-", " ").replace("_", " ").capitalize()
    body = (text[: match.start()] + text[match.end() :]).strip() if match else text.strip()
    return Article(name, title, body, language=_language(name, body))


def _language(name: str, body: str) -> str:
    """The language of `name.de.md`, or of the words themselves."""
    _, dot, code = name.rpartition(".")
    return code if dot and re.fullmatch("[a-z]{2}", code) else detect(body)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise BadInput(f"Cannot read {file}: {error.strerror}.") from error
