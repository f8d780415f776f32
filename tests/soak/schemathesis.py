"""Schemathesis against a live service: every operation of the served OpenAPI document, with a live and a test key.

python -m tests.soak.schemathesis [--mode live|test|both] [--examples 400] [--seed 1] [--only REGEX]

Starts a service of its own (embedded mode, free port, temporary folder, rate limits out of the way) and runs all
checks in all phases, the stateful one included. Prints Schemathesis' own report and the number of cases; exits 1 where
a check failed. What no schema can say, and is excused for that, stands in EXCUSES of `schemathesis_hooks.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.soak.worker_kills import ROOT, start

HOOKS = "tests.soak.schemathesis_hooks"
OUT_OF_THE_WAY = dict.fromkeys(
    ("INVOREC_REQUESTS_PER_MINUTE", "INVOREC_UPLOADS_PER_HOUR", "INVOREC_IP_REQUESTS_PER_MINUTE",
     "INVOREC_IP_UPLOADS_PER_HOUR", "INVOREC_WEBHOOK_MAX_ENDPOINTS"), "100000000",
)  # fmt: skip
SEED = """
import django; django.setup()
from api.models import ApiKey
from extraction.schemas import create_schema
for livemode in (True, False):
    tenant = ApiKey.objects.get(livemode=livemode).tenant
    create_schema(tenant=tenant, name="Cargo", definition={"type": "object", "properties": {"vessel": {}}})
"""


def main() -> int:
    """Run Schemathesis with each key."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mode", choices=["live", "test", "both"], default="both")
    parser.add_argument("--examples", type=int, default=400, help="generated cases an operation and phase, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="operations whose id matches this expression")
    arguments = parser.parse_args()
    os.environ.update(OUT_OF_THE_WAY)
    with tempfile.TemporaryDirectory(prefix="invorec-soak-") as folder:
        service, url, _ = start(Path(folder))
        try:
            keys = json.loads((Path(folder) / "var" / "demo_keys.json").read_text())
            subprocess.run([sys.executable, "-c", SEED], cwd=ROOT, env=environment(folder), check=True)
            modes = ["live", "test"] if arguments.mode == "both" else [arguments.mode]
            return max([run(url, keys[mode], mode, folder, arguments) for mode in modes])
        finally:
            service.send_signal(signal.SIGINT)
            service.wait(30)


def run(url: str, key: str, mode: str, folder: str, arguments: argparse.Namespace) -> int:
    """One run with one key; its exit code."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/v1/openapi.json", "--header",
        f"Authorization: Bearer {key}", "--checks", "all", "--exclude-checks",
        "positive_data_acceptance,negative_data_rejection",  # the hooks make both, with excuses that they name
        "--phases", "examples,coverage,fuzzing,stateful",
        "--max-examples", str(arguments.examples), "--seed", str(arguments.seed), "--continue-on-failure",
        "--generation-database", "none", "--request-timeout", "60", "--suppress-health-check", "all",
        "--generation-allow-x00", "false",  # text with NUL is 400 whatever the field, as tests/api tries
    ]  # fmt: skip
    if arguments.only:
        command += ["--include-operation-id-regex", arguments.only]
    print(f"\n== {mode} key", flush=True)
    return subprocess.run(command, cwd=folder, env=environment(folder)).returncode


def environment(folder: str) -> dict[str, str]:
    """This process's, for what works beside the service in `folder`."""
    return dict(
        os.environ, INVOREC_VAR=f"{folder}/var", DJANGO_SETTINGS_MODULE="invorec.settings", PYTHONPATH=str(ROOT),
        SCHEMATHESIS_HOOKS=HOOKS, NO_COLOR="1", PYTHONUNBUFFERED="1",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
