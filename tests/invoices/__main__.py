"""`python -m tests.invoices OUT --count N --seed S [--scan]`, or `--sample`: write documents and their manifest."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tests.invoices import generate, sample
from tests.invoices.document import Document

SAMPLE = Path(__file__).parents[2] / "invorec" / "sample" / "invoice.pdf"


def entry(name: str, document: Document, kind: str) -> dict[str, Any]:
    """A line of the manifest: which document, of what kind, and what is true of it."""
    return {
        "id": Path(name).stem,
        "path": f"documents/{name}",
        "kind": kind,
        "lang": document.lang,
        "layout": document.layout,
        "pages": document.pages,
        "truth": document.truth,
    }


def write_documents(out: Path, count: int, seed: int) -> None:
    """`count` documents from `seed` on, and manifest.jsonl beside them."""
    (out / "documents").mkdir(parents=True, exist_ok=True)
    with (out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for one in range(seed, seed + count):
            document = generate(one)
            name = f"gen-{one:06}.pdf"
            (out / "documents" / name).write_bytes(document.pdf)
            manifest.write(json.dumps(entry(name, document, "digital_pdf"), ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.invoices", description=__doc__)
    parser.add_argument("out", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sample", action="store_true", help=f"write {SAMPLE.name}, which the project ships")
    args = parser.parse_args()
    if args.sample:
        SAMPLE.parent.mkdir(parents=True, exist_ok=True)
        SAMPLE.write_bytes(sample().pdf)
    elif args.out:
        write_documents(args.out, args.count, args.seed)
    else:
        parser.error("say where to write")


if __name__ == "__main__":
    main()
