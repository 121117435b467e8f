"""Values that people give in answers: a sensible one, a wild one, an odd one, or none."""

from collections.abc import Callable, Mapping
from random import Random

from workflows.decisions import Choice
from workflows.engine.values import VALUES

Make = Callable[[Random], str]

HOSPITALS = ("H01", "H02", "H03")
ITEMS = ("imaging_mri", "operation_note", "path_core", "imaging_mammogram", "other", "labs")
QUESTIONS_TO_ASK = ("validity", "amounts", "dates", "stay", "deposit")
ODD = (
    "\x00",
    "9" * 21,
    "-1",
    "1e400",
    "9999-12-31",
    "2027-W01-1",
    "[" * 300,
    "abcd",
    " ",
    "x" * 6000,
)
"""What nobody can mean; `tests/workflows/test_odd_answers.py` gives every value every such word."""


def _days(*ahead: int) -> Make:
    return lambda chance: f"@day:{chance.choice(ahead):+d}"


def _some(of: tuple[str, ...], most: int = 2) -> Make:
    return lambda chance: ",".join(sorted(chance.sample(of, chance.randint(1, most))))


def _of(*words: str) -> Make:
    return lambda chance: chance.choice(words)


def _row(what: str) -> Make:
    return lambda chance: f"@{what}:{chance.choice((-1, -1, 0, 1))}"


MAKES: Mapping[str, Make] = {
    "admission_date": _days(5, 28, 45, 60, 75),
    "allowed_days": _of("30", "60", "90", "180"),
    "amount_high": lambda chance: str(chance.randint(9200, 19000)),
    "amount_low": lambda chance: str(chance.randint(4000, 9000)),
    "asked_for": _of("iort", "second_opinion"),
    "authority": _row("paper"),
    "body": _of("We write again, in other words.", "Please answer by 2031-01-01."),
    "case": _of("@case", "CFX-27-99999"),
    "certificate_document": _row("paper"),
    "conditions": _of("after their own imaging"),
    "constraint": _of("price", "language"),
    "currency": _of("USD", "USD", "EUR"),
    "date": _days(0, -1, -5),
    "defects": _of("dates", "names,dates"),
    "departure_date": _days(0, -1),
    "deposit": _of("20%", "2000"),
    "deposit_terms": _of("given back if the operation is not done"),
    "destination": _of("IN", "CN"),
    "discharge_date": _days(0, -1),
    "drivers": _of("margin", "nodes"),
    "earliest_admission": _days(14, 28, 40),
    "ebrt": _of("3000", "2500"),
    "extension_document": _row("paper"),
    "exclusions": _of("flight", "visa"),
    "files_to": _of("@case"),
    "flight_date": _days(0, 1, 3, 10),
    "fractions": _of("15", "25"),
    "hospitals": _some(HOSPITALS, 3),
    "hospitals_notified": _of("1", "2"),
    "in_hand": _of("T03", "T05"),
    "inclusions": _of("surgery", "stay"),
    "items": _some(ITEMS),
    "keep_until": _days(30, 400),
    "language": _of("en", "ru"),
    "offer": _row("offer"),
    "offers_seen": _row("offer"),
    "paper": _row("paper"),
    "papers": _row("paper"),
    "passport_document": _row("paper"),
    "password": _of("opensesame", "wrong"),
    "patient_email": _of("@own"),
    "patient_name": _of("Ana Example"),
    "phone": _of("+254700000000"),
    "places": _of("@case,@thread:0"),
    "promised_on": _days(1, 5, 20),
    "questions": _some(QUESTIONS_TO_ASK),
    "reason_code": _of("family", "cost", "health", "other"),
    "reason_not_delivered": _of("technical"),
    "residence_country": _of("KE", "OM"),
    "resume_by": _days(7, 30),
    "said": _of("They will come to the hospital at once."),
    "seen": _of("breast.grade"),
    "shown": _of(""),
    "signer_name": _of("Dr Other"),
    "signer_qualification": _of("Oncologist"),
    "signer_registration": _of("R-2"),
    "start_date": _days(20, 40),
    "stay_days": _of("5", "7", "14"),
    "surgery_date": _days(0, -1, 30, 62),
    "thread": _row("thread"),
    "time_zone": _of("Asia/Muscat", "Europe/Moscow", "Nowhere/Else"),
    "told_on": _days(0, -1),
    "treatment_document": _row("paper"),
    "valid_until": _days(-1, 20, 60, 180),
    "waiver_document": _row("paper"),
    "result": _of("1", ""),
    "writer_name": _of("A Son"),
    "amounts": _of("yes"),
    "code": _of("bleeding", "infection"),
    "agrees": _of("yes", "no"),
}
FIELDS = ("breast.grade", "breast.er", "tumour.size_mm", "no.such")
"""Findings that somebody may correct or reject where an answer takes any name."""
REASONS = ("as agreed in the call", "seen in the original", "the family wishes it so")


def value_of(name: str, chance: Random) -> str:
    """Return a value that an answer may be given under this name."""
    known = VALUES.get(name)
    if known is not None and known.codes:
        return chance.choice(known.codes)
    make = MAKES.get(name)
    return make(chance) if make is not None else "something"


def wild(choice: Choice, chance: Random) -> dict[str, str]:
    """Return values for an answer as anybody might give them: most, some odd."""
    given: dict[str, str] = {}
    for name in (*choice.needs, *choice.may):
        if name == "*":
            field = chance.choice(FIELDS)
            if chance.random() < 0.4:
                given[field] = chance.choice(("", "2", "positive", "grade 3"))
                given[f"why:{field}"] = "not_stated"
            continue
        if chance.random() < (0.93 if name in choice.needs else 0.35):
            given[name] = value_of(name, chance)
        if chance.random() < 0.02:
            given[name] = chance.choice(ODD)
    return given
