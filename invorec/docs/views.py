"""/docs: the reference, and a page for each client."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from invorec.docs import reference
from invorec.docs.markup import LANGUAGES, Sample, parted
from invorec.pages import page

FOLDER = Path(__file__).parent
PUBLISHED = "https://api.invorec.com"  # where the texts say that the API is; the page names where it is served
# what the sidebar shows before the endpoints and after them
GETTING_STARTED = (
    "introduction", "authentication", "test-mode", "errors", "rate-limits", "idempotency", "pagination", "versioning",
)  # fmt: skip
WEBHOOKS = ("webhooks-overview", "signature-verification", "retry-policy")
GUIDES = ("python", "node")


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
    return _page(request, "docs/reference.html", contents(_address(request)))


@require_safe
def guide(request: HttpRequest, name: str) -> HttpResponse:
    """A client to copy, explained. Raises Http404."""
    if name not in GUIDES:
        raise Http404
    address = _address(request)
    return _page(request, "docs/guide.html", contents(address) | {"topic": topic("guides", name, address)})


@lru_cache(maxsize=8)  # a service has few addresses
def contents(address: str) -> dict[str, Any]:
    """What both pages are made of, for a service at `address`."""
    endpoints = reference.endpoints(f"{address}/v1")
    return {
        "address": address,
        "languages": LANGUAGES,
        "getting_started": [topic("topics", name, address) for name in GETTING_STARTED],
        "groups": [(tag, list(group)) for tag, group in groupby(endpoints, key=lambda each: each.tag)],
        "objects": reference.objects(),
        "webhooks": [topic("topics", name, address) for name in WEBHOOKS],
        "guides": [topic("guides", name, address) for name in GUIDES],
    }


@lru_cache(maxsize=64)
def topic(folder: str, name: str, address: str) -> Topic:
    """A Markdown file: its first line is the title."""
    text = (FOLDER / folder / f"{name}.md").read_text(encoding="utf-8").replace(PUBLISHED, address)
    title, _, body = text.partition("\n")
    return Topic(name, title.removeprefix("# "), *parted(body))


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return page(request, template, context, style="docs/docs.css", script="docs/docs.js")


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")
