"""Short secrets at rest: text in, text out, readable again only with SECRET_KEY."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class DecryptionFailed(Exception):
    """The text was not encrypted for this purpose by a key that the service has, or it was changed since."""


def encrypt(text: str, *, purpose: str) -> str:
    """`text`, authenticated and encrypted (Fernet) with a key of its own for `purpose`."""
    return _cipher(purpose, _secrets()).encrypt(text.encode()).decode()


def decrypt(token: str, *, purpose: str) -> str:
    """What `encrypt` was given for the same purpose, by the present SECRET_KEY or an earlier one that
    SECRET_KEY_FALLBACKS names. Raises DecryptionFailed."""
    try:
        return _cipher(purpose, _secrets()).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise DecryptionFailed from error


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=32)
def _cipher(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    """The first secret encrypts; all decrypt."""
    return MultiFernet([Fernet(_derived(secret, purpose)) for secret in secrets])


def _derived(secret: str, purpose: str) -> bytes:
    """A Fernet key (RFC 5869, HKDF with SHA-256): what one purpose encrypts, another cannot read."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"invorec {purpose}".encode())
    return base64.urlsafe_b64encode(derivation.derive(secret.encode()))
