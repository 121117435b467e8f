"""What of a sending is still to be read: shown, so that nobody thinks that nothing happens."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from views.shown import ShownDocument
from workflows.documents.photos import WAITS, photos_of
from workflows.engine.case_facts import IN_PROCESSING

_UNREAD = ("received", "stored")


@dataclass(frozen=True, slots=True)
class BeingRead:
    """A sending of which something is still worked at: how many files it has, and those left.

    `left` are still to be read; of the others some may be kept as they are, a copy for one.
    `photos` were read and wait for each other: whether they are of one paper is decided when no
    more can come.
    """

    channel: str
    received_at: datetime
    files: int
    left: int
    photos: int


def being_read(documents: Sequence[ShownDocument]) -> list[BeingRead]:
    """Return the sendings of a case that are not done yet, in the order in which they came."""
    sendings: dict[tuple[datetime, str], list[ShownDocument]] = defaultdict(list)
    for one in documents:
        if not photos_of(one.notes):  # made of photos: it did not come
            sendings[one.received_at, one.channel].append(one)
    return [
        BeingRead(
            channel,
            received_at,
            files=len(came),
            left=sum(one.state in _UNREAD for one in came),
            photos=sum(one.notes.get("photo") == WAITS for one in came),
        )
        for (received_at, channel), came in sorted(sendings.items())
        if any(one.state in IN_PROCESSING for one in came)
    ]
