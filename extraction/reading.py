"""One document from disk to the wire's JSON without a database: what `manage.py extract` prints."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import structlog

from extraction.engine.errors import Crashed, EngineError, FileTooLarge
from extraction.engine.options import Options
from extraction.engine.sniff import sniff
from extraction.file_names import CONTENT_TYPES, safe_name
from extraction.models import Invoice
from extraction.provenance import present_result
from extraction.results import apply_extraction, storable
from extraction.serializers import InvoiceSerializer
from extraction.worker import Run

log = structlog.get_logger(__name__)


def read_document(path: Path, *, options: Options, run: Run) -> dict[str, Any]:
    """`{file, invoice, extraction, seconds}`, or `{file, error: {code, message}, seconds}`. Raises nothing."""
    started = time.monotonic()
    try:
        answer = _read(path, options, run)
    except EngineError as error:
        answer = _error(error.code, str(error))
    except OSError as error:
        answer = _error("file_not_found", f"The file cannot be read: {error.strerror or error}.")
    except Exception:
        log.exception("document_not_read", file=str(path))
        answer = _error(Crashed.code, Crashed.message)
    return {"file": str(path), **answer, "seconds": round(time.monotonic() - started, 3)}


def _read(path: Path, options: Options, run: Run) -> dict[str, Any]:
    if path.stat().st_size > options.limits.max_bytes:
        raise FileTooLarge
    data = path.read_bytes()
    extraction = run(data, options)
    kind = sniff(data)
    invoice = Invoice(
        status=Invoice.Status.SUCCEEDED,
        livemode=True,
        file_name=safe_name(path.name, kind),
        file_sha256=hashlib.sha256(data).hexdigest(),
        file_size=len(data),
        content_type=CONTENT_TYPES[kind],
    )
    invoice.updated_at = invoice.created_at
    lines = apply_extraction(invoice, extraction)
    shown = InvoiceSerializer(invoice, context={"line_items": lines}).data
    return {"invoice": shown, "extraction": storable(present_result(extraction, explain=options.explain))}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
