"""Raw scores for learning: every value read as it was before the learned models, and whether it was right."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

import django

from tests.accuracy.documents import Document
from tests.accuracy.reading import assess
from tests.accuracy.scorer import EMPTY

if TYPE_CHECKING:
    from extraction.engine.options import Options
    from extraction.engine.result import Extraction


@dataclass(frozen=True)
class Seen:
    """A value of the field with this wire name: the confidence that its stage stated, its features (`extraction.engine.
    features`), and whether it was right."""

    field: str
    stated: float
    right: bool
    features: Mapping[str, float]


@dataclass(frozen=True)
class Observed:
    """What was read of a document, the set that it came from, and how much each of its values counts."""

    set_name: str
    layout: str
    values: tuple[Seen, ...]
    weight: float = 1.0


def observe(set_name: str, documents: Sequence[Document], jobs: int, weight: float) -> Iterator[Observed]:
    """Each document that can be read. The learned models are put aside in the processes that read, so that confidence
    is what the stages of reading state."""
    fresh = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=fresh, initializer=_prepare) as pool:
        for document, values in zip(documents, pool.map(_read, documents), strict=True):
            if values is not None:
                yield Observed(set_name, document.layout, values, weight)


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "invorec.settings")
    django.setup()
    from extraction.engine import confidence

    confidence.LEARNED.clear()


def _read(document: Document) -> tuple[Seen, ...] | None:
    """The values of a document that the truth names; None where it cannot be read."""
    from extraction.engine.features import features
    from extraction.engine.pipeline import extract
    from extraction.provenance import wire_name
    from extraction.reading import read_document
    from extraction.services import service_options

    found: list[Extraction] = []

    def explained(data: bytes, options: Options) -> Extraction:
        found.append(extract(data, replace(options, explain=True)))  # features need the runners-up
        return found[0]

    reading = assess(document, read_document(document.path, options=service_options(), run=explained))
    if reading.error is not None:
        return None
    names = {wire_name(name): name for name in found[0].fields}
    return tuple(
        Seen(v.field, v.confidence, v.matched, features(found[0], names[v.field]))
        for v in reading.score.verdicts
        if v.confidence is not None and v.said not in EMPTY
    )
