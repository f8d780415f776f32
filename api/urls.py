"""The addresses under /v1. One with a slash at the end means the same (`api.middleware`)."""

from __future__ import annotations

from django.urls import path

from api.views.invoices import InvoiceDetail, InvoiceExtraction, InvoiceFile, InvoiceList, InvoiceReprocess
from api.views.openapi import OpenApiDocument
from api.views.schemas import SchemaDetail, SchemaList

urlpatterns = [
    path("openapi.json", OpenApiDocument.as_view(), name="openapi"),
    path("invoices", InvoiceList.as_view(), name="invoices"),
    path("invoices/<str:id>", InvoiceDetail.as_view(), name="invoice"),
    path("invoices/<str:id>/extraction", InvoiceExtraction.as_view(), name="invoice-extraction"),
    path("invoices/<str:id>/reprocess", InvoiceReprocess.as_view(), name="invoice-reprocess"),
    path("invoices/<str:id>/file", InvoiceFile.as_view(), name="invoice-file"),
    path("schemas", SchemaList.as_view(), name="schemas"),
    path("schemas/<str:id>", SchemaDetail.as_view(), name="schema"),
]
