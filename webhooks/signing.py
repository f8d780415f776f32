"""Signatures of what is sent (contract, section 12; standardwebhooks.com, symmetric). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"


def mint_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(*, event_id: str, body: bytes, keys: Sequence[str], at: int) -> dict[str, str]:
    """The headers that prove a POST of `body` at the Unix second `at`, by each of `keys`, the current secret first.

    InvoRec-Signature is keyed with the secret as the customer has it, the Standard Webhooks signature with the bytes
    that it encodes.
    """
    ours = b"%d." % at + body
    theirs = b"%s.%d." % (event_id.encode(), at) + body
    hex_digests = [hmac.digest(key.encode(), ours, hashlib.sha256).hex() for key in keys]
    raw_digests = [hmac.digest(_raw(key), theirs, hashlib.sha256) for key in keys]
    return {
        "InvoRec-Signature": ",".join([f"t={at}", *(f"v1={digest}" for digest in hex_digests)]),
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in raw_digests),
    }


def _raw(key: str) -> bytes:
    return base64.b64decode(key.removeprefix(PREFIX))
