"""The engine over many documents, isolated and checked as in service, and what became of each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import django

from tests.accuracy.documents import Document
from tests.accuracy.scorer import Score, judge


@dataclass(frozen=True)
class Reading:
    """A document with what was read and how right it is; `error` is the code of one that was not read."""

    document: Document
    score: Score
    needs_review: bool
    seconds: float
    error: str | None = None

    @property
    def is_through(self) -> bool:
        """Whether it would be booked without a person's look."""
        return self.error is None and not self.needs_review


def read_all(documents: Sequence[Document], jobs: int) -> Iterator[Reading]:
    """Each document read as `manage.py extract` does, `jobs` at once, in the order given."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "invorec.settings")
    django.setup()
    from extraction.isolation import extract_isolated
    from extraction.reading import read_document
    from extraction.services import service_options

    options = service_options()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        answers = pool.map(lambda d: read_document(d.path, options=options, run=extract_isolated), documents)
        for document, answer in zip(documents, answers, strict=True):
            yield assess(document, answer)


def assess(document: Document, answer: dict[str, Any]) -> Reading:
    """An answer of `extraction.reading.read_document`, judged."""
    if "error" in answer:
        return Reading(document, judge(document.truth, {}), True, answer["seconds"], answer["error"]["code"])
    invoice = answer["invoice"]
    confidences = {name: field["confidence"] for name, field in answer["extraction"]["fields"].items()}
    score = judge(document.truth, invoice, confidences)
    return Reading(document, score, invoice["needsReview"], answer["seconds"])
