from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from billing.models import Membership
from billing.tenant import Tenant
from tests.factories import make_endpoint, make_event, make_user, make_workspace
from webhooks import mails
from webhooks.deliveries import Outcome, claim, settle
from webhooks.endpoints import disable_endpoint, update_endpoint
from webhooks.mails import tell_owners
from webhooks.models import WebhookEndpoint
from webhooks.transport import Answer

pytestmark = pytest.mark.django_db
GONE = Answer(status=410, error="", retry_after=None, excerpt="secret answer", seconds=0.1)


@pytest.fixture
def disabled() -> WebhookEndpoint:
    workspace = make_workspace("Acme\nInc & Co", owner=make_user("alice"))
    Membership.objects.create(workspace=workspace, user=make_user("bob"), role="admin")
    endpoint = make_endpoint(Tenant(workspace, True), description="ERP <in>")
    make_event(Tenant(workspace, True))
    now = timezone.now()
    settle([Outcome(one, now, GONE) for one in claim(now=now, limit=9)], now=now)
    make_event(Tenant(workspace, True))
    endpoint.refresh_from_db()
    return endpoint


def test_the_owners_are_mailed_once(disabled):
    now = timezone.now()
    assert (tell_owners(now=now), tell_owners(now=now + timedelta(seconds=15))) == (1, 0)
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("A webhook of Acme Inc & Co was disabled", ["alice@example.org"])
    moment = f"{disabled.disabled_at:%-d %B %Y, %H:%M}"
    assert f"was disabled on {moment} UTC: it answered 410 Gone.\n" in sent.body
    assert f"{disabled.id} (live data)" in sent.body and "https://hooks.example.com/in\n" in sent.body
    assert f"description  ERP <in>\n  last attempt {moment} UTC: 410\n  waiting      2 events\n" in sent.body
    assert "secret answer" not in sent.body and "whsec_" not in sent.body
    disabled.refresh_from_db()
    assert disabled.owners_told_at == now


def test_an_endpoint_enabled_meanwhile_is_no_news(disabled):
    update_endpoint(endpoint=disabled, enabled=True)
    assert tell_owners(now=timezone.now()) == 0 and mail.outbox == []


def test_disabled_by_its_owner_is_no_news_either(disabled):
    update_endpoint(endpoint=disabled, enabled=True)
    update_endpoint(endpoint=disabled, enabled=False)
    assert tell_owners(now=timezone.now()) == 0 and mail.outbox == []


def test_a_mail_server_that_refuses_is_asked_again(disabled, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(mails.EmailMessage, "send", lambda self: 1 / 0)
        assert tell_owners(now=timezone.now()) == 0
    assert tell_owners(now=timezone.now()) == 0  # taken: another process may be at it
    assert tell_owners(now=timezone.now() + mails.TAKEN_FOR) == 1 and len(mail.outbox) == 1


def test_a_mailbox_that_refuses_stops_nobody_else_and_is_not_a_reason_to_mail_them_again(disabled, monkeypatch):
    for name in ("aaron", "zoe"):
        Membership.objects.create(workspace=disabled.workspace, user=make_user(name), role="owner")
    asked, send = [], mails.EmailMessage.send

    def refuse_alice(message: mails.EmailMessage) -> int:
        asked.extend(message.to)
        return 1 / 0 if message.to == ["alice@example.org"] else send(message)

    monkeypatch.setattr(mails.EmailMessage, "send", refuse_alice)
    now = timezone.now()
    assert (tell_owners(now=now), tell_owners(now=now + 2 * mails.TAKEN_FOR)) == (1, 0)
    assert asked == ["aaron@example.org", "alice@example.org", "zoe@example.org"]
    assert [sent.to for sent in mail.outbox] == [["aaron@example.org"], ["zoe@example.org"]]


def test_disabled_once_more_while_the_mail_is_under_way(disabled, monkeypatch):
    def slow(_) -> int:
        again = update_endpoint(endpoint=disabled, enabled=True)
        disable_endpoint(endpoint=again, reason="gone", now=timezone.now())
        return 1

    with monkeypatch.context() as server:
        server.setattr(mails.EmailMessage, "send", slow)
        assert tell_owners(now=timezone.now()) == 0
    assert tell_owners(now=timezone.now()) == 1
