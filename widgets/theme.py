"""The desk's own looks: calm, one accent, in dark and in light."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from textual.theme import Theme

DARK = Theme(
    name="desk-dark",
    dark=True,
    primary="#86a8e0",
    secondary="#7d8799",
    accent="#86a8e0",
    foreground="#d5d9e0",
    background="#14171c",
    surface="#191d23",
    panel="#232830",
    success="#93bd7a",
    warning="#dcb569",
    error="#e58077",
    variables={
        "text-muted": "#8b94a3",
        "text-disabled": "#646c79",
        "desk-line": "#343b46",
        "desk-line-focus": "#86a8e0",
        "desk-note": "#2a2519",
        "desk-cursor": "#2b3443",
        "desk-cursor-blurred": "#20262f",
        "desk-mark": "#3d4a2f",
        "desk-us": "#7fb5a8",
        "border": "#86a8e0",
        "border-blurred": "#343b46",
        "block-cursor-background": "#2b3443",
        "block-cursor-foreground": "#ffffff",
        "input-cursor-background": "#d5d9e0",
        "input-selection-background": "#3a4d70",
        "scrollbar": "#343b46",
        "scrollbar-hover": "#4a5464",
        "scrollbar-active": "#86a8e0",
        "scrollbar-background": "#191d23",
        "scrollbar-background-hover": "#191d23",
        "scrollbar-background-active": "#191d23",
        "scrollbar-corner-color": "#191d23",
    },
)

LIGHT = Theme(
    name="desk-light",
    dark=False,
    primary="#2c5aa8",
    secondary="#667085",
    accent="#2c5aa8",
    foreground="#23272f",
    background="#f4f3ef",
    surface="#fbfaf7",
    panel="#e9e7e1",
    success="#37702f",
    warning="#8a5b00",
    error="#b3332a",
    variables={
        "text-muted": "#646a75",
        "text-disabled": "#8d929b",
        "desk-line": "#d3d0c8",
        "desk-line-focus": "#2c5aa8",
        "desk-note": "#fbf0d3",
        "desk-cursor": "#dbe5f6",
        "desk-cursor-blurred": "#eceae4",
        "desk-mark": "#fae9a8",
        "desk-us": "#1f7466",
        "border": "#2c5aa8",
        "border-blurred": "#d3d0c8",
        "block-cursor-background": "#dbe5f6",
        "block-cursor-foreground": "#10141b",
        "input-cursor-background": "#23272f",
        "input-cursor-foreground": "#fbfaf7",
        "input-selection-background": "#bcd0f2",
        "scrollbar": "#cbc8bf",
        "scrollbar-hover": "#aaa79e",
        "scrollbar-active": "#2c5aa8",
        "scrollbar-background": "#fbfaf7",
        "scrollbar-background-hover": "#fbfaf7",
        "scrollbar-background-active": "#fbfaf7",
        "scrollbar-corner-color": "#fbfaf7",
    },
)

FALLBACKS = {
    "desk-line": "panel",
    "desk-line-focus": "accent",
    "desk-note": "warning-muted",
    "desk-cursor": "accent-muted",
    "desk-cursor-blurred": "panel",
    "desk-mark": "success-muted",
    "desk-us": "success",
}
"""What other themes show for the desk's own tokens."""


def own_themes(folder: Path) -> Iterator[Theme | str]:
    """A person's own themes, one a file; for a file that cannot be used, what is wrong with it.

    The file's name is the theme's; in it stand `dark`, the colours of `textual.theme.Theme`, and `[variables]`.
    """
    import tomllib

    for file in sorted(folder.glob("*.toml")):
        try:
            values = tomllib.loads(file.read_text("utf-8"))
            theme = Theme(name=file.stem, **values)
            theme.to_color_system().generate()
        except (OSError, ValueError, TypeError, AttributeError) as error:
            yield f"The theme {file.name} cannot be used: {error}."
            continue
        yield theme
