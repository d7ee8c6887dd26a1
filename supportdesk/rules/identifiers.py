"""Identifiers in a text that belong to a person: shapes, checksums and the words before them.

Recall comes first, because the same function blanks texts before a model sees them; checksums and context
keep order numbers, dates and amounts out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from supportdesk.rules import checksums
from supportdesk.rules.tables import once, table

_NUMBERED = re.compile(r"(?:\d[ .\-/]?){5}|(?<!\w)(?=\w*\d)\w{7,18}(?!\w)")
"""What every national number has: five digits close together, or a longer word with a digit."""
_NEAR = 40
"""How many characters before a number its context may stand."""
_BEHIND = 30
"""How many characters behind a date the word for birth may stand."""
_DATE = re.compile(
    r"\d{1,2}[./\-]\d{1,2}[./\-](?:\d{2}|\d{4})(?:[ T,]+\d{1,2}[:.]\d{2}.*)?|\d{4}[./\-]\d{1,2}[./\-]\d{1,2}.*"
)
_YEARS = re.compile(r"(?:19|20)\d{2} ?[-/] ?(?:19|20)\d{2}")
_CUTS = re.compile(r"[\n!?;]|\.\s")


class Identifier(NamedTuple):
    """One identifier and where it stands."""

    kind: str
    """email, phone, card, iban, national_id, address, date_of_birth, credential, one_time_code or ip."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset just after its last."""
    value: str
    """The characters themselves."""


def identifiers(text: str) -> tuple[Identifier, ...]:
    """All identifiers of a text in order, none overlapping another; the surer kind wins a dispute."""
    taken: list[Identifier] = []
    has_digits = any(c.isdecimal() for c in text)
    for find in (_emails, _credentials, _ibans, _cards, _birth_dates, _codes, _national, _ips, _addresses, _phones):
        if not has_digits and find not in (_emails, _credentials):
            continue
        for found in find(text):
            if not any(found.start < t.end and t.start < found.end for t in taken):
                taken.append(found)
    return tuple(sorted(taken, key=lambda i: i.start))


def _emails(text: str) -> Iterator[Identifier]:
    if "@" in text:
        yield from (_found("email", m) for m in _shape("email").finditer(text))


def _ips(text: str) -> Iterator[Identifier]:
    if text.count(".") >= 3 or text.count(":") >= 3:
        for match in _shape("ipv4").finditer(text):
            if not _near(text, match.start(), _words("version", "version", "v", "release", "firmware", "build"), 16):
                yield _found("ip", match)
        for match in _shape("ipv6").finditer(text):
            if re.search(r"[a-fA-F]|::", match.group()):
                yield _found("ip", match)


def _cards(text: str) -> Iterator[Identifier]:
    for match in _shape("card").finditer(text):
        number = "".join(c for c in match.group() if c.isdecimal())
        if number[0] in "23456" and checksums.luhn(number) and len(set(number)) > 1:
            yield _found("card", match)


def _ibans(text: str) -> Iterator[Identifier]:
    for match in _shape("iban").finditer(text):
        value = match.group()
        # The blocks after an IBAN may look like part of it: shorten block by block until it fits.
        while len(value) >= 15 and not checksums.iban(value):
            cut = max(value.rfind(" "), value.rfind("-"))
            value = value[:cut] if cut > 0 else ""
        if value:
            yield Identifier("iban", match.start(), match.start() + len(value), value)


def _national(text: str) -> Iterator[Identifier]:
    if not _NUMBERED.search(text):
        return
    for entry in table("identifiers.toml")["national"]:
        for match in _compiled(entry["pattern"]).finditer(text):
            context = entry.get("context", ())
            if context and not _near(text, match.start(), _words(entry["name"], *context), _NEAR):
                continue
            if not context and _is_reference(text, match.start()):
                continue
            if checksums.check(entry.get("check", ""), match.group()):
                yield _found("national_id", match)


