"""Documents from strangers, read in a limited process of their own; what comes back is checked as they are."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, get_args

import structlog
from django.conf import settings

from extraction.engine.errors import Crashed, EngineError
from extraction.engine.inspect import Facts
from extraction.engine.options import Limits, Options
from extraction.engine.result import DocumentType, Extraction, Method, Provenance, Source
from extraction.engine_server import Bounds, EngineServer

log = structlog.get_logger(__name__)

_SERVED = {"extract": "extraction.engine.served:extract", "inspect": "extraction.engine.served_inspect:inspect"}
_ERRORS: dict[str, type[EngineError]] = {error.code: error for error in EngineError.__subclasses__()}
# What a walk over JSON of the wrong shape can raise.
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, IndexError, RecursionError)


def extract_isolated(
    data: bytes,
    options: Options,
    *,
    wall_s: float | None = None,
    cpu_s: int | None = None,
    memory_bytes: int | None = None,
) -> Extraction:
    """`extraction.engine.pipeline.extract` in a process of its own; bounds that are not given come from the settings.

    Raises its EngineErrors, TimedOut past a bound on time, Crashed where the process ended otherwise or answered
    nonsense.
    """
    bounds = _bounds(wall_s or settings.ENGINE_WALL_S, cpu_s, memory_bytes)
    answer = _server("extract").call("extract", options.to_json(), data, bounds)
    try:
        return checked_extraction(result_of(answer))
    except _MALFORMED as error:
        raise _nonsense(error) from error


def inspect_isolated(
    data: bytes,
    limits: Limits,
    *,
    wall_s: float | None = None,
    cpu_s: int | None = None,
    memory_bytes: int | None = None,
) -> Facts:
    """`extraction.engine.inspect.inspect` likewise. Raises as `extract_isolated`."""
    bounds = _bounds(wall_s or settings.INSPECT_WALL_S, cpu_s, memory_bytes)
    answer = _server("inspect").call("inspect", Options(limits=limits).to_json()["limits"], data, bounds)
    try:
        return Facts.from_json(result_of(answer))
    except _MALFORMED as error:
        raise _nonsense(error) from error


def result_of(answer: bytes) -> dict[str, Any]:
    """The result in a worker's answer. Raises the EngineError that it names; Crashed for one that is none of ours,
    ValueError for anything else."""
    content = json.loads(answer, parse_constant=_refuse_constant)
    if "result" in content:
        if not isinstance(content["result"], dict):
            raise ValueError("the result is not an object")
        return content["result"]
    if "error" in content:
        error = _ERRORS.get(content["error"], Crashed)
        raise error(str(content["message"])[:500])
    log.error("engine_failed", reason=str(content["crash"])[:500])
    raise Crashed


def checked_extraction(data: dict[str, Any]) -> Extraction:
    """The extraction, if `data` is exactly what an extraction gives. Raises ValueError and its like otherwise."""
    extraction = Extraction.from_json(data)
    if extraction.to_json() != data:
        raise ValueError("the extraction has parts that are not its own")
    if extraction.source not in get_args(Source) or extraction.document_type not in get_args(DocumentType):
        raise ValueError("unknown source or document type")
    if type(extraction.page_count) is not int or type(extraction.needs_review) is not bool:
        raise ValueError("page count or review of the wrong type")
    cells = [cell for line in extraction.line_items for cell in line.cells.values()]
    defined = [one for part in (extraction.custom, *extraction.custom_lines) for f in part.values() for one in f.found]
    for found in (*extraction.fields.values(), *cells, *defined):
        _check_share(found.confidence)
        for provenance in (found.provenance, *(loser.provenance for loser in found.rejected)):
            _check_provenance(provenance)
    _check_share(extraction.confidence)
    return extraction


def _check_provenance(provenance: Provenance) -> None:
    if provenance.method not in get_args(Method) or type(provenance.text) is not str:
        raise ValueError("unknown method or text of the wrong type")
    if type(provenance.page) not in (int, type(None)) or type(provenance.label) not in (str, type(None)):
        raise ValueError("page or label of the wrong type")
    if provenance.box is not None:
        for edge in (provenance.box.x0, provenance.box.y0, provenance.box.x1, provenance.box.y1):
            _check_share(edge)


def _check_share(value: float) -> None:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise ValueError(f"not between 0 and 1: {value!r}")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _nonsense(error: Exception) -> Crashed:
    log.error("engine_answered_nonsense", reason=repr(error)[:500])
    return Crashed()


def _bounds(wall_s: float, cpu_s: int | None, memory_bytes: int | None) -> Bounds:
    return Bounds(wall_s, cpu_s or settings.ENGINE_CPU_S, memory_bytes or settings.ENGINE_MEMORY_BYTES)


@cache
def _server(function: str) -> EngineServer:
    """One per function and process; a fork of this process gets its own (see EngineServer)."""
    return EngineServer({function: _SERVED[function]}, sandbox=settings.ENGINE_SANDBOX)
