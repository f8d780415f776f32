"""`python -m tests.invoices OUT --count N --seed S [--scan]`, or `--sample`: write documents and their manifest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.invoices import generate, sample, scan, scan_pdf, scan_png, scan_tiff
from tests.invoices.document import Document

Encode = Callable[[Document, int], tuple[str, bytes]]

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


def digital(document: Document, seed: int) -> tuple[str, bytes]:
    """Kind of file and bytes, as a program sends them."""
    return ".pdf", document.pdf


def scanned(document: Document, seed: int) -> tuple[str, bytes]:
    """Kind of file and bytes, as a scanner or a camera sends them; an image where one page is all."""
    if document.pages > 1:
        return (".pdf", scan_pdf(document, seed)) if seed % 4 else (".tiff", scan_tiff(document, seed))
    write = (scan, scan, scan_pdf, scan_png)[seed % 4]
    return {scan: ".jpg", scan_pdf: ".pdf", scan_png: ".png"}[write], write(document, seed)


def write_documents(out: Path, seeds: range, encode: Encode, kind: str) -> None:
    """One document for each seed in documents/, and manifest.jsonl beside them."""
    (out / "documents").mkdir(parents=True, exist_ok=True)
    with (out / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for seed in seeds:
            document = generate(seed)
            suffix, content = encode(document, seed)
            name = f"gen-{seed:06}{suffix}"
            (out / "documents" / name).write_bytes(content)
            manifest.write(json.dumps(entry(name, document, kind), ensure_ascii=False) + "\n")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.invoices", description=__doc__)
    parser.add_argument("out", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scan", action="store_true", help="scans and photos in place of PDFs with text")
    parser.add_argument("--sample", action="store_true", help=f"write {SAMPLE.name}, which the project ships")
    args = parser.parse_args(arguments)
    if args.sample:
        SAMPLE.parent.mkdir(parents=True, exist_ok=True)
        SAMPLE.write_bytes(sample().pdf)
    elif args.out:
        encode, kind = (scanned, "scan") if args.scan else (digital, "digital_pdf")
        write_documents(args.out, range(args.seed, args.seed + args.count), encode, kind)
    else:
        parser.error("say where to write")


if __name__ == "__main__":
    main()
