"""One turn of work: claim, read the document, settle. Celery tasks and the embedded worker call the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from django.utils import timezone

from extraction import jobs, sandbox, storage
from extraction.engine.errors import Crashed, EngineError
from extraction.engine.options import Options
from extraction.engine.result import Extraction
from extraction.services import service_options

log = structlog.get_logger(__name__)

ORDINARY_EVERY = 5
_slot = threading.local()  # of a worker: how many jobs it has taken

Run = Callable[[bytes, Options], Extraction]


def work_once(*, worker: str, job_id: str | None = None, run: Run | None = None) -> bool:
    """Read one document: that of the job `job_id`, or the most urgent. False where there was none to take. One in
    ORDINARY_EVERY of each worker, its first included, goes to those that are not urgent, so that they never starve.

    What the document is guilty of is final; an accident (a dead engine process, a store that does not answer) is
    tried again. No transaction is open while the engine runs.
    """
    taken: int = getattr(_slot, "taken", 0)
    turn = {"ordinary_first": taken % ORDINARY_EVERY == 0}
    claimed = jobs.claim(worker=worker, now=timezone.now(), job_id=job_id, **turn)
    if claimed is None:
        return False
    _slot.taken = taken + 1
    with structlog.contextvars.bound_contextvars(job_id=claimed.job_id, invoice_id=claimed.invoice_id):
        try:
            _read(claimed, run or extract_isolated)
        except Crashed as error:
            log.warning("engine_crashed", attempt=claimed.attempts)
            jobs.retry_later(claimed, now=timezone.now(), reason=str(error))
        except EngineError as error:
            log.info("invoice_failed", code=error.code)
            jobs.fail(claimed, code=error.code, message=str(error))
        except Exception as error:
            log.exception("job_accident", attempt=claimed.attempts)
            jobs.retry_later(claimed, now=timezone.now(), reason=repr(error))
    return True


def _read(claimed: jobs.Claimed, run: Run) -> None:
    started = time.monotonic()
    extraction = _read_live(claimed, run) if claimed.livemode else _read_test(claimed)
    seconds = round(time.monotonic() - started, 3)
    stored = jobs.finish(claimed, extraction, seconds=seconds)
    log.info("invoice_succeeded" if stored else "result_came_too_late", seconds=seconds)


def _read_live(claimed: jobs.Claimed, run: Run) -> Extraction:
    return run(storage.read(claimed.file_key), service_options(explain=True, definition=claimed.definition))


def _read_test(claimed: jobs.Claimed) -> Extraction:
    return sandbox.read_fixture(file_name=claimed.file_name, sha256=claimed.file_sha256, definition=claimed.definition)


def extract_isolated(data: bytes, options: Options) -> Extraction:
    """The engine in a process of its own."""
    from extraction import isolation

    return isolation.extract_isolated(data, options)
