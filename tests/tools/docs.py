"""Keep the README's generated parts up to date: `docs.py` writes them, `docs.py --check` only looks."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from widgets.commands import key_table

README = Path(__file__).parents[2] / "README.md"


def settings_manual() -> str:
    """Every setting with its default and its own words, from the settings' docstrings."""
    from supportdesk.settings import Settings
    from supportdesk.settings_file import shown

    lines: list[str] = []
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        fields = getattr(type(default), "model_fields", None)
        if fields is None:
            continue
        lines += [f"**`[{name}]`**", "", "| setting | default | meaning |", "| --- | --- | --- |"]
        for key, inner in fields.items():
            value = inner.get_default(call_default_factory=True)
            default_shown = shown(value)
            lines.append(f"| `{key}` | {f'`{default_shown}`' if default_shown else ''} | {inner.description} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


PARTS = {"keys": key_table, "settings": settings_manual}


def renewed(text: str) -> str:
    """The text with every `<!-- name -->…<!-- /name -->` part written anew. Raises KeyError for an unknown one."""

    def part(match: re.Match[str]) -> str:
        return f"<!-- {match[1]} -->\n\n{PARTS[match[1]]()}\n<!-- /{match[1]} -->"

    return re.sub(r"<!-- (\w+) -->.*?<!-- /\1 -->", part, text, flags=re.DOTALL)


def main() -> int:
    """Write the README, or say that it is stale."""
    before = README.read_text()
    after = renewed(before)
    if "--check" in sys.argv[1:]:
        if before != after:
            print("README.md is stale: run `python tests/tools/docs.py`.")
        return int(before != after)
    README.write_text(after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
