"""Days as their reader lives them: a moment is told by the date it has where the letter is read.

A letter that leaves at eight in the morning in Auckland leaves on the day before in UTC.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from models import Hospital
from workflows.directory.store import record_of


def day_in(zone: str, moment: datetime) -> date:
    """Return the date of a moment (aware) in a zone of the tz database."""
    return moment.astimezone(ZoneInfo(zone)).date()


def zone_of(hospital: Hospital) -> str:
    """Return the zone in which a hospital keeps its hours, as the directory has it."""
    return record_of(hospital).hours.zone
