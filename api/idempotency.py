"""Idempotency keys (contract, section 5): what the first request under a key did is done once, and answered again.

The record is one insert in the transaction of the effect, under a unique constraint. A racing twin waits on that index
and then finds the record; a crash rolls both back, which frees the key. There is no lock of our own to be left behind.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api import versioning
from api.errors import IdempotencyConflict, InvalidRequest
from api.models import MAX_IDEMPOTENCY_KEY, REPLAYED_FOR, IdempotencyRecord
from billing.tenant import Tenant
from invorec.lib.canonical import digest
from invorec.lib.encryption import decrypt, encrypt

METHODS = frozenset({"POST", "PATCH", "DELETE"})
HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_HEADERS = ("Location", versioning.HEADER)
WAIT_S = 10  # for a twin that is still at work
PURPOSE = "stored answers"
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's SQLSTATE when lock_timeout has passed

_key_form = re.compile(rf"[\x20-\x7e]{{1,{MAX_IDEMPOTENCY_KEY}}}")


class AlreadyClaimed(Exception):
    """Somebody else's request under the same key was first."""


def run_once(
    request: Request,
    *,
    tenant: Tenant,
    prepared: Callable[[], AbstractContextManager[None]],
    work: Callable[[], Response],
) -> Response:
    """The answer of `work`, or again that to the first request under the same Idempotency-Key.

    With a key, `work` runs in one transaction with the record; `prepared` is entered before that transaction begins and
    left after it ends. Raises InvalidRequest, IdempotencyConflict and whatever these two raise; nothing is stored then.
    """
    key = requested_key(request)
    if key is None:
        with prepared():
            return work()
    record = IdempotencyRecord(
        workspace=tenant.workspace, livemode=tenant.livemode, key=key, fingerprint=fingerprint(request)
    )
    if first := _first(record):
        return _replay(first, record.fingerprint)
    try:
        with prepared(), transaction.atomic():
            _claim(record)
            return _kept(record, work())
    except AlreadyClaimed:
        first = _first(record)
    if first is None:  # it ran out in this moment
        raise IdempotencyConflict.still_running()
    return _replay(first, record.fingerprint)


def purge(*, now: datetime) -> int:
    """Delete the records of keys that may be used anew; how many there were."""
    return IdempotencyRecord.objects.filter(created_at__lte=now - REPLAYED_FOR).delete()[0]


def requested_key(request: Request) -> str | None:
    """The client's key, None without one. Raises InvalidRequest for one that is not 1 to 255 printable ASCII."""
    key: str | None = request.headers.get(HEADER)
    if key is not None and not _key_form.fullmatch(key):
        raise InvalidRequest(
            f"The {HEADER} has 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters, for example a UUID.", param=HEADER
        )
    return key


def fingerprint(request: Request) -> str:
    """A digest of what the request asks for: method, path, query and body, whatever their encoding.

    Of a form its parts' names, file names and contents; never its boundary, the order of its parts or their headers.
    Raises whatever reading the body raises.
    """
    query = sorted(request.query_params.lists())
    try:
        return digest([request.method, request.path_info, query, _body(request)])
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None


def _body(request: Request) -> Any:
    data = request.data
    parts = [[name, None, values] for name, values in request.POST.lists()]
    parts += [[name, file.name, _sha256(file)] for name, files in request.FILES.lists() for file in files]
    if parts:
        return {"parts": sorted(parts, key=lambda part: part[0])}
    return {"json": data}


def _sha256(file: UploadedFile) -> str:
    """SHA-256 in hex, a chunk at a time; the file stands at its beginning afterwards."""
    sha256 = hashlib.sha256()
    for chunk in file.chunks():
        sha256.update(chunk)
    file.seek(0)
    return sha256.hexdigest()


def _first(record: IdempotencyRecord) -> IdempotencyRecord | None:
    """The record that holds the key of `record`. One that has ended is removed and holds nothing."""
    tenant = Tenant(record.workspace, record.livemode)
    first = IdempotencyRecord.objects.visible_to(tenant).filter(key=record.key).first()
    if first is not None and first.has_ended(timezone.now()):
        IdempotencyRecord.objects.filter(pk=first.pk).delete()
        return None
    return first


def _claim(record: IdempotencyRecord) -> None:
    """Insert the record, waiting for a twin's transaction to end. Raises AlreadyClaimed, IdempotencyConflict.

    On PostgreSQL no lock of this transaction is waited for longer than WAIT_S; on SQLite writers queue up at BEGIN.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_S}s"])
    try:
        record.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyClaimed from error
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise IdempotencyConflict.still_running() from error
        raise


def _kept(record: IdempotencyRecord, response: Response) -> Response:
    """`response`, stored in `record`; one that is not a success undoes the transaction instead."""
    if not 200 <= response.status_code < 300:
        transaction.set_rollback(True)
        return response
    record.status = response.status_code
    record.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = "" if response.data is None else JSONRenderer().render(response.data).decode()
    record.body = encrypt(answer, purpose=PURPOSE)  # it may show a secret that is stored nowhere else
    record.save(update_fields=["status", "headers", "body"])
    return response


def _replay(record: IdempotencyRecord, asked: str) -> Response:
    """The stored answer, marked as such. Raises IdempotencyConflict where something else is asked for this time."""
    if record.fingerprint != asked:
        raise IdempotencyConflict()
    answer = decrypt(record.body, purpose=PURPOSE)
    data = json.loads(answer) if answer else None
    if isinstance(data, dict):
        data["_meta"] = {**data.get("_meta", {}), "idempotent_replay": True}
    return Response(data, status=record.status, headers=record.headers | {REPLAYED: "true"})