def _birth_dates(text: str) -> Iterator[Identifier]:
    birth = _context("birth")
    for match in birth.finditer(text):
        window = re.split(r"[\n!?;]", text[match.end() : match.end() + _NEAR])[0]
        if date := _shape("birth_date").search(window):
            start = match.end() + date.start()
            yield Identifier("date_of_birth", start, start + len(date.group()), date.group())

    for match in _shape("birth_date").finditer(text):
        # "30 May 1979 as your date of birth": the word may follow.
        behind = re.split(r"[\n!?;]", text[match.end() : match.end() + _BEHIND])[0]
        if (
            re.search(r"\d{4}|\d{2}$", match.group())
            and (word := birth.search(behind))
            and not _shape("birth_date").search(behind[: word.start()])
        ):
            yield _found("date_of_birth", match)


def _credentials(text: str) -> Iterator[Identifier]:
    yield from (_found("credential", m) for m in _shape("key").finditer(text))
    for match in _secret().finditer(text):
        value = match["value"].rstrip(".,;:!?)\"'»”")
        sure = bool(match["colon"]) or bool(match["open"])
        if len(value) >= 3 and (_secretive(value) or (sure and " " not in value and not _prose(text, match))):
            yield Identifier("credential", match.start("value"), match.start("value") + len(value), value)


def _secretive(value: str) -> bool:
    """Whether a word looks made up: digits, symbols or capitals where prose has none."""
    return any(c.isdecimal() for c in value) or bool(re.search(r"[a-z][A-Z]|\w[!#$%&*+=@^_~]+\w?", value))


def _prose(text: str, match: re.Match[str]) -> bool:
    """Whether what follows a colon is an ordinary sentence, not a value."""
    rest = text[match.end("value") : match.end("value") + 30].split("\n")[0].strip()
    return match["open"] is None and bool(re.match(r"[^\W\d_]+", rest)) and rest[0].islower()


def _codes(text: str) -> Iterator[Identifier]:
    for match in _one_time().finditer(text):
        before = text[max(0, match.start() - 24) : match.start("value")]
        if not _context("open_code").search(before) and not _is_reference(text, match.start()):
            yield Identifier("one_time_code", match.start("value"), match.end("value"), match["value"])


def _addresses(text: str) -> Iterator[Identifier]:
    shapes = table("identifiers.toml")["address"]
    tail = _compiled(shapes["tail"])
    for pattern in shapes["patterns"]:
        for match in _compiled(pattern).finditer(text):
            more = tail.match(text, match.end())
            end = more.end() if more else match.end()
            yield Identifier("address", match.start(), end, text[match.start() : end])
    for match in _lead().finditer(text):
        end = match.end()
        more = tail.match(text, end)
        end = more.end() if more else end
        yield Identifier("address", match.start("value"), end, text[match.start("value") : end])
    for match in _compiled(shapes["postcode"]).finditer(text):
        yield Identifier("address", match.start(1), match.end(1), match.group(1))


def _phones(text: str) -> Iterator[Identifier]:
    for match in _shape("phone").finditer(text):
        value = match.group()
        if _is_phone(text, match.start(), value):
            yield Identifier("phone", match.start(), match.start() + len(value), value)


def _is_phone(text: str, start: int, value: str) -> bool:
    """Whether a run of digits is a telephone number, by its shape and the words before it."""
    core = re.split(r"\s?(?:x|ext|Durch)", value)[0]
    number = "".join(c for c in core if c.isdecimal())
    if not 7 <= len(number) <= 15 or _DATE.fullmatch(value) or _YEARS.fullmatch(value) or len(set(number)) == 1:
        return False
    if value[0] == "+" or number.startswith("00"):
        return True
    if _near(text, start, _context("phone"), 30):
        return not _is_reference(text, start) or _nearer(text, start)
    if _is_reference(text, start):
        return False
    groups = re.findall(r"\d+", core)
    if re.search(r"\d\.\d{3}(?:\.\d{3})*$", core) and len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:]):
        return False  # 1.234.567 is an amount
    spread = len(groups) >= 3 or (len(groups) == 2 and (core[0] in "(0") and len(groups[1]) >= 5)
    return spread and max(map(len, groups)) <= 8 and _possible(core, number)


