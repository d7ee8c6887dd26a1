"""Articles from a theme to the knowledge base: drafted, held against their sources, published by their owner."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from supportdesk.domain.article import ArticleState, ArticleVersion, StaleArticle
from supportdesk.domain.escalation import is_for, works_here
from supportdesk.domain.evidence import Article
from supportdesk.domain.people import Person
from supportdesk.domain.report import Period
from supportdesk.domain.theme import KnownTheme, ThemeState
from supportdesk.errors import BadInput, NotFound, Refused
from supportdesk.rules.language import detect
from supportdesk.rules.sentences import sentences
from supportdesk.services.improvement import Improvement
from supportdesk.services.ports import Clock, Store, Transaction
from supportdesk.services.preparation import ASSISTANT
from supportdesk.services.themes import Themes
from supportdesk.text import fold

UNTOUCHED = timedelta(days=365)
"""An article nobody has touched for so long wants a look."""
CORRECTED = 3
"""So many corrected drafts that rested on an article make it one, too."""
_LINES = 8
_SOURCES = 20


class Articles:
    """The desk's articles and their way into the knowledge base."""

    def __init__(self, store: Store, clock: Clock, themes: Themes, improvement: Improvement) -> None:
        """Work on this store."""
        self._store = store
        self._clock = clock
        self._themes = themes
        self._improvement = improvement

    def draft(self, theme_id: int, login: str) -> ArticleVersion:
        """A draft made for a confirmed theme from what people answered in its tickets; marked as the assistant's.

        Raises Refused for a theme nobody confirmed, NotFound when nothing was answered yet.
        """
        with self._store.write() as tx:
            _active(tx, login)
            theme = tx.themes.get(theme_id)
            if theme.state not in (ThemeState.CONFIRMED, ThemeState.MENDED):
                raise Refused(f"Theme {theme_id} is {theme.state}: confirm it before an article is written for it.")
            replies = tx.improvement.replies(theme.tickets)
            lines, sources = _common(replies)
            if not lines:
                raise NotFound("No two replies in this theme's tickets say the same: write the article yourself.")
            title = theme.name[:1].upper() + theme.name[1:]
            text = "\n".join(f"- {line}" for line in lines)
            slug = theme.article or _slug(theme.name)
            made = self._made(tx, Article(slug, title, text, language=detect(text)), ASSISTANT, theme, sources)
            kept = tx.knowledge.draft(made)
            tx.themes.change(theme_id, article=slug)
            body = {"article": slug, "version": kept.article.version, "theme": theme_id, "asked_by": login}
            tx.records.append(login, "article_drafted", 0, body, self._clock.now())
            return kept

    def write(
        self, slug: str, title: str, text: str, login: str, *, theme_id: int = 0, owner: str = ""
    ) -> ArticleVersion:
        """Keep a person's words as the next version, not published yet; the owner stays unless one is named."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,79}", slug):
            raise BadInput("An article's short name is made of a-z, 0-9, dots, hyphens and underscores.")
        if not title.strip() or not text.strip():
            raise BadInput("An article needs a title and words.")
        with self._store.write() as tx:
            _active(tx, login)
            earlier = tx.knowledge.versions(slug)
            theme = tx.themes.get(theme_id) if theme_id else None
            if theme is None and earlier and earlier[-1].theme_id:
                theme = tx.themes.get(earlier[-1].theme_id)
            sources = earlier[-1].sources if earlier else (theme.tickets[:_SOURCES] if theme else ())
            made = self._made(tx, Article(slug, title, text, language=detect(text)), login, theme, sources, owner)
            kept = tx.knowledge.draft(made)
            body = {"article": slug, "version": kept.article.version}
            tx.records.append(login, "article_written", 0, body, self._clock.now())
            return kept

    def review(self, slug: str, version: int, login: str, note: str = "") -> ArticleVersion:
        """Say that a draft was held against its source tickets. Raises Refused for one's own words."""
        with self._store.write() as tx:
            _active(tx, login)
            made = self._waiting(tx, slug, version)
            if made.by == login:
                raise Refused("Somebody else holds it against its sources: these are your words.")
            now = self._clock.now()
            tx.knowledge.change(
                slug, version, state=ArticleState.REVIEWED.value, reviewed_by=login, reviewed_at=now, note=note
            )
            tx.records.append(login, "article_reviewed", 0, {"article": slug, "version": version, "note": note}, now)
            return tx.knowledge.version(slug, version)

    def publish(self, slug: str, version: int, login: str) -> ArticleVersion:
        """Put a reviewed version into the knowledge base; the theme it came of counts as mended from now on.

        Raises Refused for anybody but its owner or a lead, for who wrote it, and before it was reviewed.
        """
        with self._store.write() as tx:
            person = _active(tx, login)
            made = self._waiting(tx, slug, version)
            if made.state is not ArticleState.REVIEWED:
                raise Refused("It was not held against its sources yet: `supportdesk article review`.")
            if made.by == login:
                raise Refused("Who wrote an article does not publish it.")
            if not (is_for(person, made.owner) or person.role == "lead"):
                raise Refused(f"“{slug}” is {made.owner}'s to publish.")
            now = self._clock.now()
            tx.knowledge.change(slug, version, state=ArticleState.PUBLISHED.value, approved_by=login, approved_at=now)
            tx.records.append(login, "published", 0, {"article": slug, "version": version}, now)
            if made.theme_id:
                theme = tx.themes.get(made.theme_id)
                if theme.state in (ThemeState.CONFIRMED, ThemeState.MENDED):
                    self._themes.mend(tx, theme, login, f"“{slug}” version {version} published", slug)
            return tx.knowledge.version(slug, version)

    def withdraw(self, slug: str, login: str, reason: str) -> None:
        """Take a draft that waits out of the way, with a reason; what is published stays."""
        if not reason.strip():
            raise BadInput("Say why.")
        with self._store.write() as tx:
            _active(tx, login)
            made = tx.knowledge.version(slug)
            self._waiting(tx, slug, made.article.version)
            tx.knowledge.change(slug, made.article.version, state=ArticleState.WITHDRAWN.value, note=reason)
            tx.records.append(login, "article_withdrawn", 0, {"article": slug, "reason": reason}, self._clock.now())

    def versions(self, slug: str = "") -> tuple[ArticleVersion, ...]:
        """Every version of an article, or of all, by slug and number."""
        with self._store.read() as tx:
            return tx.knowledge.versions(slug)

    def waiting(self) -> tuple[ArticleVersion, ...]:
        """Drafts that wait to be reviewed or published."""
        return tuple(v for v in self.versions() if v.state in (ArticleState.DRAFT, ArticleState.REVIEWED))

    def get(self, slug: str, version: int = 0) -> ArticleVersion:
        """One version, the latest for 0. Raises NotFound."""
        with self._store.read() as tx:
            return tx.knowledge.version(slug, version)

    def answered(self, slug: str) -> tuple[int, ...]:
        """Tickets whose sent reply rested on an article."""
        with self._store.read() as tx:
            return tx.knowledge.answered(slug)

    def themes(self, slug: str) -> tuple[KnownTheme, ...]:
        """The themes that led to an article."""
        with self._store.read() as tx:
            return tuple(theme for theme in tx.themes.all() if theme.article == slug)

    def stale(self, period: Period) -> tuple[StaleArticle, ...]:
        """Articles that want a look, the most tickets first: corrected drafts rest on them, or nobody touched them."""
        against: dict[str, list[int]] = {}
        reworded: dict[str, list[int]] = {}
        for one in self._improvement.corrections(period):
            if one.article:
                kind = against if one.mend == f"article:{one.article}" else reworded
                kind.setdefault(one.article, []).extend(one.tickets)
        now = self._clock.now()
        latest: dict[str, ArticleVersion] = {}
        for version in self.versions():
            if version.state is ArticleState.PUBLISHED:
                latest[version.article.slug] = version
        found = []
        for slug, version in latest.items():
            reasons = []
            said, cited = (sorted(set(d.get(slug, ()))) for d in (against, reworded))
            if len(said) >= CORRECTED:
                reasons.append(f"what it says was rewritten in {len(said)} sent replies")
            if len(cited) >= CORRECTED:
                reasons.append(f"{len(cited)} drafts that rested on it were corrected")
            if now - version.at > UNTOUCHED:
                reasons.append(f"not touched since {version.at:%Y-%m-%d}")
            if reasons:
                tickets = tuple(sorted({*said, *cited}))
                found.append(StaleArticle(version.article, version.owner, tuple(reasons), tickets))
        return tuple(sorted(found, key=lambda s: (-len(s.tickets), s.article.slug)))

    def _made(
        self,
        tx: Transaction,
        article: Article,
        by: str,
        theme: KnownTheme | None,
        sources: Sequence[int],
        owner: str = "",
    ) -> ArticleVersion:
        earlier = tx.knowledge.versions(article.slug)
        chosen = owner or (earlier[-1].owner if earlier else "") or (theme.owner if theme else "") or "lead"
        if not works_here(chosen, tx.people.all()):
            raise BadInput(f"Nobody active here answers to “{chosen}”: name an owner, a login or a role.")
        return ArticleVersion(
            article=article,
            state=ArticleState.DRAFT,
            owner=chosen,
            by=by,
            at=self._clock.now(),
            theme_id=theme.id if theme else 0,
            sources=tuple(sources),
        )

    def _waiting(self, tx: Transaction, slug: str, version: int) -> ArticleVersion:
        made = tx.knowledge.version(slug, version)
        if made.state not in (ArticleState.DRAFT, ArticleState.REVIEWED):
            raise Refused(f"“{slug}” version {version} is {made.state} already.")
        if tx.knowledge.version(slug).article.version != version:
            raise Refused(f"“{slug}” has a later version than {version}.")
        return made


