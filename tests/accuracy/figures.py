"""The figures of a set of readings, kept in figures.json from one measurement to the next."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.accuracy.matching import GROUP_OF, GROUPS
from tests.accuracy.reading import Reading
from tests.accuracy.reliability import Reliability, reliability, said
from tests.accuracy.scorer import Tally, Verdict, total

FILE = Path(__file__).with_name("figures.json")
XML_KINDS = "einvoice"  # what their names begin with
Figures = dict[str, Any]


def measure(readings: Sequence[Reading]) -> Figures:
    """Everything worth keeping, by name: shares and F1 to four places, counts, the median of the seconds."""
    curve = reliability(said(visible_verdicts(readings)))
    return summary(readings) | {
        "answered": sum(reading.error is None for reading in readings),
        "fields": {name: share(tally.f1) for name, tally in sorted(by_field(readings).items())},
        "kind": {name: summary(part) for name, part in grouped(readings, lambda r: r.document.kind).items()},
        "lang": {name: summary(part) for name, part in grouped(readings, lambda r: r.document.lang).items()},
        "ece": share(curve.ece),
        "sure_share": share(curve.sure_share),
        "sure_right": share(curve.sure_right),
        "seconds": round(median(reading.seconds for reading in readings), 2) if readings else None,
    }


def summary(readings: Sequence[Reading]) -> Figures:
    """The figures of any group of documents."""
    through = [reading for reading in readings if reading.is_through]
    return {
        "documents": len(readings),
        "key": share(key_fields(readings).f1),
        "header": share(header_fields(readings).f1),
        "lines": share(line_items(readings).f1),
        "perfect": share(sum(r.score.is_perfect for r in readings) / len(readings)) if readings else None,
        "through": share(sum(r.score.is_perfect for r in through) / len(readings)) if readings else None,
        "through_wrong": share(sum(not r.score.is_perfect for r in through) / len(through)) if through else None,
    }


def key_fields(readings: Iterable[Reading]) -> Tally:
    return total(verdict.tally for reading in readings for verdict in reading.score.key)


def header_fields(readings: Iterable[Reading]) -> Tally:
    return total(verdict.tally for reading in readings for verdict in reading.score.verdicts)


def line_items(readings: Iterable[Reading]) -> Tally:
    return total(reading.score.lines for reading in readings)


def by_field(readings: Iterable[Reading]) -> dict[str, Tally]:
    """The counts of each header field."""
    found: defaultdict[str, Tally] = defaultdict(Tally)
    for reading in readings:
        for verdict in reading.score.verdicts:
            found[verdict.field] += verdict.tally
    return dict(found)


def grouped(readings: Iterable[Reading], key: Callable[[Reading], str]) -> dict[str, list[Reading]]:
    """The readings by `key`, the keys sorted."""
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        found[key(reading)].append(reading)
    return dict(sorted(found.items()))


def visible_verdicts(readings: Iterable[Reading]) -> list[Verdict]:
    """The verdicts on what was read from pages: what XML states is certain, and would hide how sure reading is."""
    return [
        v for reading in readings if not reading.document.kind.startswith(XML_KINDS) for v in reading.score.verdicts
    ]


def by_group(readings: Iterable[Reading]) -> dict[str, Reliability]:
    """How confidence holds for each group of fields."""
    verdicts = visible_verdicts(readings)
    parts = {name: said(v for v in verdicts if GROUP_OF.get(v.field, "prose") == name) for name in GROUPS}
    return {name: reliability(pairs) for name, pairs in parts.items() if pairs}


def share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def load(path: Path) -> dict[str, Figures]:
    """The figures kept, by set; none yet where the file is absent."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def save(figures: dict[str, Figures], path: Path) -> None:
    """Keep `figures` in place of those of the same sets."""
    kept = load(path) | figures
    path.write_text(json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
