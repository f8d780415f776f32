"""The home page: what this is and how to make a first request."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from invorec.pages import page, rendered


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One static page."""
    return page(rendered("home.html", {"address": request.build_absolute_uri("/").rstrip("/")}))
