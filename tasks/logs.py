"""Logs: structured lines with ids and codes; texts of exceptions and statements stay out."""

import logging
import sys
from typing import TextIO, cast

import structlog


class _Output:
    """Standard output as it is at the moment of writing: it may be another than at the start."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


def configure_logs(level: int = logging.INFO) -> None:
    """Write one JSON line per event to standard output; libraries from warning upwards."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Output())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for name in ("sqlalchemy.engine", "urllib3", "botocore", "pdfminer"):
        logging.getLogger(name).setLevel(logging.ERROR)
