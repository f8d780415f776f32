"""One issuer's habits: every choice is drawn from the seed and the choice's own name, so none moves another."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Look:
    """Choices that stay the same however often and in whatever order they are asked for."""

    def __init__(self, seed: int | str):
        self.seed = seed

    def rng(self, name: str) -> Random:
        """A source of its own for what is called `name`."""
        return Random(f"varied {self.seed} {name}")

    def pick(self, name: str, options: Sequence[T]) -> T:
        return self.rng(name).choice(options)

    def chance(self, name: str, probability: float) -> bool:
        return self.rng(name).random() < probability

    def shuffled(self, name: str, items: Sequence[T]) -> list[T]:
        return self.rng(name).sample(list(items), len(items))

    def some(self, name: str, items: Sequence[T], probability: float) -> list[T]:
        """Those of `items` that the issuer uses, in the order given."""
        rng = self.rng(name)
        return [item for item in items if rng.random() < probability]
