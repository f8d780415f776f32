"""The tenant walk as a table: every address under /v1, every kind of caller, what each is answered.

python -m tests.api.matrix

Runs tests/api/test_routes.py, which fills the table and fails on a leak, and prints it.
"""

from __future__ import annotations

import sys

import pytest

TABLE: dict[tuple[str, str], dict[str, str]] = {}  # (method, route) -> caller -> what was answered


class Printer:
    """Prints the table at the end of the run."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        names = list(next(iter(TABLE.values()), {}))
        terminalreporter.section("who is answered what")
        terminalreporter.write_line(f"{'':46}" + " ".join(f"{name:>15}" for name in names))
        for (method, route), answers in TABLE.items():
            cells = " ".join(f"{answers[name]:>15}" for name in names)
            terminalreporter.write_line(f"{f'{method} /v1/{route}':46}{cells}")
        count = sum(len(answers) for answers in TABLE.values())
        terminalreporter.write_line(f"{len(TABLE)} addresses, {len(names)} callers, {count} cells")


def main() -> int:
    """pytest's exit code."""
    return pytest.main(["-q", "tests/api/test_routes.py"], plugins=[Printer()])


if __name__ == "__main__":
    from tests.api import matrix  # under the name by which the tests know it

    sys.exit(matrix.main())
