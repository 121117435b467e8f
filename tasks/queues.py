"""The queues: one per kind of work; a step's queue is the part of its name before the dot."""

QUEUES: tuple[str, ...] = (
    "ingestion",
    "extraction",
    "suitability",
    "outreach",
    "notices",
    "travel",
    "reminders",
    "hooks",
)

WORKER_GROUPS: dict[str, tuple[str, ...]] = {
    "documents": ("ingestion", "extraction"),
    "cases": ("suitability", "travel", "reminders", "notices"),
    "mail": ("outreach", "hooks"),
}
"""Which worker process serves which queues when one machine runs everything."""
