"""Eight threads do to the ledger whatever the service can, in any order, and it adds up after every step.

python -m tests.soak.ledger [--steps 10000]

On a private PostgreSQL. Hypothesis draws what is done; what is left when all is idle is proved whole.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.soak.serving import ROOT, environment_of


def main() -> int:
    """The machine in a process of its own, with the settings of the service; its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=10_000)
    arguments = parser.parse_args()
    return run_on_postgres("tests.soak.ledger_machine", arguments.steps)


def run_on_postgres(module: str, *arguments: object) -> int:
    """The module as a program that has a migrated database to itself; its exit code."""
    with environment_of("production") as environment:
        own = environment | {"DJANGO_SETTINGS_MODULE": "invorec.settings", "INVOREC_LOG_LEVEL": "ERROR"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=own, cwd=ROOT, check=True)
        program = [sys.executable, "-m", module, *map(str, arguments)]
        return subprocess.run(program, env=own, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
