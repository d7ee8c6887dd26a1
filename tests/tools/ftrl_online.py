"""FTRL-Proximal (McMahan et al. 2013) one example at a time, for models that choose what they learn from as they go."""

from __future__ import annotations

import math

from supportdesk.rules.features import Features


class Ftrl:
    """One linear model, learned one example at a time; most weights end at exactly 0."""

    def __init__(self, alpha: float, l1: float, l2: float) -> None:
        """Set the learning rate and the penalties."""
        self.alpha, self.l1, self.l2 = alpha, l1, l2
        self.z: dict[str, float] = {}
        self.n: dict[str, float] = {}

    def weight(self, name: str) -> float:
        z = self.z.get(name, 0.0)
        if -self.l1 <= z <= self.l1:
            return 0.0
        held = z - self.l1 if z > 0 else z + self.l1
        return -held / ((1.0 + math.sqrt(self.n.get(name, 0.0))) / self.alpha + self.l2)

    def score(self, features: Features) -> float:
        return self.weight("#") + sum(self.weight(name) * value for name, value in features.items())

    def learn(self, features: Features, gradient: float) -> None:
        for name, value in (*features.items(), ("#", 1.0)):
            step = gradient * value
            old = self.n.get(name, 0.0)
            new = old + step * step
            shift = (math.sqrt(new) - math.sqrt(old)) / self.alpha
            self.z[name] = self.z.get(name, 0.0) + step - shift * self.weight(name)
            self.n[name] = new

    def weights(self) -> dict[str, float]:
        return {name: w for name in self.z if (w := self.weight(name)) != 0.0}


def probability(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
