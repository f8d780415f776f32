"""/docs: the reference, and a page for each client."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from invorec.docs import reference
from invorec.docs.markup import Sample, parted
from invorec.pages import page, rendered

FOLDER = Path(__file__).parent
PUBLISHED = "https://api.invorec.com"  # where the texts say that the API is; the page names where it is served
# what the sidebar shows before the endpoints and after them
GETTING_STARTED = (
    "introduction", "authentication", "test-mode", "errors", "rate-limits", "credits-and-plans", "idempotency",
    "pagination", "versioning",
)  # fmt: skip
WEBHOOKS = ("webhooks-overview", "signature-verification", "retry-policy")
GUIDES = ("python", "node")
STYLE, SCRIPT = "docs/docs.css", "docs/docs.js"


@dataclass(frozen=True, slots=True)
class Topic:
    """A text with its samples."""

    anchor: str
    title: str
    html: SafeString
    samples: list[Sample]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The reference, on one page."""
    return _served(reference_page(), request)


@require_safe
def guide(request: HttpRequest, name: str) -> HttpResponse:
    """A client to copy, explained. Raises Http404."""
    if name not in GUIDES:
        raise Http404
    return _served(guide_page(name), request)


@cache
def reference_page() -> str:
    """Its HTML, with the published address."""
    return rendered("docs/reference.html", contents(), style=STYLE, script=SCRIPT)


@cache
def guide_page(name: str) -> str:
    """Its HTML, with the published address."""
    return rendered("docs/guide.html", contents() | {"topic": topic("guides", name)}, style=STYLE, script=SCRIPT)


@cache
def contents() -> dict[str, Any]:
    """What both pages are made of."""
    endpoints = reference.endpoints(f"{PUBLISHED}/v1")
    return {
        "getting_started": [topic("topics", name) for name in GETTING_STARTED],
        "groups": [(tag, list(group)) for tag, group in groupby(endpoints, key=lambda each: each.tag)],
        "objects": reference.objects(),
        "webhooks": [topic("topics", name) for name in WEBHOOKS],
        "guides": [topic("guides", name) for name in GUIDES],
    }


@cache
def topic(folder: str, name: str) -> Topic:
    """A Markdown file: its first line is the title."""
    title, _, body = (FOLDER / folder / f"{name}.md").read_text(encoding="utf-8").partition("\n")
    return Topic(name, title.removeprefix("# "), *parted(body))


def _served(html: str, request: HttpRequest) -> HttpResponse:
    """A page made once, naming the address by which it was asked for (which Django has checked to be a host)."""
    address = request.build_absolute_uri("/").rstrip("/")
    return page(html.replace(PUBLISHED, address), style=STYLE, script=SCRIPT)
