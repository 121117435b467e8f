"""Which worker process serves which queues when one machine runs everything."""

from workflows.engine.queues import QUEUES

__all__ = ["QUEUES", "THREADS", "WORKER_GROUPS"]

WORKER_GROUPS: dict[str, tuple[str, ...]] = {
    "documents": ("ingestion",),
    "reading": ("extraction",),
    "cases": ("suitability", "travel", "reminders", "notices"),
    "mail": ("outreach",),
    "partners": ("hooks",),
}
THREADS: dict[str, int] = {"hooks": 12, "extraction": 8}
"""Queues whose worker has threads: their steps wait for others, be it computers of partners or the
processes in which files are read. The rest work one row at a time, in the worker's own process.
"""
