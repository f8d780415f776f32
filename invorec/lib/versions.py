"""Dated versions of the wire form (contract, section 7): how each differs from the next, and nothing else.

Code knows the newest form alone. A request in an older one is upgraded step by step before a view sees it, and what
goes out is brought back step by step: answers to the version of the request, events to that of their endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Change = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A form of the API by its difference from the next newer one; the newest has none.

    `queries` and `bodies` are keyed by method and name of the route, as in "PATCH invoice", and make of this version's
    query ({name: [values]}) or JSON body the next one's. `resources` are keyed by the `object` of a resource and make
    of the next version's resource this one's. A change returns a new value and leaves its argument alone.
    """

    date: str
    queries: Mapping[str, Change] = field(default_factory=dict)
    bodies: Mapping[str, Change] = field(default_factory=dict)
    resources: Mapping[str, Change] = field(default_factory=dict)


VERSIONS: tuple[Version, ...] = (Version("2026-04-08"),)  # oldest first


def known() -> list[str]:
    """The dates of all versions, oldest first."""
    return [version.date for version in VERSIONS]


def current() -> str:
    """The date of the newest version, which is what the code speaks."""
    return VERSIONS[-1].date


def upgraded_query(query: dict[str, list[str]], *, operation: str, date: str) -> dict[str, list[str]]:
    """A query of version `date` as the newest understands it."""
    for version in _since(date):
        query = version.queries.get(operation, _same)(query)
    return query


def upgraded_body(body: Any, *, operation: str, date: str) -> Any:
    """A JSON body of version `date` as the newest understands it."""
    for version in _since(date):
        body = version.bodies.get(operation, _same)(body)
    return body


def presented(resource: Any, *, date: str) -> Any:
    """A resource of the newest version, a list of them or an event about one, as version `date` knows it."""
    for version in reversed(_since(date)):
        resource = _presented_in(resource, version)
    return resource


def _presented_in(resource: Any, version: Version) -> Any:
    if isinstance(resource, list):
        return [_presented_in(item, version) for item in resource]
    if not isinstance(resource, dict) or "object" not in resource:
        return resource
    if "data" in resource:  # of a list or an event
        resource = {**resource, "data": _presented_in(resource["data"], version)}
    return version.resources.get(resource["object"], _same)(resource)


def _since(date: str) -> list[Version]:
    """The versions with differences that lie between `date` and the newest, the oldest first."""
    return list(VERSIONS[known().index(date) : -1])


def _same(value: Any) -> Any:
    return value
