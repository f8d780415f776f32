"""What settings need before Django is up: secrets, and refusing to start on an unsafe or incomplete environment.

A refusal is one screen of text and exit code 1, never a traceback: whoever reads it is deploying, not debugging.
"""

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import NoReturn

from environs import Env, EnvValidationError, ValidationError

PRODUCTION_VARIABLES = ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "SECRET_KEY", "ALLOWED_HOSTS")
_seconds = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
MIN_SECRET_KEY_CHARS = 50  # what Django's own deployment check asks for


def secret(env: Env, name: str) -> str:
    """The value of `name`, or the content of the file that `name_FILE` names, or "".

    Orchestrators mount secrets as files; a value in the environment shows up in process listings and crash reports.
    """
    path = env.str(f"{name}_FILE", "")
    if not path:
        return env.str(name, "")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        refuse([f"{name}_FILE={path}: cannot be read ({type(error).__name__})"])


def generated_secret(path: Path) -> str:
    """The secret kept at `path`; made there once, readable by its owner only.

    Web and worker may start together: the file appears complete under its name or not at all, and the first one wins.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def refuse(faults: list[str]) -> NoReturn:
    """End the process with exit code 1 and the whole list of `faults` on standard error."""
    lines = "\n".join(f"  - {fault}" for fault in faults)
    raise SystemExit(
        f"InvoRec does not start; the environment needs attention:\n{lines}\nSee README.md, Configuration."
    )


def only_networks(texts: list[str]) -> None:
    """Raises ValidationError for what is not a network in CIDR form."""
    for text in texts:
        try:
            ip_network(text)
        except ValueError as error:
            raise ValidationError(f"{error}; write networks like 10.0.0.0/8, with commas between") from None


def only_seconds(texts: list[str]) -> None:
    """Raises ValidationError for what is not a number of seconds above 0."""
    for text in texts:
        if not _seconds.fullmatch(text) or not float(text):
            raise ValidationError(f"'{text}' is not a number of seconds; write steps like 60,300,900")


def refuse_bad_values(env: Env) -> None:
    """Refuse to start when any variable read through `env` (deferred) failed to parse; names all of them."""
    try:
        env.seal()
    except EnvValidationError as error:
        messages = error.error_messages
        by_name = messages if isinstance(messages, Mapping) else {"environment": messages}
        refuse([f"{name}: {' '.join(map(str, texts))}" for name, texts in by_name.items()])


def production_faults(*, given: Mapping[str, str], mode: str, debug: bool) -> list[str]:
    """What is missing from, or unsafe in, a production environment; empty when it may start.

    `given` maps each of PRODUCTION_VARIABLES to its value, "" when absent.
    """
    faults = [f"{name}: missing" for name in PRODUCTION_VARIABLES if not given[name]]
    if mode == "embedded":
        present = ", ".join(name for name in PRODUCTION_VARIABLES if given[name])
        faults.insert(0, f"INVOREC_MODE=embedded contradicts {present}: unset one or the other")
    database, key = given["DATABASE_URL"], given["SECRET_KEY"]
    if database and not database.startswith(("postgres://", "postgresql://")):
        faults.append("DATABASE_URL: production needs PostgreSQL (postgres://user:password@host/name)")
    if given["REDIS_URL"] and not given["REDIS_URL"].startswith(("redis://", "rediss://")):
        faults.append("REDIS_URL: must start with redis:// or rediss://")
    if key and (len(key) < MIN_SECRET_KEY_CHARS or len(set(key)) < 5):
        faults.append(f"SECRET_KEY: too weak, at least {MIN_SECRET_KEY_CHARS} random characters")
    if "*" in [host.strip() for host in given["ALLOWED_HOSTS"].split(",")]:
        faults.append("ALLOWED_HOSTS: * accepts any Host header; name the hosts")
    if debug:
        faults.append("DEBUG: must be off, its error pages show settings and code")
    return faults
