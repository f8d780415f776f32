"""What the API is held against: plain Django views that send the database the same statements and answer like JSON.

They know the key and its workspace, as any service must, and nothing else: no limits, no versions, no idempotency, no
judgement of the file, no log line.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from api.models import ApiKey
from billing.models import CreditAccount, CreditEntry
from extraction.duplicates import with_originals
from extraction.models import ExtractionJob, Invoice, LineItem, Schema
from extraction.serializers import InvoiceSerializer, LineItemSerializer
from invorec.lib.tokens import hash_key
from webhooks.models import Event, WebhookEndpoint


def columns(serializer: type) -> dict[str, Any]:
    """{name on the wire: column} for `values()`: renamed by the database, at no cost here."""
    fields = serializer().fields.items()
    names = {field.name for field in (Invoice if serializer is InvoiceSerializer else LineItem)._meta.fields}
    return {name: F(str(field.source)) for name, field in fields if field.source in names and name not in names}


INVOICE, LINE = columns(InvoiceSerializer), columns(LineItemSerializer)
INVOICE_AS_NAMED = ("id", "status", "currency", "notes", "livemode", "source", "iban", "bic", "metadata")
LINE_AS_NAMED = ("description", "quantity", "sku", "unit", "invoice_id")


def known(request: HttpRequest) -> ApiKey:
    digest = hash_key(request.headers["Authorization"].removeprefix("Bearer "))
    return ApiKey.objects.select_related("workspace__plan").get(digest=digest)


def shown(rows: Any) -> list[dict[str, Any]]:
    """The invoices with their lines: two statements."""
    invoices = list(with_originals(rows).values(*INVOICE_AS_NAMED, "same_file_id", "same_bill_id", **INVOICE))
    by_id: dict[str, dict[str, Any]] = {invoice["id"]: invoice | {"lineItems": []} for invoice in invoices}
    for line in LineItem.objects.filter(invoice__in=list(by_id)).values(*LINE_AS_NAMED, **LINE):
        by_id[line["invoice_id"]]["lineItems"].append(line)
    return list(by_id.values())


def owned(request: HttpRequest) -> Any:
    key = known(request)
    return Invoice.objects.filter(workspace=key.workspace_id, livemode=key.livemode)


def detail(request: HttpRequest, id: str) -> JsonResponse:
    return JsonResponse(shown(owned(request).filter(pk=id))[0])


@csrf_exempt
def collection(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return upload(request)
    rows = owned(request).order_by("-created_at", "-pk")[: int(request.GET["limit"]) + 1]
    return JsonResponse({"data": shown(rows)})


def upload(request: HttpRequest) -> JsonResponse:
    """The file into the store; into the database an invoice and a job, the credit that it takes, and the event."""
    key = known(request)
    Schema.objects.filter(workspace=key.workspace_id, livemode=key.livemode, is_default=True).first()
    file = request.FILES["file"]
    data = file.read()
    invoice = Invoice(
        workspace=key.workspace, livemode=key.livemode, file_name=file.name, page_count=1, file_size=len(data),
        file_sha256=hashlib.sha256(data).hexdigest(), content_type="application/pdf",
    )  # fmt: skip
    invoice.file_key = default_storage.save(f"invoices/{key.workspace_id}/{invoice.pk}", ContentFile(data))
    with transaction.atomic():
        invoice.save(force_insert=True)
        job = ExtractionJob(invoice=invoice)
        job.save(force_insert=True)
        charge(key, job)
        answer = shown(Invoice.objects.filter(pk=invoice.pk))[0]
        body = json.dumps(answer, cls=DjangoJSONEncoder)
        Event(
            workspace=key.workspace, livemode=key.livemode, type="invoice.created", subject=invoice.pk, body=body
        ).save(force_insert=True)
        list(WebhookEndpoint.objects.filter(workspace=key.workspace_id, livemode=key.livemode))
    return JsonResponse(answer, status=202)


def charge(key: ApiKey, job: ExtractionJob) -> None:
    """One credit held: the account locked and moved, its entry."""
    account = CreditAccount.objects.select_for_update(no_key=True).get(pk=key.workspace_id)
    account.top_up, account.reserved, account.entry_count = (
        account.top_up - 1, account.reserved + 1, account.entry_count + 1,
    )  # fmt: skip
    account.save()
    CreditEntry(
        account=account, number=account.entry_count, kind=CreditEntry.Kind.HOLD, reference=job.pk,
        subject=job.invoice_id, top_up=-1, reserved=1, subscription_after=account.subscription,
        top_up_after=account.top_up, reserved_after=account.reserved, period_on=account.period_on,
        created_at=timezone.now(),
    ).save(force_insert=True)  # fmt: skip


urlpatterns = [
    path("v1/invoices", collection),
    path("v1/invoices/<str:id>", detail),
]
