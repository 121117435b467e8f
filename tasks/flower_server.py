"""Flower as it is started here: its metrics ask for the password that every other page asks for.

Flower shows `/metrics` (names of workers and tasks, counts and times) to anybody. Only its
`/healthcheck`, which says OK, stays open: `python -m tasks.flower_server -A tasks.app flower ...`.
"""

import sys

from celery.bin.celery import main
from flower.views.monitor import Metrics
from tornado.web import authenticated


def close_metrics() -> None:
    """Have Flower ask who reads its metrics."""
    Metrics.get = authenticated(Metrics.get)  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    close_metrics()
    sys.exit(main())
