"""What the engine said of pages that nobody had mended it for: the fairest witness of how far it can be trusted.

`python -m tests.accuracy.first_sight FOLDER NAME` reads a new set of pages (`*.html` with `*.json`, as those of
`tests/invoices/typeset`) and keeps, for each value that was read, what the stages of reading stated and whether it was
right, in `first_sight.json`. It belongs before the first look at what went wrong. `calibrate` learns from all of them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.accuracy.documents import DIGITAL, Document, typeset
from tests.accuracy.observing import Observed, observe
from tests.accuracy.scorer import Score, Tally, Verdict

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
    values = [right for page in seen.values() for _, _, right in page]
    print(f"{args.name}: {len(seen)} pages, {len(values)} values, {sum(values) / max(1, len(values)):.3f} right")


def record(observed: Iterable[Observed]) -> dict[str, list[list[Any]]]:
    """By page: field, what was stated (0..1) and whether it was right, of each value that was read."""
    return {
        one.layout: [
            [v.field, round(v.confidence, 4), v.matched]
            for v in one.score.verdicts
            if v.confidence is not None and v.said not in (None, "")
        ]
        for one in observed
    }


def load(weight: float) -> list[Observed]:
    """All that is kept, as if observed now."""
    sets = json.loads(FILE.read_text(encoding="utf-8"))
    return [_observed(layout, values, weight) for pages in sets.values() for layout, values in pages.items()]


def _observed(layout: str, values: Sequence[Sequence[Any]], weight: float) -> Observed:
    document = Document(layout, Path(layout), DIGITAL, "unknown", layout, 1, {})
    verdicts = tuple(Verdict(field, "", "read", right, stated) for field, stated, right in values)
    return Observed(SET_NAME, document, Score(verdicts, Tally()), weight)


def dump(sets: dict[str, dict[str, list[list[Any]]]]) -> str:
    """One page a line."""
    lines = []
    for name, pages in sets.items():
        inner = ",\n".join(f"  {json.dumps(page)}: {json.dumps(values)}" for page, values in pages.items())
        lines.append(f" {json.dumps(name)}: {{\n{inner}\n }}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
