"""What the environment may and may not ask for, seen from outside: a process of its own per start."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from invorec.startup import PRODUCTION_VARIABLES, generated_secret, production_faults

ROOT = Path(__file__).parents[2]
GOOD = {
    "DATABASE_URL": "postgres://invorec@db/invorec",
    "REDIS_URL": "redis://redis:6379/0",
    "STORAGE_URL": "file:///srv/documents",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO",
    "ALLOWED_HOSTS": "invorec.example.com, localhost",
}


def start(folder: Path, *, show: str = "settings.PRODUCTION", **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a clean environment and print the expression `show` of them."""
    clean = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    code = f"from invorec import settings; print(({show}))"
    everything = clean | {"INVOREC_VAR": str(folder / "var")} | environment
    return subprocess.run([sys.executable, "-c", code], env=everything, cwd=ROOT, capture_output=True, text=True)


def refusal(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The faults that a refused start lists; asserts the form: one screen, exit code 1, no traceback."""
    assert (done.returncode, done.stdout) == (1, "")
    first, *faults, last = done.stderr.splitlines()
    assert first == "InvoRec does not start; the environment needs attention:"
    assert last == "See README.md, Configuration."
    return [fault.removeprefix("  - ") for fault in faults]


def test_nothing_set_is_embedded(tmp_path):
    show = "settings.PRODUCTION, settings.DEBUG, settings.CELERY_BROKER_URL, settings.ALLOWED_HOSTS"
    done = start(tmp_path, show=show)
    assert done.stdout == "(False, False, '', ['localhost', '127.0.0.1', '[::1]'])\n"


def test_the_embedded_key_is_made_once_for_its_owner_only(tmp_path):
    first, second = (start(tmp_path, show="settings.SECRET_KEY").stdout for _ in range(2))
    assert first == second
    assert len(first.strip()) >= 64
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_a_secret_that_another_process_wrote_first_wins(tmp_path, monkeypatch):
    path = tmp_path / "secret_key"
    real_link = os.link

    def someone_was_faster(draft, target):
        path.write_text("theirs")
        real_link(draft, target)

    monkeypatch.setattr(os, "link", someone_was_faster)
    assert generated_secret(path) == "theirs"
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_a_complete_environment_is_production(tmp_path):
    show = "settings.PRODUCTION, settings.REQUIRE_HTTPS, settings.ALLOWED_HOSTS, settings.DATABASES['default']['HOST']"
    done = start(tmp_path, show=show, **GOOD)
    assert done.stdout == "(True, True, ['invorec.example.com', 'localhost'], 'db')\n"
    assert not (tmp_path / "var").exists()


def test_secrets_may_come_from_files(tmp_path):
    (tmp_path / "key").write_text(GOOD["SECRET_KEY"] + "\n")
    from_file = {key: value for key, value in GOOD.items() if key != "SECRET_KEY"}
    done = start(tmp_path, show="settings.SECRET_KEY", SECRET_KEY_FILE=str(tmp_path / "key"), **from_file)
    assert done.stdout.strip() == GOOD["SECRET_KEY"]


def test_a_secret_file_that_is_not_there_is_said(tmp_path):
    done = start(tmp_path, SECRET_KEY_FILE="/nowhere/key")
    assert refusal(done) == ["SECRET_KEY_FILE=/nowhere/key: cannot be read (FileNotFoundError)"]


@pytest.mark.parametrize("name", PRODUCTION_VARIABLES)
def test_any_one_of_them_asks_for_all(tmp_path, name):
    missing = [f"{other}: missing" for other in PRODUCTION_VARIABLES if other != name]
    assert refusal(start(tmp_path, **{name: GOOD[name]})) == missing
    assert not (tmp_path / "var").exists()


def test_production_by_name_lists_all_that_is_missing(tmp_path):
    faults = refusal(start(tmp_path, INVOREC_MODE="production"))
    assert faults == [f"{name}: missing" for name in PRODUCTION_VARIABLES]


def test_every_unsafe_value_is_listed_at_once(tmp_path):
    unsafe = {"DATABASE_URL": "sqlite:///x.db", "SECRET_KEY": "short", "DEBUG": "true", "STORAGE_URL": "ftp://files"}
    assert refusal(start(tmp_path, **(GOOD | unsafe))) == [
        "DATABASE_URL: production needs PostgreSQL (postgres://user:password@host/name)",
        "SECRET_KEY: too weak, at least 50 random characters",
        "DEBUG: must be off, its error pages show settings and code",
        "STORAGE_URL: must start with file:/// or s3://",
    ]


def test_every_bad_value_is_listed_at_once(tmp_path):
    done = start(tmp_path, DEBUG="perhaps", INVOREC_MAX_PAGES="many", INVOREC_MODE="staging")
    assert refusal(done) == [
        "INVOREC_MODE: Must be one of: embedded, production.",
        "DEBUG: Not a valid boolean.",
        "INVOREC_MAX_PAGES: Not a valid integer.",
    ]


def test_a_limit_of_nothing_is_refused(tmp_path):
    faults = refusal(start(tmp_path, INVOREC_MAX_PAGES="0", INVOREC_ENGINE_WALL_S="-1"))
    assert faults == [f"{name}: Must be greater than 0." for name in ("INVOREC_MAX_PAGES", "INVOREC_ENGINE_WALL_S")]


def test_a_lease_outlasts_the_reading(tmp_path):
    fault = "INVOREC_JOB_LEASE_S: must be longer than INVOREC_ENGINE_WALL_S, or two workers read one document"
    assert refusal(start(tmp_path, INVOREC_JOB_LEASE_S="120")) == [fault]


def test_embedded_and_production_contradict(tmp_path):
    faults = refusal(start(tmp_path, INVOREC_MODE="embedded", REDIS_URL=GOOD["REDIS_URL"]))
    assert faults[0] == "INVOREC_MODE=embedded contradicts REDIS_URL: unset one or the other"


def test_no_refusal_shows_a_secret(tmp_path):
    done = start(tmp_path, DATABASE_URL="mysql://user:hunter2@db/x", SECRET_KEY="swordfish")
    assert "hunter2" not in done.stderr
    assert "swordfish" not in done.stderr


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"ALLOWED_HOSTS": "a.example, *"}, "ALLOWED_HOSTS: * accepts any Host header; name the hosts"),
        ({"REDIS_URL": "http://redis"}, "REDIS_URL: must start with redis:// or rediss://"),
        ({"SECRET_KEY": "a" * 80}, "SECRET_KEY: too weak, at least 50 random characters"),
    ],
)
def test_one_unsafe_value(change, fault):
    assert production_faults(given=GOOD | change, mode="", debug=False) == [fault]


def test_a_safe_environment_has_no_faults():
    assert production_faults(given=GOOD, mode="production", debug=False) == []


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("INVOREC_WEBHOOK_ALLOWED_NETWORKS", "10.0.0.1/8", "10.0.0.1/8 has host bits set; write networks like"),
        ("INVOREC_WEBHOOK_ALLOWED_NETWORKS", "10.0.0.0/8,intranet", "'intranet' does not appear to be"),
        ("INVOREC_WEBHOOK_SCHEDULE_S", "60,5m", "'5m' is not a number of seconds; write steps like 60,300,900"),
        ("INVOREC_WEBHOOK_SCHEDULE_S", "0", "'0' is not a number of seconds"),
        ("EMAIL_URL", "smtp.example.com", "begins with smtp:, submission:, smtps:"),
        ("INVOREC_WEBHOOK_LEASE_S", "16", "must be 5 s longer than INVOREC_WEBHOOK_TIMEOUT_S"),
    ],
)
def test_settings_of_webhooks_are_judged(tmp_path, variable, value, words):
    (fault,) = refusal(start(tmp_path, **{variable: value}))
    assert fault.startswith(f"{variable}: {words}")
