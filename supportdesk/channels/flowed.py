"""Text sent as `format=flowed` (RFC 3676), with its paragraphs put together again."""

from __future__ import annotations


def unflow(text: str, *, delsp: bool = False) -> str:
    """Join soft-broken lines, quote marks kept; `delsp` says that the space before a break was added."""
    out: list[list[str]] = []
    open_at = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:]
        if words.startswith(" "):
            words = words[1:]
        soft = words.endswith(" ") and words != "-- "
        if open_at == depth and words != "-- ":
            out[-1].append(words[:-1] if soft and delsp else words)
        else:
            shown = words[:-1] if soft and delsp else words
            out.append([">" * depth + (" " if depth and shown else ""), shown])
        open_at = depth if soft else -1
    joined = ("".join(pieces) for pieces in out)
    return "\n".join(line.rstrip() if line.strip() != "--" else line for line in joined)
