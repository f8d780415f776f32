"""Every address of the service: the API, its health, and a home page."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
if find_spec("api.urls"):
    urlpatterns.append(path("v1/", include("api.urls")))
