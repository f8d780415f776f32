"""Bounds and choices of one extraction. Plain values, so that they travel to another process as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from extraction.engine.custom.definition import CustomDefinition

Reader = Literal["paddle", "tesseract"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds checked before the work that they bound."""

    max_bytes: int = 25 * 1024 * 1024
    max_pages: int = 50
    max_page_pixels: int = 100_000_000
    max_xml_bytes: int = 10 * 1024 * 1024
    max_xml_depth: int = 100
    max_words: int = 50_000
    ocr_timeout_s: int = 60  # per page


@dataclass(frozen=True, slots=True)
class Options:
    """How to read: limits, the OCR reader, Tesseract's languages (those not installed are left out),
    `review_below` (a document with a posted field less sure than this wants a person's look), `explain` (keep the
    rejected candidates of every field), and `custom`, the fields that the workspace defined."""

    limits: Limits = field(default_factory=Limits)
    reader: Reader = "paddle"
    languages: tuple[str, ...] = ("eng", "deu", "fra", "spa", "ita", "nld", "por", "pol")
    review_below: float = 0.8
    explain: bool = False
    custom: tuple[CustomDefinition, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Options:
        custom = tuple(CustomDefinition.from_json(one) for one in data.get("custom", ()))
        typed = {"limits": Limits(**data["limits"]), "languages": tuple(data["languages"]), "custom": custom}
        return cls(**{**data, **typed})
