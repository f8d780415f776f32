"""`python -m tests.accuracy.calibrate`: learn how far values can be trusted, judge that on layouts it was not learned
from, and write extraction/engine/confidence.json.

For each field a curve from the confidence that its stage states to the share that is right, drawn towards that of its
group of fields, and a group's towards trust in the stages; for each group, what the features of a reading add to it.
Documents that were drawn count less than real ones: their pages are tidier than what people send.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from extraction.engine import confidence
from extraction.engine.confidence import Model, interpolate, log_odds
from extraction.engine.version import VERSION
from tests.accuracy import first_sight
from tests.accuracy.curves import Observation
from tests.accuracy.curves import fit as fit_curve
from tests.accuracy.documents import SETS, Plan, collect
from tests.accuracy.folds import folds
from tests.accuracy.matching import GROUPS
from tests.accuracy.observing import Observed, Seen, observe
from tests.accuracy.regression import fit as fit_weights
from tests.accuracy.reliability import Reliability, reliability

WEIGHTS = {"dev": 1.0, "first-sight": 1.0, "typeset": 0.1, "dev-scans": 0.5, "generated": 0.1, "generated-scans": 0.3}
JUDGED = (
    "dev",
    first_sight.SET_NAME,
)  # what is held out in turn; the rest is always learned from, less the layouts held out
FOLDS = 5
LEARNING_SEED = 600_000  # other documents than those that are measured


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.calibrate", description="Learn confidence.")
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


def learn(observed: Sequence[Observed]) -> dict[str, Model]:
    """A model for each field that was read anywhere, by wire name."""
    models: dict[str, Model] = {}
    for fields in GROUPS.values():
        values = [(value, one.weight) for one in observed for value in one.values if value.field in fields]
        if values:
            models |= _learn_group(values)
    return models


def _learn_group(values: Sequence[tuple[Seen, float]]) -> dict[str, Model]:
    common = fit_curve([Observation(v.stated, v.right, weight) for v, weight in values])
    curves = {
        field: fit_curve([Observation(v.stated, v.right, weight) for v, weight in values if v.field == field], common)
        for field in sorted({v.field for v, _ in values})
    }
    names = sorted({name for v, _ in values for name in v.features})
    known = [log_odds(interpolate(curves[v.field], v.stated)) for v, _ in values]
    rows = [[odds, *(v.features.get(name, 0.0) for name in names)] for odds, (v, _) in zip(known, values, strict=True)]
    found = fit_weights(rows, known, [v.right for v, _ in values], [weight for _, weight in values])
    weights = {name: round(w, 4) for name, w in zip(names, found.weights[1:], strict=True) if round(w, 4)}
    bias, slope = round(found.bias, 4), round(1.0 + found.weights[0], 4)
    return {field: Model(curve, bias, slope, weights) for field, curve in curves.items()}


def cross_validate(observed: Sequence[Observed]) -> dict[str, Any]:
    """Reliability of the values of the JUDGED sets as the stages state it, and as learned from other layouts."""
    judged = [one for one in observed if one.set_name in JUDGED]
    if not judged:
        return {}
    before = {name: [p for one in judged if one.set_name == name for p in mapped(one, {})] for name in JUDGED}
    after: dict[str, list[tuple[float, bool]]] = {name: [] for name in JUDGED}
    for _, held_out in folds(judged, FOLDS):
        layouts = {one.layout for one in held_out}
        models = learn([one for one in observed if one.layout not in layouts])
        for one in held_out:
            after[one.set_name] += mapped(one, models)
    return {
        f"{name} {title}": _figures(reliability(pairs[name]))
        for title, pairs in (("as stated", before), ("cross-validated", after))
        for name in JUDGED
        if pairs[name]
    }


def mapped(observed: Observed, models: Mapping[str, Model]) -> list[tuple[float, bool]]:
    """(confidence by `models`, whether right) of the values that were read; without a model as stated."""
    return [
        (models[v.field].probability(v.stated, v.features) if v.field in models else v.stated, v.right)
        for v in observed.values
    ]


def count_by_set(observed: Iterable[Observed]) -> dict[str, int]:
    names = [one.set_name for one in observed]
    return {name: names.count(name) for name in WEIGHTS if name in names}


def write(models: Mapping[str, Model], training: dict[str, Any], path: Path) -> None:
    """The models by the engine's names of fields, with what they were made of."""
    named = {engine_name(field): asdict(model) for field, model in models.items()}
    content = {"models": named, "training": training}
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
