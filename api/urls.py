"""The addresses under /v1. One with a slash at the end means the same (`api.middleware`)."""

from __future__ import annotations

from django.urls import path

from api.views.credits import Credits
from api.views.events import EventDetail, EventList, EventResend
from api.views.invoices import InvoiceDetail, InvoiceExtraction, InvoiceFile, InvoiceList, InvoiceReprocess
from api.views.openapi import OpenApiDocument
from api.views.schemas import SchemaDetail, SchemaList
from api.views.webhooks import (
    WebhookDeliveries,
    WebhookDetail,
    WebhookList,
    WebhookPromote,
    WebhookResend,
    WebhookRotate,
    WebhookTest,
)

urlpatterns = [
    path("openapi.json", OpenApiDocument.as_view(), name="openapi"),
    path("invoices", InvoiceList.as_view(), name="invoices"),
    path("invoices/<str:id>", InvoiceDetail.as_view(), name="invoice"),
    path("invoices/<str:id>/extraction", InvoiceExtraction.as_view(), name="invoice-extraction"),
    path("invoices/<str:id>/reprocess", InvoiceReprocess.as_view(), name="invoice-reprocess"),
    path("invoices/<str:id>/file", InvoiceFile.as_view(), name="invoice-file"),
    path("schemas", SchemaList.as_view(), name="schemas"),
    path("schemas/<str:id>", SchemaDetail.as_view(), name="schema"),
    path("credits", Credits.as_view(), name="credits"),
    path("webhooks", WebhookList.as_view(), name="webhooks"),
    path("webhooks/<str:id>", WebhookDetail.as_view(), name="webhook"),
    path("webhooks/<str:id>/rotate", WebhookRotate.as_view(), name="webhook-rotate"),
    path("webhooks/<str:id>/promote", WebhookPromote.as_view(), name="webhook-promote"),
    path("webhooks/<str:id>/test", WebhookTest.as_view(), name="webhook-test"),
    path("webhooks/<str:id>/resend", WebhookResend.as_view(), name="webhook-resend"),
    path("webhooks/<str:id>/deliveries", WebhookDeliveries.as_view(), name="webhook-deliveries"),
    path("events", EventList.as_view(), name="events"),
    path("events/<str:id>", EventDetail.as_view(), name="event"),
    path("events/<str:id>/resend", EventResend.as_view(), name="event-resend"),
]
