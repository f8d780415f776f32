"""The figures of a set as text, each with its difference to the figures kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.accuracy.figures import (
    Figures,
    by_field,
    by_group,
    grouped,
    header_fields,
    key_fields,
    line_items,
    measure,
    summary,
    visible_verdicts,
)
from tests.accuracy.matching import KEY
from tests.accuracy.reading import Reading
from tests.accuracy.reliability import SURE, reliability, said
from tests.accuracy.scorer import Tally

WORST_LAYOUTS = 12
NOTABLE = 0.0005  # a difference that three places show
COLUMNS = {
    "key": "key fields",
    "header": "all header",
    "lines": "line items",
    "perfect": "key all right",
    "through": "straight through",
    "through_wrong": "wrong of those",
}
LOWER_IS_BETTER = {"ece", "through_wrong"}


def report(name: str, readings: Sequence[Reading], before: Figures, verbose: bool) -> Iterator[str]:
    """The lines to print for the set `name`; `before` are its figures kept, empty where there are none."""
    now = measure(readings)
    comparable = before if before.get("documents") == now["documents"] else {}
    yield f"\n== {name}: {now['documents']} documents, {now['answered']} answered, {now['seconds']} s (median)"
    if before and not comparable:
        yield f"   the figures kept are of {before['documents']} documents: no differences shown"
    yield from _fields(readings, now, comparable)
    yield ""
    for title in ("kind", "lang"):
        yield from _groups(title, now[title], comparable.get(title, {}))
    yield from _layouts(readings, verbose)
    yield ""
    yield from _reliability(readings, now, comparable)


def _fields(readings: Sequence[Reading], now: Figures, before: Figures) -> Iterator[str]:
    yield f"{'field (* key)':<26}{'n':>6}{'precision':>11}{'recall':>9}{'F1':>9}"
    kept = before.get("fields", {})
    for field, tally in sorted(by_field(readings).items()):
        yield _row(field + (" *" if field in KEY else ""), tally, kept.get(field))
    for label, figure, tally in (
        ("line items", "lines", line_items(readings)),
        ("key fields", "key", key_fields(readings)),
        ("all header fields", "header", header_fields(readings)),
    ):
        yield _row(label, tally, before.get(figure))
    yield f"all key fields right: {_with_change(now, before, 'perfect')} of the documents"


def _row(label: str, tally: Tally, before: float | None) -> str:
    n = tally.right + tally.missed
    numbers = f"{_figure(tally.precision):>11}{_figure(tally.recall):>9}{_figure(tally.f1):>9}"
    return f"{label:<26}{n:>6}{numbers}{_change(tally.f1, before)}"


def _groups(title: str, now: dict[str, Figures], before: dict[str, Figures]) -> Iterator[str]:
    yield f"{title:<16}{'docs':>6}" + "".join(f"{head:>21}" for head in COLUMNS.values())
    for name, figures in now.items():
        kept = before.get(name, {})
        comparable = kept if kept.get("documents") == figures["documents"] else {}
        cells = "".join(f"{_with_change(figures, comparable, column):>21}" for column in COLUMNS)
        yield f"{name:<16}{figures['documents']:>6}{cells}"


def _layouts(readings: Sequence[Reading], verbose: bool) -> Iterator[str]:
    """The layouts with the most wrong key fields; every layout where `verbose`."""
    parts = grouped(readings, lambda r: r.document.layout)
    wrong = {name: sum(not v.is_clean for r in part for v in r.score.key) for name, part in parts.items()}
    ordered = sorted(parts, key=lambda name: (-wrong[name], name))
    shown = ordered if verbose else [name for name in ordered if wrong[name]][:WORST_LAYOUTS]
    if shown:
        title = "layout" if verbose else "worst layouts"
        yield f"{title:<60}{'docs':>5}{'key':>8}{'header':>8}{'lines':>8}{'wrong':>7}"
    for name in shown:
        f = summary(parts[name])
        yield (
            f"{name[:59]:<60}{f['documents']:>5}{_figure(f['key']):>8}{_figure(f['header']):>8}"
            f"{_figure(f['lines']):>8}{wrong[name]:>7}"
        )


def _reliability(readings: Sequence[Reading], now: Figures, before: Figures) -> Iterator[str]:
    curve = reliability(said(visible_verdicts(readings)))
    yield f"{'read from pages':<16}{'values':>8}{'mean':>9}{'right':>9}"
    for b in curve.bins:
        yield f"{b.low:.2f} to {b.high:<8.2f}{b.count:>8}{_figure(b.mean):>9}{_figure(b.right):>9}"
    yield f"expected calibration error {_with_change(now, before, 'ece')}"
    share, right = _with_change(now, before, "sure_share"), _with_change(now, before, "sure_right")
    yield f"at {SURE} or more: {share} of the values, {right} of them right"
    yield f"{'group':<16}{'values':>8}{'error':>9}{f'>= {SURE}':>9}{'right':>9}"
    for name, part in by_group(readings).items():
        cells = (part.ece, part.sure_share, part.sure_right)
        yield f"{name:<16}{part.count:>8}" + "".join(f"{_figure(cell):>9}" for cell in cells)
    yield f"straight through (no review wanted) and right: {_with_change(now, before, 'through')} of the documents"
    yield f"wrong among those straight through: {_with_change(now, before, 'through_wrong')}"


def misses(readings: Sequence[Reading], most: int) -> Iterator[str]:
    """The worst documents, key fields first, with every wrong value: what was expected, what was read, how sure."""
    ordered = sorted(readings, key=_badness, reverse=True)
    for reading in [r for r in ordered if any(_badness(r))][:most]:
        document, lines = reading.document, reading.score.lines
        state = reading.error or ("review" if reading.needs_review else "straight through")
        yield f"\n{document.id} ({document.kind}, {document.lang}, {document.layout}): {state}; {document.path}"
        for v in reading.score.verdicts:
            if not v.is_clean:
                sure = "" if v.confidence is None else f" at {v.confidence:.2f}"
                mark = "*" if v.field in KEY else " "
                yield f"  {mark} {v.field}: expected {_value(v.true)}, got {_value(v.said)}{sure}"
        if lines.wrong or lines.missed:
            yield f"    line items: {lines.right} right, {lines.wrong} wrong, {lines.missed} missed"


def _badness(reading: Reading) -> tuple[int, int, int]:
    score = reading.score
    return (
        sum(not v.is_clean for v in score.key),
        sum(not v.is_clean for v in score.verdicts),
        score.lines.wrong + score.lines.missed,
    )


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _with_change(now: Figures, before: Figures, name: str) -> str:
    return f"{_figure(now[name])}{_change(now[name], before.get(name), name in LOWER_IS_BETTER)}"


def _change(now: float | None, before: float | None, lower_is_better: bool = False) -> str:
    """The difference to the figure kept, where three places show it; "worse" where it went the wrong way."""
    if now is None or before is None or abs(now - before) < NOTABLE:
        return ""
    worse = (now > before) == lower_is_better
    return f" ({now - before:+.3f}{' worse' if worse else ''})"
