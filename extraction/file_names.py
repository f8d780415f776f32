"""What a client called its file: a label to show, never a path to open."""

from __future__ import annotations

import unicodedata

from extraction.models import NAME_LENGTH

EXTENSIONS = {
    "pdf": "pdf", "png": "png", "jpeg": "jpg", "tiff": "tiff", "webp": "webp", "heic": "heic", "xml": "xml",
}  # fmt: skip
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "heic": "image/heic",
    "xml": "application/xml",
}


def safe_name(name: str, kind: str) -> str:
    """The last part of `name` without control, formatting (right-to-left overrides) and unpaired characters, at most
    255 long with its ending kept; where nothing is left, "invoice" with the ending of its kind.
    """
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in unicodedata.normalize("NFC", base) if unicodedata.category(c)[0] != "C").strip()
    if not visible.strip(". "):
        return f"invoice.{EXTENSIONS[kind]}"
    stem, dot, ending = visible.rpartition(".")
    if len(visible) > NAME_LENGTH and dot and len(ending) <= 10:
        return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}"
    return visible[:NAME_LENGTH]
