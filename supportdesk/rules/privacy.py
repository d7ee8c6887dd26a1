"""Personal data in a draft that the recipient did not give and does not need; and identifiers in any text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from supportdesk.domain.findings import Finding
from supportdesk.domain.words import Author, FindingKind, SourceKind
from supportdesk.rules import held, leaks
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.identifiers import Identifier, identifiers
from supportdesk.rules.leanings import Weighed
from supportdesk.rules.marks import mark, place_name
from supportdesk.rules.people import Name, People, is_ours, is_relative, known_people, names, told
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import fold_word
from supportdesk.rules.values import Value, word_set

__all__ = ["Identifier", "called_for", "findings", "identifiers"]

_ASKS, _SURE = 0.4, 0.7
"""How likely a statement asks for a secret it names; the same where it names none we know."""
_MASKED = ("card", "iban", "national_id")
_SECRET = ("credential", "one_time_code")
_PERSONAL = ("address", "date_of_birth", "phone", "email", "ip")
_WORDS = {
    "card": "card number",
    "iban": "account number",
    "national_id": "national identity number",
    "credential": "password or key",
    "one_time_code": "one-time code",
    "address": "address",
    "date_of_birth": "date of birth",
    "phone": "telephone number",
    "email": "mail address",
    "ip": "network address",
}


def called_for(index: SourceIndex) -> bool:
    """Whether the thread holds personal data beyond a name and ways to reach somebody."""
    found = index.remembered("personal", _personal)
    return bool(found)


def findings(draft: Draft, index: SourceIndex, weighed: Sequence[Weighed]) -> list[Finding]:
    """Personal data and inside knowledge that should not leave with this draft."""
    found = [f for item in draft.identifiers for f in _identifier(draft, item, index)]
    found += _people(draft, index)
    found += held.findings(draft, index)
    found += leaks.findings(draft, index)
    found += [f for one in weighed for f in _secrets(draft, one)]
    for statement in draft.statements:
        if not statement.frame:
            found += _strangers(draft, statement, index)
            found += _references(draft, statement, index)
            found += _firms(draft, statement, index)
    return _once(found)


def _personal(index: SourceIndex) -> bool:
    kinds = (*_MASKED, *_SECRET, "address", "date_of_birth")
    return any(i.kind in kinds for m in index.sources.thread.messages for i in identifiers(m.text))


def _identifier(draft: Draft, item: Identifier, index: SourceIndex) -> Iterator[Finding]:
    name = _WORDS[item.kind]
    where = _where(item, index)
    if item.kind in _MASKED or item.kind in _SECRET:
        if any(line.source is SourceKind.ARTICLE for line in where):
            return
        subkind = "credential" if item.kind in _SECRET else "full_identifier"
        why = f"It spells out a whole {name}."
        yield mark(
            draft,
            (item.start, item.end),
            FindingKind.PRIVACY,
            subkind,
            why,
            "Take it out, or leave only the last characters.",
            rule=f"privacy.{item.kind}",
            evidence=tuple(line.evidence for line in where[:1]),
        )
        return
    if item.kind not in _PERSONAL or not where:
        # What stands in no source is a matter of facts and links.
        if item.kind == "date_of_birth":
            yield _not_given(draft, item, None, blocking=True)
        return
    if any(li.source is SourceKind.ARTICLE or (li.author in (Author.CUSTOMER, Author.AGENT)) for li in where):
        return
    others = all(_of_others(line) or leaks.is_internal(line) for line in where)
    yield _not_given(draft, item, where[0], blocking=others or item.kind in ("date_of_birth", "ip"))


def _not_given(draft: Draft, item: Identifier, line: Line | None, *, blocking: bool) -> Finding:
    source = f" It stands in {place_name(line)} only." if line is not None else ""
    return mark(
        draft,
        (item.start, item.end),
        FindingKind.PRIVACY,
        "not_given",
        f"The customer did not give this {_WORDS[item.kind]}.{source}",
        "Take it out, or make sure that it is theirs and needed.",
        rule=f"privacy.{item.kind}",
        evidence=(line.evidence,) if line is not None else (),
        blocking=blocking,
    )


def _where(item: Identifier, index: SourceIndex) -> list[Line]:
    """Lines that hold the same identifier, however it is spaced."""
    key = _key(item.value)
    held = index.remembered("packed", _packed)
    assert isinstance(held, tuple)
    if item.kind == "address":
        words = [w for w in key_words(item.value) if len(w) > 2][:3]
        return [line for line, text in held if words and all(_key(w) in text for w in words[:2])]
    return [line for line, text in held if key in text]


def _packed(index: SourceIndex) -> tuple[tuple[Line, str], ...]:
    return tuple((line, _key(line.text)) for line in index.lines)


def key_words(text: str) -> list[str]:
    """The words and numbers of a text."""
    return [w.strip(".,;:()") for w in text.split()]


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _people(draft: Draft, index: SourceIndex) -> Iterator[Finding]:
    known = index.remembered("people", known_people)
    assert isinstance(known, People)
    found = names(draft)
    found += [n for n in told(draft, known) if not any(n.start < f.end and f.start < n.end for f in found)]
    for name in found:
        strange = [w for w in name.words if w not in known.own and w not in known.ours and len(w) > 1]
        if not strange or is_ours(name, draft):
            continue
        relative = is_relative(name, known)
        if not relative and any(w in known.own for w in name.words) and not any(w in known.others for w in strange):
            continue
        line = next((known.others[w] for w in strange if w in known.others), None)
        spoken = all(_in_articles(w, index) for w in strange)
        if spoken or (line is None and not name.sure and not name.greeting):
            continue
        yield _person(draft, name, line, known)


def _person(draft: Draft, name: Name, line: Line | None, known: People) -> Finding:
    if name.greeting and line is None:
        return mark(
            draft,
            (name.start, name.end),
            FindingKind.FACT,
            "contradicted" if known.own else "unsupported",
            "Nobody of this name has written in this thread.",
            "Address the customer by the name they use.",
            rule="fact.name",
            blocking=False,
        )
    where = f" {place_name(line)[0].upper()}{place_name(line)[1:]} names them." if line is not None else ""
    return mark(
        draft,
        (name.start, name.end),
        FindingKind.PRIVACY,
        "other_person",
        f"It names somebody the customer has not brought up.{where}",
        "Take the name out.",
        evidence=(line.evidence,) if line is not None else (),
    )


def _in_articles(word: str, index: SourceIndex) -> bool:
    return any(index.lines[n].source is SourceKind.ARTICLE for n in index.words.get(word, ()))


def _strangers(draft: Draft, statement: Statement, index: SourceIndex) -> Iterator[Finding]:
    """Somebody else spoken of without a name: another customer, a husband the customer never mentioned."""
    said = index.remembered("customer words", _customer_words)
    assert isinstance(said, frozenset)
    for cls in ("other", "relation"):
        for hit in statement.hits.get(f"privacy.{cls}", ()):
            words = [t.text for t in statement.tokens[hit.first : hit.last + 1]]
            if cls == "relation" and not said.isdisjoint({words[-1], *_kin().get(words[-1], ())}):
                continue
            if cls == "other" and not _telling(statement):
                continue
            yield mark(
                draft,
                (statement.start, statement.end),
                FindingKind.PRIVACY,
                "other_person",
                "It tells something about somebody else whom the customer did not bring up.",
                "Take it out.",
                rule=f"privacy.other_person.{cls}",
            )
            return


_FIRM = re.compile(
    r"(?:[A-ZÀ-Þ][\w&'’\-]+ ){1,3}"
    r"(?:GmbH|AG|KG|UG|Ltd|Limited|Inc|LLC|PLC|Corp|SARL|SAS|SA|SL|SLU|BV|NV|Srl|SRL|SpA|Lda|Oy|AB)\b\.?"
)


def _firms(draft: Draft, statement: Statement, index: SourceIndex) -> Iterator[Finding]:
    """Another firm by name, which no source mentions."""
    for match in _FIRM.finditer(statement.text):
        words = [fold_word(w) for w in match.group().split()[:-1]]
        if not any(w in index.words for w in words):
            yield mark(
                draft,
                (statement.start + match.start(), statement.start + match.end()),
                FindingKind.PRIVACY,
                "other_person",
                "It names a firm the customer has not brought up.",
                "Take the name out.",
                rule="privacy.other_person.firm",
            )


def _telling(statement: Statement) -> bool:
    """Whether the statement tells what somebody did or has, rather than a rule about anybody."""
    return not statement.question and not statement.has("commitments.not", "commitments.condition")


@once
def _kin() -> dict[str, frozenset[str]]:
    """By each word for somebody near to the customer, all words for the same."""
    groups = [frozenset(words.split()) for words in table("privacy.toml")["kin"].values()]
    return {word: group for group in groups for word in group}


def _customer_words(index: SourceIndex) -> frozenset[str]:
    return frozenset(t.text for line in index.lines if line.author is Author.CUSTOMER for t in line.tokens)


def _references(draft: Draft, statement: Statement, index: SourceIndex) -> Iterator[Finding]:
    """Order and account numbers that belong to somebody else."""
    for value in statement.values:
        if value.kind != "reference":
            continue
        lines = _holding(value, index)
        if lines and all(_of_others(line) or line.author is Author.INTERNAL for line in lines):
            yield mark(
                draft,
                (value.start, value.end),
                FindingKind.PRIVACY,
                "other_person",
                f"This number stands in {place_name(lines[0])} only and may be somebody else’s.",
                "Take it out.",
                rule="privacy.reference",
                evidence=(lines[0].evidence,),
                blocking=any(_of_others(line) for line in lines),
            )


def _holding(value: Value, index: SourceIndex) -> list[Line]:
    return [line for line, _ in index.by_norm.get(("reference", value.norms[0]), ())]


def _of_others(line: Line) -> bool:
    if line.source is not SourceKind.RECORD:
        return False
    parts = {p for p in line.ref.casefold().replace("_", ".").replace("-", ".").split(".") if p}
    return bool(parts & word_set("privacy.toml", "people", "other_keys"))


def _secrets(draft: Draft, one: Weighed) -> Iterator[Finding]:
    """A request for a password, a full card number or a code."""
    statement = one.statement
    if statement.frame or not one.leans("asks", _ASKS):
        return
    hits = statement.hits.get("privacy.secrets", ())
    if not hits and not one.leans("asks", _SURE):
        return
    yield mark(
        draft,
        statement.span(hits[0].first, hits[0].last) if hits else (statement.start, statement.end),
        FindingKind.PRIVACY,
        "asks_secret",
        "It asks for something nobody should send by mail or chat.",
        "Ask for the last digits only, or point to a safe way.",
    )


def _once(found: list[Finding]) -> list[Finding]:
    """The same words are marked once: the narrower finding stays."""
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda f: (f.end - f.start, f.start)):
        inside = any(k.subkind == finding.subkind and k.start < finding.end and finding.start < k.end for k in kept)
        if not inside:
            kept.append(finding)
    return kept
