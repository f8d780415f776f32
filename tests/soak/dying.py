"""The service with a trap in it: a request with the header X-Die-At kills its web process at the point that it names.

Not a part of the product: `tests.soak.idempotency` serves this application to see what a retry does afterwards.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.template.response import SimpleTemplateResponse

from invorec.wsgi import application as served  # sets Django up, which what follows needs

# isort: split
import api.idempotency
import api.middleware
import api.ratelimit
import api.views.base
import api.views.invoices
import extraction.changes
import invorec.access_log

_now = threading.local()
View = api.views.base.ApiView
# name -> (where, what, whether the process dies before or after it); all but the first three come after the commit
TRAPS: dict[str, tuple[Any, str, str]] = {
    "uncommitted: claimed": (api.idempotency, "_claim", "after"),
    "uncommitted: inserted": (api.views.invoices, "insert_invoice", "after"),
    "uncommitted: kept": (api.idempotency, "_kept", "after"),
    "committed": (BaseDatabaseWrapper, "run_and_clear_commit_hooks", "before"),
    "before the worker is woken": (extraction.changes, "wake_job", "before"),
    "after the worker is woken": (extraction.changes, "wake_job", "after"),
    "after the hooks of the commit": (BaseDatabaseWrapper, "run_and_clear_commit_hooks", "after"),
    "done once": (api.idempotency, "run_once", "after"),
    "answered by the view": (View, "answer", "after"),
    "finalized": (View, "finalize_response", "after"),
    "rendered": (SimpleTemplateResponse, "render", "after"),
    "in our form": (api.middleware, "in_our_form", "after"),
    "quota told": (api.ratelimit, "with_quota", "after"),
    "logged": (invorec.access_log.AccessLogMiddleware, "__call__", "after"),
}
SENT = {"before the first byte": 0.0, "after half of the body": 0.5}  # how much of the body the client gets
AFTER_COMMIT = [name for name in [*TRAPS, *SENT] if not name.startswith("uncommitted")]


def die() -> None:
    """No clean-up, no answer."""
    os.kill(os.getpid(), signal.SIGKILL)


def trapped(name: str, function: Callable[..., Any], when: str) -> Callable[..., Any]:
    """`function`, deadly to a request that names this trap."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        armed = getattr(_now, "trap", None) == name
        if armed and when == "before":
            die()
        result = function(*args, **kwargs)
        if armed:
            die()
        return result

    return wrapper


for _name, (_where, _what, _when) in TRAPS.items():
    setattr(_where, _what, trapped(_name, getattr(_where, _what), _when))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The service's WSGI application."""
    _now.trap = environ.get("HTTP_X_DIE_AT")
    body = served(environ, start_response)
    return sent_until(body, SENT[_now.trap]) if _now.trap in SENT else body


def sent_until(body: Iterable[bytes], share: float) -> Iterator[bytes]:
    """That share of the body, and then death."""
    whole = b"".join(body)
    yield whole[: int(len(whole) * share)]
    die()
