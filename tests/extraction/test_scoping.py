"""Rows of a workspace are read through `visible_to(tenant)` wherever a caller's tenant is at hand."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWNED = {"Invoice", "Schema", "LineItem", "ExtractionJob"}
DOORS = sorted(
    path
    for folder, pattern in (("extraction", "s*s.py"), ("api", "views/*.py"), ("api", "views.py"))
    for path in (ROOT / folder).glob(pattern)
    if path.name in ("services.py", "serializers.py") or folder == "api"
)


def unscoped_queries(source: str) -> list[int]:
    """Lines where `Model.objects` is followed by anything but `visible_to` or `create`."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "objects":
            model = node.value.value
            owned = isinstance(model, ast.Name) and model.id in OWNED
            if owned and node.attr not in ("visible_to", "create", "bulk_create"):
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("path", DOORS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_query_without_a_tenant(path):
    assert unscoped_queries(path.read_text()) == []


def test_the_rule_sees_what_it_forbids():
    source = "Invoice.objects.get(pk=1)\nInvoice.objects.visible_to(t).get(pk=1)\nPlan.objects.get(code='x')\n"
    assert unscoped_queries(source) == [1]
    assert ROOT / "extraction/services.py" in DOORS
