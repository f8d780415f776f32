"""Files that no row knows of: an upload whose transaction rolled back after the file was stored."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from extraction import storage
from extraction.models import Invoice

log = structlog.get_logger(__name__)

MIN_AGE = timedelta(hours=1)  # a younger file may belong to a transaction that is still open


def sweep_orphan_files(*, now: datetime) -> int:
    """Remove the stored files without an invoice that are older than an hour, and return how many there were."""
    removed = 0
    for keys in storage.keys_by_workspace():
        known = set(Invoice.objects.filter(file_key__in=keys).values_list("file_key", flat=True))
        for key in keys:
            if key not in known and _is_old(key, now):
                storage.delete(key)
                removed += 1
    if removed:
        log.info("orphan_files_removed", count=removed)
    return removed


def _is_old(key: str, now: datetime) -> bool:
    try:
        return storage.stored_at(key) < now - MIN_AGE
    except FileNotFoundError:
        return False
