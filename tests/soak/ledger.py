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
    with environment_of("production") as environment:
        own = environment | {"DJANGO_SETTINGS_MODULE": "invorec.settings", "INVOREC_LOG_LEVEL": "ERROR"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=own, cwd=ROOT, check=True)
        machine = [sys.executable, "-m", "tests.soak.ledger_machine", str(arguments.steps)]
        return subprocess.run(machine, env=own, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
