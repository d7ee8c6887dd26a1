"""Where a draft's statements may rest: thread, records and articles, cut into lines and indexed once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from supportdesk.domain.evidence import Article, Evidence
from supportdesk.domain.thread import EPOCH, Thread
from supportdesk.domain.words import Author, SourceKind
from supportdesk.rules.language import UNKNOWN, detect
from supportdesk.rules.quoting import own_text
from supportdesk.rules.readings import readings
from supportdesk.rules.recorded import identities, keyed, recorded
from supportdesk.rules.sentences import sentences
from supportdesk.rules.tokens import Token, tokens
from supportdesk.rules.topics import key_topic, topic
from supportdesk.rules.values import Value

_KEY_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")
"""A date and time as machines write them."""
_FEW = 8
"""Words a message needs before its own language is believed over the thread's."""
_MAXIMUM_LEAVES = 5_000
"""Records beyond this many entries are not read: no reviewer could check them either."""


@dataclass(frozen=True)
class Sources:
    """What a draft answers and may rest on."""

    thread: Thread
    """The messages and records."""
    articles: tuple[Article, ...] = ()
    """Knowledge-base pages that may be cited."""
    language: str = ""
    """ISO 639-1 code of the customer's language; empty to find it out."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a message or article, or one entry of the records."""

    source: SourceKind
    """Message, record or article."""
    ref: str
    """Message position, record key or article slug."""
    text: str
    """Its words, verbatim."""
    start: int
    """Offset in the source's text."""
    language: str
    """ISO 639-1 code it is read in."""
    tokens: tuple[Token, ...]
    """Its words; offsets count from the source's beginning."""
    topic: frozenset[str]
    """What it is about."""
    setting: frozenset[str]
    """What the heading above it, or the key of the record, is about."""
    values: tuple[Value, ...]
    """Numbers, amounts, dates in it."""
    author: Author | None = None
    """Who wrote it, for a message."""
    kin: frozenset[str] = frozenset()
    """What the other entries of the same record are about."""
    group: str = ""
    """Lines of one record, article section or message share it."""
    quoted: bool = False
    """Whether it is somebody else's text, quoted in a message."""

    @property
    def evidence(self) -> Evidence:
        """The line as a reviewer is shown it."""
        return Evidence(self.source, self.ref, self.text, self.start, self.start + len(self.text))


@dataclass(frozen=True)
class SourceIndex:
    """The sources, read once; every later look at a draft only looks things up in it."""

    sources: Sources
    """What is indexed."""
    lines: tuple[Line, ...] = field(init=False)
    """Articles first, then records, then messages, oldest first."""
    _memory: dict[str, object] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read every source."""
        thread = self.sources.thread
        said = "\n".join(m.text for m in thread.customer_messages)
        usual = self.sources.language or _language(said[:4000], "en")
        lines = [*_article_lines(self.sources.articles), *_record_lines(thread.records, usual)]
        lines += _subject_line(thread, usual)
        lines += _message_lines(thread, usual)
        object.__setattr__(self, "lines", tuple(lines))

    @cached_property
    def language(self) -> str:
        """The customer's language; empty where it cannot be told."""
        if self.sources.language:
            return self.sources.language
        said = [own_text(m.text) for m in self.sources.thread.customer_messages]
        for text in [*reversed(said), "\n".join(said)]:
            if len(text.split()) >= 4 and (code := detect(text)) != UNKNOWN:
                return code
        return ""

    @cached_property
    def today(self) -> date | None:
        """The day of the latest message, as the day the draft is written; None where no message has a date."""
        times = [m.sent_at for m in self.sources.thread.messages if m.sent_at != EPOCH]
        return max(times).date() if times else None

    @cached_property
    def by_norm(self) -> Mapping[tuple[str, Hashable], tuple[tuple[Line, Value], ...]]:
        """Lines by the values in them."""
        found: dict[tuple[str, Hashable], list[tuple[Line, Value]]] = {}
        for line in self.lines:
            for value in line.values:
                for key in keys(value):
                    found.setdefault(key, []).append((line, value))
        return {key: tuple(pairs) for key, pairs in found.items()}

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[tuple[Line, Value], ...]]:
        """Lines by the kinds of value in them."""
        found: dict[str, list[tuple[Line, Value]]] = {}
        for line in self.lines:
            for value in line.values:
                found.setdefault(value.kind, []).append((line, value))
        return {kind: tuple(pairs) for kind, pairs in found.items()}

    @cached_property
    def by_topic(self) -> Mapping[str, tuple[int, ...]]:
        """Indices of lines by their topic words."""
        found: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines):
            for word in line.topic | line.setting:
                found.setdefault(word, []).append(number)
        return {word: tuple(numbers) for word, numbers in found.items()}

    @cached_property
    def words(self) -> Mapping[str, tuple[int, ...]]:
        """Indices of lines by every word in them, folded."""
        found: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines):
            for token in line.tokens:
                if token.kind in "wc":
                    found.setdefault(token.text.casefold(), []).append(number)
        return {word: tuple(numbers) for word, numbers in found.items()}

    def remembered(self, name: str, work: Callable[[SourceIndex], object]) -> object:
        """What a check found out about the sources alone, worked out once."""
        if name not in self._memory:
            self._memory[name] = work(self)
        return self._memory[name]

    @cached_property
    def _weights(self) -> Mapping[str, float]:
        """The weight of every topic word the sources hold."""
        total = math.log(len(self.lines) + 2)
        return {w: math.log((len(self.lines) + 2) / (len(n) + 1)) / total for w, n in self.by_topic.items()}

    def weight(self, word: str) -> float:
        """How much a topic word tells lines apart: 1 for one that stands in few, towards 0 for one in all."""
        return self._weights.get(word, 1.0)


