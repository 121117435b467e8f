"""What a letter that left says, and whether it might leave: by what people outside know."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from models.findable import message_mark
from models.key_store import store_of
from tests.simulation.life import ISO_DAY, Life, about, numbers_in
from tests.simulation.outside import Taken

if TYPE_CHECKING:
    from tests.simulation.house import House

REF = re.compile(r"CFX-\d\d-\d{5}")
MONEY = re.compile(r"\b(?:USD|EUR|INR|CNY)\s*(\d[\d.,\u00a0\u202f ]*)")
SHORT_DAY = re.compile(
    r"\b(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (\d{4})\b"
)
NAME = ("Rosa", "Exempla")
DELETE, OF_TEAM = "M17", "@team.example"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

OF_A_PLAN = ("M18", "M20", "M21", "M31", "M32")
SOON = 15
"""Days ahead that letters count from the day of writing: until when an answer is awaited."""

Found = tuple[str, str]


def of_letter(house: "House", life: Life, letter: Taken) -> Iterator[Found]:
    """Yield what is wrong of a letter that the mail server took."""
    to = letter.to[0]
    if to.endswith(OF_TEAM):
        return  # an alarm may leave twice, and after everything
    row = _row_of(house, letter)
    template = row.template if row is not None else ""
    copies = [one for one in life.letters if one.message_id == letter.message_id]
    if copies and letter.message_id not in life.again:
        yield "a letter was taken twice", f"{template} to {to}"
    life.again.discard(letter.message_id)
    life.letters.append(letter)
    for stop in life.stops:
        if template not in stop.but:
            yield "a letter left after a stop", f"{template} to {to} after: {stop.why}"
    if set(REF.findall(letter.text)) - {life.ref}:
        yield "a letter names another case", f"{template} to {to}"
    if to not in life.emails:
        yield from _to_hospital(life, letter, template)
    yield from _stated(house, life, letter, template)


def _to_hospital(life: Life, letter: Taken, template: str) -> Iterator[Found]:
    to = letter.to[0]
    code = f"H0{to[1]}" if to.startswith("h") else ""
    if code not in life.allowed and template != DELETE:
        yield "a hospital was shown a case without the family's permission", f"{template} to {to}"
    if any(name in letter.text for name in NAME):
        yield "a hospital was told the patient's name", f"{template} to {to}"
    others = set(re.findall(r"Fictitious Hospital (\d)", letter.text)) - {to[1]}
    if others:
        yield "a hospital was told of another hospital", f"{template} to {to}: {sorted(others)}"


def _stated(house: "House", life: Life, letter: Taken, template: str) -> Iterator[Found]:
    said = set().union(*(numbers_in(found) for found in MONEY.findall(letter.text)))
    if invented := sorted(said - life.said):
        yield "a letter states an amount that nobody said", f"{template}: {', '.join(invented)}"
    if template in OF_A_PLAN:
        return  # it counts days from days that were said
    days = {date.fromisoformat("-".join(found)) for found in ISO_DAY.findall(letter.text)}
    days |= {
        date(int(year), MONTHS.index(month) + 1, int(day))
        for day, month, year in SHORT_DAY.findall(letter.text)
    }
    unknown = sorted(day for day in days if day.isoformat() not in life.said)
    if unknown:
        known = _computed(house, life)
        invented = [day.isoformat() for day in unknown if day.isoformat() not in known]
        if invented:
            yield "a letter states a day that nobody said", f"{template}: {', '.join(invented)}"


def _row_of(house: "House", letter: Taken) -> Any:
    mark = message_mark(store_of(house.world.engine.dialect).marks, letter.message_id)
    rows = house.rows(
        "SELECT template, state, to_role FROM message WHERE message_id_mark = :mark", mark=mark
    )
    return rows[0] if rows else None


_DAYS = """
SELECT due::timestamptz FROM journey_item WHERE case_id = :case
UNION SELECT due::timestamptz FROM followup_item WHERE case_id = :case
UNION SELECT due_at FROM step_run WHERE case_id = :case
UNION SELECT due_at FROM human_task WHERE case_id = :case
UNION SELECT reply_by::timestamptz FROM outreach_thread WHERE case_id = :case
UNION SELECT occurred_at FROM case_event WHERE case_id = :case
UNION SELECT sent_at FROM message WHERE case_id = :case
UNION SELECT expires_at FROM desk_link WHERE case_id = :case
UNION SELECT erase_on::timestamptz FROM "case" WHERE id = :case
UNION SELECT wait_until::timestamptz FROM erasure WHERE case_id = :case
"""


def _computed(house: "House", life: Life) -> set[str]:
    """Return the days that the house itself computed or lived through in this case."""
    today = house.clock.now().date()
    known = {(today + timedelta(days=off)).isoformat() for off in range(-1, SOON + 1)}
    for row in house.rows(_DAYS, case=life.case_id):
        if isinstance(row[0], datetime):
            known |= about(row[0].date())
    return known
