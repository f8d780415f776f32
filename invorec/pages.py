"""Pages for people: each one answer that needs nothing from elsewhere, and may run nothing but what stands in it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.template.loader import get_template, render_to_string
from django.utils.safestring import mark_safe

BASE_POLICY = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(html: str, *, style: str = "site.css", script: str | None = None) -> HttpResponse:
    """The answer with `html`; of styles and scripts the browser takes those two templates alone (CSP by digest)."""
    policy = [BASE_POLICY, f"style-src '{digest(source(style))}'"]
    if script:
        policy.append(f"script-src '{digest(source(script))}'")
    return HttpResponse(html, headers={"Content-Security-Policy": "; ".join(policy)})


def rendered(template: str, context: dict[str, Any], *, style: str = "site.css", script: str | None = None) -> str:
    """The HTML of a template, with `style` and `script`, templates too, set in."""
    inline = {"style": mark_safe(source(style))}  # noqa: S308  files of our own
    if script:
        inline["script"] = mark_safe(source(script))  # noqa: S308
    return render_to_string(template, context | inline)


@cache
def source(template: str) -> str:
    """What stands between the tags."""
    return "\n" + get_template(template).render()


def digest(text: str) -> str:
    """How a content security policy names an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
