"""Bytes to text, whatever the sender said they were.

Order: byte order mark; the declared character set under the names browsers know (https://encoding.spec.whatwg.org);
UTF-8; a guess by charset-normalizer; Windows-1252, which never fails. Anything but the declared one leaves a remark.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_ALIASES = {
    # Browsers read these as the larger set that senders really use.
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "latin5": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "x-gbk": "gb18030",
    "chinese": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc5601": "cp949",
    "korean": "cp949",
    "windows-949": "cp949",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
    "x-unicode20utf8": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-16",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "unknown-8bit": "",
    "x-unknown": "",
    "default": "",
    "8bit": "",
    "binary": "",
}
_REAL = re.compile(
    r"utf-?(?:8|16|32)|utf-7|utf-8-sig|utf-(?:16|32)-[lb]e|cp\d+|iso8859-\d+|koi8-[rut]|kz1048|ptcp154|mac-\w+|hp-roman8"
    r"|gb18030|big5\w*|euc_\w+|iso2022_\w+|johab|tis-620"
)
"""Names of codecs that are character sets; Python has others (`idna`, `unicode_escape`) that are no such thing."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII = frozenset({"ascii", "us-ascii", "ansi_x3.4-1968", "7bit", "646"})
_SHIFTS = re.compile(b"[\x00\x1b~+]")
"""Bytes by which ASCII bytes come to mean something else in some character sets."""
_PLAIN = bytes(range(128))
_SURROGATES = re.compile("[\ud800-\udfff]")
_GUESSED_BYTES = 16_384
_LATIN = ["cp1252", "cp1250", "iso8859_2", "cp1254"]
_ALL = [
    *_LATIN,
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1255",
    "cp1256",
    "cp874",
    "gb18030",
    "big5",
    "cp932",
    "euc_jp",
    "cp949",
]


@lru_cache(maxsize=512)
def known(name: str) -> str:
    """The codec for a declared character set; empty for names that are none."""
    name = name.strip().strip("\"'").lower()[:40]
    name = _ALIASES.get(name, name)
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    codec = _ALIASES.get(codec, codec)
    return codec if _REAL.fullmatch(codec.replace("_", "-")) or _REAL.fullmatch(codec) else ""


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Bytes as text, and a remark where the declared character set was not what they were in.

    Never fails; never returns lone surrogates.
    """
    if data.isascii() and not (_SHIFTS.search(data) and _stateful(declared)):
        return data.decode("ascii"), ""
    if declared.lower() in _ASCII:
        declared = ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:3] == codecs.BOM_UTF8:
        for mark, codec in _MARKS:
            if data.startswith(mark):
                return _sound(data[len(mark) :].decode(codec, "replace")), ""
    codec = known(declared) if declared else ""
    if codec in ("", "cp1252"):
        # Nobody means "Ã¼": bytes that are sound UTF-8 beyond ASCII are UTF-8, whatever the header says.
        text = _try(data, "utf-8")
        if text is not None:
            return text, f"character set is utf-8, not {_shown(declared)}" if declared else ""
    if codec:
        text = _try(data, codec)
        if text is not None:
            return _sound(text), ""
        if codec == "cp1252":
            return _western(data), ""
    return _guess(data, codec, declared)


def _stateful(declared: str) -> bool:
    """Whether a character set gives ASCII bytes another meaning."""
    return declared != "" and known(declared).startswith(("iso2022", "utf-7", "utf-16", "utf-32", "hz", "johab"))


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _sound(text: str) -> str:
    """Text without lone surrogates, which no file or database takes."""
    return _SURROGATES.sub("\ufffd", text)


def _western(data: bytes) -> str:
    """Windows-1252 with its five holes read as Latin-1, as browsers do."""
    return "".join(
        chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes((byte,)).decode("cp1252") for byte in data
    )


def _guess(data: bytes, codec: str, declared: str) -> tuple[str, str]:
    """The most likely reading where the declared character set is missing, unknown or wrong."""
    text = _try(data, "utf-8")
    if text is not None:
        return text, f"character set is utf-8, not {_shown(declared)}"
    if codec and _nearly(data, codec):
        return _sound(data.decode(codec, "replace")), f"some bytes are not {_shown(declared)}"
    guessed = _normalizer(data)
    text = _try(data, guessed) if guessed else None
    if text is None:
        guessed, text = "windows-1252", _western(data)
    why = f"unknown character set {_shown(declared)}: " if declared and not codec else ""
    return _sound(text), f"{why}character set guessed as {guessed}"


def _nearly(data: bytes, codec: str) -> bool:
    """Whether only a byte in a hundred does not fit a character set."""
    text = data[:_GUESSED_BYTES].decode(codec, "replace")
    return text.count("\ufffd") * 100 <= len(text)


def _normalizer(data: bytes) -> str:
    """What charset-normalizer makes of a sample, among the character sets mail is written in."""
    from charset_normalizer import from_bytes

    sample = data[:_GUESSED_BYTES]
    foreign = len(sample.translate(None, _PLAIN))
    if foreign * 5 < len(sample):
        # Mostly ASCII: a Latin alphabet with accents, and a short sample tells nothing more.
        if foreign < 8:
            return "cp1252"
        best = from_bytes(sample, cp_isolation=_LATIN).best()
    else:
        best = from_bytes(sample, cp_isolation=_ALL).best()
    return best.encoding if best is not None else ""


def _shown(declared: str) -> str:
    """A declared name as it may stand in a remark."""
    return re.sub(r"[^\w.:+-]", "?", declared[:40]) or "given"
