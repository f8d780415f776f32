"""/v1/invoices: upload, list, retrieve, correct, reprocess, delete; the file, and where each value was read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api import operations
from api.downloads import download
from api.errors import InvalidRequest, ResourceNotFound
from api.pagination import list_body, page_of
from api.params import ExtractionParams, InvoiceListParams, Params, filtered, read_params
from api.parsers import RawFileParser, WholeFormParser
from api.permissions import key_of
from api.prefer import Accepted, became_final, preferred_wait
from api.reprocess import ReprocessParams, wanted_schema
from api.uploads import read_upload
from api.views.base import ApiView
from billing.tenant import Tenant
from extraction import storage
from extraction.changes import delete_invoice, reprocess_invoice
from extraction.duplicates import with_originals
from extraction.edits import edit_invoice
from extraction.models import ExtractionJob, Invoice, Schema
from extraction.provenance import present_extraction
from extraction.serializers import InvoiceSerializer, with_lines
from extraction.services import drafted_invoice, insert_invoice
from invorec.lib.ids import is_id


class InvoiceList(ApiView):
    scopes = {"GET": "invoices:read", "POST": "invoices:write"}
    uploads = ("POST",)
    parser_classes = [WholeFormParser, RawFileParser]

    @operations.list_invoices
    def get(self, request: Request) -> Response:
        filters = read_params(InvoiceListParams, request)
        limit, cursor = filters.pop("limit"), filters.pop("cursor", None)
        rows = with_lines(with_originals(filtered(Invoice.objects.visible_to(self.tenant), filters)))
        page = page_of(rows, path="invoices", tenant=self.tenant, filters=filters, limit=limit, cursor=cursor)
        data = [InvoiceSerializer(invoice).data for invoice in page.items]
        return Response(list_body(data, page.next_cursor))

    @contextmanager
    def prepared(self, request: Request) -> Iterator[None]:
        upload = read_upload(request)
        with drafted_invoice(
            tenant=self.tenant,
            file=upload.file,
            file_name=upload.file_name,
            schema=find_schema(self.tenant, upload.schema_id),
            metadata=upload.metadata,
        ) as self.draft:
            yield

    @operations.create_invoice
    def post(self, request: Request) -> Response:
        return created(insert_invoice(self.draft), wait_s=preferred_wait(request))


class InvoiceDetail(ApiView):
    scopes = {"GET": "invoices:read", "PATCH": "invoices:write", "DELETE": "invoices:write"}

    @operations.retrieve_invoice
    def get(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        return Response(InvoiceSerializer(find_invoice(self.tenant, id)).data)

    @operations.update_invoice
    def patch(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        invoice = find_invoice(self.tenant, id)
        edited = edit_invoice(invoice=invoice, given=request.data, actor=key_of(request).pk)
        return Response(InvoiceSerializer(edited).data)

    @operations.delete_invoice
    def delete(self, request: Request, id: str) -> Response:
        read_params(Params, request)
        delete_invoice(invoice=find_invoice(self.tenant, id))
        return Response(status=204)


class InvoiceReprocess(ApiView):
    scopes = {"POST": "invoices:write"}

    @operations.reprocess_invoice
    def post(self, request: Request, id: str) -> Response:
        invoice = reprocess_invoice(
            invoice=find_invoice(self.tenant, id),
            schema=find_schema(self.tenant, wanted_schema(request.data)),
            actor=key_of(request).pk,
            **read_params(ReprocessParams, request),
        )
        return Response(InvoiceSerializer(invoice).data, status=202)


class InvoiceExtraction(ApiView):
    scopes = {"GET": "invoices:read"}

    @operations.retrieve_extraction
    def get(self, request: Request, id: str) -> Response:
        options = read_params(ExtractionParams, request)
        invoice = find_invoice(self.tenant, id)
        job = invoice.jobs.filter(status=ExtractionJob.Status.SUCCEEDED).order_by("-pk").first()
        return Response(present_extraction(invoice, job, explain=options["explain"]))


class InvoiceFile(ApiView):
    scopes = {"GET": "invoices:read"}

    @operations.retrieve_file
    def get(self, request: Request, id: str) -> HttpResponseBase:
        read_params(Params, request)
        invoice = find_invoice(self.tenant, id)
        try:
            file = storage.open_file(invoice.file_key) if invoice.file_key else None
        except FileNotFoundError:
            file = None
        if file is None:
            raise ResourceNotFound(f"The file of invoice {id} has been removed.")
        return download(request, file, invoice)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[JSONRenderer, str]:
        """The answer has the type of the document, whatever is asked for; errors are JSON."""
        return JSONRenderer(), JSONRenderer.media_type


def created(invoice: Invoice, *, wait_s: int) -> Response:
    """202 with the invoice as it is; 200 when its result is final within the time that the client wants to wait."""
    headers = {"Location": reverse("invoice", args=[invoice.pk])}

    def later() -> Response | None:
        if not became_final(invoice, wait_s):
            return None
        applied = {"Preference-Applied": f"wait={wait_s}"}
        return Response(InvoiceSerializer(invoice).data, status=200, headers=headers | applied)

    return Accepted(InvoiceSerializer(invoice).data, later=later, headers=headers)


def find_invoice(tenant: Tenant, invoice_id: str) -> Invoice:
    """The tenant's invoice. Raises ResourceNotFound, the same for what is malformed, unknown or another's."""
    if is_id(invoice_id, "inv"):
        invoice = with_originals(Invoice.objects.visible_to(tenant)).filter(pk=invoice_id).first()
        if invoice is not None:
            return invoice
    raise ResourceNotFound(f"There is no invoice {invoice_id}.")


def find_schema(tenant: Tenant, schema_id: str | None) -> Schema | None:
    """The tenant's schema of that id; None without an id. Raises InvalidRequest."""
    if schema_id is None:
        return None
    found = Schema.objects.visible_to(tenant).filter(pk=schema_id).first() if is_id(schema_id, "sch") else None
    if found is None:
        raise InvalidRequest(f"There is no schema {schema_id}.", param="schema_id")
    return found