def keys(value: Value) -> Iterator[tuple[str, Hashable]]:
    """The look-up keys of a value: numbers and amounts share theirs, dates are found without their year."""
    for norm in value.norms:
        if value.kind in ("amount", "number", "quantity", "percent"):
            yield "number", norm
        elif value.kind == "date" and isinstance(norm, tuple):
            if norm[1] is not None:
                yield "date", norm[1:]
                yield "month", norm[1]
            yield "day", norm[2]
        else:
            yield value.kind, norm
    if value.kind == "reference":
        packed = str(value.norms[0])
        digits = "".join(c for c in packed if c.isdecimal())
        if digits and digits != packed:
            yield "reference", digits
        yield "tail", packed[-4:]


def _article_lines(articles: tuple[Article, ...]) -> Iterator[Line]:
    for article in articles:
        language = _language(article.text, article.language)
        title = frozenset(topic(tokens(article.title), language))
        heading: frozenset[str] = frozenset()
        section = 0
        for span in sentences(article.text):
            text = article.text[span.start : span.end]
            words = tokens(text, span.start)
            about = frozenset(topic(words, language))
            if text.startswith("#"):
                heading, section = about, section + 1
            yield Line(
                source=SourceKind.ARTICLE,
                ref=article.slug,
                text=text,
                start=span.start,
                language=language,
                tokens=words,
                topic=about,
                setting=title | heading,
                values=readings(words, language),
                group=f"{article.slug}#{section}",
            )


def _subject_line(thread: Thread, usual: str) -> Iterator[Line]:
    """The subject: the customer's own words, above their first message."""
    first = next((m for m in thread.messages if m.author is Author.CUSTOMER), None)
    if first is None or not thread.subject.strip():
        return
    words = tokens(thread.subject)
    yield Line(
        source=SourceKind.MESSAGE,
        ref=str(first.position),
        text=thread.subject,
        start=0,
        language=usual,
        tokens=words,
        topic=frozenset(topic(words, usual)),
        setting=frozenset(),
        values=readings(words, usual),
        author=Author.CUSTOMER,
        group="subject",
        quoted=True,
    )


def _message_lines(thread: Thread, usual: str) -> Iterator[Line]:
    for message in thread.messages:
        own = own_text(message.text)
        text = own if own.strip() else message.text
        language = usual if len(text.split()) < _FEW else _language(text, usual)
        for span in sentences(message.text):
            text = message.text[span.start : span.end]
            words = tokens(text, span.start)
            yield Line(
                source=SourceKind.MESSAGE,
                ref=str(message.position),
                text=text,
                start=span.start,
                language=language,
                tokens=words,
                topic=frozenset(topic(words, language)),
                setting=frozenset(),
                values=readings(words, language),
                author=message.author,
                group=f"message {message.position}",
                quoted=not own[span.start : span.end].strip(),
            )


def _record_lines(records: Mapping[str, object], usual: str) -> Iterator[Line]:
    siblings: dict[str, dict[str, str]] = {}
    leaves = []
    for key, leaf in _leaves("", records):
        leaves.append((key, leaf))
        parent, _, name = key.rpartition(".")
        siblings.setdefault(parent, {})[name.casefold()] = leaf
        if len(leaves) >= _MAXIMUM_LEAVES:
            break
    kin = {parent: _kin(entries) for parent, entries in siblings.items()}
    for key, leaf in leaves:
        parent, _, name = key.rpartition(".")
        path = tokens(" ".join(_KEY_WORDS.findall(key.replace("_", " "))))
        words = tokens(_STAMP.sub(r"\1 \2", leaf).replace("_", " "))
        values = readings(words, "en") + (identities(leaf) if "_" in leaf else ())
        yield Line(
            source=SourceKind.RECORD,
            ref=key,
            text=leaf,
            start=0,
            language=usual,
            tokens=words,
            topic=frozenset(topic(words, usual)),
            setting=key_topic(path) | {t.text for t in path if t.kind == "w" and len(t.text) > 3},
            values=(*recorded(values, path, siblings[parent], leaf), *keyed(key)),
            kin=kin[parent],
            group=parent or name,
        )


def _kin(entries: Mapping[str, str]) -> frozenset[str]:
    """What the keys and short texts of one record are about."""
    words = " ".join([*entries, *(text for text in entries.values() if len(text) <= 40)]).replace("_", " ")
    return key_topic(tokens(words))


def _leaves(path: str, node: object) -> Iterator[tuple[str, str]]:
    """(dotted key, text) of every entry, in order."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), value)
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield from _leaves(f"{path}.{number}" if path else str(number), value)
    elif node is None:
        return
    elif isinstance(node, bool):
        yield path, "true" if node else "false"
    elif text := str(node).strip():
        yield path, text


def _language(text: str, default: str) -> str:
    code = detect(text)
    return default if code == UNKNOWN else code
