"""API keys: minting, offline verification and what is stored of them (contract section 2)."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH = 32  # 62 ** 32 > 2 ** 190
CHECKSUM_LENGTH = 6  # 62 ** 6 > 2 ** 32
KEY_PATTERN = rf"invr_(live|test)_[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}"  # for secret scanners, too

_shape = re.compile(KEY_PATTERN)


def mint_key(*, livemode: bool) -> str:
    """A new key. It is shown once; keep only `hash_key` and `key_hint` of it."""
    body = f"invr_{'live' if livemode else 'test'}_" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + _checksum(body)


def is_key(token: str) -> bool:
    """Whether `token` has a key's shape and checksum. A typo or an invention fails without a query."""
    return _shape.fullmatch(token) is not None and _checksum(token[:-CHECKSUM_LENGTH]) == token[-CHECKSUM_LENGTH:]


def key_livemode(token: str) -> bool:
    """Whether the key speaks for live data (else for test data)."""
    return token.startswith("invr_live_")


def hash_key(token: str) -> str:
    """SHA-256 in hex. No salt or stretching: the key itself has 190 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def key_hint(token: str) -> str:
    """What may be displayed of a key: its prefix, four characters, an ellipsis, its last four."""
    start = len("invr_live_") + 4
    return f"{token[:start]}…{token[-4:]}"


def _checksum(body: str) -> str:
    """CRC32 in base 62, most significant digit first, six characters."""
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
