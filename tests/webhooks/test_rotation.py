"""Receivers of every kind through a rotation: none rejects anything that it should take."""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
import os
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from invorec.docs.views import topic
from invorec.lib.encryption import decrypt
from tests.factories import make_endpoint, make_event
from webhooks.deliveries import Claimed, Outcome, claim, settle
from webhooks.endpoints import PURPOSE, promote_secret, rotate_secret
from webhooks.signing import headers
from webhooks.transport import Answer

pytestmark = pytest.mark.django_db


def published(group: str, name: str, function: str) -> Any:
    """A function of the Python samples of /docs, as it stands there."""
    (text,) = [
        code.text for sample in topic(group, name).samples for code in sample
        if code.language == "python" and f"def {function}(" in code.text
    ]  # fmt: skip
    wanted = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == function]
    space = {"hmac": hmac, "hashlib": hashlib, "time": time, "json": json, "os": os, "Any": Any, "TOLERANCE_S": 300}
    exec(compile(ast.Module(wanted, []), name, "exec"), space)
    return space[function]


CLIENT = published("guides", "python", "verify")
SAMPLE = published("topics", "signature-verification", "verify_webhook")


def client(secret: str, body: bytes, sent: dict[str, str]) -> None:
    """The verifier of the client."""
    CLIENT(sent["InvoRec-Signature"], body, secret)


def sample(secret: str, body: bytes, sent: dict[str, str]) -> None:
    """The reference's own, which reads by position."""
    os.environ["SECRET"] = secret
    SAMPLE(sent, body)


def stock(secret: str, body: bytes, sent: dict[str, str]) -> None:
    """A library that knows nothing of us."""
    Webhook(secret).verify(body, sent)


def attempt(now) -> tuple[Claimed, dict[str, str]]:
    """One attempt, which fails: what is sent, signed as at this moment."""
    (claimed,) = claim(now=now, limit=9)
    failed = Answer(status=500, error="", retry_after=None, excerpt="", seconds=0)
    settle([Outcome(claimed, now, failed)], now=now)
    signed = headers(event_id=claimed.event_id, body=claimed.body, keys=claimed.keys, at=int(time.time()))
    return claimed, signed


def verdicts(now, secret: str) -> dict[str, bool]:
    claimed, sent = attempt(now)
    found = {}
    for verifier in (client, sample, stock):
        try:
            verifier(secret, claimed.body, sent)
            found[verifier.__name__] = True
        except Exception:  # each has its own
            found[verifier.__name__] = False
    return found


ALL, NONE = dict.fromkeys(("client", "sample", "stock"), True), dict.fromkeys(("client", "sample", "stock"), False)


@pytest.fixture
def moments(settings):
    """When the attempts of one event are due, and when the overlap ends."""
    settings.WEBHOOK_SCHEDULE_S = [0.001] * 20
    return timezone.now() + timedelta(seconds=5), timedelta(seconds=settings.WEBHOOK_OVERLAP_S)


def test_an_overlap_that_runs_out(tenant, moments, monkeypatch):
    now, overlap = moments
    endpoint = make_endpoint(tenant)
    old = decrypt(endpoint.secret, purpose=PURPOSE)
    make_event(tenant)
    assert verdicts(now, old) == ALL
    new = rotate_secret(endpoint=endpoint)[1]
    for later in (timedelta(seconds=1), overlap / 2, overlap - timedelta(seconds=10)):
        assert verdicts(now + later, old) == ALL
        assert verdicts(now + later + timedelta(seconds=1), new) == ALL | {"sample": False}  # it knows one value
    assert verdicts(now + overlap, new) == ALL
    assert verdicts(now + overlap + timedelta(seconds=1), old) == NONE


def test_a_promotion(tenant, moments):
    now, _ = moments
    endpoint = make_endpoint(tenant)
    old = decrypt(endpoint.secret, purpose=PURPOSE)
    make_event(tenant)
    new = rotate_secret(endpoint=endpoint)[1]
    assert verdicts(now, old) == ALL
    promote_secret(endpoint=endpoint)
    assert verdicts(now + timedelta(seconds=1), new) == ALL
    assert verdicts(now + timedelta(seconds=2), old) == NONE


def test_rotating_again_replaces_the_pending_secret_and_after_the_overlap_the_current_one(tenant, moments):
    now, overlap = moments
    endpoint = make_endpoint(tenant)
    old = decrypt(endpoint.secret, purpose=PURPOSE)
    make_event(tenant)
    first, second = (rotate_secret(endpoint=endpoint)[1] for _ in range(2))
    assert verdicts(now, old) == ALL
    assert verdicts(now + timedelta(seconds=1), first) == NONE
    endpoint.refresh_from_db()
    endpoint.pending_until -= overlap  # a day later
    endpoint.save()
    third = rotate_secret(endpoint=endpoint)[1]
    assert verdicts(now + timedelta(seconds=2), second) == ALL
    assert verdicts(now + timedelta(seconds=3), third) == ALL | {"sample": False}
    assert verdicts(now + timedelta(seconds=4), old) == NONE
