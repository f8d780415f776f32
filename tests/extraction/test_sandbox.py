"""Test mode's fixtures: true to the engine's form, of every kind, and chosen as the contract says."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from extraction import jobs, tasks
from extraction.engine.errors import EngineError
from extraction.isolation import checked_extraction
from extraction.models import ExtractionJob, Invoice
from extraction.sandbox import DATA, FAILS, KINDS, chosen, delay, fixtures, read_fixture
from extraction.sandbox_custom import with_custom
from extraction.worker import work_once
from tests.factories import job_of, make_extraction, make_invoice, make_tenant
from tests.invoices.sandbox import FAILURES
from tests.invoices.sandbox import KINDS as MADE

READ = [fixture for fixture in fixtures() if fixture.extraction]
SAMPLE = Path(__file__).parents[2] / "invorec" / "sample" / "invoice.pdf"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def custom(**properties):
    """What the custom fields of these properties become, and whether that wants a person's look."""
    required = [name for name, schema in properties.items() if schema.pop("required", False)]
    extraction = with_custom(make_extraction(), {"type": "object", "properties": properties, "required": required})
    return extraction.custom, extraction.custom_lines, extraction.needs_review


@pytest.mark.parametrize("fixture", READ, ids=lambda fixture: fixture.name)
def test_a_fixture_is_what_the_engine_could_have_answered(fixture):
    assert fixture.extraction is not None
    assert checked_extraction(fixture.extraction.to_json()) == fixture.extraction


def test_the_command_makes_the_fixtures_that_are_there():
    assert {fixture.name for fixture in fixtures()} == MADE.keys() | FAILURES.keys()
    for name, kind in MADE.items():
        fixture = next(fixture for fixture in READ if fixture.name == name)
        assert kind.wanted(fixture.extraction), name


def test_every_source_and_type_and_failure_is_there():
    read = [fixture.extraction for fixture in READ]
    assert {one.source for one in read} == set(Invoice.Source.values)
    assert {one.document_type for one in read} == set(Invoice.DocumentType.values)
    assert {one.needs_review for one in read} == {False, True}
    assert {one.page_count for one in read} == {0, 1, 2}
    assert {fixture.error.code for fixture in fixtures() if fixture.error} == {
        "no_text_found", "not_an_invoice", "extraction_timed_out",
    }  # fmt: skip


def test_the_files_are_for_reading():
    longest = max(DATA.glob("*.json"), key=lambda path: path.stat().st_size)
    assert longest.stat().st_size < 32_000, longest
    assert all(len(line) <= 200 for path in DATA.glob("*.json") for line in path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_forces_a_kind(kind):
    for number in range(20):
        name = f"My {kind.upper()} {number}.pdf"
        assert chosen(file_name=name, sha256=digest(name)).name.startswith(kind)


def test_without_a_word_the_digest_chooses_and_never_a_failure():
    names = {chosen(file_name="bill.pdf", sha256=digest(str(number))).name for number in range(300)}
    assert names == {fixture.name for fixture in READ}
    again = [chosen(file_name="bill.pdf", sha256=digest("1")) for _ in range(3)]
    assert again == again[:1] * 3


def test_the_sample_gets_its_own_answer():
    answer = chosen(file_name=SAMPLE.name, sha256=hashlib.sha256(SAMPLE.read_bytes()).hexdigest())
    assert answer.name == "invoice-sample"


def test_words_combine():
    assert (delay("slow.pdf"), delay("Slow-fail.pdf"), delay("fast.pdf")) == (
        timedelta(seconds=5), timedelta(seconds=5), timedelta(0),
    )  # fmt: skip
    with pytest.raises(EngineError):
        read_fixture(file_name="slow-fail-review.pdf", sha256=digest("x"))


def test_custom_fields_have_a_value_of_their_type():
    header, lines, review = custom(
        text={"type": "string"},
        count={"type": "integer"},
        share={"type": "number"},
        paid={"type": "boolean"},
        day={"type": "string", "format": "date"},
        freight={"type": "integer", "x-money": True},
        ports={"type": "array", "items": {"type": "string"}},
        lot={"x-line-item": True},
    )
    assert {name: [one.value for one in field.found] for name, field in header.items()} == {
        "text": ["Sample"], "count": [Decimal(42)], "share": [Decimal("12.5")], "paid": ["true"],
        "day": [date(2026, 4, 8)], "freight": [Decimal("12.50")], "ports": ["Sample"],
    }  # fmt: skip
    assert ([line["lot"].found[0].value for line in lines], review) == (["Sample"], False)
    checked_extraction(
        with_custom(make_extraction(), {"type": "object", "properties": {"a": {"pattern": "x"}, "b": {}}}).to_json()
    )


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"examples": ["Rotterdam", "Hull"], "default": "Kiel"}, ["Rotterdam"]),
        ({"default": "Kiel", "enum": ["Hull", "Kiel"]}, ["Kiel"]),
        ({"enum": ["Hull", "Kiel"]}, ["Hull"]),
        ({"pattern": "^LOT-[0-9]+$"}, []),
        ({"pattern": "^LOT-[0-9]+$", "examples": ["LOT-7"]}, ["LOT-7"]),
        ({"type": "integer", "x-money": True, "examples": [999]}, [Decimal("9.99")]),
        ({"type": "integer", "examples": ["many"]}, []),
        ({"type": "boolean", "examples": [False]}, ["false"]),
        ({"type": "string", "format": "date", "examples": ["soon"]}, []),
        ({"type": "array", "items": {"type": "string"}, "examples": [["a", "b"]]}, ["a", "b"]),
        ({"type": "array", "items": {"type": "string", "examples": ["c"]}}, ["c"]),
    ],
)
def test_the_definition_says_the_value(schema, values):
    header, _, review = custom(field={**schema, "required": True})
    assert ([one.value for one in header["field"].found], review) == (values, not values)


