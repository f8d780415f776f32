"""The service's settings with the bare views in place of its own, and nothing around them."""

from invorec.settings import *  # noqa: F403  the same database, pool, store and logs

ROOT_URLCONF = "tests.bench.bare"
MIDDLEWARE: list[str] = []
