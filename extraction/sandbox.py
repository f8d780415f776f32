"""Test mode: an upload is judged like a live one and then answered from fixtures (contract, section 11).

The fixtures in `sandbox_data` are what the engine once read (`python -m tests.invoices.sandbox` makes them). A word in
the file's name forces one of a kind; any other file gets one by its digest, the same file always the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from extraction.engine.errors import EngineError
from extraction.engine.result import Extraction
from extraction.sandbox_custom import with_custom

DATA = Path(__file__).parent / "sandbox_data"
# What a file's name may ask for. Each is the first part of the names of its fixtures; the first in this order wins.
KINDS = ("fail", "review", "einvoice", "multipage", "credit", "receipt", "scan")
FAILS = KINDS[0]
SLOW, SLOW_FOR = "slow", timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Fixture:
    """One answer: what was read, or the error that reading ended in. `sha256` is the document's that it was read
    from, which gets no other answer."""

    name: str
    sha256: str
    extraction: Extraction | None
    error: type[EngineError] | None


def read_fixture(*, file_name: str, sha256: str, definition: Mapping[str, Any] | None = None) -> Extraction:
    """The answer for a file of this name and digest (hex), with a value for every field of the definition.

    Raises the EngineError that the fixture ends in.
    """
    fixture = chosen(file_name=file_name, sha256=sha256)
    if fixture.error is not None:
        raise fixture.error
    assert fixture.extraction is not None  # noqa: S101  a fixture has either
    return with_custom(fixture.extraction, definition)


def chosen(*, file_name: str, sha256: str) -> Fixture:
    """The fixture for a file of this name and digest."""
    asked = next((kind for kind in KINDS if kind in file_name.lower()), None)
    if asked is not None:
        among = [fixture for fixture in fixtures() if fixture.name.startswith(asked)]
    else:
        among = [fixture for fixture in fixtures() if not fixture.name.startswith(FAILS)]
    own = next((fixture for fixture in among if fixture.sha256 == sha256), None)
    return own or among[int(sha256, 16) % len(among)]


def delay(file_name: str) -> timedelta:
    """How long the answer is held back. Nobody waits meanwhile: the job is due that much later."""
    return SLOW_FOR if SLOW in file_name.lower() else timedelta(0)


@cache
def fixtures() -> tuple[Fixture, ...]:
    """All of them, by name."""
    return tuple(_loaded(path) for path in sorted(DATA.glob("*.json")))


def _loaded(path: Path) -> Fixture:
    content = json.loads(path.read_bytes())
    errors = {error.code: error for error in EngineError.__subclasses__()}
    read = content.get("extraction")
    error = errors[content["error"]] if read is None else None
    return Fixture(path.stem, content.get("sha256", ""), Extraction.from_json(read) if read else None, error)
