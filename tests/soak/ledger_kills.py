"""A process dies by SIGKILL between the hold of a document's credits and their end, and nothing is lost or paid twice.

python -m tests.soak.ledger_kills [--times 20]

On a private PostgreSQL. The points stand in `tests.soak.ledger_victims`.
"""

from __future__ import annotations

import argparse
import sys

from tests.soak.ledger import run_on_postgres


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20)
    return run_on_postgres("tests.soak.ledger_victims", parser.parse_args().times)


if __name__ == "__main__":
    sys.exit(main())
