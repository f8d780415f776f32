"""The judgement at upload as its own isolated process calls it: bytes and JSON in, JSON out.

Apart from `served`, because a client waits: forking a process that holds readers and word lists takes longer than the
judgement itself.
"""

from __future__ import annotations

from typing import Any

from PIL import Image

from extraction.engine.inspect import inspect as inspect_document
from extraction.engine.options import Limits


def preload() -> None:
    """Do once what every document would otherwise pay for: image plug-ins."""
    Image.init()


def inspect(data: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """`inspect.inspect` with `options` as Limits; raises its EngineErrors."""
    return inspect_document(data, Limits(**options)).to_json()
