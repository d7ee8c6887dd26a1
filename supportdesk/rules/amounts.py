"""Money, percentages, lengths of time, quantities and reference numbers in a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from supportdesk.rules.tables import once, table
from supportdesk.rules.tokens import Token
from supportdesk.rules.values import Value, flat, fractions, parse_number, word_numbers, word_set

MINUTES = {
    "minute": 1,
    "hour": 60,
    "day": 1440,
    "business_day": 1440,
    "week": 10_080,
    "month": 43_200,
    "year": 525_600,
}
"""Minutes in a unit of time, months at 30 days."""
_SUFFIXED = re.compile(r"(\d+(?:[.,]\d+)?)([^\W\d_]+)")
_RANGED = re.compile(r"(\d+)[\-–](\d+)")
_ARTICLES = frozenset(("der", "die", "das", "la", "le", "de", "il", "o", "a"))
_SYMBOLS = frozenset("€$£¥₹₺₴")


def quantities(tokens: Sequence[Token]) -> list[Value]:
    """All values that begin with a number, but for dates and times, in order."""
    found: list[Value] = []
    at = 0
    while at < len(tokens):
        value = _at(tokens, at)
        if value is not None:
            found.append(value)
            at = value.last + 1
        else:
            at += 1
    return found


def _at(tokens: Sequence[Token], at: int) -> Value | None:
    token = tokens[at]
    if token.kind == "w":
        if token.text not in _beginnings():
            return None
        if token.text in word_set("numbers.toml", "halves") and (span := _half(tokens, at)):
            return span
        if (token.text in word_numbers() or token.text in _ARTICLES) and (share := _share(tokens, at + 1)):
            return share._replace(start=token.start, first=at)
        if token.text in _times():
            return Value("quantity", token.start, token.end, (Decimal(_times()[token.text]),), at, at, "times")
        if token.text in word_numbers():
            return _counted(tokens, at, at, (Decimal(word_numbers()[token.text]),), worded=True)
        if token.text in table("numbers.toml")["span_words"]:
            minutes = table("numbers.toml")["span_words"][token.text]
            return Value("duration", token.start, token.end, ((minutes, minutes, False),), at, at)
        if token.text in fractions() and (share := _share(tokens, at)):
            return share
        return _led_amount(tokens, at) if token.text in _currency_words() else None
    if token.kind == "s":
        return _led_amount(tokens, at) if token.text in _SYMBOLS else None
    if token.kind == "n":
        return _numeric(tokens, at)
    if token.kind == "c":
        return _suffixed(tokens, at)
    return None


def _half(tokens: Sequence[Token], at: int) -> Value | None:
    """Half a year, ein halbes Jahr, medio año."""
    where = at + 1
    while where < len(tokens) and where <= at + 2 and tokens[where].text in ("a", "an", "une", "een"):
        where += 1
    unit = _unit(tokens, where)
    if unit is None:
        return None
    span = MINUTES[unit[0]] // 2
    return Value("duration", tokens[at].start, tokens[unit[2]].end, ((span, span, False),), at, unit[2], unit[0])


def _share(tokens: Sequence[Token], at: int) -> Value | None:
    """A third of, ein Viertel, la moitié, twee derde: a share of a whole, as a percentage."""
    if at >= len(tokens) or tokens[at].kind != "w" or tokens[at].text not in fractions():
        return None
    before = tokens[at - 1].text if at else ""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    text = tokens[at].text
    plain = text in word_set("numbers.toml", "shares", "plain")
    led = before in word_numbers() or (before in word_set("numbers.toml", "shares", "leads") and plain)
    follows = after in word_set("numbers.toml", "shares", "follow") or not after[:1].isalnum()
    if not (
        (follows and (led or (text == "half" and at == 0))) or (plain and after in ("of", "des", "der", "du", "de"))
    ):
        return None
    if text in ("quarter", "third") and before not in ("a", "one"):
        return None  # "the third of May", "the last quarter"
    many = max(1, word_numbers().get(before, 1))
    percent = Decimal(str(round(100 * fractions()[text] * many, 2))).normalize() + 0
    return Value("percent", tokens[at].start, tokens[at].end, (percent, percent.quantize(Decimal(1))), at, at, "share")


def _numeric(tokens: Sequence[Token], at: int) -> Value | None:
    """A value that begins with plain digits."""
    token = tokens[at]
    if ranged := _RANGED.fullmatch(token.text):
        low, high = Decimal(ranged[1]), Decimal(ranged[2])
        unit = _unit(tokens, at + 1)
        if unit and low < high:
            return _duration(tokens, at, unit, low, high)
        return _plain(tokens, at, at, ())
    last, raw = at, token.text
    # "1 095,55": blocks of three after a space belong to the number.
    while _continues(tokens, last, raw):
        last += 1
        raw += tokens[last].text
    numbers = parse_number(raw) if re.fullmatch(r"[\d.,'’]+", raw) else ()
    return _counted(tokens, at, last, numbers, worded=False)


def _continues(tokens: Sequence[Token], last: int, raw: str) -> bool:
    """Whether the next token is a block of three digits of the same number."""
    if last + 1 >= len(tokens) or len(raw) > 3:
        return False
    block = tokens[last + 1]
    near = block.kind == "n" and block.start == tokens[last].end + 1
    return near and re.fullmatch(r"\d{3}(?:[.,]\d{1,2})?", block.text) is not None


def _counted(
    tokens: Sequence[Token], at: int, last: int, numbers: tuple[Decimal, ...], *, worded: bool
) -> Value | None:
    """A number with what stands behind it: money, per cent, time, a measure."""
    following = tokens[last + 1] if last + 1 < len(tokens) else None
    if not numbers:
        return None if worded else _plain(tokens, at, last, numbers)
    high: tuple[Decimal, ...] = numbers
    end = last
    if following is not None and (following.text in word_set("numbers.toml", "ranges")) and last + 2 < len(tokens):
        second = _second(tokens[last + 2])
        if second and second > numbers[0]:
            high, end = (second,), last + 2
    unit = _unit(tokens, end + 1)
    if unit:
        return _duration(tokens, at, unit, numbers[0], high[0], worded=worded)
    if end != last:
        end, high = last, numbers
    if following is None:
        return None if worded else _plain(tokens, at, last, numbers)
    if following.text in word_set("numbers.toml", "percent"):
        return Value("percent", tokens[at].start, following.end, numbers, at, last + 1)
    if currency := _currency(tokens, last + 1):
        code, used = currency
        return Value("amount", tokens[at].start, tokens[last + used].end, numbers, at, last + used, code)
    if following.text in word_set("numbers.toml", "currencies_parts") and len(following.text) > 1:
        cents = tuple(n / 100 for n in numbers)
        return Value("amount", tokens[at].start, following.end, cents, at, last + 1)
    if following.text in word_set("numbers.toml", "times") and numbers[0] > 1:
        return Value("quantity", tokens[at].start, following.end, numbers, at, last + 1, "times")
    if following.text in word_set("numbers.toml", "quantities"):
        return Value("quantity", tokens[at].start, following.end, numbers, at, last + 1, following.text)
    return None if worded else _plain(tokens, at, last, numbers)


def _second(token: Token) -> Decimal | None:
    if token.kind == "n":
        numbers = parse_number(token.text) if re.fullmatch(r"[\d.,]+", token.text) else ()
        return numbers[0] if numbers else None
    number = word_numbers().get(token.text) if token.kind == "w" else None
    return Decimal(number) if number and number > 1 else None


def _unit(tokens: Sequence[Token], at: int) -> tuple[str, bool, int] | None:
    """(unit, working days only, index of its last token) where a unit of time stands; at most one word before it."""
    if at >= len(tokens):
        return None
    units, business = _units(), word_set("numbers.toml", "business")
    word = tokens[at].text
    if word == "min" and at + 1 < len(tokens) and tokens[at + 1].kind == "n":
        return None  # "twee keer 150 min 12": a subtraction
    if word in units:
        unit = units[word]
        after = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if word == "calendar":
            return (units[after], False, at + 1) if after in units else None
        working = unit == "business_day" or (unit in ("day", "business_day") and after in business)
        return unit, working, at + 1 if after in business and unit == "day" else at
    if word in business and at + 1 < len(tokens) and tokens[at + 1].text in units:
        return units[tokens[at + 1].text], True, at + 1
    return None


def _duration(
    tokens: Sequence[Token], at: int, unit: tuple[str, bool, int], low: Decimal, high: Decimal, *, worded: bool = False
) -> Value:
    name, working, last = unit
    minutes = MINUTES[name]
    norms: tuple[tuple[int, int, bool], ...] = ((int(low * minutes), int(high * minutes), working),)
    if low == high == 1 and (half := _and_a_half(tokens, last + 1)):
        middle = minutes * 3 // 2
        about = {middle, middle // 1440 * 1440, -(-middle // 1440) * 1440} if middle > 1440 else {middle}
        last, norms = half, tuple((n, n, working) for n in sorted(about))
    elif worded and name == "day" and low == high and tokens[at].text in word_set("numbers.toml", "weeks_told"):
        weeks = int(low) // 7 * 7 * 1440  # "quinze jours" are two weeks
        norms = (*norms, (weeks, weeks, working))
    return Value("duration", tokens[at].start, tokens[last].end, norms, at, last, name)


def _and_a_half(tokens: Sequence[Token], at: int) -> int:
    """The index of the last token of "and a half", "et demie", "y media" behind one of something; 0 for none."""
    ands, halves = word_set("numbers.toml", "and"), word_set("numbers.toml", "halves")
    if at + 1 >= len(tokens) or tokens[at].text not in ands:
        return 0
    where = at + 1 if tokens[at + 1].text in halves else at + 2
    articles = where == at + 1 or tokens[at + 1].text in word_set("numbers.toml", "one")
    return where if articles and where < len(tokens) and tokens[where].text in halves else 0


def _led_amount(tokens: Sequence[Token], at: int) -> Value | None:
    """Money with its currency in front: € 49, EUR 49,00, US$ 5."""
    currency = _currency(tokens, at)
    if currency is None or at + currency[1] >= len(tokens):
        return None
    code, used = currency
    number = tokens[at + used]
    if number.kind != "n" or number.start > tokens[at + used - 1].end + 1:
        return None
    last, raw = at + used, number.text
    if _continues(tokens, last, raw):
        last += 1
        raw += tokens[last].text
    numbers = parse_number(raw) if re.fullmatch(r"[\d.,'’]+", raw) else ()
    return Value("amount", tokens[at].start, tokens[last].end, numbers, at, last, code) if numbers else None


def _currency(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """(ISO code, how many tokens it takes) where a currency stands."""
    if at >= len(tokens):
        return None
    text = tokens[at].text
    names = flat("numbers.toml", "currencies")
    if at + 1 < len(tokens) and tokens[at + 1].text == "$" and tokens[at + 1].start == tokens[at].end:
        both = text + "$"
        if both in names:
            return names[both], 2
    if text in names and (text != "fr" or tokens[at].kind == "w"):
        return names[text], 1
    return None


def _suffixed(tokens: Sequence[Token], at: int) -> Value | None:
    """Digits and letters in one word: 49EUR, 24h, 10GB, or a code."""
    token = tokens[at]
    if split := _SUFFIXED.fullmatch(token.text):
        numbers, suffix = parse_number(split[1]), split[2].casefold()
        if suffix in _units() and suffix not in ("m",):
            minutes = MINUTES[_units()[suffix]]
            span = int(numbers[0] * minutes)
            return Value("duration", token.start, token.end, ((span, span, False),), at, at, _units()[suffix])
        names = flat("numbers.toml", "currencies")
        if suffix in names:
            return Value("amount", token.start, token.end, numbers, at, at, names[suffix])
        if suffix in word_set("numbers.toml", "quantities"):
            return Value("quantity", token.start, token.end, numbers, at, at, suffix)
        if len(suffix) <= 3 and len(split[1]) < 4:
            return None
    if re.fullmatch(r"\d{1,4}(?:[x×]\d{1,4}){1,2}", token.text):
        sides = tuple(Decimal(side) for side in re.split("[x×]", token.text))
        return Value("number", token.start, token.end, sides, at, at, "sides")
    return _plain(tokens, at, at, ())


def _plain(tokens: Sequence[Token], at: int, last: int, numbers: tuple[Decimal, ...]) -> Value | None:
    """A bare number: a reference where it is long or marked, else a number."""
    token = tokens[at]
    raw = token.text if at == last else "".join(t.text for t in tokens[at : last + 1])
    marked = at > 0 and tokens[at - 1].text in ("#", "№") and tokens[at - 1].end == token.start
    start = tokens[at - 1].start if marked else token.start
    packed = "".join(c for c in raw if c.isalnum()).upper()
    digits = sum(c.isdecimal() for c in packed)
    if raw.casefold() in word_set("numbers.toml", "not_numbers", "texts"):
        return None
    if token.kind == "c":
        code = len(packed) >= 5 and raw == raw.upper() and digits >= 2
        kind = "reference" if digits >= 3 or code else ""
        return Value(kind, start, tokens[last].end, (packed,), at, last) if kind else None
    if marked or (digits >= 5 and not re.search(r"[.,'’/:]", raw)):
        return Value("reference", start, tokens[last].end, (packed,), at, last)
    if re.fullmatch(r"\d+(?:\.\d+){1,3}", raw) and _is_version(tokens, at):
        return Value("version", start, tokens[last].end, (raw,), at, last)
    if numbers:
        return Value("number", start, tokens[last].end, numbers, at, last)
    if digits >= 4 and re.fullmatch(r"[\d\-/]+", raw):
        return Value("reference", start, tokens[last].end, (packed,), at, last)
    return None


def _is_version(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].text.count(".") >= 2 or (at > 0 and tokens[at - 1].text in ("version", "v", "versao", "versione"))


@once
def _beginnings() -> frozenset[str]:
    """The words a value may begin with."""
    words = {*word_numbers(), *_times(), *fractions(), *table("numbers.toml")["span_words"]}
    return frozenset(words) | word_set("numbers.toml", "halves") | _ARTICLES | _currency_words()


@once
def _times() -> dict[str, str]:
    """Words that say how often, by themselves."""
    return {w: k for w, k in flat("numbers.toml", "times").items() if k.isdecimal()}


@once
def _units() -> dict[str, str]:
    return flat("numbers.toml", "units") | flat("numbers.toml", "unit_compounds")


@once
def _currency_words() -> frozenset[str]:
    return frozenset(flat("numbers.toml", "currencies"))
