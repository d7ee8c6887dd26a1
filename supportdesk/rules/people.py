"""Names of people in a draft, told apart: the requester's own, ours, and everybody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from supportdesk.domain.words import Author, SourceKind
from supportdesk.rules.drafts import Draft, Statement
from supportdesk.rules.sources import Line, SourceIndex
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import fold_word
from supportdesk.rules.values import word_set

_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ'’\-]+|[A-ZÀ-ÖØ-Þ]\.|[A-ZÀ-ÖØ-Þ](?=['’][A-Z])['’][A-Z][a-zà-öø-ÿ]+")
_PARTICLES = frozenset("de da do dos das del della di van von der den ter ten la le el al bin ben".split())  # noqa: SIM905
_SHORTEST = 2
"""Letters a name has more of."""
_BEFORE = 3
"""How many words before a name may say that it is one of ours."""


@dataclass(frozen=True, slots=True)
class Name:
    """A person named in a draft."""

    start: int
    """Offset of its first character."""
    end: int
    """Offset just after its last."""
    words: tuple[str, ...]
    """Its words, folded, titles left out."""
    sure: bool
    """Whether it is certainly a person: a title or a first name with another word."""
    greeting: bool
    """Whether it is whom the draft addresses."""


@dataclass(frozen=True, slots=True)
class People:
    """Whom the sources name."""

    own: frozenset[str]
    """Words of the requester's names, and of people they brought up themselves."""
    ours: frozenset[str]
    """Words of the names of those who answer."""
    others: dict[str, Line]
    """Words of others' names, with the line that names them."""


def names(draft: Draft) -> list[Name]:
    """The people a draft names, in order; the signature left out."""
    found: list[Name] = []
    closing = _closing(draft)
    for number, statement in enumerate(draft.statements):
        if (statement.frame and number) or number > closing:
            continue
        found += _in_statement(draft, statement, greeting=statement.frame)
    return found


def _closing(draft: Draft) -> int:
    """Where the courtesy stands that a signature follows; past the end where there is none."""
    last = len(draft.statements)
    late = [n for n in range(max(1, last - 3), last) if draft.statements[n].has("statements.closing")]
    return next((n for n in late if draft.statements[n].frame), last)


def known_people(index: SourceIndex) -> People:
    """Whom thread, records and articles name, and what they are to us."""
    thread = index.sources.thread
    own = {w for m in thread.customer_messages for w in _words(m.text) | _words(str(m.sender), mail=True)}
    ours = {w for m in thread.messages if m.author is Author.AGENT for w in _signature(m.text) | _words(str(m.sender))}
    others: dict[str, Line] = {}
    keyed = [line for line in index.lines if line.source is SourceKind.RECORD and _names_somebody(line)]
    keyed += [line for line in index.lines if line.source is SourceKind.RECORD and _serves(line) and line not in keyed]
    for line in keyed:
        words = {w for w in _words(line.text) if not w.isdigit()}
        if _serves(line):
            ours |= words
        elif _of_others(line) or (_several_owners(keyed) and not _is_own(line, own, keyed)):
            for word in words:
                others.setdefault(word, line)
        else:
            own |= words
    for line in index.lines:
        if line.author is Author.INTERNAL:
            for match in _CAPITAL.finditer(line.text):
                word = fold_word(match.group())
                if (word in _first_names() or _introduced(line.text, match.start())) and word not in own:
                    others.setdefault(word, line)
    return People(frozenset(own), frozenset(ours), {w: li for w, li in others.items() if w not in own})


def _introduced(text: str, at: int) -> bool:
    """Whether the word before a name is a title or what somebody does: "Chauffeur Mulder", "Monsieur Petit"."""
    before = text[:at].split()
    word = fold_word(before[-1].rstrip(".")) if before else ""
    return word in word_set("privacy.toml", "people", "titles") or word in word_set("privacy.toml", "people", "roles")


def told(draft: Draft, known: People) -> Iterator[Name]:
    """Names of others the sources hold, where the draft says them in any other way."""
    closing = _closing(draft)
    for number, statement in enumerate(draft.statements):
        if statement.frame or number > closing:
            continue
        for match in _CAPITAL.finditer(statement.text):
            word = re.sub(r"['’]s$", "", fold_word(match.group()))
            if len(word) > _SHORTEST and word in known.others and word not in known.own | known.ours:
                start = statement.start + match.start()
                yield Name(start, statement.start + match.end(), (word,), sure=True, greeting=False)


def _in_statement(draft: Draft, statement: Statement, *, greeting: bool) -> Iterator[Name]:
    text = draft.text[statement.start : statement.end]
    runs: list[list[re.Match[str]]] = []
    for match in _CAPITAL.finditer(text):
        between = text[runs[-1][-1].end() : match.start()] if runs else "x"
        if runs and (between == " " or (between.strip(" ") in _PARTICLES and between.strip())):
            runs[-1].append(match)
        else:
            runs.append([match])
    for run in runs:
        if name := _name(statement, run, greeting=greeting):
            yield name