def test_a_definition_that_cannot_be_read_changes_nothing():
    assert with_custom(make_extraction(), {"type": "array"}) == make_extraction()
    assert with_custom(make_extraction(), None) == make_extraction()


def never(data, options):
    raise AssertionError("test mode reads no document")


@pytest.mark.django_db
def test_a_worker_answers_test_mode_without_the_engine():
    tenant = make_tenant(livemode=False)
    read, failed = make_invoice(tenant, file_name="einvoice.pdf"), make_invoice(tenant, file_name="fail.pdf")
    assert work_once(worker="w", run=never) and work_once(worker="w", run=never)
    read.refresh_from_db()
    failed.refresh_from_db()
    assert (read.status, read.source, read.line_items.count() > 0) == ("succeeded", "einvoice", True)
    assert failed.status == "failed" and failed.error_code in {error.code for _, error in FAILURES.values()}
    assert job_of(failed).attempts == 1


@pytest.mark.django_db
def test_live_mode_knows_no_fixtures():
    invoice = make_invoice(make_tenant(), file_name="fail slow.pdf")
    assert work_once(worker="w", run=lambda data, options: make_extraction())
    invoice.refresh_from_db()
    assert (invoice.status, invoice.vendor_name) == ("succeeded", "Muster GmbH")


@pytest.mark.django_db
def test_a_slow_file_keeps_nobody_waiting():
    slow = make_invoice(make_tenant(livemode=False), file_name="slow.pdf")
    due = job_of(slow).due_at - slow.created_at
    assert timedelta(seconds=5) <= due < timedelta(seconds=6)
    assert work_once(worker="w") is False
    ExtractionJob.objects.update(due_at=timezone.now())
    assert work_once(worker="w") is True


@pytest.mark.django_db
def test_a_slow_file_is_woken_when_it_is_due(settings, monkeypatch):
    settings.CELERY_BROKER_URL = "redis://nowhere"
    sent = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda args, **options: sent.append(options))
    jobs.wake_job(job_of(make_invoice(make_tenant(livemode=False), file_name="slow.pdf")))
    assert sent == [{"countdown": 5, "expires": 65, "priority": 0}]


def test_no_kind_is_without_fixtures():
    assert all(any(fixture.name.startswith(kind) for fixture in fixtures()) for kind in KINDS)
    assert FAILS == "fail"
