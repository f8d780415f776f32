"""A client that holds every answer against the served OpenAPI document, and asserts about answers and their absence."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.core.files.storage import default_storage
from django.test import Client
from django.urls import Resolver404, resolve
from jsonschema import Draft202012Validator

from api.views.openapi import document
from extraction.models import ExtractionJob, Invoice
from invorec.lib.ids import is_id


class ApiClient(Client):
    """Django's test client with a key, which fails on an answer that the OpenAPI document does not promise."""

    def __init__(self, token: str | None = None, **kwargs: Any) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        super().__init__(raise_request_exception=False, headers=headers, **kwargs)

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        if request["PATH_INFO"].startswith("/v1"):
            check_answer(request["REQUEST_METHOD"], request["PATH_INFO"], response)
        return response


def check_answer(method: str, path: str, response: Any) -> None:
    """Asserts what holds for every answer, and that the document describes this one."""
    assert is_id(response.headers["Request-Id"], "req")
    assert response.headers["InvoRec-Version"] == "2026-04-08"
    quota = [int(response.headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset")]
    assert 0 <= quota[1] <= quota[0]
    promised = described(method, path)
    if response.status_code >= 400:
        assert response.headers["Content-Type"] == "application/json"
        if method != "HEAD":
            validator("Error").validate(response.json())
    if promised is None:
        return
    promise = promised["responses"].get(str(response.status_code))
    assert promise or response.status_code == 405, f"{response.status_code} is not described"
    content = (promise or {}).get("content", {})
    if not content:
        return
    kind = response.headers["Content-Type"]
    assert kind in content
    if kind == "application/json" and method != "HEAD" and response.status_code < 400:
        validator(content[kind]["schema"]["$ref"].rsplit("/", 1)[-1]).validate(body_of(response))


def body_of(response: Any) -> Any:
    """The JSON body, without the mark that a replay carries beside whatever it repeats."""
    body = dict(response.json())
    if response.headers.get("Idempotent-Replayed") == "true":
        assert body.pop("_meta") == {"idempotent_replay": True}
    return body


def described(method: str, path: str) -> dict[str, Any] | None:
    """The operation that answered; None for an address or a method that the API does not have."""
    try:
        route = resolve(path.rstrip("/")).route
    except Resolver404:
        return None
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
    verb = "get" if method == "HEAD" else method.lower()
    return document()["paths"].get(path, {}).get(verb)


@cache
def validator(component: str) -> Draft202012Validator:
    """Validates against one component; a name that the component does not know is a fault as well."""
    schemas = {name: schema | closed(schema) for name, schema in document()["components"]["schemas"].items()}
    return Draft202012Validator({"$ref": f"#/components/schemas/{component}", "components": {"schemas": schemas}})


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    return {"additionalProperties": False} if "properties" in schema else {}


def assert_refused(response: Any, status: int, code: str, message: str, param: str | None = None) -> None:
    """Asserts the whole body of an error."""
    expected = {"code": code, "message": message, "request_id": response.headers["Request-Id"]}
    if param:
        expected["param"] = param
    assert response.json() == {"error": expected}
    assert response.status_code == status


def assert_nothing_written() -> None:
    """Neither a row nor a file, not even an empty folder's worth."""
    assert not Invoice.objects.exists()
    assert not ExtractionJob.objects.exists()
    assert stored_files() == []


def stored_files(folder: str = "") -> list[str]:
    """Every file in the document store."""
    if folder and not default_storage.exists(folder):
        return []
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    inner = [name for each in folders for name in stored_files(f"{folder}/{each}".strip("/"))]
    return [f"{folder}/{name}".strip("/") for name in files] + inner
