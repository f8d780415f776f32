"""`python -m tests.invoices OUT --count N --seed S [--varied] [--scan [heavy]]`, or `--sample`: write documents and
their manifest."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.invoices import Document, Varied, generate, sample, scan, scan_pdf, scan_png, scan_tiff, varied
from tests.invoices.degrade import Level
from tests.invoices.varied.make import KINDS
from tests.invoices.varied.words import locales

Drawn = Document | Varied
Draw = Callable[[int], Drawn]
Encode = Callable[[Drawn, int], tuple[str, bytes]]

SAMPLE = Path(__file__).parents[2] / "invorec" / "sample" / "invoice.pdf"


def entry(name: str, document: Drawn, kind: str) -> dict[str, Any]:
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


def digital(document: Drawn, seed: int) -> tuple[str, bytes]:
    """Kind of file and bytes, as a program sends them."""
    return ".pdf", document.pdf


def scanned(document: Drawn, seed: int, level: Level = "light") -> tuple[str, bytes]:
    """Kind of file and bytes, as a scanner or a camera sends them; an image where one page is all."""
    if document.pages > 1:
        return (
            (".pdf", scan_pdf(document, seed, level=level))
            if seed % 4
            else (".tiff", scan_tiff(document, seed, level=level))
        )
    write = (scan, scan, scan_pdf, scan_png)[seed % 4]
    return {scan: ".jpg", scan_pdf: ".pdf", scan_png: ".png"}[write], write(document, seed, level=level)


def write_documents(out: Path, seeds: range, draw: Draw, encode: Encode, kind: str) -> None:
    """One document for each seed in documents/, and beside them manifest.jsonl and the words' roles in roles.jsonl."""
    (out / "documents").mkdir(parents=True, exist_ok=True)
    with (
        (out / "manifest.jsonl").open("w", encoding="utf-8") as manifest,
        (out / "roles.jsonl").open("w", encoding="utf-8") as roles,
    ):
        for seed in seeds:
            document = draw(seed)
            suffix, content = encode(document, seed)
            name = f"gen-{seed:06}{suffix}"
            (out / "documents" / name).write_bytes(content)
            manifest.write(json.dumps(entry(name, document, kind), ensure_ascii=False) + "\n")
            said = {"id": Path(name).stem, "words": document.roles}
            roles.write(json.dumps(said, ensure_ascii=False) + "\n")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.invoices", description=__doc__)
    parser.add_argument("out", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--scan", nargs="?", const="light", choices=["light", "heavy"], help="scans and photos, not PDFs"
    )
    parser.add_argument("--varied", action="store_true", help="documents of every type, composed from parts")
    parser.add_argument("--type", choices=KINDS, help="only this type, with --varied")
    parser.add_argument("--locale", choices=locales(), help="only this place, with --varied")
    parser.add_argument("--sample", action="store_true", help=f"write {SAMPLE.name}, which the project ships")
    args = parser.parse_args(arguments)
    if not args.sample and not args.out:
        parser.error("say where to write")
    if (args.type or args.locale) and not args.varied:
        parser.error("--type and --locale choose among what --varied draws")
    return args


def main(arguments: list[str] | None = None) -> None:
    args = parse(arguments)
    if args.sample:
        SAMPLE.parent.mkdir(parents=True, exist_ok=True)
        SAMPLE.write_bytes(sample().pdf)
        return
    draw: Draw = partial(varied, kind=args.type, locale=args.locale) if args.varied else generate
    encode: Encode = partial(scanned, level=args.scan) if args.scan else digital
    seeds = range(args.seed, args.seed + args.count)
    write_documents(args.out, seeds, draw, encode, "scan" if args.scan else "digital_pdf")


if __name__ == "__main__":
    main()
