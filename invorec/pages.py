"""Pages for people: each one answer that needs nothing from elsewhere, and may run nothing but what stands in it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template, render_to_string
from django.utils.safestring import mark_safe

BASE_POLICY = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, style: str = "site.css", script: str | None = None
) -> HttpResponse:
    """The template with `style` and `script`, templates too, set in; the browser takes no others (CSP by digest)."""
    inline = {"style": source(style)} | ({"script": source(script)} if script else {})
    allowed = "; ".join(f"{kind}-src '{digest(text)}'" for kind, text in inline.items())
    safe = {kind: mark_safe(text) for kind, text in inline.items()}  # noqa: S308  files of our own
    response = HttpResponse(render_to_string(template, context | safe, request))
    response.headers["Content-Security-Policy"] = f"{BASE_POLICY}; {allowed}"
    return response


@cache
def source(template: str) -> str:
    """What stands between the tags."""
    return "\n" + get_template(template).render()


def digest(text: str) -> str:
    """How a content security policy names an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
