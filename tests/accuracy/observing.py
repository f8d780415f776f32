"""Raw scores for learning: every value read with its confidence before the learned curves, and whether it was right."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import django

from tests.accuracy.documents import Document
from tests.accuracy.reading import Reading, assess
from tests.accuracy.scorer import Score


@dataclass(frozen=True)
class Observed:
    """A document with its score, of the set that it came from, and how much each of its values counts."""

    set_name: str
    document: Document
    score: Score
    weight: float = 1.0

    @property
    def layout(self) -> str:
        return self.document.layout


def observe(set_name: str, documents: Sequence[Document], jobs: int, weight: float) -> Iterator[Observed]:
    """Each document that can be read. The learned curves are put aside in the processes that read, so that confidence
    is what the stages of reading state."""
    fresh = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=fresh, initializer=_prepare) as pool:
        for document, reading in zip(documents, pool.map(_read, documents), strict=True):
            if reading.error is None:
                yield Observed(set_name, document, reading.score, weight)


def _prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "invorec.settings")
    django.setup()
    from extraction.engine import confidence

    confidence.LEARNED.clear()


def _read(document: Document) -> Reading:
    from extraction.engine.pipeline import extract
    from extraction.reading import read_document
    from extraction.services import service_options

    answer = read_document(document.path, options=service_options(), run=extract)
    return assess(document, answer)
