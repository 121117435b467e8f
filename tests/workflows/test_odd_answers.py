"""Odd answers are refused in words: no value of an answer ends in an error of the program.

Every value that an answer takes is given everything that a person could never have meant. It is
refused, and nothing is written; or it is taken, where it is text that only a person reads.
"""

from collections.abc import Iterator

import pytest

from tests.workflows.furnished import Furnished
from tests.workflows.test_blank import Offered, answered, every_answer, needed, world
from workflows.decisions import QUESTIONS, DecisionRefused
from workflows.engine.world import World
from workflows.events import EventRefused

__all__ = ["world"]
ODD = {
    "no number": "abcd",
    "a NUL": "1\x00",
    "half a character": "1\udcff",
    "a book": "x" * 100_000,
    "many digits": "9" * 5000,
    "beyond a column": "9" * 21,
    "nested": "[" * 15_000,
    "exponent": "1e400",
    "no finite number": "sNaN",
    "negative": "-1",
    "underscored": "1_2",
    "nothing but commas": ",,",
    "a day of no plan": "9999-12-31",
    "a week": "2027-W01-1",
}
OF_A_FINDING = ("breast.grade", "why:breast.grade", "no.such", "report_date", "final_pathology")
TEXT = frozenset(
    {
        "body",
        "said",
        "exclusions",
        "inclusions",
        "conditions",
        "deposit_terms",
        "password",
        "patient_name",
        "mrz_name",
        "mission",
        "form_hint",
        "name_stated",
        "phone",
        "writer_name",
        "why:breast.grade",
    }
)
"""What a person may write as they like: it is stored and read, never computed with."""
LIST_OF_CODES = frozenset({"confirmed", "drivers", "seen"})


def one_answer_a_value(world: World) -> Iterator[tuple[Offered, str]]:
    """Return every value, by the first answer that takes it."""
    seen: set[str] = set()
    for offered in every_answer(world):
        for name in (*offered.choice.needs, *offered.choice.may):
            for each in OF_A_FINDING if name == "*" else (name,):
                if each not in seen:
                    seen.add(each)
                    yield offered, each


def test_no_odd_value_ends_in_an_error_of_the_program(world: World) -> None:
    faults: list[str] = []
    for offered, name in one_answer_a_value(world):
        of = Furnished(world, offered.kind)
        for what, odd in ODD.items():
            before = of.seq()
            values = needed(of, offered.choice, offered.answer) | {name: odd}
            try:
                answered(of, offered, offered.states[0], "NOT_STARTED", values, "why")
            except (DecisionRefused, EventRefused) as refused:
                if of.seq() != before or len(str(refused)) > 1200:
                    faults.append(f"{offered}: {name} as {what}: {str(refused)[:100]}")
            except Exception as error:
                faults.append(f"{offered}: {name} as {what}: {type(error).__name__}")
            else:
                of = Furnished(world, offered.kind)
                if name not in TEXT and not (name in LIST_OF_CODES and what.startswith("nothing")):
                    faults.append(f"{offered}: {name} as {what} is taken")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("odd", ["a\x00b", "a\udcffb", "x" * 100_000])
def test_a_reason_that_cannot_be_stored_is_refused(world: World, odd: str) -> None:
    of = Furnished(world, "triage_inquiry")
    offered = next(one for one in every_answer(world) if str(one) == "triage_inquiry: out_of_scope")
    with pytest.raises(DecisionRefused, match=r"^reason (has|is)"):
        answered(of, offered, "NEW_INQUIRY", "NOT_STARTED", {}, odd)


def record_offer(world: World, **values: str) -> object:
    """Write an offer down; return what the event says of its stay."""
    of = Furnished(world, "record_offer")
    choice = QUESTIONS["record_offer"].choices(None)["record"]
    offered = Offered("record_offer", "record", choice, ("OFFER_REVIEW",))
    sums = {"currency": "USD", "amount_low": "12500", "amount_high": "18000.50"}
    (event,) = [
        one
        for one in answered(of, offered, "OFFER_REVIEW", "NOT_STARTED", sums | values, None)
        if one.type == "offer.recorded"
    ]
    return event.payload


def test_an_offer_is_recorded_as_it_was_typed(world: World) -> None:
    payload = record_offer(world, stay_days="14")
    assert isinstance(payload, dict)
    assert (payload["stay_days"], payload["amount_high"]) == (14, 18000.5)


@pytest.mark.parametrize(
    ("name", "odd", "words"),
    [
        ("stay_days", "abc", "stay_days must be a whole number from 1 to 1000"),
        ("stay_days", "0", "from 1 to 1000"),
        ("stay_days", "2000000", "from 1 to 1000"),
        ("stay_days", "3.5", "whole number"),
        ("amount_low", "12.505", "can be read in two ways: .* Write it as 12500 or 12500.50"),
        ("amount_high", "9999999999999", "no amount that can be read. Write it as"),
        ("amount_low", "12,500", "Read as: twelve thousand five hundred to eighteen thousand"),
        ("amount_low", "-5", "no amount that can be read"),
        ("valid_until", "20270312", "must be a date such as 2027-03-12"),
        ("currency", "ÄÖÜ", "three letters"),
    ],
)
def test_numbers_are_read_in_one_way(world: World, name: str, odd: str, words: str) -> None:
    with pytest.raises(DecisionRefused, match=words):
        record_offer(world, **{name: odd})


def test_a_consent_that_names_no_hospital_is_no_consent(world: World) -> None:
    of = Furnished(world, "record_hospital_consent")
    name = "record_hospital_consent: granted"
    offered = next(one for one in every_answer(world) if str(one) == name)
    values = {"hospitals": " , ", "signed_by": "patient", "method": "paper"}
    with pytest.raises(DecisionRefused, match="which hospitals are meant"):
        answered(of, offered, "SHORTLISTING", "NOT_STARTED", values, None)
