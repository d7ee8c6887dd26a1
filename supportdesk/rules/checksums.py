"""Checksums of the identifiers people carry, each a function from digits (or characters) to yes or no.

Sources: ISO/IEC 7812 (Luhn), ISO 13616 and ISO 7064 (IBAN), and each country's own published rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from supportdesk.rules.tables import once, table

_FISCAL_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def digits(text: str) -> list[int]:
    """The digits of a text, as numbers."""
    return [int(c) for c in text if c.isdecimal()]


def luhn(text: str) -> bool:
    """Whether the digits pass the Luhn test (cards, Canadian SIN, South African ID)."""
    numbers = digits(text)
    doubled = (sum(divmod(2 * n, 10)) for n in numbers[-2::-2])
    return bool(numbers) and (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0


def iban(text: str) -> bool:
    """Whether a text is an IBAN of its country's length that passes mod 97."""
    packed = "".join(c for c in text if c.isalnum()).upper()
    return _iban_lengths().get(packed[:2]) == len(packed) and mod97(packed[4:] + packed[:4]) == 1


def mod97(text: str) -> int:
    """Remainder by 97 of a text in which letters count as 10 to 35."""
    return int("".join(str(int(c, 36)) for c in text)) % 97


def check(name: str, text: str) -> bool:
    """Run a checksum by the name the data file gives it; an empty name passes."""
    return not name or _checks()[name](text)


def _weighted(numbers: Sequence[int], weights: Sequence[int]) -> int:
    return sum(n * w for n, w in zip(numbers, weights, strict=False))


def _nhs(text: str) -> bool:
    n = digits(text)
    return (11 - _weighted(n, range(10, 1, -1)) % 11) % 11 == n[9]


def _de_tax(text: str) -> bool:
    n = digits(text)
    counts = sorted(n[:10].count(d) for d in set(n[:10]))
    if counts[-1] > 3 or counts.count(1) < 6:
        return False
    product = 10
    for d in n[:10]:
        product = 2 * ((d + product) % 10 or 10) % 11
    return (11 - product) % 10 == n[10]


