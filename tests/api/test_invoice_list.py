"""GET /v1/invoices: pages, filters, and whose invoices."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from api.services import issue_key
from extraction.models import Invoice, LineItem
from tests.api.oracle import ApiClient, assert_refused
from tests.factories import make_invoice, make_tenant

NOT_ITS_CURSOR = "This cursor does not belong to this list and these filters. Start again without one."
LIMIT = "The limit is a number from 1 to 100."
MOMENT = "Give a moment as Unix seconds (1775606400) or in ISO 8601 (2026-04-08T00:00:00Z)."
KNOWN = (
    "Unknown parameter. Known: limit, cursor, status, created_after, created_before, vendor_name, invoice_number, "
    "currency, due_after, due_before, needs_review."
)


def ids(response) -> list[str]:
    assert response.status_code == 200, response.json()
    return [invoice["id"] for invoice in response.json()["data"]]


def test_no_invoices(api):
    expected = {"object": "list", "data": [], "has_more": False, "next_cursor": None, "nextCursor": None}
    assert api.get("/v1/invoices").json() == expected


def test_one_invoice_looks_the_same_in_the_list_and_by_itself(api, tenant):
    invoice = make_invoice(tenant)
    assert api.get("/v1/invoices").json()["data"] == [api.get(f"/v1/invoices/{invoice.id}").json()]


def test_newest_first_in_pages(api, tenant):
    made = [make_invoice(tenant).id for _ in range(5)][::-1]
    pages, cursor = [], ""
    for _ in range(3):
        body = api.get(f"/v1/invoices?limit=2&cursor={cursor}").json()
        pages.append([invoice["id"] for invoice in body["data"]])
        assert body["has_more"] is (body["next_cursor"] is not None)
        assert body["nextCursor"] == body["next_cursor"]
        cursor = body["next_cursor"]
    assert pages == [made[:2], made[2:4], made[4:]]
    assert cursor is None


def test_default_and_largest_page(api, tenant):
    for _ in range(101):
        make_invoice(tenant)
    assert len(ids(api.get("/v1/invoices"))) == 25
    assert len(ids(api.get("/v1/invoices?limit=100"))) == 100
    assert len(ids(api.get("/v1/invoices?limit=1"))) == 1


def test_pages_are_stable_while_rows_come_and_go(api, tenant):
    made = [make_invoice(tenant).id for _ in range(6)][::-1]
    first = api.get("/v1/invoices?limit=2").json()
    make_invoice(tenant)
    Invoice.objects.get(id=made[1]).delete()  # the very row that the cursor names
    Invoice.objects.get(id=made[3]).delete()
    second = api.get(f"/v1/invoices?limit=2&cursor={first['next_cursor']}").json()
    make_invoice(tenant)
    third = api.get(f"/v1/invoices?limit=2&cursor={second['next_cursor']}").json()
    pages = [[invoice["id"] for invoice in page["data"]] for page in (first, second, third)]
    assert pages == [made[:2], [made[2], made[4]], [made[5]]]


def test_limit_may_change_between_pages(api, tenant):
    made = [make_invoice(tenant).id for _ in range(4)][::-1]
    cursor = api.get("/v1/invoices?limit=1").json()["next_cursor"]
    assert ids(api.get(f"/v1/invoices?limit=3&cursor={cursor}")) == made[1:]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "1.5", "9" * 2000])
def test_limit_out_of_bounds(api, limit):
    assert_refused(api.get(f"/v1/invoices?limit={limit}"), 400, "invalid_request_error", LIMIT, "limit")


def test_cursor_that_was_tampered_with(api, tenant):
    for _ in range(2):
        make_invoice(tenant)
    cursor = api.get("/v1/invoices?limit=1").json()["next_cursor"]
    forged = base64.urlsafe_b64encode(json.dumps({"id": "inv_7"}).encode()).decode().rstrip("=")
    for wrong in (cursor[:-1], cursor + "A", "x", f"{forged}.{cursor.split('.')[1]}", "eyJpZCI6", "a.b.c", "é"):
        response = api.get(f"/v1/invoices?limit=1&cursor={wrong}")
        assert_refused(response, 400, "invalid_request_error", NOT_ITS_CURSOR, "cursor")


def test_cursor_of_another_query_mode_or_workspace(api, tenant):
    other = make_tenant("Other")
    _, test_token = issue_key(workspace=tenant.workspace, livemode=False, name="Test")
    _, other_token = issue_key(workspace=other.workspace, livemode=True, name="Other")
    for _ in range(2):
        make_invoice(tenant)
    cursor = api.get("/v1/invoices?limit=1").json()["next_cursor"]
    for client, query in (
        (api, "status=processing&"),
        (api, "created_after=1&"),
        (ApiClient(test_token), ""),
        (ApiClient(other_token), ""),
    ):
        response = client.get(f"/v1/invoices?limit=1&{query}cursor={cursor}")
        assert_refused(response, 400, "invalid_request_error", NOT_ITS_CURSOR, "cursor")


def test_filters_hold_on_every_page(api, tenant):
    made = [make_invoice(tenant).id for _ in range(6)][::-1]
    Invoice.objects.filter(id__in=made[::2]).update(status="succeeded")
    first = api.get("/v1/invoices?limit=2&status=succeeded").json()
    assert [invoice["id"] for invoice in first["data"]] == [made[0], made[2]]
    assert ids(api.get(f"/v1/invoices?limit=2&status=succeeded&cursor={first['next_cursor']}")) == [made[4]]


def test_status_filter(api, tenant):
    processing, succeeded, failed = (make_invoice(tenant) for _ in range(3))
    Invoice.objects.filter(id=succeeded.id).update(status="succeeded")
    Invoice.objects.filter(id=failed.id).update(status="failed", error_code="no_text_found", error_message="None.")
    assert ids(api.get("/v1/invoices?status=failed")) == [failed.id]
    assert ids(api.get("/v1/invoices?status=failed,%20processing")) == [failed.id, processing.id]
    assert len(ids(api.get("/v1/invoices?status="))) == 3


def test_status_order_does_not_make_another_query(api, tenant):
    for _ in range(2):
        make_invoice(tenant)
    cursor = api.get("/v1/invoices?limit=1&status=processing,failed").json()["next_cursor"]
    assert len(ids(api.get(f"/v1/invoices?limit=1&status=failed,processing&cursor={cursor}"))) == 1


def test_unknown_status(api):
    message = "Unknown status 'done'. Known: processing, succeeded, failed."
    assert_refused(api.get("/v1/invoices?status=failed,done"), 400, "invalid_request_error", message, "status")


def test_created_filters_are_exclusive_to_the_second(api, tenant):
    noon = datetime(2026, 4, 8, 12, tzinfo=UTC)
    before, at, after = (make_invoice(tenant) for _ in range(3))
    for invoice, seconds in ((before, -0.1), (at, 0.5), (after, 1)):
        Invoice.objects.filter(id=invoice.id).update(created_at=noon + timedelta(seconds=seconds))
    seconds = int(noon.timestamp())
    for moment in (str(seconds), "2026-04-08T12:00:00Z", "2026-04-08T12:00:00", "2026-04-08T14:00:00%2B02:00"):
        assert ids(api.get(f"/v1/invoices?created_after={moment}")) == [after.id]
        assert ids(api.get(f"/v1/invoices?created_before={moment}")) == [before.id]
    assert ids(api.get("/v1/invoices?created_after=2026-04-08T14:00:00+02:00")) == [after.id]
    assert ids(api.get(f"/v1/invoices?created_after={seconds - 1}&created_before={seconds + 1}")) == [at.id]
    assert ids(api.get("/v1/invoices?created_after=2026-04-08&created_before=2026-04-09")) == [
        after.id, at.id, before.id
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["created_after", "created_before"])
@pytest.mark.parametrize("moment", ["yesterday", "2026-02-30", "9" * 30, "-5", "2026-04-08T25:00:00Z", "1e9", "%00"])
def test_moment_that_is_none(api, name, moment):
    response = api.get(f"/v1/invoices?{name}={moment}")
    assert_refused(response, 400, "invalid_request_error", MOMENT, name)


@pytest.mark.parametrize(
    ("moment", "later"),
    [("0001-01-01T00:05:15%2B21:28", True), ("0", True), ("9999-12-31T23:59:59-14:00", False), ("99999999999", False)],
)
def test_moment_at_the_ends_of_time(api, tenant, moment, later):
    invoice = make_invoice(tenant)
    assert ids(api.get(f"/v1/invoices?created_after={moment}")) == [invoice.id] * later
    assert ids(api.get(f"/v1/invoices?created_before={moment}")) == [invoice.id] * (not later)


def test_unknown_parameter(api):
    assert_refused(api.get("/v1/invoices?stauts=failed"), 400, "invalid_request_error", KNOWN, "stauts")


def test_filters_on_what_was_read(api, tenant):
    screws, nails = make_invoice(tenant), make_invoice(tenant)
    make_invoice(tenant)  # nothing was read yet
    shared = {"vendor_name": "Müller & Söhne", "needs_review": True, "due_date": date(2026, 5, 8)}
    Invoice.objects.filter(id=screws.id).update(**shared, invoice_number="R-1", currency="EUR")
    Invoice.objects.filter(id=nails.id).update(**shared | {"due_date": date(2026, 5, 10)}, invoice_number="R-2")
    both = [nails.id, screws.id]
    for query, expected in (
        ("vendor_name=M%C3%BCller+%26+S%C3%B6hne", both),
        ("vendor_name=M%C3%BCller", []),
        ("invoice_number=R-2", [nails.id]),
        ("currency=EUR", [screws.id]),
        ("currency=eur", [screws.id]),
        ("due_after=2026-05-08", [nails.id]),
        ("due_before=2026-05-10", [screws.id]),
        ("due_after=2026-05-07&due_before=2026-05-11", both),
        ("needs_review=true", both),
        ("needs_review=true&invoice_number=R-1&vendor_name=", [screws.id]),
    ):
        assert ids(api.get(f"/v1/invoices?{query}")) == expected, query
    assert len(ids(api.get("/v1/invoices?needs_review=false"))) == 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("currency=EURO", "Give the three letters of a currency (ISO 4217), for example EUR."),
        ("currency=EU%0A", "Give the three letters of a currency (ISO 4217), for example EUR."),
        ("due_before=2026-02-30", "Give a day as YYYY-MM-DD, for example 2026-04-08."),
        ("due_after=1775606400", "Give a day as YYYY-MM-DD, for example 2026-04-08."),
        ("needs_review=perhaps", "Say true or false."),
        ("vendor_name=%00", "Null characters are not allowed."),
        ("status=failed&status=succeeded", "Give this parameter once."),
        ("limit=1&limit=2", "Give this parameter once."),
    ],
)
def test_filter_that_is_none(api, query, message):
    assert_refused(api.get(f"/v1/invoices?{query}"), 400, "invalid_request_error", message, query.partition("=")[0])


def test_several_wrong_parameters(api):
    error = api.get("/v1/invoices?limit=0&status=done").json()["error"]
    assert (error["param"], error["message"]) == ("limit", LIMIT)
    assert [each["param"] for each in error["errors"]] == ["limit", "status"]


def test_other_workspace_and_other_mode_are_invisible(api, tenant):
    mine = make_invoice(tenant)
    make_invoice(make_tenant("Other"))
    _, test_token = issue_key(workspace=tenant.workspace, livemode=False, name="Test")
    assert ids(api.get("/v1/invoices")) == [mine.id]
    assert ids(ApiClient(test_token).get("/v1/invoices")) == []


@pytest.mark.parametrize("count", [1, 30])
def test_query_count_does_not_grow_with_the_list(api, tenant, count, django_assert_num_queries):
    for _ in range(count):
        LineItem.objects.create(invoice=make_invoice(tenant), position=1)
    with django_assert_num_queries(3):  # the key with workspace and plan, the invoices, their lines
        assert len(ids(api.get("/v1/invoices?limit=100"))) == count
