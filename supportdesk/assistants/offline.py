"""The offline assistant: rules and templates. Deterministic, needs nothing, promises nothing."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import prompts
from supportdesk.domain.evidence import Article
from supportdesk.domain.preparation import Draft, Preparation, Provenance, Triage
from supportdesk.domain.routing import Routing
from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import Author, DraftKind, MessageKind, Path, Sentiment, TriggerKind
from supportdesk.rules.check import examine
from supportdesk.rules.quoting import own_text
from supportdesk.rules.sentences import sentences
from supportdesk.rules.sources import Sources
from supportdesk.rules.tokens import tokens
from supportdesk.rules.triage import History, triage
from supportdesk.text import clean

NAME = "offline rules"
_LINES = 4  # article lines a reply quotes at most: a reply, not a manual
_GRIEF = frozenset({TriggerKind.VULNERABLE})
_SORE = frozenset(
    {
        TriggerKind.COMPLAINT,
        TriggerKind.SERVICE_FAILURE,
        TriggerKind.BILLING_DISPUTE,
        TriggerKind.REPEATED,
        TriggerKind.SAFETY,
    }
)


class OfflineAssistant:
    """The `Assistant` port without any model."""

    def __init__(self, routing: Routing, *, desk: str = "") -> None:
        """Route by these rules; sign as this desk."""
        self._routing = routing
        self._desk = desk

    def prepare(
        self, thread: Thread, articles: Sequence[Article], history: int = 0, only: Sequence[str] = ()
    ) -> Preparation:
        """Triage and a draft from the thread and the articles alone; all of it, since it costs next to nothing."""
        del only
        started = time.perf_counter()
        found = triage(thread, self._routing, History(open_same_matter=history))
        draft = self.draft(thread, found, articles) if wants_reply(thread) else None
        return Preparation(found, draft, Provenance(NAME, seconds=time.perf_counter() - started))

    def make_ready(self) -> None:
        """Read the tables the rules need, before several threads want them at once."""
        letter = Message(Author.CUSTOMER, "Hello, I was charged twice. Could you look into it, please?")
        thread = Thread(messages=(letter,))
        made = self.prepare(thread, ())
        if made.draft is not None:
            examine(made.draft.text, Sources(thread, (), made.triage.language))

    def draft(self, thread: Thread, found: Triage, articles: Sequence[Article]) -> Draft:
        """A reply in the customer's language: what the articles say, a request for details, or a holding reply."""
        phrases = _phrases().get(found.language) or _phrases()["en"]
        language = found.language if found.language in _phrases() else "en"
        name = clean(thread.requester.name, one_line=True).split(" ")[0].strip(",.;:()<>\"'")
        hello = phrases["hello"].format(name=name) if _is_name(name) else phrases["hello_nameless"]
        parts = [hello, _opening(found, phrases)]
        cited: tuple[str, ...] = ()
        kind = DraftKind.REPLY
        lines = answer_lines(thread, found, articles, language) if found.path is not Path.ESCALATION else ()
        if found.missing and found.path is not Path.ESCALATION:
            kind = DraftKind.CLARIFICATION
            parts += [phrases["asking"], "\n".join(f"- {detail.label}" for detail in found.missing)]
        elif lines:
            cited = tuple(dict.fromkeys(slug for slug, _ in lines))
            parts += [phrases["found"], "\n".join(f"- {line}" for _, line in lines)]
            if found.triggers:
                parts.append(phrases["looking"])
        else:
            parts.append(phrases["looking"])
        parts.append(phrases["bye"] + (f"\n{self._desk}" if self._desk else ""))
        return Draft("\n\n".join(parts), kind, cited)


def wants_reply(thread: Thread) -> bool:
    """Whether the latest customer message is one that people answer."""
    latest = next((m for m in reversed(thread.visible) if m.author is Author.CUSTOMER), None)
    return latest is not None and latest.kind in (MessageKind.ORDINARY, MessageKind.INVITE)


def answer_lines(
    thread: Thread, found: Triage, articles: Sequence[Article], language: str
) -> tuple[tuple[str, str], ...]:
    """The article lines that answer best, as (slug, sentence), in the article's order; empty when nothing fits.

    Only articles in the customer's language: a line in another one answers nobody.
    """
    latest = next((m for m in reversed(thread.customer_messages)), None)
    if latest is None:
        return ()
    wanted = _stems(f"{thread.subject} {own_text(latest.text)[:4000]}")
    wanted |= {s for q in found.unresolved for s in _stems(q.text)}
    scored: list[tuple[float, str, int, str]] = []
    for rank, article in enumerate(a for a in articles if a.language == language):
        title = _stems(article.title)
        fit = len(wanted & title) / (len(title) or 1)
        for number, line in enumerate(article_sentences(article.text)):
            words = _stems(line)
            shared = len(wanted & words)
            if shared >= 2 and len(words) >= 4:
                scored.append((shared / (len(words) ** 0.5) + fit - rank * 0.3, article.slug, number, line))
    best = sorted(scored, reverse=True)[:_LINES]
    if not best or best[0][0] < 0.9:
        return ()
    slug = best[0][1]
    chosen = sorted((number, line) for score, s, number, line in best if s == slug and score > best[0][0] * 0.4)
    return tuple((slug, line) for _, line in chosen)


def article_sentences(text: str) -> tuple[str, ...]:
    """An article's sentences without Markdown signs, headings left out."""
    found: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)", text):
        if block.lstrip().startswith("#"):
            continue
        plain = re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", block)
        plain = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", plain)
        plain = " ".join(re.sub(r"[*_`]{1,3}", "", plain).split())
        found += [plain[span.start : span.end].strip() for span in sentences(plain)]
    return tuple(line for line in found if line)


def _opening(found: Triage, phrases: Mapping[str, str]) -> str:
    kinds = {t.kind for t in found.triggers}
    if kinds & _GRIEF:
        return phrases["condolence"]
    sore = kinds & _SORE or found.sentiment in (Sentiment.FRUSTRATED, Sentiment.ANGRY)
    opening = phrases["sorry"] if sore else phrases["thanks"]
    return f"{opening} {phrases['again']}" if TriggerKind.REPEATED in kinds else opening


def _stems(text: str) -> set[str]:
    """The beginnings of a text's longer words: enough to see that two lines speak of the same thing."""
    return {token.text[:6] for token in tokens(text) if token.kind == "w" and len(token.text) >= 4}


def _is_name(word: str) -> bool:
    return 2 <= len(word) <= 30 and word[0].isupper() and "@" not in word and not any(c.isdigit() for c in word)


@lru_cache(maxsize=1)
def _phrases() -> dict[str, dict[str, str]]:
    return tomllib.loads(prompts.read("offline.toml"))
