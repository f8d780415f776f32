"""One log stream for everything: JSON lines on standard error, or readable lines when that is a terminal.

Ids bound with `structlog.contextvars.bind_contextvars(request_id=..., invoice_id=...)` appear on every line written
while they are bound, whether through structlog or the standard library. Keys and document contents are never logged.
"""

from typing import Any

import structlog

SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(allow=["invoice_id", "job_id", "request_id", "status_code"]),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

# libraries whose INFO and DEBUG lines could carry pieces of documents or signed URLs
TALKATIVE = ("PIL", "pikepdf", "boto3", "botocore", "s3transfer", "urllib3", "httpx", "httpcore")


def configure_structlog() -> None:
    """Send structlog's own loggers through the standard library, so that one handler writes all."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_config(*, pretty: bool, level: str) -> dict[str, Any]:
    """A `logging.config.dictConfig` dictionary with one handler for every logger of the process."""
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    finish: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if not pretty:
        finish.append(structlog.processors.format_exc_info)
    one_line = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED_PROCESSORS,
        "processors": [*finish, renderer],
    }
    stderr = {"class": "logging.StreamHandler", "formatter": "one_line"}
    through_root: dict[str, Any] = {"handlers": [], "propagate": True, "level": level}
    quiet = through_root | {"level": "WARNING"}
    errors_only = through_root | {"level": "ERROR"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"one_line": one_line},
        "handlers": {"stderr": stderr},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": through_root,
            "django.server": through_root,
            "django.request": errors_only,  # `invorec.access` has a line for every answer already
            "gunicorn.error": quiet,
            "gunicorn.access": errors_only,
            **dict.fromkeys(
                ("PIL", "pikepdf", "boto3", "botocore", "s3transfer", "urllib3", "httpx", "httpcore"), quiet
            ),
        },
    }
