"""`python -m tests.accuracy.calibrate`: learn the curves from confidence as the stages of reading state it to the share
that is right, judge them on layouts they were not learned from, and write extraction/engine/confidence.json.

A field's curve is drawn towards that of its group of fields, and a group's towards trust in the stages. Documents that
were drawn count less than real ones: their pages are tidier than what people send.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from extraction.engine import confidence
from extraction.engine.confidence import Curve, interpolate
from extraction.engine.version import VERSION
from tests.accuracy import first_sight
from tests.accuracy.curves import Observation, fit
from tests.accuracy.documents import SETS, Plan, collect
from tests.accuracy.folds import folds
from tests.accuracy.matching import GROUPS
from tests.accuracy.observing import Observed, observe
from tests.accuracy.reliability import Reliability, reliability

WEIGHTS = {"dev": 1.0, "first-sight": 0.5, "typeset": 0.1, "dev-scans": 0.5, "generated": 0.1, "generated-scans": 0.3}
JUDGED = (
    "dev",
    first_sight.SET_NAME,
)  # what is held out in turn; the rest is always learned from, less the layouts held out
FOLDS = 5
LEARNING_SEED = 600_000  # other documents than those that are measured


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.calibrate", description="Learn confidence curves.")
    parser.add_argument("--count", type=int, default=200, help="generated documents")
    parser.add_argument("--scans", type=int, default=60, help="at most so many documents in each set of scans")
    parser.add_argument("--jobs", type=int, default=2, help="documents at once")
    parser.add_argument("--out", type=Path, default=confidence.FILE)
    args = parser.parse_args(arguments)
    observed = gather(Plan(args.count, LEARNING_SEED, args.scans), args.jobs)
    figures = cross_validate(observed)
    for name, figure in figures.items():
        print(f"{name:<28}{figure}")
    write(learn(observed), figures | {"documents": count_by_set(observed), "engine": VERSION}, args.out)


def gather(plan: Plan, jobs: int) -> list[Observed]:
    """Every set read, those aside whose documents are absent."""
    found: list[Observed] = []
    for name in SETS:
        with tempfile.TemporaryDirectory(prefix="calibrate-") as folder:
            try:
                documents = [d for d in collect(name, plan, Path(folder)) if not d.kind.startswith("einvoice")]
            except FileNotFoundError as absent:
                print(f"{name}: left out; {absent}")
                continue
            found += observe(name, documents, jobs, WEIGHTS[name])
    return found + first_sight.load(WEIGHTS[first_sight.SET_NAME])


def learn(observed: Iterable[Observed]) -> dict[str, Curve]:
    """A curve for each field that was read anywhere, by wire name."""
    by_field: dict[str, list[Observation]] = {}
    for one in observed:
        for v in one.score.verdicts:
            if v.confidence is not None and v.said not in (None, ""):
                by_field.setdefault(v.field, []).append(Observation(v.confidence, v.matched, one.weight))
    curves = {}
    for fields in GROUPS.values():
        common = fit([o for field in fields for o in by_field.get(field, ())])
        curves |= {field: fit(by_field[field], common) for field in fields if field in by_field}
    return curves


def cross_validate(observed: Sequence[Observed]) -> dict[str, Any]:
    """Reliability of the values of the JUDGED sets as the stages state it, and by curves learned from other layouts."""
    judged = [one for one in observed if one.set_name in JUDGED]
    if not judged:
        return {}
    before = {name: [p for one in judged if one.set_name == name for p in mapped(one, {})] for name in JUDGED}
    after: dict[str, list[tuple[float, bool]]] = {name: [] for name in JUDGED}
    for _, held_out in folds(judged, FOLDS):
        layouts = {one.layout for one in held_out}
        curves = learn(one for one in observed if one.layout not in layouts)
        for one in held_out:
            after[one.set_name] += mapped(one, curves)
    return {
        f"{name} {title}": _figures(reliability(pairs[name]))
        for title, pairs in (("as stated", before), ("cross-validated", after))
        for name in JUDGED
        if pairs[name]
    }


def mapped(observed: Observed, curves: dict[str, Curve]) -> list[tuple[float, bool]]:
    """(confidence by `curves`, whether right) of the values that were read; without a curve as stated."""
    return [
        (interpolate(curves[v.field], v.confidence) if v.field in curves else v.confidence, v.matched)
        for v in observed.score.verdicts
        if v.confidence is not None and v.said not in (None, "")
    ]


def count_by_set(observed: Iterable[Observed]) -> dict[str, int]:
    names = [one.set_name for one in observed]
    return {name: names.count(name) for name in WEIGHTS if name in names}


def write(curves: dict[str, Curve], training: dict[str, Any], path: Path) -> None:
    """The curves by the engine's names of fields, with what they were made of."""
    named = {engine_name(field): [list(point) for point in curve] for field, curve in curves.items()}
    content = {"curves": named, "training": training}
    path.write_text(_compact(json.dumps(content, indent=1, sort_keys=True)) + "\n", encoding="utf-8")


def engine_name(field: str) -> str:
    """`vendorTaxId` -> `vendor_tax_id`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in field)


def _figures(found: Reliability) -> dict[str, float | int | None]:
    return {
        "values": found.count,
        "ece": _round(found.ece),
        "sure_share": _round(found.sure_share),
        "sure_right": _round(found.sure_right),
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _compact(text: str) -> str:
    """Points on a line of their own."""
    return re.sub(r"\[\s+([\d.]+),\s+([\d.]+)\s+\]", r"[\1, \2]", text)


if __name__ == "__main__":
    main()
