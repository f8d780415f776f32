"""The documents to measure with: the evaluation set, drawn ones, and scans made of both."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.invoices import scan, varied
from tests.invoices.__main__ import scanned
from tests.invoices.printing import HOME, printed

ROOT = Path(__file__).parents[2]
FIRST_SEED = 500_000  # far from the seeds that tests draw
SCAN_SEED = 700_000
DIGITAL = "digital_pdf"
SETS = ("dev", "typeset", "generated", "dev-scans", "generated-scans")


@dataclass(frozen=True)
class Document:
    """A file on disk with its true values; `truth` as the manifests write it."""

    id: str
    path: Path
    kind: str
    lang: str
    layout: str
    pages: int
    truth: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """How many documents of each set, from which seed; `limit` bounds the scans of a set, which are slow."""

    count: int = 200
    seed: int = FIRST_SEED
    limit: int = 30
    only: str = ""  # part of the ids wanted


@dataclass(frozen=True)
class Sheet:
    """A PDF, as far as the makers of scans look at a document."""

    pdf: bytes


def shared_folder() -> Path:
    """Where the evaluation documents are kept, if anywhere."""
    return Path(os.environ.get("INVOREC_SHARED") or ROOT.parent / "shared") / "eval"


def collect(name: str, plan: Plan, folder: Path) -> list[Document]:
    """The documents of the set `name`; what is drawn for it goes to `folder`. Raises FileNotFoundError where the
    evaluation documents are needed and absent, or no browser that prints."""
    if name == "dev":
        found = evaluation()
    elif name == "dev-scans":
        found = scans_of([d for d in evaluation() if plan.only in d.id], plan.limit, folder)
    elif name == "typeset":
        found = typeset(folder)
    elif name == "generated":
        found = drawn(range(plan.seed, plan.seed + plan.count), folder)
    else:
        found = drawn_scans(range(plan.seed, plan.seed + min(plan.limit, plan.count)), folder)
    return [document for document in found if plan.only in document.id]


def evaluation() -> list[Document]:
    """The evaluation set. Raises FileNotFoundError where it is absent."""
    home = shared_folder() / "dev"
    if not home.is_dir():
        raise FileNotFoundError(f"no evaluation documents in {home}")
    with (home / "manifest.jsonl").open(encoding="utf-8") as lines:
        return [_of_entry(json.loads(line), home) for line in lines if line.strip()]


def _of_entry(entry: dict[str, Any], home: Path) -> Document:
    lang, layout = entry.get("lang") or "unknown", entry.get("layout") or entry["id"]
    return Document(
        entry["id"], home / entry["path"], entry["kind"], lang, layout, entry.get("pages") or 1, entry["truth"]
    )


def typeset(folder: Path, pages: Path = HOME) -> list[Document]:
    """Invoices set by hand, each in a layout of its own, as PDFs with text. Raises FileNotFoundError."""
    return [
        Document(path.stem, path, DIGITAL, lang, path.stem, 1, truth) for path, lang, truth in printed(folder, pages)
    ]


def drawn(seeds: range, folder: Path) -> list[Document]:
    """PDFs with text, one for each seed."""
    found = []
    for seed in seeds:
        document = varied(seed)
        path = folder / f"gen-{seed}.pdf"
        path.write_bytes(document.pdf)
        found.append(Document(path.stem, path, DIGITAL, document.lang, document.layout, document.pages, document.truth))
    return found


def drawn_scans(seeds: range, folder: Path) -> list[Document]:
    """Scans and photos of all pages, one document for each seed; JPEG, PNG, PDF and TIFF."""
    found = []
    for seed in seeds:
        document = varied(seed)
        suffix, content = scanned(document, seed)
        path = folder / f"gen-{seed}-scan{suffix}"
        path.write_bytes(content)
        kind = f"scan {suffix.removeprefix('.')}"
        found.append(Document(path.stem, path, kind, document.lang, document.layout, document.pages, document.truth))
    return found


def scans_of(documents: Sequence[Document], limit: int, folder: Path) -> list[Document]:
    """JPEG scans of `limit` digital PDFs of one page (so that the truth is all on it), spread over the set."""
    fit = [document for document in documents if document.kind == DIGITAL and document.pages == 1]
    chosen = fit[:: max(1, -(-len(fit) // limit))] if limit else []
    found = []
    for position, document in enumerate(chosen):
        path = folder / f"{document.id}-scan.jpg"
        path.write_bytes(scan(Sheet(document.path.read_bytes()), SCAN_SEED + position))  # type: ignore[arg-type]
        found.append(replace(document, id=path.stem, path=path, kind="scan jpg"))
    return found
