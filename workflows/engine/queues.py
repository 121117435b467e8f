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
