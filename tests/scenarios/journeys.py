"""From a hospital's offer to the journey and back: what scenarios 1 and 10 to 13 share."""

from datetime import date, timedelta
from typing import Any

from tests.scenarios.house import House
from tests.scenarios.papers import paper
from tests.scenarios.people import People
from tests.scenarios.stories import BREAST, Plot, Story, approved, asked, to_clinician

ADMISSION = date(2027, 3, 8)
OPERATION = ADMISSION + timedelta(days=7)
"""A Monday."""
OFFER = (
    "Dear colleagues,\n\nOur tumour board has reviewed the case.\n"
    "We can offer the operation with IORT.\n"
    "Estimated cost: USD 7,800 to 9,100. Stay: 5 days in hospital.\n"
    "Earliest admission 2027-03-01. The offer is valid until 2027-02-20.\n\nKind regards\n"
)


def offers(story: Story, code: str, text: str = OFFER, **said: str) -> None:
    """A hospital answers with an offer, which Amina writes down and presents."""
    amina, technique = story.people.amina, story.plot.technique
    story.people.hospital(code).answer(story.ref, text)
    amina.does(story.ref, "confirm_reply", "offer")
    terms = {
        "currency": "USD", "amount_low": "7,800", "amount_high": "9,100", "technique": technique,
        "stay_days": "5", "earliest_admission": "2027-03-01", "valid_until": "2027-02-20",
    }  # fmt: skip
    heard = amina.says_twice(story.ref, "record_offer", "record", **{**terms, **said})
    assert "say so once more" in heard
    amina.does(story.ref, "present_offer", "present")


def to_offer(house: House, people: People, *hospitals: str, plot: Plot = BREAST) -> Story:
    """A case whose family has an offer of the first of these hospitals before it."""
    story = to_clinician(house, people, plot=plot)
    asked(story, *hospitals)
    offers(story, hospitals[0])
    approved(story)
    return story


def seen_by_two(story: Story, kind: str) -> None:
    """What no paper of the case shows is confirmed by a second person."""
    story.people.amina.does(story.ref, kind, "ask_second", "seen on the screen of a call")
    story.people.lead.does(story.ref, "confirm_word", "confirmed", "seen in the original")


def accepts(story: Story) -> None:
    """The family accepts the offer on its own page; the letter to its hospital leaves."""
    story.family.says("choice", "accepted", sure="yes")
    story.people.amina.does(story.ref, "approve_message", "approve")


def admission_agreed(story: Story, **values: str) -> None:
    """The hospital's day is agreed; two people have seen the passports."""
    seen_by_two(story, "confirm_admission")
    said: dict[str, Any] = {"admission_date": ADMISSION.isoformat(), "needs_visa": "yes"}
    said |= {"supplementary_at": "home", **values}
    story.people.amina.does(story.ref, "confirm_admission", "confirmed", "", **said)


def happens(
    story: Story, what: str, reason: str = "", *, refused: bool = False, **values: str
) -> str:
    """Amina reports what has happened on the journey."""
    return story.people.amina.does(
        story.ref, "report_progress", what, reason, refused=refused, **values
    )


def until(story: Story, day: date) -> None:
    """Let time pass to a day, a week at a time."""
    while (left := (day - story.house.now.date()).days) > 0:
        story.house.forward(f"{min(left, 7)}d")


def to_departure(story: Story, visa_until: str = "2027-08-01") -> None:
    """Visa in hand, everything before the departure ticked, two days before the admission."""
    happens(story, "letter_verified")
    until(story, ADMISSION - timedelta(days=21))
    happens(story, "granted", valid_until=visa_until)
    until(story, ADMISSION - timedelta(days=3))
    story.people.amina.settles(story.ref, "departure")


def to_operation(story: Story, *, visa_until: str = "2027-08-01", **values: str) -> None:
    """The way there, the admission, and the operation on a Monday."""
    to_departure(story, visa_until)
    happens(story, "departed", departure_date=story.house.now.date().isoformat())
    story.house.days(1)
    happens(story, "arrived")
    until(story, ADMISSION)
    happens(story, "admitted")
    until(story, OPERATION)
    done: dict[str, Any] = {
        "surgery_date": OPERATION.isoformat(),
        "iort_delivered": "yes",
        "technique": story.plot.technique,
    }
    happens(story, "operated", **{**done, **values})


def certificate(story: Story) -> str:
    """The hospital's certificate of fitness to fly comes by mail; its number."""
    text = "The patient is fit to fly from the surgical point of view."
    fit = paper("Certificate of fitness to fly", story.plot.person, [], text=text)
    story.people.hospital("H01").answer(
        story.ref, "The certificate is attached.", files=[("fit-to-fly.pdf", fit)]
    )
    return str(story.case.shown["documents"][-1]["id"])
