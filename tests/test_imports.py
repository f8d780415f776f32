"""The layers of the house: each imports only what stands below it, and the engine nothing of Django."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Top first. A longer name is a part of its own: extraction.engine is not extraction.
LAYERS = ["invorec", "api", "extraction", "webhooks", "billing", "invorec.lib", "extraction.engine"]
FORBIDDEN_IN_ENGINE = {"django", "rest_framework", "celery", "environs", "structlog", "redis", "psycopg", "httpx"}
FRAMEWORK_FREE = "extraction.engine"


def layer_of(module: str) -> str | None:
    """The layer that a dotted module name belongs to; None for the world outside."""
    owners = [layer for layer in LAYERS if module == layer or module.startswith(f"{layer}.")]
    return max(owners, key=len, default=None)


def imported_modules(source: str, package: str) -> set[str]:
    """Every module that the source imports, wherever it does; relative names resolved against `package`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def faults(module: str, source: str, package: str) -> list[str]:
    """What the source of `module` may not import, as readable lines."""
    layer = layer_of(module)
    bad = []
    for imported in sorted(imported_modules(source, package)):
        target = layer_of(imported)
        if layer and target and LAYERS.index(target) < LAYERS.index(layer):
            bad.append(f"{module} ({layer}) imports {imported} ({target}), which stands above it")
        if layer == FRAMEWORK_FREE and (imported.split(".")[0] in FORBIDDEN_IN_ENGINE or target not in (None, layer)):
            bad.append(f"{module} imports {imported}: the engine knows nothing of the service")
    return bad


def modules() -> dict[str, tuple[str, str]]:
    """{dotted name: (source, package)} of every product module."""
    found = {}
    for top in {layer.split(".")[0] for layer in LAYERS}:
        for path in (ROOT / top).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            package = ".".join(parts[:-1])
            name = package if parts[-1] == "__init__" else ".".join(parts)
            found[name] = (path.read_text(encoding="utf-8"), package)
    return found


def test_every_module_imports_downwards_only():
    assert len(modules()) > 20
    assert [fault for name, (source, package) in modules().items() for fault in faults(name, source, package)] == []


def test_an_upward_import_is_found_wherever_it_hides():
    source = "def f():\n    from extraction import jobs\n    import api.models as m\n"
    assert [line.split(" imports ")[1] for line in faults("billing.models", source, "billing")] == [
        "api.models (api), which stands above it",
        "extraction (extraction), which stands above it",
        "extraction.jobs (extraction), which stands above it",
    ]


def test_a_relative_import_counts_as_what_it_means():
    assert faults("extraction.engine.pipeline", "from ..jobs import claim", "extraction.engine") != []
    assert faults("extraction.engine.pipeline", "from .errors import EngineError", "extraction.engine") == []


def test_the_engine_may_not_know_the_service():
    assert faults("extraction.engine.money", "from django.conf import settings", "extraction.engine") != []
    assert faults("extraction.engine.money", "from invorec.lib import ids", "extraction.engine") != []
    assert faults("extraction.engine.money", "from extraction import models", "extraction.engine") != []
    assert faults("extraction.engine.money", "from decimal import Decimal", "extraction.engine") == []


def test_downward_imports_are_fine():
    source = "from extraction.engine import extract\nfrom invorec.lib.ids import new_id\nfrom billing import models\n"
    assert faults("extraction.jobs", source, "extraction") == []
