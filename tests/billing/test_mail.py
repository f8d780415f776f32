from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import transaction
from django.utils import timezone

from billing.mail import MAX_TRIES, owners_of, purge_mails, send_mails, write_mail
from billing.models import Mail, Membership
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db


def write(*to: str, cause: str = "c") -> int:
    facts = {"workspace": make_workspace("Acme", plan="free"), "account": None, "exhausted": True}
    return write_mail(
        to=to, cause=cause, subject="Hi\nBcc: x", template="billing/credits.txt", facts=facts, now=timezone.now()
    )


def test_a_mail_is_sent_once_to_each_address():
    write("b@example.org", "a@example.org", "a@example.org")
    now = timezone.now()
    assert [send_mails(now=now) for _ in range(2)] == [2, 0]
    assert [(one.to, one.subject) for one in outbox.outbox] == [
        (["a@example.org"], "Hi Bcc: x"), (["b@example.org"], "Hi Bcc: x"),
    ]  # fmt: skip


def test_a_cause_is_told_once():
    write("a@example.org")
    write("a@example.org")
    assert Mail.objects.count() == 1


def test_a_mail_needs_the_transaction_of_what_it_tells_of(monkeypatch):
    monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)
    with pytest.raises(transaction.TransactionManagementError):
        write_mail(to=["a@example.org"], cause="c", subject="s", template="t", facts={}, now=timezone.now())


@pytest.fixture
def refusing(monkeypatch):
    """A mail server that refuses the addresses that stand in the list."""
    refused = ["bad@example.org"]

    def send(self, **_):
        if self.to[0] in refused:
            raise OSError("550 no such mailbox")
        outbox.outbox.append(self)

    monkeypatch.setattr("billing.mail.EmailMessage.send", send)
    return refused


def test_a_refused_mail_is_tried_again_and_holds_up_nobody(refusing):
    now = timezone.now() + timedelta(seconds=1)
    write("bad@example.org", "good@example.org")
    assert send_mails(now=now) == 1
    mail = Mail.objects.get(address="bad@example.org")
    assert (mail.tries, mail.due_at) == (1, now + timedelta(minutes=1))
    refusing.clear()
    assert send_mails(now=now + timedelta(seconds=59)) == 0
    assert send_mails(now=now + timedelta(seconds=60)) == 1
    assert [one.to[0] for one in outbox.outbox] == ["good@example.org", "bad@example.org"]


def test_a_mailbox_that_never_answers_is_given_up(refusing):
    now = timezone.now() + timedelta(seconds=1)
    write("bad@example.org")
    for _ in range(MAX_TRIES + 3):
        now += timedelta(days=1)
        send_mails(now=now)
    mail = Mail.objects.get()
    assert (mail.tries, mail.sent_at, mail.body) == (MAX_TRIES, None, "")
    assert mail.given_up_at is not None


def test_a_process_that_died_leaves_its_mail_to_another(monkeypatch):
    write("a@example.org")
    now = timezone.now() + timedelta(seconds=1)

    class Killed(BaseException):
        pass

    def die(self, **_):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("billing.mail.EmailMessage.send", die)
        send_mails(now=now)
    assert send_mails(now=now + timedelta(seconds=119)) == 0
    assert send_mails(now=now + timedelta(seconds=120)) == 1


def test_old_mails_are_forgotten_and_waiting_ones_are_not(refusing):
    write("a@example.org", "bad@example.org")
    send_mails(now=timezone.now() + timedelta(seconds=1))
    assert purge_mails(now=timezone.now() + timedelta(days=31)) == 1
    assert Mail.objects.get().address == "bad@example.org"


def test_owners_are_active_people_with_an_address():
    workspace = make_workspace(plan="growth", owner=make_user("alice"))
    for name, role, values in [
        ("bob", "admin", {}), ("carol", "owner", {"email": ""}), ("dan", "owner", {"is_active": False}),
    ]:  # fmt: skip
        user = make_user(name)
        type(user).objects.filter(pk=user.pk).update(**values)
        Membership.objects.create(workspace=workspace, user=user, role=role)
    assert owners_of(workspace) == ["alice@example.org"]
