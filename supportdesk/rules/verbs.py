"""What we do, will do or have done in a clause: the verbs whose subject is one of us, by each language's grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from supportdesk.rules.drafts import Statement
from supportdesk.rules.moods import Mood, tense, tense_at
from supportdesk.rules.tables import once, table
from supportdesk.rules.values import word_set

_REACH = 6
"""Words between an auxiliary and its verb."""
_PARTICIPLE = re.compile(
    r"(?:(?:\w{0,8})ge\w{2,}(?:t|en|n)|(?:be|ver|er|ent|zer|uber|unter|miss|her|voll)\w{2,}(?:t|en|n)|\w+iert|\w+eerd|\w+eren)"
)


class Verb(NamedTuple):
    """A verb of ours."""

    at: int
    """Index of its token."""
    time: str
    """future, past, now, able or present."""


def own_verbs(statement: Statement, mood: Mood, language: str) -> tuple[Verb, ...]:
    """The verbs of a clause whose subject is one of us."""
    data = table("commitments.toml")["verbs"].get(language)
    if data is None:
        return ()
    find = {"en": _english, "de": _germanic, "nl": _germanic, "fr": _french}.get(language, _dropping)
    return tuple(find(statement, mood, language))


@once
def _set(language: str, name: str) -> frozenset[str]:
    return frozenset(str(table("commitments.toml")["verbs"][language].get(name, "")).split())


def _english(statement: Statement, mood: Mood, language: str) -> Iterator[Verb]:
    words = [t.text for t in statement.tokens]
    subjects = [i for i in range(mood.first, mood.after) if words[i] in _set(language, "subject")]
    if mood.carried and not subjects:
        subjects = [mood.first]
    for at in subjects:
        time, verb = "", at + 1
        while verb < mood.after and verb <= at + _REACH:
            word = words[verb]
            if word in _set(language, "future"):
                time = "future"
            elif word in _set(language, "past"):
                time = "past"
            elif word in _set(language, "being"):
                time = "now"
            elif word in _set(language, "able"):
                time = "able"
            elif word not in _set(language, "between") and not (word.endswith("ly") and len(word) > 4):
                break
            verb += 1
        if verb >= mood.after or statement.tokens[verb].kind != "w" or is_small(words[verb]):
            continue
        word = words[verb]
        done = (word.endswith("ed") and len(word) > 3) or word in _set(language, "irregular")
        if mood.carried and not time and at == mood.first:
            time = "future" if mood.future else "past" if mood.past else ""
            if not time:
                continue
        if time == "past" and not done:
            continue  # "we have a shop" is no perfect
        if time == "now" and not word.endswith("ing"):
            continue
        if not time:
            time = "past" if done else "present"
        yield Verb(verb, time)


def _germanic(statement: Statement, mood: Mood, language: str) -> Iterator[Verb]:
    words = [t.text for t in statement.tokens]
    subjects = [i for i in range(mood.first, mood.after) if words[i] in _set(language, "subject")]
    kinds = [t.kind for t in statement.tokens]
    near = [i + d for i in subjects for d in (1, -1) if mood.first <= i + d < mood.after and kinds[i + d] == "w"]
    if mood.carried and not subjects:
        near = [i for i in (mood.first + 1, mood.first) if i < mood.after and kinds[i] == "w"]
    last = max((i for i in range(mood.first, mood.after) if kinds[i] == "w"), default=-1)
    within = range(mood.first, mood.after)
    clause_past = any(words[i] in _set(language, "past") for i in within)
    clause_future = any(words[i] in _set(language, "future") for i in within)
    if not near or last < 0:
        return
    if any(words[i] in _set(language, "other") for i in near):
        return
    if clause_past and (subjects or mood.carried):
        for i in reversed(within):
            if kinds[i] == "w" and is_participle(words[i]) and words[i] not in _set(language, "past"):
                yield Verb(i, "past")
                return
        if words[last].endswith(("t", "en", "n", "d")) and words[last] not in _set(language, "past"):
            yield Verb(last, "past")
        return
    if clause_future:
        yield Verb(last, "future")
        return
    yield Verb(near[0] if words[near[0]] not in _set(language, "past") else near[-1], "present")


def _french(statement: Statement, mood: Mood, language: str) -> Iterator[Verb]:
    words = [t.text for t in statement.tokens]
    subjects = [i for i in range(mood.first, mood.after) if words[i] in _set(language, "subject")]
    for at in subjects[:1]:
        time, verb = "", at + 1
        while verb < mood.after and verb <= at + _REACH:
            word = words[verb]
            if word in _set(language, "future") and not time:
                time = "future"
            elif word in _set(language, "past") and not time:
                time = "past"
            elif word not in _set(language, "between") and not word.endswith("ement"):
                break
            verb += 1
        if verb >= mood.after:
            continue
        ending = tense(words[verb], language)
        if not time:
            time = "future" if ending == "we_future" else "" if ending == "conditional" else "present"
        if time:
            yield Verb(verb, time)


def _dropping(statement: Statement, mood: Mood, language: str) -> Iterator[Verb]:
    """Spanish, Portuguese, Italian: the ending or the auxiliary says who acts."""
    tokens = statement.tokens
    for at in range(mood.first, mood.after):
        word, kind = tokens[at].text, tokens[at].kind
        if kind != "w":
            continue
        for name in ("future", "past", "being"):
            if word in _set(language, name):
                verb = at + 1
                while verb < mood.after and tokens[verb].text in _set(language, "between"):
                    verb += 1
                if verb < mood.after and _continues(tokens[verb].text, name, language):
                    yield Verb(verb, {"being": "now"}.get(name, name))
                break
        else:
            time = _ending(statement, at, language)
            before = tokens[at - 1].text if at > mood.first else ""
            behind = tokens[at + 1].text if at + 1 < mood.after else ""
            clitic = before in _set(language, "clitics")
            nominal = before in word_set("statements.toml", "words", "definite") and not clitic
            if time in ("future", "past") or (
                time == "present" and not nominal and (len(word) > 5 or clitic or behind in _set(language, "clitics"))
            ):
                yield Verb(at, time)
            elif clitic and len(word) > 3 and _raw(statement, at).endswith("o"):
                yield Verb(at, "present")


def _continues(word: str, name: str, language: str) -> bool:
    """Whether a word can follow an auxiliary: an infinitive, a gerund or a participle."""
    form = tense(word, language)
    if name == "past":
        return form == "participle" or word in ("hecho", "puesto", "visto", "feito", "posto", "fatto", "messo", "preso")
    return form in ("infinitive", "participle") or word.endswith(("r", "re", "ndo"))


def _ending(statement: Statement, at: int, language: str) -> str:
    """Time of a verb in the first person, by its ending."""
    return {"we_future": "future", "we_present": "present", "we_past": "past"}.get(
        tense_at(statement, at, language), ""
    )


def irregular(language: str) -> frozenset[str]:
    """Participles that do not end as others do."""
    return _set(language, "irregular")


def is_participle(word: str) -> bool:
    """Whether a German or Dutch word looks like a participle."""
    return _PARTICIPLE.fullmatch(word) is not None


def given_to(statement: Statement, at: int, language: str) -> bool:
    """Whether a pronoun beside a verb names the one who receives: "le mando", "damos-lhe"."""
    near = [statement.tokens[i].text for i in (at - 1, at - 2, at + 1) if 0 <= i < len(statement.tokens)]
    return any(word in _set(language, "recipients") for word in near)


def _raw(statement: Statement, at: int) -> str:
    """A token as written: "envío" and "envió" are not the same."""
    token = statement.tokens[at]
    return statement.text[token.start - statement.start : token.end - statement.start].casefold()


def is_small(word: str) -> bool:
    """Whether a word is an article or a preposition, and no verb."""
    return word in word_set("statements.toml", "words", "small")
