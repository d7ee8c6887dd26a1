"""Learning from the work: what letters are about, and what people change in drafts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from supportdesk.domain.report import Period
from supportdesk.domain.routing import Routing
from supportdesk.domain.theme import Change, Correction, MissingField, Rerouted, Sent, Theme, WrongRoute
from supportdesk.errors import NotFound
from supportdesk.rules.sentences import sentences
from supportdesk.rules.themes import alike, find_themes
from supportdesk.rules.wrong_routes import wrong_route
from supportdesk.services.ports import Store, Transaction
from supportdesk.text import fold

EXAMPLES = 3
"""How many letters a person looks at before confirming a theme."""
SAME_THEME = 0.45
"""From here on two periods' themes are one."""
SAME_SENTENCE = 45
"""From here on (0 to 100) a sentence sent is one drafted, rewritten."""
SAME_LINE = 92
"""From here on (0 to 100) a drafted sentence is an article's own."""
REPEATED = 3
"""A way taken wrongly so often is a pattern."""
_QUOTE = 160


class Improvement:
    """What the desk can learn. Reads only: it proposes, people decide, `Themes` keeps what they said."""

    def __init__(self, store: Store) -> None:
        """Work on this store."""
        self._store = store

    def themes(self, period: Period) -> tuple[Theme, ...]:
        """What the letters of a period are about, most letters first, beside the period before."""
        earlier = replace(period, since=period.since - (period.until - period.since), until=period.since)
        with self._store.read() as tx:
            letters, before = tx.improvement.letters(period), tx.improvement.letters(earlier)
        past = find_themes([text for _, text in before])
        found = []
        for theme in find_themes([text for _, text in letters]):
            same = sum(len(p.members) for p in past if alike(theme.keys, p.keys) >= SAME_THEME)
            numbers = tuple(letters[i][0] for i in theme.members)
            shown = tuple((letters[i][0], fold(letters[i][1])[:_QUOTE]) for i in theme.members[:EXAMPLES])
            found.append(Theme(theme.name, theme.keys, numbers, same, shown))
        return tuple(found)

    def corrections(self, period: Period) -> tuple[Correction, ...]:
        """Sentences of drafts that people changed, the most often changed first, each with the place to mend it.

        What was sent as it was drafted only counts as written: it teaches nothing new.
        """
        with self._store.read() as tx:
            sent = tx.improvement.sent(period)
            articles = _articles(tx, {slug for one in sent for slug in one.articles})
        return group_corrections(sent, articles)

    def diff(self, ticket_id: int, period: Period) -> tuple[Change, ...]:
        """The assistant's last draft of a ticket against what was sent, as words. Raises NotFound when nothing was."""
        with self._store.read() as tx:
            found = [one for one in tx.improvement.sent(period) if one.ticket_id == ticket_id]
        if not found:
            raise NotFound(f"In that time nothing was sent in #{ticket_id} that the assistant had drafted.")
        return word_diff(found[-1].drafted, found[-1].sent)

    def routes(self, period: Period) -> tuple[WrongRoute, ...]:
        """Ways people keep correcting, the commonest first, each with what would send those tickets right."""
        with self._store.read() as tx:
            ways: dict[tuple[str, str], list[Rerouted]] = defaultdict(list)
            for one in tx.improvement.rerouted(period):
                ways[one.source, one.target].append(one)
            often = {way: many for way, many in ways.items() if len(many) >= REPEATED}
            stayed = {source: tx.improvement.stayed(source, period) for source, _ in often}
        left = {source: sum(len(m) for (s, _), m in ways.items() if s == source) for source, _ in often}
        found = [
            wrong_route(way, many, stayed[way[0]], len(stayed[way[0]]) + left[way[0]]) for way, many in often.items()
        ]
        return tuple(sorted(found, key=lambda w: (-w.count, w.source, w.target)))

    def missing(self, period: Period, routing: Routing) -> tuple[MissingField, ...]:
        """Details people keep asking for, by category, the commonest first."""
        with self._store.read() as tx:
            asked: dict[str, list[int]] = defaultdict(list)
            for ticket, key in tx.improvement.asked(period):
                asked[key].append(ticket)
        found = []
        for key, tickets in asked.items():
            category, _, name = key.partition(": ")
            place = routing.categories.get(category)
            field = next((f for f in place.intake if f.name == name), None) if place is not None else None
            label = field.label("en") if field is not None else name.replace("_", " ")
            found.append(MissingField(category, name, label, len(tickets), tuple(tickets), field is not None))
        return tuple(sorted(found, key=lambda f: (-f.asked, f.category, f.name)))


