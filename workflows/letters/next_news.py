"""The moment a letter promises the next word for: when our office works and the reader is awake."""

from datetime import datetime
from zoneinfo import ZoneInfo

from planning.calendars import out_of_quiet_hours
from workflows.engine.world import World
from workflows.verbs import working_hours

TRIES = 14
"""Steps between an office and a reader before it is known that their days do not meet."""


def promised(world: World, zone: str, earliest: datetime) -> datetime:
    """Return the first moment from `earliest` on (UTC) in our working time and the reader's day.

    Where the two never meet, the reader's day counts. The next letter leaves at `earliest` at the
    latest, so that the promise is kept.
    """
    reader, moment = ZoneInfo(zone), earliest
    for _ in range(TRIES):
        awake = out_of_quiet_hours(moment, reader)
        works = world.process.calendar.due(awake, working_hours(0))
        if works == awake:
            return awake
        moment = works
    return out_of_quiet_hours(earliest, reader)
