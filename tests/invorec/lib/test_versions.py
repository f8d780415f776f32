"""The steps between versions, with three made-up ones."""

from __future__ import annotations

import pytest

from invorec.lib import versions
from invorec.lib.versions import Version

OLDEST = Version(
    "2024-01-01",
    bodies={"PATCH thing": lambda body: {"title": body["heading"]}},
    queries={"GET things": lambda query: {"kind": query["type"]}},
    resources={"thing": lambda thing: {"object": "thing", "heading": thing["title"]}},
)
MIDDLE = Version(
    "2025-01-01",
    bodies={"PATCH thing": lambda body: {"name": body["title"]}},
    resources={"thing": lambda thing: {"object": "thing", "title": thing["name"]}},
)


@pytest.fixture(autouse=True)
def _three(monkeypatch):
    monkeypatch.setattr(versions, "VERSIONS", (OLDEST, MIDDLE, Version("2026-01-01")))


def test_known():
    assert versions.known() == ["2024-01-01", "2025-01-01", "2026-01-01"]
    assert versions.current() == "2026-01-01"


@pytest.mark.parametrize(
    ("date", "body"),
    [("2024-01-01", {"heading": "x"}), ("2025-01-01", {"title": "x"}), ("2026-01-01", {"name": "x"})],
)
def test_a_body_goes_up_and_a_resource_comes_down_through_every_step(date, body):
    assert versions.upgraded_body(body, operation="PATCH thing", date=date) == {"name": "x"}
    assert versions.presented({"object": "thing", "name": "x"}, date=date) == {"object": "thing", **body}


def test_a_query_goes_up():
    assert versions.upgraded_query({"type": ["a"]}, operation="GET things", date="2024-01-01") == {"kind": ["a"]}
    assert versions.upgraded_query({"type": ["a"]}, operation="GET things", date="2025-01-01") == {"type": ["a"]}


def test_another_operation_is_left_alone():
    assert versions.upgraded_body({"heading": "x"}, operation="POST things", date="2024-01-01") == {"heading": "x"}


@pytest.mark.parametrize("object_type", ["list", "event"])
def test_what_lists_and_events_carry_is_brought_back(object_type):
    thing, old = {"object": "thing", "name": "x"}, {"object": "thing", "heading": "x"}
    listed = {"object": object_type, "data": [thing, thing] if object_type == "list" else thing}
    before = {"object": object_type, "data": [old, old] if object_type == "list" else old}
    assert versions.presented(listed, date="2024-01-01") == before
    assert thing == {"object": "thing", "name": "x"}


@pytest.mark.parametrize("data", [None, "text", {"error": {"code": "x"}}, []])
def test_what_is_no_resource_stays(data):
    assert versions.presented(data, date="2024-01-01") == data
