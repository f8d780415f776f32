"""The external programs: which are there, in what version, with which languages.

Tesseract's own threads cost more than they bring (a page takes twice the CPU), so they are limited for every
process that reads.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import lru_cache

import pytesseract

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

_PROBE_TIMEOUT_S = 20


@lru_cache(maxsize=1)
def tesseract_version() -> str | None:
    """Tesseract's version such as "5.3.0", None where it is not installed."""
    return _version("tesseract", "--version")


@lru_cache(maxsize=1)
def poppler_version() -> str | None:
    """Poppler's version such as "22.12.0", None where it is not installed."""
    return _version("pdftoppm", "-v")


@lru_cache(maxsize=1)
def tesseract_languages() -> frozenset[str]:
    """The installed languages by Tesseract's names, without the orientation model; empty without Tesseract."""
    if tesseract_version() is None:
        return frozenset()
    try:
        return frozenset(pytesseract.get_languages()) - {"osd"}
    except (pytesseract.TesseractError, OSError):
        return frozenset()


def _version(program: str, flag: str) -> str | None:
    path = shutil.which(program)
    if path is None:
        return None
    try:
        done = subprocess.run([path, flag], capture_output=True, timeout=_PROBE_TIMEOUT_S, check=False)  # noqa: S603
    except (subprocess.TimeoutExpired, OSError):
        return None
    found = re.search(rb"\d+(\.\d+)+", done.stdout + done.stderr)
    return found.group().decode() if found else None
