"""Forms for answering human tasks: each answer's values as inputs, and back again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from starlette.datastructures import FormData

from views.lists import ANYTHING, Answer, TaskRow
from workflows.cases.intake import SITES
from workflows.engine.values import VALUES, in_words
from workflows.outreach.offer_letter import Stated

OPTIONS: Mapping[str, Sequence[str]] = {
    **{name: value.codes for name, value in VALUES.items() if value.codes},
    "site": SITES,
    "reason_code": ("cost", "distance", "local_option", "family", "health", "trust", "other"),
}
DATES = frozenset(
    {
        "valid_from",
        "valid_to",
        "admission_stated",
        "born_stated",
        "valid_until",
        "earliest_admission",
        "date",
        "promised_on",
    }
)
NUMBERS = frozenset({"stay_days", "hospitals_notified", "fractions", "allowed_days"})
ASK_BACK = "?"
"""In place of the amounts once more: no echo is right, so the first sending is always asked."""
POINTS = (
    "amounts",
    "dates",
    "technique",
    "inclusions",
    "stay",
    "validity",
    "deposit",
    "ebrt",
    "conditions",
)
TAKE = "take:"
"""Ticked: what was read in the letter is taken for a field that was left blank."""
LABELS = {
    "address": "address, as the letter has it",
    "evidence": "what the confirmation of a unit rests on, where one waits: a call, a form",
    "mode": "all at once (parallel), or one by one (sequential)",
    "mrz_name": "name as in the passport's machine-readable line",
    "passport_number": "passport number, as the passport itself has it",
    "nationality": "nationality (KE)",
    "valid_from": "passport valid from",
    "valid_to": "passport valid until",
    "mission": "mission that it is addressed to",
    "form_hint": "form that the mission wants",
    "attendants": "who comes along: name, passport number, relation; next",
    "name_stated": "name, as the letter has it",
    "passport_stated": "passport number, as the letter has it",
    "admission_stated": "day of the admission, as the letter has it",
    "born_stated": "date of birth, as the letter has it",
    "agrees": "I agree with the pre-screen",
    "code": "what calls for it",
    "hospitals": "hospitals",
    "amount_low": "lower amount, as the hospital wrote it",
    "amount_high": "upper amount (of one sum the same)",
    "conditions": "the doctors' conditions, as the hospital wrote them",
    "deposit": "deposit: a sum, or per cent",
    "deposit_terms": "when the deposit is given back",
    "ebrt": "price of radiotherapy that is needed later",
    "inclusions": "what is included, with commas",
    "exclusions": "what is not included, with commas",
    "questions": "what is asked",
    "medif": "MEDIF form needed",
    "method": "how it was signed",
    "stay_covers_plan": "the visa covers the whole planned stay",
    "iort_delivered": "IORT delivered",
    "in_hand": "papers in hand (codes of the checklist, with commas)",
    "needs_visa": "a visa is needed (left open: by the tables)",
    "offer_holds": "the hospital wrote that its offer still holds",
    "supplementary_at": "further radiotherapy, should it be needed",
    "fractions": "fractions of further radiotherapy",
    "allowed_days": "days of stay that the visa allows",
    "stay_choice": "where the stay is too short",
    "passport_document": "document: the passports",
    "certificate_document": "document: certificate of fitness to fly",
    "waiver_document": "document: waiver signed by the family",
    "extension_document": "document: the extension",
    "treatment_document": "document: report of the treatment",
    "outcome": "your view",
    "date": "day of the return home",
    "body": "text of the letter",
    "offer": "which offer",
    "items": "which items, by their codes or numbers",
    "papers": "numbers of the documents",
    "promised_on": "day by which they will answer",
    "why_closed": "why",
    "why_hold": "why",
    "case": "reference of the case",
    "another": "the address is in another case: open one more all the same",
    "identified_by": "how you know who it is",
    "files_to": "its files belong to (left open: to none, nobody has said)",
    "language": "language of the letter (en, ru, zh-Hans)",
    "patient_knows": "does the patient know of the inquiry, as the letter has it",
    "patient_name": "name of the patient, as the letter has it",
    "phone": "telephone, as the letter has it",
    "places": "cases and threads, with commas (CFX-27-00001, 14)",
    "residence_country": "country where the patient lives (KE)",
    "writer": "who writes",
    "writer_name": "name of who writes, if it is not the patient",
    "reached": "who was reached",
    "said": "what was said and agreed",
    "next_try": "next try in minutes",
}
PREFIX = "set:"
NEW_FIELD, NEW_VALUE = "new-field", "new-value"


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a form.

    `kind` is text, date, number, select, checks, letter, long, password or hidden.
    """

    name: str
    label: str
    kind: str
    required: bool
    options: Sequence[tuple[str, str]] = ()
    value: str = ""
    checked: frozenset[str] = frozenset()
    stated: Stated | None = None
    """What was read in the letter, with its quote: taken only when a person ticks it."""


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """One answer with its inputs."""

    answer: Answer
    inputs: Sequence[Input]
    reason: str = ""
    """What was typed as the reason before a refusal."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the page knows when it draws a task's form."""

    letter: str = ""
    hospitals: Sequence[tuple[str, str]] = ()
    allowed: frozenset[str] = frozenset()
    papers: Sequence[tuple[str, str]] = ()
    typed: "Typed | None" = None
    offers: Sequence[tuple[str, str]] = ()
    stated: Mapping[str, Stated] = field(default_factory=dict)
    items: Sequence[tuple[str, str]] = ()
    """What a family may be asked for: codes and plain words."""


