"""Times of day in a text: clocks, opening hours from one to another, and hours told in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from supportdesk.rules.day_names import weekday_at
from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import Value, flat, word_numbers, word_set

_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})(?::\d{2})?")
_RANGE = re.compile(r"(\d{1,2})(?:[:.h](\d{2})|h)?([\-–])(\d{1,2})(?:[:.h](\d{2})|h)?")
_HOUR = re.compile(r"(\d{1,2})(am|pm|h|uhr)(\d{2})?")
_WORDS = ("uhr", "h", "am", "pm", "uur", "heures", "heure", "horas", "ore")
_TO = frozenset("to till until and - – bis und au et al a y e ao ate as tot en alle".split())  # noqa: SIM905 - words
_NOON = 720
_DAY = 1440


def times(tokens: Sequence[Token], at: int, language: str) -> list[Value]:
    """The time of day that begins at a token; two where one token holds both ends; none where none does."""
    token = tokens[at]
    if token.kind == "w" and token.text not in _beginnings(language):
        return []
    if token.kind in "nc" and (both := _range(tokens, at)):
        return both
    one = None
    if token.kind == "n":
        one = _first_of_two(tokens, at) or _clock(tokens, at)
    elif token.kind == "c":
        one = _hour(tokens, at)
    elif token.kind == "w":
        one = _told(tokens, at)
    one = _spoken(tokens, at, language) or one
    return [one] if one is not None else []


def _range(tokens: Sequence[Token], at: int) -> list[Value]:
    """10-12 Uhr, 8:00-12:00, 8h-20h, Mon 9–17: both ends, each a value of its own."""
    token = tokens[at]
    ends = _RANGE.fullmatch(token.text.casefold())
    after = tokens[at + 1].text.casefold() if at + 1 < len(tokens) else ""
    if ends is None:
        return []
    marked = ends[2] or ends[5] or "h" in token.text.casefold() or after in _WORDS
    if not marked and not (at and weekday_at(tokens, at - 1) is not None):
        return []
    first, second = int(ends[1]) * 60 + int(ends[2] or 0), int(ends[4]) * 60 + int(ends[5] or 0)
    if max(first, second) > _DAY or (not marked and first >= second):
        return []
    firsts: tuple[int, ...] = (first,)
    seconds: tuple[int, ...] = (second,)
    if after == "pm":
        seconds = (second % _NOON + _NOON,)
        firsts = (first, first + _NOON) if first < _NOON else firsts
    cut = token.start + ends.start(3)
    last = at + 1 if after in _WORDS else at
    return [
        Value("time", token.start, cut, firsts, at, last),
        Value("time", cut + 1, tokens[last].end, seconds, at, last),
    ]


def _first_of_two(tokens: Sequence[Token], at: int) -> Value | None:
    """8 to 10 am, von 9 bis 17 Uhr, entre 10 et 12 heures, 10 till noon: the first hour of two."""
    hour = _whole(tokens, at)
    if hour is None or at + 2 >= len(tokens) or tokens[at + 1].text not in _TO:
        return None
    where = at + 2
    if tokens[where].text in ("las", "le", "as", "les"):
        if tokens[at - 1].text not in ("las", "le", "as", "les", "dalle", "das"):
            return None  # "el viernes 17 a las 10": a day and its hour.
        where += 1
    second = _clock_or_hour(tokens, where) or (_told(tokens, where) if where < len(tokens) else None)
    if second is None or not any(isinstance(n, int) and n > hour * 60 for n in second.norms):
        return None
    norms = (hour * 60, hour * 60 + _NOON) if hour < 12 else (hour * 60,)
    return Value("time", tokens[at].start, tokens[at].end, norms, at, at)


def _clock_or_hour(tokens: Sequence[Token], at: int) -> Value | None:
    if at >= len(tokens):
        return None
    if tokens[at].kind == "n":
        return _clock(tokens, at)
    return _hour(tokens, at, told=True) if tokens[at].kind == "c" else None


def _clock(tokens: Sequence[Token], at: int) -> Value | None:
    """14:30, 2:30 pm, 14 Uhr, 5 o'clock."""
    token = tokens[at]
    after = tokens[at + 1].text.casefold() if at + 1 < len(tokens) else ""
    dotted = after + (tokens[at + 3].text if at + 3 < len(tokens) and tokens[at + 2].text == "." else "")
    half = "pm" if after == "pm" or dotted == "pm" else "am" if after == "am" or dotted == "am" else ""
    last = at + (3 if half and after != half else 1 if half else 0)
    if clock := _CLOCK.fullmatch(token.text):
        told = at and tokens[at - 1].text in word_set("dates.toml", "small", "clock_before")
        if "." in token.text and not half and after not in ("uhr", "uur") and not told:
            return None
        return _time(
            tokens, at, last if half else at + (after in ("uhr", "h", "uur")), int(clock[1]), int(clock[2]), half
        )
    if re.fullmatch(r"\d{1,2}", token.text) and (
        half or after in ("uhr", "o'", "uur") or _at_an_hour(tokens, at, after)
    ):
        spelt = after in ("uhr", "o'", "uur", "h", "horas", "ore", "heures")
        return _time(tokens, at, last if half else at + spelt, int(token.text), 0, half)
    return None