def as_markdown(article: Article) -> str:
    """An article as a Markdown file holds it."""
    return f"# {article.title}\n\n{article.text.strip()}\n"


def _common(replies: Sequence[tuple[int, str]]) -> tuple[list[str], tuple[int, ...]]:
    """The sentences several replies share, the commonest first, and the tickets they come from."""
    seen: Counter[str] = Counter()
    where: dict[str, list[int]] = {}
    first: dict[str, int] = {}
    for ticket, words in replies:
        for place, span in enumerate(sentences(words)):
            line = fold(words[span.start : span.end]).lstrip("-*• ")
            if len(line.split()) < 5 or line.endswith("?"):
                continue
            if ticket not in where.setdefault(line, []):
                seen[line] += 1
                where[line].append(ticket)
                first.setdefault(line, place)
    often = [line for line, n in seen.most_common(_LINES) if n >= 2]
    sources = dict.fromkeys(t for line in often for t in where[line])
    return sorted(often, key=lambda line: first[line]), tuple(sources)[:_SOURCES]


def _slug(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower().encode("ascii", "ignore").decode()).strip("-")
    return plain[:60] or "article"


def _active(tx: Transaction, login: str) -> Person:
    person = tx.people.get(login)
    if person is None or not person.active:
        raise Refused(f"{login} is not active at this desk; a lead can change that.")
    return person