def _name(statement: Statement, run: list[re.Match[str]], *, greeting: bool) -> Name | None:
    """A run of capitalised words as a person's name, if it is one."""
    titles = word_set("privacy.toml", "people", "titles")
    words = [fold_word(m.group().rstrip(".")) for m in run]
    text = statement.text
    at = 0
    titled = False
    while at < len(words) and (words[at] in titles or (greeting and words[at] in _openers())):
        titled = titled or words[at] in titles
        at += 1
    if not titled and run[at:] and (before := text[: run[at].start()].split()):
        titled = fold_word(before[-1].rstrip(".")) in titles
    rest = words[at:]
    firsts = [i for i, w in enumerate(rest) if w in _first_names()]
    if not rest or not (titled or firsts):
        return None
    if not titled:
        at, rest = at + firsts[0], rest[firsts[0] :]
        if rest[0] in _ambiguous() and len(rest) < 2:
            return None
    if at and fold_word(run[at - 1].group()) in _openers():
        pass
    begun = fold_word(run[at].group()) if run[at].start() == 0 else ""
    if begun and begun in _ambiguous():
        return None
    kept = run[at:]
    possessive = kept[-1].group().endswith(("'s", "’s"))
    end = kept[-1].end() - (2 if possessive else 0)
    clean = tuple(re.sub(r"['’]s$", "", w) for w in rest)
    return Name(
        start=statement.start + kept[0].start(),
        end=statement.start + end,
        words=clean,
        sure=titled or len(rest) >= 2,
        greeting=greeting,
    )


def is_relative(name: Name, known: People) -> bool:
    """Whether somebody shares the requester's surname under another first name: Tobias beside Greta Lind."""
    first, last = name.words[0], name.words[-1]
    if len(name.words) < 2 or last not in known.own or first in known.own:
        return False
    firsts = [w for w in known.own if w in _first_names() and w not in _ambiguous()]
    initials = [w for w in known.own if len(w) == 1 and w not in ("i", "a", "e", "o", "y", "s", "t", "d", "m")]
    return bool(firsts) or bool(initials and first[0] not in initials)


def is_ours(name: Name, draft: Draft) -> bool:
    """Whether the words before a name make it a colleague's: "my colleague Sarah"."""
    before = draft.text[max(0, name.start - 40) : name.start]
    words = [fold_word(w.strip(".,:;()")) for w in before.split()][-_BEFORE:]
    return any(w in word_set("privacy.toml", "people", "ours") for w in words)


def _words(text: str, *, mail: bool = False) -> set[str]:
    parts = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text if mail else text.replace("@", " @"))
    return {fold_word(p) for p in parts} | {fold_word(re.sub(r"['’].*", "", p)) for p in parts}


def _signature(text: str) -> set[str]:
    """Capitalised words of a message's last lines, and those after "I am"."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return {fold_word(w) for line in lines[-3:] if len(line.split()) <= 6 for w in _CAPITAL.findall(line)}


def _names_somebody(line: Line) -> bool:
    parts = {p for p in re.split(r"[._\-]", line.ref.casefold()) if p}
    last = set(re.split(r"[_\-]", line.ref.rsplit(".", 1)[-1].casefold()))
    keys = word_set("privacy.toml", "people", "name_keys")
    titled = re.fullmatch(r"(?:[A-ZÀ-ÖØ-Þ][\w.'’\-]*[ ]?){1,4}", line.text) is not None
    return bool(last & keys or (parts & keys and titled and last & {"first", "last", "name", "full"})) and titled


def _of_others(line: Line) -> bool:
    parts = {p for p in re.split(r"[._\-]", line.ref.casefold()) if p}
    return bool(parts & word_set("privacy.toml", "people", "other_keys"))


def _serves(line: Line) -> bool:
    """Whether a record's key makes the name in it one of ours."""
    *above, last = [part for part in line.ref.casefold().split(".") if not part.isdecimal()]
    keys = word_set("privacy.toml", "people", "serving_keys")
    named = {last, *re.split(r"[_\-]", last)}
    if above and named & word_set("privacy.toml", "people", "name_keys"):
        named |= {above[-1], above[-1].removesuffix("s"), *re.split(r"[_\-]", above[-1])}  # `instructors.1.name`
    return bool(named & keys) and not any(c.isdecimal() for c in line.text)


def _several_owners(keyed: list[Line]) -> bool:
    return len({line.group for line in keyed if not _serves(line)}) > 1


def _is_own(line: Line, own: set[str], keyed: list[Line]) -> bool:
    """Whether one of several named people is the requester: named in the thread, or under a key that says so."""
    if _words(line.text) & own:
        return True
    matched = any(_words(other.text) & own for other in keyed)
    parts = {p for p in re.split(r"[._\-]", line.ref.casefold()) if p}
    return not matched and bool(parts & word_set("privacy.toml", "people", "own_keys"))


@once
def _first_names() -> frozenset[str]:
    return frozenset(table("names.toml")["first"]["names"].split()) | _ambiguous()


@once
def _ambiguous() -> frozenset[str]:
    return frozenset(table("names.toml")["first"]["ambiguous"].split())


@once
def _openers() -> frozenset[str]:
    codes = ("en", "de", "fr", "es", "pt", "nl", "it")
    phrases = (p for code in codes for p in table("statements.toml")[code]["greeting"])
    return frozenset(fold_word(w) for p in phrases for w in re.split(r"[ |]", p.replace("*", "")))
