"""Cross-validation that is fair to layouts: what is learned is never judged on a layout that it was learned from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar


class HasLayout(Protocol):
    @property
    def layout(self) -> str: ...


T = TypeVar("T", bound=HasLayout)


def folds(documents: Sequence[T], k: int, seed: int = 0) -> list[tuple[list[T], list[T]]]:
    """`k` pairs (to learn from, to judge): each document is judged once, and all of its layout with it.

    Layouts are shuffled by `seed`, then the largest go first to the fold with the fewest documents. Fewer folds where
    there are fewer layouts; ValueError where k or the layouts are fewer than two.
    """
    by_layout: defaultdict[str, list[T]] = defaultdict(list)
    for document in documents:
        by_layout[document.layout].append(document)
    if min(k, len(by_layout)) < 2:
        raise ValueError("cross-validation takes two folds and two layouts")
    layouts = sorted(by_layout)
    Random(seed).shuffle(layouts)
    parts: list[list[str]] = [[] for _ in range(min(k, len(layouts)))]
    for layout in sorted(layouts, key=lambda name: -len(by_layout[name])):
        min(parts, key=lambda part: sum(len(by_layout[name]) for name in part)).append(layout)
    held_out = [set(part) for part in parts]
    return [
        ([d for d in documents if d.layout not in out], [d for d in documents if d.layout in out]) for out in held_out
    ]
