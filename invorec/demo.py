"""The workspace that `make up` shows: its keys, and a first invoice read through the public API."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from django.db import transaction

from api.models import ApiKey
from api.services import issue_key
from billing.services import open_workspace

SAMPLE = Path(__file__).parent / "sample" / "invoice.pdf"
READY_S = 30.0
RESULT_S = 120.0
POLL_S = 2.0  # the limit of requests holds here as well


class DemoFailed(Exception):
    """The demonstration could not be shown; the text says why."""


def demo_keys(path: Path) -> dict[str, str]:
    """The demo workspace's `live` and `test` keys, made on the first start.

    Keys are stored hashed, so their text is kept beside the database in `path`, for its owner's eyes only.
    """
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text(encoding="ascii"))
        if all(is_valid(token) for token in kept.values()):
            return kept
    keys = new_demo_keys()
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(keys, file, indent=2)
    draft.replace(path)
    return keys


def is_valid(token: str) -> bool:
    """Whether the database knows the key (which may be a new one) and has not revoked it."""
    try:
        return ApiKey.of_token(token).revoked_at is None
    except ApiKey.DoesNotExist:
        return False


@transaction.atomic
def new_demo_keys() -> dict[str, str]:
    """A workspace on the Business plan, the one with API access, and a key for each mode."""
    workspace = open_workspace(name="Demo", plan="business")
    modes = {"live": True, "test": False}
    return {mode: issue_key(workspace=workspace, livemode=live, name="Demo")[1] for mode, live in modes.items()}


def wait_until_up(url: str, pause: Callable[[], None]) -> None:
    """Return once `url` answers; `pause` is called between tries. Raises DemoFailed."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/healthz", timeout=2).raise_for_status()
            return
        except httpx.HTTPError:
            pause()
    raise DemoFailed(f"{url} did not answer within {READY_S:.0f} s; the lines above say why.")


def first_invoice(url: str, key: str, pause: Callable[[], None]) -> dict[str, Any] | None:
    """Upload the sample and return the finished invoice object; None where there are invoices already.

    Raises DemoFailed.
    """
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        if succeeded(client.get("/v1/invoices", params={"limit": 1}))["data"]:
            return None
        sample = {"file": (SAMPLE.name, SAMPLE.read_bytes(), "application/pdf")}
        invoice = succeeded(client.post("/v1/invoices", files=sample, headers={"Prefer": "wait=10"}))
        deadline = time.monotonic() + RESULT_S
        while invoice["status"] == "processing" and time.monotonic() < deadline:
            until = time.monotonic() + POLL_S
            while time.monotonic() < until:
                pause()
            invoice = succeeded(client.get(f"/v1/invoices/{invoice['id']}"))
    if invoice["status"] == "processing":
        raise DemoFailed(f"The sample was not read within {RESULT_S:.0f} s; the lines above may say why.")
    return invoice


def succeeded(answer: httpx.Response) -> dict[str, Any]:
    """The body of a 2xx answer. Raises DemoFailed with the API's own words for any other."""
    if not answer.is_success:
        raise DemoFailed(f"The API answered {answer.status_code}: {answer.text[:500]}")
    body: dict[str, Any] = answer.json()
    return body
