"""Logs: structured lines with ids and codes; texts of exceptions and statements stay out."""

import logging
import sys

import structlog


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
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for name in ("sqlalchemy.engine", "urllib3", "botocore", "pdfminer"):
        logging.getLogger(name).setLevel(logging.ERROR)
