"""/v1/webhooks and /v1/events: the contract, section 12."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from api.models import IdempotencyRecord
from billing.models import Plan
from tests.api.oracle import ApiClient, assert_refused
from tests.factories import make_endpoint, make_event
from webhooks.deliveries import Outcome, claim, settle
from webhooks.models import EVENT_TYPES, Attempt, Delivery, Event, WebhookEndpoint
from webhooks.transport import Answer

URL = "https://hooks.example.com/in"


def send(api: ApiClient, path: str, body=None, *, method: str = "POST", **options):
    data = b"" if body is None else json.dumps(body)
    return api.generic(method, f"/v1/{path}", data, content_type="application/json", **options)


def create(api: ApiClient, **body):
    return send(api, "webhooks", {"url": URL, **body})


def deliver(status: int = 200, *, now=None) -> None:
    now = now or timezone.now()
    answer = Answer(status=status, error="", retry_after=None, excerpt="thanks", seconds=0.1)
    settle([Outcome(one, now, answer) for one in claim(now=now, limit=99)], now=now)


def test_create(api, tenant):
    response = create(api, events=["invoice.failed", "invoice.failed"], description="ERP")
    endpoint = WebhookEndpoint.objects.get()
    moment = int(endpoint.created_at.timestamp())
    assert response.status_code == 201 and response.headers["Location"] == f"/v1/webhooks/{endpoint.id}"
    body = response.json()
    secret, created, updated = (body.pop(name) for name in ("secret", "createdAt", "updatedAt"))
    assert body == {
        "id": endpoint.id,
        "url": URL,
        "events": ["invoice.failed"],
        "description": "ERP",
        "enabled": True,
        "lastDeliveryAt": None,
        "lastDeliveryStatus": None,
        "object": "webhook",
        "created": moment,
        "updated": moment,
        "livemode": True,
        "version": "2026-04-08",
        "disabledReason": None,
    }
    assert created == updated == f"{endpoint.created_at:%Y-%m-%dT%H:%M:%SZ}"
    assert secret.startswith("whsec_") and secret not in endpoint.secret
    shown = api.get(f"/v1/webhooks/{endpoint.id}").json()
    assert shown == body | {"createdAt": created, "updatedAt": updated}
    assert api.get("/v1/webhooks").json()["data"] == [shown]


@pytest.mark.parametrize("nothing", [{}, {"events": None, "description": None}, {"events": [], "description": ""}])
def test_only_the_url_is_needed(api, nothing):
    body = create(api, **nothing).json()
    assert (body["events"], body["description"], body["enabled"]) == ([], "", True)


PLAIN = "This is not a url in its plain form: https://host/path, everything after the host percent-encoded ASCII."
KNOWN = f"Known types: {', '.join(EVENT_TYPES)}."
FAULTS = [
    ({}, "url", "This field is required."),
    ({"url": None}, "url", "Give the url as text: https://…"),
    ({"url": 5}, "url", "Give the url as text: https://…"),
    ({"url": "string"}, "url", "The url must begin with https://."),
    ({"url": "http://example.com/"}, "url", "The url must begin with https://."),
    ({"url": "https://user:pw@example.com/"}, "url", "The url must not have a user name or password."),
    ({"url": "https://example.com:25/"}, "url", "Port 25 is not allowed: use 80, 443 or one from 1024 up."),
    (
        {"url": "https://10.0.0.1/"},
        "url",
        "10.0.0.1 is not an address that webhooks may go to: it is not public.",
    ),
    ({"url": "https://\ud800.example.com/"}, "url", PLAIN),
    ({"url": URL, "events": ["\ud800"]}, "events", f"Unknown: ?. {KNOWN}"),
    ({"url": URL, "events": ["invoice.read"]}, "events", f"Unknown: invoice.read. {KNOWN}"),
    ({"url": URL, "events": "invoice.failed"}, "events", "Give a list of at most 50 types of events, or null for all."),
    ({"url": URL, "events": [{}]}, "events", "Give a list of at most 50 types of events, or null for all."),
    ({"url": URL, "description": 5}, "description", "Give text, or null for none."),
    ({"url": URL, "description": "a" * 501}, "description", "A description has at most 500 characters."),
    ({"url": URL, "description": "a\0"}, "description", "A description has no NUL and no half of a surrogate pair."),
    ({"url": URL, "description": "\ud800"}, "description", "A description has no NUL and no half of a surrogate pair."),
    ({"url": URL, "enabled": "yes"}, "enabled", "Say true or false."),
    ({"url": URL, "enabled": None}, "enabled", "Say true or false."),
    ({"url": URL, "version": "2020-01-01"}, "version", "Known versions: 2026-04-08."),
    ({"url": URL, "secret": "x"}, "secret", "There is no such field."),
    ([], None, "Give an object of fields and their values."),
]


@pytest.mark.parametrize(("body", "param", "message"), FAULTS)
def test_a_body_at_fault_writes_nothing(api, body, param, message):
    response = send(api, "webhooks", body)
    assert_refused(response, 400, "invalid_request_error", message, param)
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(("body", "param", "message"), [fault for fault in FAULTS if fault[0] and fault[1] != "secret"])
def test_nor_does_a_patch_change_anything(api, tenant, body, param, message):
    endpoint = make_endpoint(tenant, events=["invoice.failed"], description="old")
    before = WebhookEndpoint.objects.values().get()
    for form in (body, {name: {"present": True, "value": value} for name, value in body.items()}):
        response = send(api, f"webhooks/{endpoint.id}", form, method="PATCH")
        assert_refused(response, 400, "invalid_request_error", message, param)
    assert WebhookEndpoint.objects.values().get() == before


def test_all_faults_are_named(api):
    error = create(api, events=["x"], version="1").json()["error"]
    assert [fault["param"] for fault in error["errors"]] == ["events", "version"]


def test_at_most_sixteen(api, tenant):
    for _ in range(16):
        make_endpoint(tenant)
    message = "A workspace has at most 16 webhooks; delete one first."
    assert_refused(create(api), 400, "invalid_request_error", message, None)
    assert WebhookEndpoint.objects.count() == 16


def test_a_plan_without_webhooks(api):
    Plan.objects.filter(code="business").update(webhooks=False)
    assert_refused(create(api), 403, "insufficient_scope", "The Business plan has no webhooks.", None)
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("wrapped", [False, True])
def test_patch_in_both_forms(api, tenant, wrapped):
    endpoint = make_endpoint(tenant, events=["invoice.failed"], description="old")
    changes = {"url": "https://other.example.com/", "events": None, "description": None, "enabled": False}
    body = {name: {"present": True, "value": value} for name, value in changes.items()} if wrapped else changes
    shown = send(api, f"webhooks/{endpoint.id}", method="PATCH", body=body).json()
    assert {name: shown[name] for name in changes} == changes | {"events": [], "description": ""}
    left = send(
        api, f"webhooks/{endpoint.id}", method="PATCH", body={"enabled": {"present": False, "value": True}}
    ).json()
    assert left["enabled"] is False and left["url"] == "https://other.example.com/"


def test_the_references_own_patch_clears_what_may_be_cleared(api, tenant):
    """Its example sets every field to null: a url and `enabled` cannot be."""
    endpoint = make_endpoint(tenant)
    body = {name: {"present": True, "value": None} for name in ("url", "events", "description", "enabled")}
    response = send(api, f"webhooks/{endpoint.id}", method="PATCH", body=body)
    assert response.status_code == 400
    assert [one["param"] for one in response.json()["error"]["errors"]] == ["url", "enabled"]


def test_delete(api, tenant):
    endpoint, other = make_endpoint(tenant), make_endpoint(tenant)
    make_event(tenant)
    deliver()
    assert api.delete(f"/v1/webhooks/{endpoint.id}").status_code == 204
    assert api.get(f"/v1/webhooks/{endpoint.id}").status_code == 404
    assert [one.endpoint_id for one in Delivery.objects.all()] == [other.id]
    assert Attempt.objects.count() == 1 and Event.objects.count() == 1


def test_rotation_over_the_api(api, tenant):
    secret = create(api).json()["secret"]
    endpoint = WebhookEndpoint.objects.get()
    pending = send(api, f"webhooks/{endpoint.id}/rotate").json()["secret"]
    assert pending.startswith("whsec_") and pending != secret
    make_event(tenant)
    (claimed,) = claim(now=timezone.now(), limit=9)
    assert claimed.keys == (secret, pending)
    assert "secret" not in send(api, f"webhooks/{endpoint.id}/promote").json()
    make_event(tenant)
    (claimed,) = claim(now=timezone.now(), limit=9)
    assert claimed.keys == (pending,)
    message = "There is no pending secret: rotate first, or its time has come already."
    assert_refused(send(api, f"webhooks/{endpoint.id}/promote"), 400, "invalid_request_error", message, None)


def test_a_replay_shows_the_secret_again_and_the_database_never(api):
    first, again = (send(api, "webhooks", {"url": URL}, headers={"Idempotency-Key": "k"}).json() for _ in range(2))
    assert again.pop("_meta") == {"idempotent_replay": True} and again == first
    stored = [*WebhookEndpoint.objects.values().get().values(), *IdempotencyRecord.objects.values().get().values()]
    assert WebhookEndpoint.objects.count() == 1
    assert first["secret"] not in repr(stored) and first["secret"][6:20] not in repr(stored)


def test_a_test_event_goes_to_that_endpoint_alone(api, tenant):
    endpoint = make_endpoint(tenant, events=["invoice.failed"])
    make_endpoint(tenant)
    response = send(api, f"webhooks/{endpoint.id}/test")
    shown = api.get(f"/v1/webhooks/{endpoint.id}").json()
    event = Event.objects.get()
    assert response.status_code == 202 and response.json() == json.loads(event.body)
    assert (response.json()["type"], response.json()["data"]) == ("webhook.test", shown)
    assert [one.endpoint_id for one in event.deliveries.all()] == [endpoint.id]


def test_deliveries_with_their_attempts(api, tenant):
    endpoint, other = make_endpoint(tenant), make_endpoint(tenant)
    event = make_event(tenant, subject="inv_1")
    now = timezone.now()
    deliver(500, now=now)
    (shown,) = api.get(f"/v1/webhooks/{endpoint.id}/deliveries").json()["data"]
    delivery = Delivery.objects.get(endpoint=endpoint)
    attempt = delivery.attempts.get()
    assert {name: shown[name] for name in ("id", "webhook", "event", "eventType", "status")} == {
        "id": delivery.id,
        "webhook": endpoint.id,
        "event": event.id,
        "eventType": "invoice.updated",
        "status": "pending",
    }
    assert shown["nextAttempt"] == int(delivery.next_attempt_at.timestamp())
    assert shown["attempts"] == [
        {
            "id": attempt.id,
            "startedAt": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "started": int(now.timestamp()),
            "durationMs": 100,
            "statusCode": 500,
            "error": None,
            "responseExcerpt": "thanks",
        }
    ]
    assert api.get(f"/v1/webhooks/{endpoint.id}/deliveries?status=failed").json()["data"] == []
    detail = api.get(f"/v1/events/{event.id}").json()
    assert {one["webhook"] for one in detail["deliveries"]} == {endpoint.id, other.id}
    assert shown in detail["deliveries"]
    seen = api.get(f"/v1/webhooks/{endpoint.id}").json()
    assert (seen["lastDeliveryStatus"], seen["lastDeliveryAt"]) == ("pending", f"{now:%Y-%m-%dT%H:%M:%SZ}")


def test_events_filtered_and_in_pages(api, tenant):
    events = [make_event(tenant, kind, subject=subject) for kind in EVENT_TYPES[:2] for subject in ("inv_1", "inv_2")]
    Event.objects.filter(pk=events[0].pk).update(created_at=timezone.now() - timedelta(days=1))

    def found(**query) -> list[str]:
        return [one["id"] for one in api.get("/v1/events", query).json()["data"]]

    assert found() == [event.id for event in [*events[:0:-1], events[0]]]
    assert found(type="invoice.created") == [events[1].id, events[0].id]
    assert found(subject="inv_2") == [events[3].id, events[1].id]
    assert found(created_before=(timezone.now() - timedelta(hours=1)).isoformat()) == [events[0].id]
    page = api.get("/v1/events", {"limit": 3}).json()
    rest = api.get("/v1/events", {"limit": 3, "cursor": page["next_cursor"]}).json()
    assert len(page["data"]) == 3 and [one["id"] for one in rest["data"]] == [events[0].id]
    message = f"Unknown. Known: {', '.join(EVENT_TYPES)}."
    assert_refused(api.get("/v1/events", {"type": "x"}), 400, "invalid_request_error", message, "type")


def test_an_event_is_sent_again(api, tenant):
    event = make_event(tenant)
    endpoint = make_endpoint(tenant, events=["invoice.failed"])
    assert send(api, f"events/{event.id}/resend").json()["deliveries"] == []
    response = send(api, f"events/{event.id}/resend", {"webhook": endpoint.id})
    assert response.status_code == 202
    assert [(one["webhook"], one["status"]) for one in response.json()["deliveries"]] == [(endpoint.id, "pending")]
    deliver()
    assert send(api, f"events/{event.id}/resend").json()["deliveries"][0]["status"] == "pending"
    (again,) = claim(now=timezone.now(), limit=9)
    assert again.body.decode() == event.body


def test_nothing_is_not_an_object(api, tenant):
    event = make_event(tenant)
    response = api.post(f"/v1/events/{event.id}/resend", b"null", content_type="application/json")
    assert_refused(response, 400, "invalid_request_error", "Give an object of fields and their values.", None)


@pytest.mark.parametrize("subject", ["inv-1", " inv_1", "%0D", "x" * 31])
def test_a_subject_is_an_id(api, subject):
    response = api.get(f"/v1/events?subject={subject}")
    assert_refused(response, 400, "invalid_request_error", "Give an id: inv_…", "subject")


def test_resending_to_nowhere(api, tenant):
    event = make_event(tenant)
    unknown = "whk_00000000000000000000000000"
    response = send(api, f"events/{event.id}/resend", {"webhook": unknown})
    assert_refused(response, 400, "invalid_request_error", f"There is no webhook {unknown}.", "webhook")
    response = send(api, f"events/{event.id}/resend", {"webhook": 5})
    assert_refused(response, 400, "invalid_request_error", "Give the id of a webhook, whk_…", "webhook")


@pytest.mark.parametrize("since", [0, 0.0, "0", "2020-01-01", "2020-01-01T00:00:00Z"])
def test_all_that_failed_is_sent_again(api, tenant, since):
    endpoint = make_endpoint(tenant)
    make_event(tenant)
    Delivery.objects.update(status="failed")
    response = send(api, f"webhooks/{endpoint.id}/resend", {"since": since})
    assert response.status_code == 202
    assert response.json() == {"object": "resend", "webhook": endpoint.id, "deliveries": 1}
    assert Delivery.objects.get().status == "pending"


def test_resending_all_needs_a_moment(api, tenant):
    endpoint = make_endpoint(tenant)
    path = f"webhooks/{endpoint.id}/resend"
    message = "Say from when on: Unix seconds, or ISO 8601."
    assert_refused(send(api, path, {}), 400, "invalid_request_error", message, "since")
    message = "Give a moment as Unix seconds (1775606400) or in ISO 8601 (2026-04-08T00:00:00Z)."
    for since in ("monday", 1775606400000):
        assert_refused(send(api, path, {"since": since}), 400, "invalid_request_error", message, "since")


def test_nothing_of_a_secret_is_in_any_list(api, tenant):
    create(api)
    make_event(tenant)
    deliver()
    endpoint = WebhookEndpoint.objects.get()
    for path in ("webhooks", f"webhooks/{endpoint.id}", f"webhooks/{endpoint.id}/deliveries", "events"):
        assert "whsec_" not in api.get(f"/v1/{path}").content.decode()
        assert endpoint.secret not in api.get(f"/v1/{path}").content.decode()