def _at_an_hour(tokens: Sequence[Token], at: int, after: str) -> bool:
    """Whether a bare hour follows a word that tells the time: "à 9 h", "a las 10", "alle 11", "entro le 10"."""
    before = tokens[at - 1].text if at else ""
    if after in ("h", "heures", "horas", "ore"):
        return before in word_set("dates.toml", "small", "clock")
    if before in ("las", "as", "le"):
        leads = word_set("dates.toml", "small", f"before_{before}")
        return at >= 2 and tokens[at - 2].text in leads and after not in _units()
    return before == "alle" and after not in _units()


def _hour(tokens: Sequence[Token], at: int, *, told: bool = False) -> Value | None:
    """3pm, 14h30, martes 19h."""
    hour = _HOUR.fullmatch(tokens[at].text.casefold())
    if hour is None:
        return None
    before = tokens[at - 1].text if at else ""
    told = told or before in word_set("dates.toml", "small", "clock") or weekday_at(tokens, at - 1) is not None
    nearby = at >= 2 and before in _TO and _HOUR.fullmatch(tokens[at - 2].text.casefold())
    ahead = at + 2 < len(tokens) and tokens[at + 1].text in _TO and _HOUR.fullmatch(tokens[at + 2].text.casefold())
    if hour[2] == "h" and not hour[3] and not (told or nearby or ahead):
        return None
    return _time(tokens, at, at, int(hour[1]), int(hour[3] or 0), hour[2] if hour[2] in ("am", "pm") else "")


def _time(tokens: Sequence[Token], at: int, last: int, hour: int, minute: int, half: str) -> Value | None:
    if hour > 24 or minute > 59:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return Value("time", tokens[at].start, tokens[min(last, len(tokens) - 1)].end, (hour * 60 + minute,), at, last)


def _told(tokens: Sequence[Token], at: int) -> Value | None:
    """Noon and midnight; by three, from nine to noon, until half past: an hour in words, where nothing is counted."""
    token = tokens[at]
    if token.text in word_set("dates.toml", "small", "noon"):
        return Value("time", token.start, token.end, (_NOON,), at, at)
    if token.text in word_set("dates.toml", "small", "midnight"):
        return Value("time", token.start, token.end, (0, _DAY), at, at)
    hour = _whole(tokens, at)
    before = tokens[at - 1].text if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if hour is None or hour < 2 or not _told_by(tokens, at, before, after):
        return None
    last = at + 1 if after is not None and after.text in (*_WORDS, "o'") else at
    return Value("time", token.start, tokens[last].end, (hour * 60, hour * 60 + _NOON), at, last)


def _told_by(tokens: Sequence[Token], at: int, before: str, after: Token | None) -> bool:
    """Whether the words around an hour in words say that it is one."""
    if after is not None and after.text in ("uhr", "uur", "o'", "am", "pm"):
        return True
    free = after is None or after.kind == "s" or after.text in word_set("dates.toml", "small", "after_hour")
    if before in ("by", "at"):
        return free
    if before in ("las", "as", "le"):
        return free and at >= 2 and tokens[at - 2].text in word_set("dates.toml", "small", f"before_{before}")
    if before in ("alle", "dalle"):
        return free
    # "from eight till half past six", "from nine to noon"
    ranged = after is not None and after.text in ("till", "until", "to") and before in ("from", "between")
    ahead = tokens[at + 2].text if at + 2 < len(tokens) else ""
    return ranged and ahead in ("half", "quarter", "noon", "midnight", "midday", "lunchtime")


