"""The addresses under /v1, with or without a slash at the end."""

from __future__ import annotations

from django.urls import re_path

from api.views.openapi import OpenApiDocument

urlpatterns = [
    re_path(r"^openapi\.json/?$", OpenApiDocument.as_view(), name="openapi"),
]