@dataclass(frozen=True, slots=True)
class Typed:
    """An answer as it was sent and refused: its values stay in the form."""

    answer: str
    values: Mapping[str, str]
    reason: str = ""


def answer_forms(task: TaskRow, known: Known) -> list[AnswerForm]:
    """Return one form per answer that the task allows."""
    return [_form(answer, known) for answer in task.answers]


def _form(answer: Answer, known: Known) -> AnswerForm:
    names = [(name, True) for name in answer.needs]
    names += [(name, False) for name in answer.may if name != ANYTHING]
    typed = known.typed if known.typed and known.typed.answer == answer.answer else None
    values = typed.values if typed else {}
    inputs = [
        replace(_input(name, required, known), stated=known.stated.get(name))
        for name, required in names
    ]
    kept = [_keeping(one, values[one.name]) if one.name in values else one for one in inputs]
    return AnswerForm(answer, kept, typed.reason if typed else "")


def _keeping(one: Input, value: str) -> Input:
    """Return the input with what was typed; a password is never sent back."""
    if one.kind == "password":
        return one
    if one.kind == "checks":
        return replace(one, checked=frozenset(value.split(",")))
    return replace(one, value=value)


def _input(name: str, required: bool, known: Known) -> Input:
    label = LABELS.get(name, name.replace("_", " "))
    if name == "body":
        return Input(name, label, "letter", required, value=known.letter)
    if name == "said":
        return Input(name, label, "long", required)
    if name == "amounts":
        return Input(name, label, "hidden", required, value=ASK_BACK)
    if name == "questions":
        points = [(code, in_words(code)) for code in POINTS]
        return Input(name, label, "checks", required, points)
    if name == "offer" and known.offers:
        return Input(name, label, "select", True, known.offers)
    if name == "password":
        return Input(name, label, "password", required)
    if name == "hospitals" and known.hospitals:
        return Input(name, label, "checks", required, known.hospitals, checked=known.allowed)
    if name == "items" and known.items:
        return Input(name, label, "checks", required, known.items)
    if name.endswith("_document"):
        return Input(name, label, "select", required, known.papers)
    if name in OPTIONS:
        options = [(code, in_words(code)) for code in OPTIONS[name]]
        return Input(name, label, "select", required, options)
    if name in DATES or name.endswith("_date"):
        return Input(name, label, "date", required)
    return Input(name, label, "number" if name in NUMBERS else "text", required)


def posted_values(form: FormData, known: Known) -> dict[str, str]:
    """Return the values of a posted form: what is empty or unchanged is left out."""
    values: dict[str, str] = {}
    for key in dict.fromkeys(form.keys()):
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX)
        given = [str(item).strip() for item in form.getlist(key)]
        value = ",".join(item for item in given if item)
        if name == "body":
            value = value.replace("\r\n", "\n")
        if value and not (name == "body" and value == known.letter.strip()):
            values[name] = value
    for name, one in known.stated.items():
        if form.get(f"{TAKE}{name}") and name not in values:
            values[name] = one.value
    return values


def as_finding(value: str) -> str:
    """Return a corrected finding as the vocabulary reads it: yes is true, "< 5" a range."""
    word = value.strip().lower()
    if word in ("yes", "no"):
        return "true" if word == "yes" else "false"
    signs = {"<": "lt", "≤": "le", ">": "gt", "≥": "ge"}
    parts = value.split()
    bounds: list[str] = []
    for sign, number in zip(parts[::2], parts[1::2], strict=False):
        if sign in signs and number.replace(".", "", 1).isdigit():
            bounds.append(f'"{signs[sign]}": {number}')
    return "{" + ", ".join(bounds) + "}" if bounds and len(parts) == 2 * len(bounds) else value
