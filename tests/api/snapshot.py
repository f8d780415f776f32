"""The OpenAPI document as it was last agreed on: a change of the API shows in a review as a change of this file.

python -m tests.api.snapshot        writes tests/api/openapi.json anew
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "openapi.json"


def as_text(document: dict[str, Any]) -> str:
    """One line per leaf, so that a difference is small. Examples' order and that of fields is part of it."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "invorec.settings")
    django.setup()
    from api.views.openapi import document

    FILE.write_text(as_text(document()), encoding="utf-8")
