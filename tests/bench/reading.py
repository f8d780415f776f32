"""`python -m tests.bench.reading`: the engine beside pdftotext and a bare tesseract call, on the same documents.

The runs of a document alternate between the two, so that both see the same machine. The engine is called as a function,
warm, which is how its server process calls it; the other programs are started anew, as they always are.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pypdfium2
from PIL import Image

from extraction.engine.pipeline import extract
from extraction.engine.served import preload
from tests.bench.peak import peak_mib
from tests.invoices import Document, generate, sample
from tests.invoices.degrade import render

FIRST_SEED = 800_000
DPI = 300
LONG_SCAN_PAGES, LONG_SCAN_DPI = 10, 200
OWN_THREADS = {key: value for key, value in os.environ.items() if key != "OMP_THREAD_LIMIT"}
ONE_THREAD = OWN_THREADS | {"OMP_THREAD_LIMIT": "1"}  # as the engine calls it


@dataclass(frozen=True)
class Pair:
    """Medians in seconds of the engine and of what it is held against."""

    engine: float
    other: float

    @property
    def ratio(self) -> float:
        return self.engine / self.other


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reading", description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=5, help="of each kind")
    parser.add_argument("--runs", type=int, default=7, help="of each document, in turns")
    parser.add_argument("--scan-runs", type=int, default=3, help="of each scan, in turns")
    args = parser.parse_args(arguments)
    preload()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder)
        documents = [sample(), *one_page_documents(args.documents - 1)]
        _show("digital page / pdftotext -bbox-layout", [digital(d, path, args.runs) for d in documents])
        scans = [clean_scan(document) for document in documents]
        for label, environment in (("", OWN_THREADS), (", one thread", ONE_THREAD)):
            pairs = [scanned(scan, path, args.scan_runs, environment) for scan in scans]
            _show(f"clean scan at {DPI} dpi / tesseract{label}", pairs)
        long = path / "long.pdf"
        long.write_bytes(long_scan(documents))
        print(f"{LONG_SCAN_PAGES}-page scan: peak {peak_mib(long):.0f} MiB, processes that it starts included")


def one_page_documents(count: int) -> list[Document]:
    """Generated documents of one page."""
    found: list[Document] = []
    seed = FIRST_SEED
    while len(found) < count:
        document = generate(seed)
        found += [document] if document.pages == 1 else []
        seed += 1
    return found


def digital(document: Document, folder: Path, runs: int) -> Pair:
    """The engine on a PDF with text, and pdftotext on the same file."""
    path = folder / "page.pdf"
    path.write_bytes(document.pdf)
    command = ["pdftotext", "-bbox-layout", str(path), str(folder / "page.html")]
    return in_turns(lambda: extract(document.pdf), lambda: _run(command, ONE_THREAD), runs)


def scanned(scan: bytes, folder: Path, runs: int, environment: dict[str, str]) -> Pair:
    """The engine on a picture of a page, and one bare tesseract call on the same file."""
    path = folder / "page.png"
    path.write_bytes(scan)
    command = ["tesseract", str(path), str(folder / "page"), "-l", "eng"]
    return in_turns(lambda: extract(scan), lambda: _run(command, environment), runs)


def clean_scan(document: Document) -> bytes:
    """The first page as a PNG, as sharp as drawn."""
    out = io.BytesIO()
    Image.fromarray(render(document.pdf, DPI)[0]).convert("L").save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def long_scan(documents: Sequence[Document]) -> bytes:
    """A PDF of LONG_SCAN_PAGES pictures without text, made of the first pages in turn."""
    pages = [Image.fromarray(render(document.pdf, LONG_SCAN_DPI)[0]) for document in documents]
    first, *rest = [pages[i % len(pages)] for i in range(LONG_SCAN_PAGES)]
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=LONG_SCAN_DPI)
    with pypdfium2.PdfDocument(out.getvalue()) as written:
        if len(written) != LONG_SCAN_PAGES:
            raise RuntimeError("the scan has lost pages")
    return out.getvalue()


def in_turns(engine: Callable[[], object], other: Callable[[], object], runs: int) -> Pair:
    """Medians of `runs` of each, alternating, after one run of each that does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 1):
        for function, taken in zip((engine, other), times, strict=True):
            started = time.perf_counter()
            function()
            taken.append(time.perf_counter() - started)
    return Pair(median(times[0][1:]), median(times[1][1:]))


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, capture_output=True)


def _show(title: str, pairs: Sequence[Pair]) -> None:
    engine, other = median(p.engine for p in pairs), median(p.other for p in pairs)
    ratios = sorted(pair.ratio for pair in pairs)
    print(
        f"{title}: {median(ratios):.2f}x (median of {len(pairs)} documents, {ratios[0]:.2f} to {ratios[-1]:.2f}; "
        f"{engine * 1000:.0f} ms / {other * 1000:.0f} ms)"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
