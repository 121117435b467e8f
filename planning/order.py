"""When an item can be done at all: no certificate of fitness to fly before the operation.

An item stands in an order given by its day: what is dated from the arrival, the operation, the
discharge or the flight home cannot be done before that has happened.
"""

from typing import Literal

from planning.travel_template import TravelItem

Point = Literal["arrival", "surgery", "discharge", "flight"]
"""What must have happened: arrived, operated, discharged, cleared for the flight home."""


def not_before(item: TravelItem) -> Point | None:
    """Return what must have happened before the item can be done; None for any time.

    An item of the stay (F) needs the arrival at least, though its day may lie before it; so do an
    extension and whatever counts from the end of the visa, which only the country grants.
    """
    anchor, days = item.due.a, item.due.d
    if anchor == "R":
        return "flight" if days > 0 else "surgery"
    if anchor == "X":
        return "discharge" if days > 0 else "surgery"
    if anchor == "S" and days >= 0:
        return "surgery"
    arrived = anchor == "V" or (anchor == "A" and days >= 0)
    return "arrival" if arrived or item.id.startswith("F") else None
