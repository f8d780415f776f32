"""The sizes and habits that keep the code readable, checked on every module of the product."""

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ["invorec", "api", "extraction", "webhooks", "billing"]
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "signals.py"}
MAX_MODULE, MAX_FUNCTION, MAX_VIEW, MAX_TASK = 400, 50, 12, 6
TOP_LEVEL = {
    *("manage.py", "invorec", "api", "extraction", "webhooks", "billing", "templates", "requirements.txt", "tests"),
    *("README.md", "BENCHMARKS.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "Makefile", "Dockerfile"),
    *("compose.yaml", ".ci", ".pre-commit-config.yaml", ".gitignore", ".dockerignore"),
}  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


def faults(path: str, source: str) -> list[str]:
    """What is wrong with one module, as readable lines."""
    lines = len(source.splitlines())
    bad = [f"{path}: {lines} lines, more than {MAX_MODULE}"] if lines > MAX_MODULE else []
    if Path(path).name in FORBIDDEN_NAMES:
        bad.append(f"{path}: name it after what it does")
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, Function):
            bad += length_faults(path, node, is_view="views" in path and node in methods(tree))
        if isinstance(node, ast.ClassDef) and is_model(node):
            bad += [f"{path}: {node.name}.save() is overridden" for item in node.body if named(item, "save")]
    return bad


def length_faults(path: str, function: Function, *, is_view: bool) -> list[str]:
    """A function that is longer than its kind may be. Decorators count for none of them, docstrings only below 50."""
    whole = (function.end_lineno or 0) - function.lineno + 1
    allowed = MAX_FUNCTION
    if Path(path).name == "tasks.py" and function.decorator_list:
        allowed, whole = MAX_TASK, body_lines(function)
    elif is_view:
        allowed, whole = MAX_VIEW, body_lines(function)
    return [f"{path}: {function.name} has {whole} lines, more than {allowed}"] if whole > allowed else []


def body_lines(function: Function) -> int:
    """Lines of the statements after the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def methods(tree: ast.Module) -> list[ast.stmt]:
    """Every method of a class at the top of the module."""
    return [item for node in tree.body if isinstance(node, ast.ClassDef) for item in node.body]


def is_model(node: ast.ClassDef) -> bool:
    """Whether a class looks like a Django model: it declares fields, a Meta, or derives from one that does."""
    bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
    return bool(bases & {"Model", "Timestamped", "TenantOwned", "AbstractUser", "AbstractBaseUser"})


def named(item: ast.stmt, name: str) -> bool:
    return isinstance(item, Function) and item.name == name


def product_modules() -> list[Path]:
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def test_every_module_keeps_the_sizes_and_habits():
    assert len(product_modules()) > 20
    read = [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in product_modules()]
    assert [fault for path, source in read for fault in faults(path, source)] == []


def test_the_top_level_holds_only_what_it_may():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    tracked = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert tracked - TOP_LEVEL == set()


def test_faults_are_found():
    assert faults("api/long.py", "x = 1\n" * 401) == ["api/long.py: 401 lines, more than 400"]
    assert faults("api/utils.py", "") == ["api/utils.py: name it after what it does"]
    assert faults("api/a.py", "def f():\n" + "    x = 1\n" * 50) == ["api/a.py: f has 51 lines, more than 50"]
    model = "class A(models.Model):\n    def save(self):\n        pass\n"
    assert faults("api/models.py", model) == ["api/models.py: A.save() is overridden"]
    view = "class A:\n    def get(self):\n" + "        x = 1\n" * 13
    assert faults("api/views/a.py", view) == ["api/views/a.py: get has 13 lines, more than 12"]
    task = "@shared_task\ndef t():\n" + "    x = 1\n" * 7
    assert faults("api/tasks.py", task) == ["api/tasks.py: t has 7 lines, more than 6"]


def test_what_is_allowed_is_not_a_fault():
    assert faults("api/views/a.py", "class A:\n    def get(self):\n" + "        x = 1\n" * 12) == []
    assert faults("api/a.py", "class A:\n    def save(self):\n        pass\n") == []
