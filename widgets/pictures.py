"""Small pictures of numbers, in characters: bars, sparklines, heat maps. Never without the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

EIGHTHS = "▏▎▍▌▋▊▉█"
LEVELS = "▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"


def bar(value: float, most: float, width: int) -> str:
    """A bar of at most `width` cells, in eighths of a cell; never empty for a value above 0."""
    if value <= 0 or most <= 0 or width <= 0:
        return ""
    eighths = max(round(min(value / most, 1.0) * width * 8), 1)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest - 1] if rest else "")


def spark(values: Sequence[float]) -> str:
    """One cell a value, the highest as high as a line; 0 is the lowest level."""
    most = max(values, default=0)
    if most <= 0:
        return LEVELS[0] * len(values)
    return "".join(LEVELS[min(round(value / most * (len(LEVELS) - 1)), len(LEVELS) - 1)] for value in values)


def shade(value: float, most: float) -> str:
    """A cell as dark as a value is large; blank for 0 alone."""
    if value <= 0 or most <= 0:
        return SHADES[0]
    return SHADES[max(1, min(round(value / most * (len(SHADES) - 1)), len(SHADES) - 1))]


def heat_map(counts: Mapping[tuple[str, str], int], *, width: int = 14) -> list[str]:
    """Rows against columns: a head of column numbers, then a line a row; the columns' names stand below.

    Each cell is a shade twice and its number, so that nothing is said by darkness alone.
    """
    rows = sorted({row for row, _ in counts})
    columns = sorted({column for _, column in counts})
    most = max(counts.values(), default=0)
    cell = max(len(str(most)) + 3, 5)
    lines = [" " * width + "".join(f"{n + 1:>{cell}}" for n in range(len(columns)))]
    for row in rows:
        name = row if len(row) <= width - 1 else row[: width - 2] + "…"
        cells = []
        for column in columns:
            count = counts.get((row, column), 0)
            drawn = f"{shade(count, most) * 2}{count}" if count else "·"
            cells.append(f"{drawn:>{cell}}")
        lines.append(f"{name:<{width}}" + "".join(cells))
    lines += [f"{n + 1:>{width}}  {column}" for n, column in enumerate(columns)]
    return lines