def _de_social(text: str) -> bool:
    packed = "".join(c for c in text if c.isalnum())
    letter = f"{ord(packed[8]) - 64:02d}"
    n = digits(packed[:8] + letter + packed[9:11])
    total = sum(sum(divmod(d * w, 10)) for d, w in zip(n, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return total % 10 == int(packed[11])


def _fr_nir(text: str) -> bool:
    packed = "".join(c for c in text if c.isalnum()).replace("2A", "19").replace("2B", "18")
    return len(packed) == 15 and 97 - int(packed[:13]) % 97 == int(packed[13:])


def _es_dni(text: str) -> bool:
    packed = "".join(c for c in text if c.isalnum()).upper()
    number = packed[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == packed[-1]


def _it_fiscal(text: str) -> bool:
    value = text.upper()
    total = 0
    for place, c in enumerate(value[:15]):
        rank = int(c) if c.isdecimal() else ord(c) - 65
        total += _FISCAL_ODD[rank] if place % 2 == 0 else rank
    return chr(65 + total % 26) == value[15]


def _nl_bsn(text: str) -> bool:
    n = digits(text)
    return any(n) and (_weighted(n[:8], range(9, 1, -1)) - n[8]) % 11 == 0


def _pt_nif(text: str) -> bool:
    n = digits(text)
    rest = _weighted(n[:8], range(9, 1, -1)) % 11
    return n[8] == (0 if rest < 2 else 11 - rest)


def _br_cpf(text: str) -> bool:
    n = digits(text)
    if len(set(n)) == 1:
        return False
    return all((_weighted(n[:k], range(k + 1, 1, -1)) * 10 % 11) % 10 == n[k] for k in (9, 10))


def _pl_pesel(text: str) -> bool:
    n = digits(text)
    return (10 - _weighted(n[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == n[10] and _plausible(n[2:6], month=20)


def _plausible(month_and_day: Sequence[int], *, month: int = 100) -> bool:
    m, d = month_and_day[0] * 10 + month_and_day[1], month_and_day[2] * 10 + month_and_day[3]
    return 1 <= m % month <= 12 and 1 <= d <= 31


def _se_person(text: str) -> bool:
    return luhn("".join(c for c in text if c.isdecimal())[-10:])


def _no_person(text: str) -> bool:
    n = digits(text)
    first = (11 - _weighted(n, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11) % 11
    second = (11 - _weighted(n, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return first == n[9] and second == n[10]


def _dk_date(text: str) -> bool:
    n = digits(text)
    return _plausible([n[2], n[3], n[0], n[1]])


def _fi_hetu(text: str) -> bool:
    value = text.upper()
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(value[:6] + value[7:10]) % 31] == value[10]


def _be_national(text: str) -> bool:
    packed = "".join(c for c in text if c.isdecimal())
    n = digits(packed)
    rest = int(packed[9:])
    dated = _plausible(n[2:6], month=20)
    return dated and rest in (97 - int(packed[:9]) % 97, 97 - int("2" + packed[:9]) % 97)


def _ean13(text: str) -> bool:
    n = digits(text)
    return (10 - _weighted(n[:12], (1, 3) * 6) % 10) % 10 == n[12]


def _at_svnr(text: str) -> bool:
    n = digits(text)
    return _weighted(n, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == n[3]


def _ie_pps(text: str) -> bool:
    n = digits(text[:7])
    extra = 0 if len(text) < 9 or text[8] == "W" else (ord(text[8]) - 64) * 9
    return "WABCDEFGHIJKLMNOPQRSTUV"[(_weighted(n, range(8, 1, -1)) + extra) % 23] == text[7]


def _au_tfn(text: str) -> bool:
    return _weighted(digits(text), (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def _verhoeff(text: str) -> bool:
    """Dihedral-group check of Aadhaar numbers."""
    c = 0
    for place, n in enumerate(reversed(digits(text))):
        for _ in range(place % 8):
            n = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[n]
        c = _dihedral(c, n)
    return c == 0


def _dihedral(a: int, b: int) -> int:
    """Product in the dihedral group of order ten, in Verhoeff's numbering."""
    turn = (a + (b if a < 5 else -b)) % 5
    return turn + (5 if (a < 5) != (b < 5) else 0)


def _tr_tc(text: str) -> bool:
    n = digits(text)
    return (sum(n[0:9:2]) * 7 - sum(n[1:8:2])) % 10 == n[9] and sum(n[:10]) % 10 == n[10]


def _ro_cnp(text: str) -> bool:
    n = digits(text)
    rest = _weighted(n[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return n[12] == (1 if rest == 10 else rest)


def _cl_rut(text: str) -> bool:
    packed = "".join(c for c in text if c.isalnum()).upper()
    rest = 11 - sum(int(c) * (2 + i % 6) for i, c in enumerate(reversed(packed[:-1]))) % 11
    return packed[-1] == {11: "0", 10: "K"}.get(rest, str(rest))


def _ar_cuit(text: str) -> bool:
    n = digits(text)
    rest = 11 - _weighted(n[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return n[10] == {11: 0, 10: 9}.get(rest, rest)


def _cz_birth(text: str) -> bool:
    packed = "".join(c for c in text if c.isdecimal())
    month = int(packed[2:4]) % 50
    dated = 1 <= (month - 20 if month > 20 else month) <= 12 and 1 <= int(packed[4:6]) <= 31
    return dated and (len(packed) == 9 or int(packed) % 11 == 0 or int(packed[:9]) % 11 == 10)


@once
def _iban_lengths() -> dict[str, int]:
    lengths = table("identifiers.toml")["iban_lengths"]
    return {country: int(length) for length, countries in lengths.items() for country in countries.split()}


@once
def _checks() -> dict[str, Callable[[str], bool]]:
    return {
        "luhn": luhn,
        "iban": iban,
        "nhs": _nhs,
        "de_tax": _de_tax,
        "de_social": _de_social,
        "fr_nir": _fr_nir,
        "es_dni": _es_dni,
        "it_fiscal": _it_fiscal,
        "nl_bsn": _nl_bsn,
        "pt_nif": _pt_nif,
        "br_cpf": _br_cpf,
        "pl_pesel": _pl_pesel,
        "se_person": _se_person,
        "no_person": _no_person,
        "dk_date": _dk_date,
        "fi_hetu": _fi_hetu,
        "be_national": _be_national,
        "ean13": _ean13,
        "at_svnr": _at_svnr,
        "ie_pps": _ie_pps,
        "au_tfn": _au_tfn,
        "verhoeff": _verhoeff,
        "tr_tc": _tr_tc,
        "ro_cnp": _ro_cnp,
        "cl_rut": _cl_rut,
        "ar_cuit": _ar_cuit,
        "cz_birth": _cz_birth,
    }
