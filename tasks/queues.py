"""Which worker process serves which queues when one machine runs everything."""

from workflows.engine.queues import QUEUES

__all__ = ["QUEUES", "WORKER_GROUPS"]

WORKER_GROUPS: dict[str, tuple[str, ...]] = {
    "documents": ("ingestion", "extraction"),
    "cases": ("suitability", "travel", "reminders", "notices"),
    "mail": ("outreach", "hooks"),
}