def _spoken(tokens: Sequence[Token], at: int, language: str) -> Value | None:
    """Half past six, halb acht, tien voor tien, vijf over half twaalf, las seis y media."""
    if language in _clocks():
        clock = _clocks()[language]
        where, minutes = at, 0
        if (lead := _minutes(tokens, at, clock)) is not None:
            where, minutes = lead
        halved = where < len(tokens) and tokens[where].text in clock["half"].split()
        if halved:
            minutes += 30 * int(clock["half_is"])
            where += 1
            if where < len(tokens) and tokens[where].text == "past":
                where += 1
            elif language == "en" and (at == 0 or tokens[at - 1].text not in ("at", "by", "until", "till", "to")):
                return None
        if where > at and (hour := _whole(tokens, where)) is not None and _unmeasured(tokens, where):
            return _about(tokens, at, where, hour * 60 + minutes)
        return None
    hour = _whole(tokens, at)
    if hour is None or hour > 12 or language not in _behind():
        return None
    for phrase, minutes in _behind()[language]:
        words = phrase.split()
        if [t.text for t in tokens[at + 1 : at + 1 + len(words)]] == words:
            return _about(tokens, at, at + len(words), hour * 60 + minutes)
    return None


def _minutes(tokens: Sequence[Token], at: int, clock: dict[str, str]) -> tuple[int, int] | None:
    """(index after it, minutes) of "ten to", "viertel nach", "twenty minutes past"."""
    count = 15 if tokens[at].text in clock["quarter"].split() else word_numbers().get(tokens[at].text, 0)
    if tokens[at].kind == "n" and tokens[at].text.isdecimal():
        count = int(tokens[at].text)
    where = at + 1
    if where < len(tokens) and tokens[where].text in ("minutes", "minuten"):
        where += 1
    if count not in (5, 10, 15, 20, 25) or where + 1 >= len(tokens):
        return None
    if tokens[where].text in clock["past"].split():
        return where + 1, count
    led = at and tokens[at - 1].text in ("from", "between", "in", "within")
    return (where + 1, -count) if tokens[where].text in clock["to"].split() and not led else None


def _about(tokens: Sequence[Token], first: int, last: int, minutes: int) -> Value:
    """A time that may be before or after noon."""
    minutes %= _NOON
    return Value("time", tokens[first].start, tokens[last].end, (minutes, minutes + _NOON), first, last)


def _whole(tokens: Sequence[Token], at: int) -> int | None:
    """The hour a token names in digits or words; None where it names none."""
    if at >= len(tokens):
        return None
    token = tokens[at]
    if token.kind == "n":
        return int(token.text) if token.text.isdecimal() and len(token.text) <= 2 and int(token.text) <= 24 else None
    number = word_numbers().get(token.text) if token.kind == "w" else None
    return number if number is not None and number <= 12 and token.text not in ("a", "an", "un", "e") else None


def _unmeasured(tokens: Sequence[Token], at: int) -> bool:
    """Whether nothing is counted by the number at an index."""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    free = after is None or after.kind == "s" or after.text in (*_WORDS, "o'")
    return free or (after is not None and after.text in word_set("dates.toml", "small", "after_hour"))


@once
def _beginnings(language: str) -> frozenset[str]:
    """The words a time of day may begin with."""
    clock = _clocks().get(language, {})
    words = {w for part in ("quarter", "half") for w in clock.get(part, "").split()} | word_numbers().keys()
    return frozenset(words) | word_set("dates.toml", "small", "noon") | word_set("dates.toml", "small", "midnight")


@once
def _units() -> frozenset[str]:
    return frozenset(flat("numbers.toml", "units")) | word_set("numbers.toml", "percent") | frozenset("€$£")


@once
def _clocks() -> dict[str, dict[str, str]]:
    clocks: dict[str, dict[str, str]] = table("dates.toml")["clocks"]
    return clocks


@once
def _behind() -> dict[str, tuple[tuple[str, int], ...]]:
    """What stands behind an hour: "y media" 30 minutes later."""
    pairs = table("dates.toml")["behind_hour"].items()
    return {code: tuple((p.rsplit("=", 1)[0], int(p.rsplit("=", 1)[1])) for p in several) for code, several in pairs}
