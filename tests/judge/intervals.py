"""How sure a share is: Wilson's score interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
"""Standard normal quantile for a two-sided interval of 95 %."""


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Bounds of a share, sound for small n and for shares near 0 and 1 (Wilson 1927).

    Raises ValueError unless 0 <= hits <= n. Without any trial the share can be anything: (0, 1).
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share")
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    middle = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    """How many had it."""
    n: int
    """Of how many."""

    @property
    def value(self) -> float:
        """The share itself; 0 of none is 0."""
        return self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return wilson(self.hits, self.n)

    def __str__(self) -> str:
        """0.93 [0.88-0.96], or a dash where nothing was counted."""
        if not self.n:
            return "-"
        low, high = self.interval
        return f"{self.value:.2f} [{low:.2f}-{high:.2f}]"