@lru_cache(maxsize=4096)
def _possible(core: str, number: str) -> bool:
    """Whether a grouped national number could be dialled: by its own shape, or in some country we serve."""
    if re.fullmatch(r"\(?\d{3}\)?[ .\-]?\d{3}[ .\-]\d{4}", core) or core[0] in "(0":
        return True
    # Imported here: it takes 30 ms, and few texts need it.
    import phonenumbers

    for region in ("FR", "DE", "ES", "IT", "NL", "PT", "GB", "US", "BR", "BE", "CH", "AT", "PL", "SE", "CZ", "TR"):
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(number, region)):
                return True
        except phonenumbers.NumberParseException:
            return False
    return False


def _is_reference(text: str, start: int) -> bool:
    """Whether the words right before a number make it an order, invoice or ticket number."""
    return text[max(0, start - 1) : start] == "#" or _near(text, start, _context("reference"), 24)


def _nearer(text: str, start: int) -> bool:
    """Whether the last telling word before a number speaks of telephones rather than of orders."""
    window = text[max(0, start - 30) : start]
    phones = [m.end() for m in _context("phone").finditer(window)]
    others = [m.end() for m in _context("reference").finditer(window)]
    return max(phones, default=-1) >= max(others, default=-1)


def _near(text: str, start: int, words: re.Pattern[str], reach: int) -> bool:
    """Whether one of the words stands shortly before an offset, in the same sentence."""
    window = _CUTS.split(text[max(0, start - reach) : start])[-1]
    return words.search(window) is not None


def _found(kind: str, match: re.Match[str]) -> Identifier:
    return Identifier(kind, match.start(), match.end(), match.group())


@once
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _shape(name: str) -> re.Pattern[str]:
    return _compiled(table("identifiers.toml")["shapes"][name])


@once
def _words(_name: str, *words: str) -> re.Pattern[str]:
    return re.compile(r"(?i)(?<!\w)(?:" + "|".join(words) + r")(?!\w)")


@once
def _context(name: str) -> re.Pattern[str]:
    return _words(name, *table("identifiers.toml")["context"][name])


@once
def _lead() -> re.Pattern[str]:
    address: dict[str, Any] = table("identifiers.toml")["address"]
    lead = "|".join(address["lead"])
    return re.compile(rf"(?<!\w)(?i:{lead})(?:\s?(?:is|ist|est|es|é|è|:))?\s{{1,3}}(?P<value>{address['led']})")


@once
def _secret() -> re.Pattern[str]:
    words = "|".join(table("identifiers.toml")["context"]["secret"])
    verb = r"(?:\s+(?:\w+\s+){0,3}?(?:is|was|are|ist|war|lautet|est|es|era|é|è)(?:\s+(?:now|jetzt|nun|ahora|agora))?)"
    return re.compile(
        rf"(?i)(?<!\w)(?:{words})(?:\s+\(\w+\))?(?:{verb}|(?:\s\w+){{0,4}}(?=\s?[:=]))?\s*(?P<colon>[:=]\s*)?\s?(?P<open>[\"'«“„`*]+)?"
        r"(?P<value>[^\s\"'»”`*<>]{3,64})"
    )


@once
def _one_time() -> re.Pattern[str]:
    words = "|".join(table("identifiers.toml")["context"]["one_time"])
    return re.compile(
        rf"(?i)(?<!\w)(?:{words})(?!\w)[^\n.!?;]{{0,32}}?[\s:#\"'(]"
        r"(?P<value>\d{3}[ \-]\d{3}|\d{4,8})(?![\w]|[.,/\-]\d|\s?(?:€|\$|£|%|EUR|USD|days|Tage|jours|días))"
    )
