"""What the engine said of pages that nobody had mended it for: the fairest witness of how far it can be trusted.

`python -m tests.accuracy.first_sight FOLDER NAME` reads a new set of pages (`*.html` with `*.json`, as those of
`tests/invoices/typeset`) and keeps, for each value that was read, what the stages of reading stated, whether it was
right and the reading's features, in `first_sight.json`. It belongs before the first look at what went wrong.
`calibrate` learns from all of them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.accuracy.documents import typeset
from tests.accuracy.observing import Observed, Seen, observe

FILE = Path(__file__).with_name("first_sight.json")
SET_NAME = "first-sight"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.first_sight", description="Keep a first sight.")
    parser.add_argument("folder", type=Path, help="of the new pages")
    parser.add_argument("name", help="of the set")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="first-sight-") as folder:
        seen = record(observe(SET_NAME, typeset(Path(folder), args.folder), 2, 1.0))
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    FILE.write_text(dump(kept | {args.name: seen}), encoding="utf-8")
    values = [right for page in seen.values() for _, _, right, _ in page]
    print(f"{args.name}: {len(seen)} pages, {len(values)} values, {sum(values) / max(1, len(values)):.3f} right")


def record(observed: Iterable[Observed]) -> dict[str, list[list[Any]]]:
    """By page: field, what was stated (0..1), whether it was right, and the features, of each value that was read."""
    return {one.layout: [_kept(value) for value in one.values] for one in observed}


def _kept(value: Seen) -> list[Any]:
    features = {name: round(number, 4) for name, number in value.features.items() if round(number, 4)}
    return [value.field, round(value.stated, 4), value.right, features]


def load(weight: float) -> list[Observed]:
    """All that is kept, as if observed now."""
    sets = json.loads(FILE.read_text(encoding="utf-8"))
    return [
        Observed(SET_NAME, layout, tuple(Seen(*value) for value in values), weight)
        for pages in sets.values()
        for layout, values in pages.items()
    ]


def dump(sets: dict[str, dict[str, list[list[Any]]]]) -> str:
    """One value a line."""
    lines = []
    for name, pages in sets.items():
        listed = {page: ",\n".join(f"   {json.dumps(value)}" for value in values) for page, values in pages.items()}
        inner = ",\n".join(f"  {json.dumps(page)}: [\n{values}\n  ]" for page, values in listed.items())
        lines.append(f" {json.dumps(name)}: {{\n{inner}\n }}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
