"""The engine's functions as the isolated process calls them: bytes and JSON in, JSON out."""

from __future__ import annotations

from typing import Any

from PIL import Image

from extraction.engine import einvoice  # noqa: F401  loaded before the fork
from extraction.engine.inspect import inspect as inspect_document
from extraction.engine.options import Limits, Options
from extraction.engine.pipeline import extract as extract_document
from extraction.engine.tools import poppler_version, tesseract_languages


def preload() -> None:
    """Do once what every document would otherwise pay for: image plug-ins, probes of the external programs."""
    Image.init()
    tesseract_languages()
    poppler_version()


def extract(data: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """`pipeline.extract`; raises its EngineErrors."""
    return extract_document(data, Options.from_json(options)).to_json()


def inspect(data: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """`inspect.inspect` with `options` as Limits; raises its EngineErrors."""
    return inspect_document(data, Limits(**options)).to_json()
