"""Mails: written in the transaction of what they tell of, sent after it, tried again where a server refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from billing.models import Mail, Membership, Workspace
from invorec.lib.encryption import DecryptionFailed, decrypt, encrypt

log = structlog.get_logger(__name__)

PURPOSE = "mails"
BATCH = 20
TAKEN_FOR = timedelta(minutes=2)  # and then it is some other process's turn
RETRY_AFTER = timedelta(minutes=1)  # times the square of the tries: the last of twelve is some eight hours later
MAX_TRIES = 12
MAX_SUBJECT = 200


def write_mail(
    *, to: Iterable[str], cause: str, subject: str, template: str, facts: Mapping[str, Any], now: datetime
) -> int:
    """Have a mail sent to each address once this transaction commits; how many addresses. A cause is told to each once.

    `facts` fill the template. Raises TransactionManagementError outside of a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a mail commits with what it tells of")
    body = encrypt(render_to_string(template, dict(facts)), purpose=PURPOSE)
    subject = " ".join(subject.split())[:MAX_SUBJECT]  # names are people's own: no line of a header may end in one
    mails = [
        Mail(cause=cause, address=address, subject=subject, body=body, created_at=now, due_at=now)
        for address in sorted(set(to))
    ]
    return len(Mail.objects.bulk_create(mails, ignore_conflicts=True))


def owners_of(workspace: Workspace | str) -> list[str]:
    """The addresses of a workspace's owners, as far as they have one."""
    owners = Membership.objects.filter(workspace=workspace, role=Membership.Role.OWNER, user__is_active=True)
    return sorted(set(owners.exclude(user__email="").values_list("user__email", flat=True)))


def send_mails(*, now: datetime) -> int:
    """Send what is due; how many were sent. A process that dies in between leaves its mail to another, so that one may
    arrive twice but none is lost; each address has its own row, so a bad one holds up nobody."""
    due = Mail.objects.filter(sent_at=None, given_up_at=None, due_at__lte=now)
    return sum(_send(pk, now) for pk in list(due.order_by("due_at").values_list("pk", flat=True)[:BATCH]))


def _send(mail_id: str, now: datetime) -> bool:
    waiting = Mail.objects.filter(pk=mail_id, sent_at=None, given_up_at=None)
    if not waiting.filter(due_at__lte=now).update(due_at=now + TAKEN_FOR):
        return False
    mail = waiting.first()
    if mail is None:
        return False
    try:
        body = decrypt(mail.body, purpose=PURPOSE)
        EmailMessage(subject=mail.subject, body=body, to=[mail.address]).send()
    except Exception as error:  # whatever the mail server's client raises
        log.warning("mail_not_sent", mail_id=mail.pk, cause=mail.cause, tries=mail.tries + 1, error=str(error)[:500])
        _again_later(mail, now, for_good=isinstance(error, DecryptionFailed))
        return False
    return bool(waiting.update(sent_at=now, tries=mail.tries + 1, body=""))


def _again_later(mail: Mail, now: datetime, *, for_good: bool) -> None:
    tries = mail.tries + 1
    if for_good or tries >= MAX_TRIES:
        log.error("mail_given_up", mail_id=mail.pk, cause=mail.cause)
        Mail.objects.filter(pk=mail.pk).update(tries=tries, given_up_at=now, body="")
    else:
        Mail.objects.filter(pk=mail.pk).update(tries=tries, due_at=now + RETRY_AFTER * tries**2)


def purge_mails(*, now: datetime, kept_for: timedelta = timedelta(days=30)) -> int:
    """Forget mails that ended long ago; how many."""
    return Mail.objects.exclude(sent_at=None, given_up_at=None).filter(created_at__lte=now - kept_for).delete()[0]
