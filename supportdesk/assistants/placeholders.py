"""Identifiers stay home: what belongs to a person is replaced before a call and put back into the answer.

The same characters always get the same placeholder within one call, and different spellings different ones,
so that putting them back gives the very text there would have been.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import Author
from supportdesk.rules.identifiers import identifiers

_KINDS = {
    "email": "EMAIL",
    "phone": "PHONE",
    "card": "CARD",
    "iban": "IBAN",
    "national_id": "ID",
    "address": "ADDRESS",
    "date_of_birth": "BIRTH",
    "credential": "SECRET",
    "one_time_code": "CODE",
    "ip": "IP",
}
PLACEHOLDER = re.compile(r"\[[A-Z]{2,10}_\d{1,5}\]")
"""The shape of a placeholder; the thread's own words of this shape are replaced too."""

# Order, invoice and customer numbers: five digits in a row, or letters and digits mixed with three digits at least.
_REFERENCE = re.compile(r"(?<![\w.,])(?=[\w-]*\d)(?:\d{5,}|(?=(?:[\w-]*\d){3})[A-Z0-9]+(?:-[A-Z0-9]+)*)(?![\w])")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}-\d{2,4}|(?:19|20)\d{2}|\d{1,4}")
_PERSONAL_KEY = re.compile(
    r"(?i)(?:^|[._ -])(?:e?mail|name|first_?name|last_?name|full_?name|phone|telephone|mobile|address|street|city|"
    r"zip|postcode|iban|card|birth|dob|customer(?:_?(?:id|number))?|account(?:_?(?:id|number))?|"
    r"(?:order|invoice|ticket|contract)(?:_?(?:id|number|no))?|requester|passport|tax_?id)(?:$|[._ -])"
)


class Placeholders:
    """One call's replacements, both ways."""

    def __init__(self, thread: Thread) -> None:
        """Find what belongs to a person in this thread."""
        self._by_value: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        texts = [thread.subject, *(m.text for m in thread.messages)]
        for text in texts:
            self._learn("TEXT", PLACEHOLDER.findall(text))
        for message in thread.messages:
            self._learn("EMAIL", [a.email for a in (message.sender, *message.to, *message.cc)])
            self._learn("NAME", _names(a.name for a in (message.sender, *message.to, *message.cc)))
        self._personal(thread.records, "")
        for text in [*texts, *_strings(thread.records)]:
            for found in identifiers(text):
                self._learn(_KINDS[found.kind], [found.value])
            self._learn("REF", (m.group() for m in _REFERENCE.finditer(text) if not _DATE.fullmatch(m.group())))
        self._pattern = _pattern(self._by_value)

    @classmethod
    def of_letters(cls, letters: Iterable[str]) -> Placeholders:
        """For letters of several people, of whom nothing else is known."""
        return cls(Thread(tuple(Message(Author.CUSTOMER, text, n, n + 1) for n, text in enumerate(letters)), ""))

    def replace(self, text: str) -> str:
        """A text with placeholders for all that was found."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda m: self._name(m.group()), text)

    def replace_all(self, value: object) -> object:
        """Any JSON value with every string in it replaced, keys too; numbers that were found become strings."""
        if isinstance(value, str):
            return self.replace(value)
        if isinstance(value, Mapping):
            return {self.replace(str(k)): self.replace_all(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.replace_all(v) for v in value]
        if isinstance(value, int | float) and not isinstance(value, bool) and str(value) in self._by_value:
            return self._by_value[str(value)]
        return value

    def restore(self, text: str) -> str:
        """An answer with the real values again; placeholders nobody gave out stay as they are."""
        return PLACEHOLDER.sub(lambda m: self._by_name.get(m.group(), m.group()), text)

    def strange(self, text: str) -> tuple[str, ...]:
        """Placeholders in an answer that were never given out."""
        return tuple(p for p in PLACEHOLDER.findall(text) if p not in self._by_name)

    def _name(self, found: str) -> str:
        """A value's placeholder; another spelling by case of a known one gets its own."""
        if found not in self._by_value:
            known = next((p for v, p in self._by_value.items() if v.casefold() == found.casefold()), "[REF_0]")
            self._learn(known[1:].partition("_")[0], [found])
        return self._by_value[found]

    def _learn(self, kind: str, values: Iterable[str]) -> None:
        for value in values:
            if len(value.strip()) < 2 or value in self._by_value:
                continue
            self._counts[kind] = self._counts.get(kind, 0) + 1
            name = f"[{kind}_{self._counts[kind]}]"
            self._by_value[value] = name
            self._by_name[name] = value

    def _personal(self, value: object, key: str) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self._personal(inner, f"{key}.{name}")
        elif isinstance(value, list | tuple):
            for inner in value:
                self._personal(inner, key)
        elif isinstance(value, str | int) and not isinstance(value, bool) and _PERSONAL_KEY.search(key):
            words = str(value).strip()
            self._learn("DATA", [words] if len(words) >= 3 else [])


def _pattern(values: Iterable[str]) -> re.Pattern[str] | None:
    """All values, longest first, on word boundaries where they begin or end with a letter or digit."""
    parts = []
    for value in sorted(values, key=len, reverse=True):
        left = r"(?<!\w)" if value[0].isalnum() else ""
        right = r"(?!\w)" if value[-1].isalnum() else ""
        parts.append(f"{left}{re.escape(value)}{right}")
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _names(names: Iterable[str]) -> list[str]:
    """Whole names and their parts of three letters and more."""
    found: list[str] = []
    for name in names:
        parts = [p for p in re.split(r"[^\w'’-]+", name) if len(p) >= 3 and not p.isdigit()]
        found += [name.strip(), *parts]
    return found


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [s for k, v in value.items() for s in (str(k), *_strings(v))]
    if isinstance(value, list | tuple):
        return [s for v in value for s in _strings(v)]
    if isinstance(value, int) and not isinstance(value, bool):
        return [str(value)]
    return []
