"""`python -m tests.accuracy`: read documents with known values and print how right the values are, and how sure."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.accuracy import figures
from tests.accuracy.documents import FIRST_SEED, SETS, Plan, collect
from tests.accuracy.reading import Reading, read_all
from tests.accuracy.report import misses, report


def main(arguments: Sequence[str] | None = None) -> None:
    args = _parser().parse_args(arguments)
    wanted = args.sets.split(",")
    if unknown := set(wanted) - set(SETS):
        raise SystemExit(f"unknown sets: {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    plan = Plan(args.count, args.seed, args.scans, args.only)
    kept, measured = figures.load(args.figures), {}
    for name in wanted:
        if readings := _measured(name, plan, args.jobs, args.keep):
            for line in report(name, readings, {} if args.only else kept.get(name, {}), args.verbose):
                print(line)
            for line in misses(readings, args.misses):
                print(line)
            measured[name] = figures.measure(readings)
    if args.save and not args.only:
        figures.save(measured, args.figures)


def _measured(name: str, plan: Plan, jobs: int, keep: Path | None) -> list[Reading]:
    """The readings of a set, with a sign of life; none where its documents are absent."""
    with tempfile.TemporaryDirectory(prefix="accuracy-") as passing:
        folder = keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            documents = collect(name, plan, folder)
        except FileNotFoundError as absent:
            print(f"\n== {name}: skipped; {absent}")
            return []
        readings = []
        for reading in read_all(documents, jobs):
            readings.append(reading)
            if sys.stderr.isatty():
                print(f"\r{name}: {len(readings)} of {len(documents)}", end="", file=sys.stderr)
        return readings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--sets", default=",".join(SETS), help="which, with commas between (default: all)")
    parser.add_argument("--count", type=int, default=Plan.count, help="generated documents")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first of them")
    parser.add_argument("--scans", type=int, default=Plan.limit, help="at most so many documents in each set of scans")
    parser.add_argument("--only", default="", metavar="TEXT", help="only documents with TEXT in their id; nothing kept")
    parser.add_argument("--jobs", type=int, default=2, help="documents at once")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="the N worst documents, value by value")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the documents that were drawn here")
    parser.add_argument("--verbose", action="store_true", help="every layout")
    parser.add_argument("--save", action="store_true", help="keep the figures")
    parser.add_argument("--figures", type=Path, default=figures.FILE, help=f"where (default: {figures.FILE.name})")
    return parser


if __name__ == "__main__":
    main()