def checklist(fields: Iterable[MissingField]) -> str:
    """What a form's owner should ask for, as Markdown, by category."""
    by_category: dict[str, list[MissingField]] = defaultdict(list)
    for field in fields:
        by_category[field.category].append(field)
    lines = ["# What the forms should ask for", "", "Counted from replies that had to ask for it afterwards."]
    for category, many in by_category.items():
        lines += ["", f"## {category}", ""]
        lines += [f"- [ ] {f.label[:1].upper()}{f.label[1:]}: asked for afterwards {f.asked} times" for f in many]
    return "\n".join(lines)


def group_corrections(
    many: Iterable[Sent], articles: Mapping[str, Sequence[str]] | None = None
) -> tuple[Correction, ...]:
    """Corrections by category and sentence; a sentence nobody changed is none.

    `articles` holds the sentences of those the drafts rested on, to tell whose sentence it is.
    """
    from rapidfuzz import fuzz

    written: Counter[tuple[str, str]] = Counter()
    changed: dict[tuple[str, str], list[_Changed]] = defaultdict(list)
    for one in many:
        drafted = [fold(part) for part in _parts(one.drafted)]
        kept = drafted if one.sent == one.drafted else [fold(part) for part in _parts(one.sent)]
        new = [part for part in kept if part not in drafted]
        for place, sentence in enumerate(dict.fromkeys(drafted), 1):
            key = (one.category, sentence)
            written[key] += 1
            if sentence not in kept:
                best = max(new, key=lambda part: fuzz.ratio(sentence, part), default="")
                instead = best if fuzz.ratio(sentence, best) >= SAME_SENTENCE else ""
                changed[key].append(_Changed(one, place, instead))
    found = [_correction(key, of, written[key], articles or {}) for key, of in changed.items()]
    return tuple(sorted(found, key=lambda c: (-c.changed, c.written, c.category, c.sentence)))


@dataclass(frozen=True, slots=True)
class _Changed:
    """One time a sentence was changed."""

    of: Sent
    place: int
    instead: str


def _correction(
    key: tuple[str, str], many: Sequence[_Changed], written: int, articles: Mapping[str, Sequence[str]]
) -> Correction:
    def most(values: Iterable[str]) -> str:
        return next((value for value, _ in Counter(values).most_common(1)), "")

    prompt = most(p for c in many for p in c.of.prompts)
    slugs = Counter(slug for c in many for slug in c.of.articles)
    source = next((s for s, _ in slugs.most_common() if _says(articles.get(s, ()), key[1])), "")
    mend = (
        f"article:{source}" if source else f"prompt:{prompt.partition('@')[0]}" if prompt else "template:offline.toml"
    )
    return Correction(
        category=key[0],
        sentence=key[1],
        changed=len(many),
        written=written,
        tickets=tuple(c.of.ticket_id for c in many),
        instead=tuple(words for words, _ in Counter(c.instead for c in many).most_common(EXAMPLES)),
        article=source or most(slug for c in many for slug in c.of.articles),
        prompt=prompt,
        rule=most(rule for c in many for rule in c.of.rules),
        place=Counter(c.place for c in many).most_common(1)[0][0],
        mend=mend,
    )


def _says(lines: Sequence[str], sentence: str) -> bool:
    """Whether an article says a sentence, bullets and emphasis aside."""
    from rapidfuzz import fuzz

    plain = sentence.lstrip("-*•– ").strip()
    return any(plain in line or fuzz.ratio(plain, line) >= SAME_LINE for line in lines)


def _articles(tx: Transaction, slugs: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for slug in slugs:
        try:
            article = tx.knowledge.get(slug)
        except NotFound:
            continue
        found[slug] = [fold(part) for part in _parts(article.text)]
    return found


def word_diff(drafted: str, sent: str) -> tuple[Change, ...]:
    """The words of a draft against the words sent, in order."""
    from rapidfuzz.distance import Indel

    before, after = drafted.split(), sent.split()
    changes: list[Change] = []
    for step in Indel.opcodes(before, after):
        old = " ".join(before[step.src_start : step.src_end])
        new = " ".join(after[step.dest_start : step.dest_end])
        kept = step.tag == "equal"
        if changes and not kept and not changes[-1].kept:
            last = changes.pop()
            old, new = f"{last.drafted} {old}".strip(), f"{last.sent} {new}".strip()
        changes.append(Change(kept, old, new))
    return tuple(changes)


def _parts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]
