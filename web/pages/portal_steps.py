"""The intake form: its steps and fields, what makes an answer good, and the case they open."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from starlette.datastructures import FormData

from web.languages import LANGUAGES, N_, reading, translate
from workflows.cases.intake import SITES, NewCase, NewPatient
from workflows.cases.time_zones import known_zone

PERMISSION_VERSION = "intake-2"
"""Of the words that ask for the permission below; raise it when they change."""
NOT_SURE = "unsure"
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_PHONE = re.compile(r"[0-9+()./ \-]{5,40}")
_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"})

Options = Sequence[tuple[str, str]]
Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `kind`: text, email, tel, date, textarea, radio, checks, select, agree."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    required: str = ""
    """What is said when the answer is missing; empty when it may be."""
    options: Options = ()
    autocomplete: str = ""
    longest: int = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the form."""

    code: str
    title: str
    intro: str = ""
    fields: Sequence[Field] = field(default_factory=tuple)


STEPS = (
    Step("you", N_("Who are you?"), fields=(
        Field("relation", N_("I am"), "radio", required=N_("Please say who you are."), options=(
            ("self", N_("the patient")),
            ("family", N_("a relative or a friend of the patient")),
            ("doctor", N_("a doctor or a nurse of the patient")),
        )),
        Field("asker_name", N_("Your name, if you are not the patient"), autocomplete="name"),
        Field("patient_knows", N_("Does the patient know that you write to us?"), "radio",
              N_("Leave this out if you are the patient."), options=(
            ("yes", N_("Yes")),
            ("no", N_("Not yet")),
            ("cannot", N_("The patient is too ill to decide")),
        )),
        Field("agree", N_("I agree that you read and keep what I send here, in order to answer."),
              "agree",
              N_("Nothing goes to a hospital without a separate permission. You can take this "
                 "permission back at any time. If what you sent shall then be deleted, write "
                 "that to us: a person answers you."),
              required=N_("We need your permission to read what you send.")),
    )),
    Step("patient", N_("Who is the patient?"), fields=(
        Field("name", N_("Name, as in the passport or in the medical records"),
              required=N_("Please give the patient's name."), autocomplete="off"),
        Field("other_names", N_("Other spellings of the name"),
              hint=N_("If reports show the name in another way. Put commas between them.")),
        Field("birth_date", N_("Date of birth"), "date",
              N_("It helps us to see that a report belongs to the patient.")),
        Field("sex", N_("Sex at birth"), "radio", options=(
            ("female", N_("Female")), ("male", N_("Male")), ("other", N_("Other")),
        )),
    )),
    Step("illness", N_("What is the illness?"), fields=(
        Field("site", N_("Where is the cancer?"), "radio",
              required=N_("Please choose one. You can choose “I am not sure”."), options=(
            ("breast", N_("Breast")),
            ("pancreas", N_("Pancreas")),
            ("rectum_primary", N_("Rectum, the end of the bowel")),
            ("pelvic_recurrence", N_("It came back in the pelvis after bowel cancer")),
            ("gyn_recurrence", N_("It came back after cancer of the womb, cervix or ovary")),
            ("stomach", N_("Stomach")),
            ("retroperitoneum", N_("Deep in the belly, a sarcoma")),
            ("other", N_("Somewhere else")),
            (NOT_SURE, N_("I am not sure")),
        )),
        Field("side", N_("Which side?"), "radio", N_("Only if the breast is ill."), options=(
            ("left", N_("Left")), ("right", N_("Right")), ("both", N_("Both")),
        )),
        Field("biopsy", N_("Was a piece of it taken out and looked at in a laboratory?"), "radio",
              N_("This is called a biopsy."), options=(
            ("yes", N_("Yes")), ("no", N_("No")), (NOT_SURE, N_("I am not sure")),
        )),
        Field("surgery_date", N_("If an operation is planned: when?"), "date",
              N_("Leave it empty if no day is fixed.")),
    )),
    Step("contact", N_("Where do you live, and how do we reach you?"), fields=(
        Field("country", N_("Country where the patient lives"), "select",
              required=N_("Please choose a country."), autocomplete="country"),
        Field("email", N_("E-mail address"), "email", N_("We answer to this address."),
              required=N_("Please give an e-mail address, so that we can answer."),
              autocomplete="email", longest=254),
        Field("phone", N_("Telephone, with the code of the country"), "tel",
              N_("For example +254 700 000 000."), autocomplete="tel", longest=40),
        Field("best_time", N_("When is a good time to call?"),
              hint=N_("For example: after six in the evening.")),
        Field("voice_message", N_("You may leave a voice message"), "check"),
        Field("language", N_("Language for our letters"), "select"),
    )),
    Step("story", N_("What happened so far?"), fields=(
        Field("symptoms", N_("Is one of these happening now?"), "checks",
              N_("If yes: please go to a doctor or to a hospital near you now. Do not wait for "
                 "our answer."), options=(
            ("bleeding", N_("Bleeding that does not stop")),
            ("breathless", N_("Short of breath")),
            ("fever", N_("Fever and shivering")),
            ("jaundice", N_("Yellow skin or eyes")),
            ("vomiting", N_("Cannot keep food or drink down")),
            ("pain", N_("Pain that tablets do not help")),
        )),
        Field("treatments", N_("What was done so far?"), "checks", options=(
            ("none", N_("Nothing yet")),
            ("operation", N_("Operation")),
            ("chemotherapy", N_("Chemotherapy")),
            ("radiotherapy", N_("Radiotherapy")),
            ("tablets", N_("Tablets against the cancer, for example hormones")),
            (NOT_SURE, N_("I am not sure")),
        )),
        Field("radiotherapy_where", N_("If there was radiotherapy: where on the body, and when?"),
              longest=400),
        Field("history", N_("Tell us in your own words"), "textarea",
              N_("What was found, when, and what do the doctors plan?"), longest=5000),
        Field("message", N_("What would you like to ask us?"), "textarea", longest=5000),
    )),
    Step("files", N_("Medical reports")),
    Step("check", N_("Check and send")),
)  # fmt: skip
CODES = [step.code for step in STEPS]
ASKED = STEPS[:5]
BY_CODE = {step.code: step for step in STEPS}


def options_of(one: Field) -> Options:
    """Return a field's options as (code, words) in the language being read."""
    if one.name == "country":
        return [("", ""), *countries()]
    if one.name == "language":
        return [(each.code, each.name) for each in LANGUAGES.values()]
    return [(code, translate(words)) for code, words in one.options]


def countries() -> Options:
    """Return ISO 3166 codes with the countries' names in the language being read, by name."""
    return _countries(reading.get().locale)


@lru_cache(maxsize=8)
def _countries(locale: Locale) -> Options:
    named = [
        (code, str(name))
        for code, name in locale.territories.items()
        if re.fullmatch("[A-Z]{2}", code) and code not in _NOT_COUNTRIES
    ]
    return sorted(named, key=lambda pair: pair[1].casefold())


def given(step: Step, form: FormData) -> dict[str, Any]:
    """Return the answers of a posted step: text trimmed and cut, unknown codes left out."""
    answers: dict[str, Any] = {}
    for one in step.fields:
        values = [str(value).strip() for value in form.getlist(one.name)]
        value = values[0] if values else ""
        if one.kind == "checks":
            answers[one.name] = [code for code, _ in one.options if code in values]
        elif one.kind in ("agree", "check"):
            answers[one.name] = value == "yes"
        elif one.kind in ("radio", "select"):
            known = {code for code, _ in options_of(one)}
            answers[one.name] = value if value in known else ""
        else:
            answers[one.name] = value.replace("\r\n", "\n").replace("\0", "")[: one.longest]
    if step.code == "contact":
        answers["time_zone"] = str(form.get("time_zone") or "")[:60]
    return answers


def problems(step: Step, answers: Answers, today: date) -> dict[str, str]:
    """Return what is wrong with a step's answers, by field, in the language being read."""
    found = {
        one.name: translate(one.required)
        for one in step.fields
        if one.required and not answers.get(one.name)
    }
    for one in step.fields:
        value = answers.get(one.name)
        check = _CHECKS.get(one.name)
        if value and check is not None and one.name not in found:
            problem = check(value, today)
            if problem:
                found[one.name] = translate(problem)
    for_another = step.code == "you" and answers.get("relation") in ("family", "doctor")
    if for_another and not answers.get("asker_name"):
        found["asker_name"] = translate("Please give your own name, too.")
    return found


def _email_problem(value: str, today: date) -> str:
    return "" if _EMAIL.fullmatch(value) else N_("This is not an e-mail address. Please check it.")


def _phone_problem(value: str, today: date) -> str:
    return "" if _PHONE.fullmatch(value) else N_("Please write the number with digits only.")


def _birth_problem(value: str, today: date) -> str:
    born = _date(value)
    if born is None:
        return N_("Please give the date as year, month and day.")
    good = today.year - 125 <= born.year and born <= today
    return "" if good else N_("This date cannot be right. Please check it.")


def _surgery_problem(value: str, today: date) -> str:
    return "" if _date(value) else N_("Please give the date as year, month and day.")


_CHECKS: Mapping[str, Callable[[str, date], str]] = {
    "email": _email_problem,
    "phone": _phone_problem,
    "birth_date": _birth_problem,
    "surgery_date": _surgery_problem,
}


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def in_words(one: Field, answers: Answers) -> str:
    """Return an answer as it is shown before sending; empty when there is none."""
    value = answers.get(one.name)
    if one.kind in ("agree", "check"):
        return translate("Yes") if value else ""
    if one.kind == "checks":
        chosen = [words for code, words in options_of(one) if code in (value or ())]
        return " · ".join(chosen)
    if one.kind in ("radio", "select"):
        return dict(options_of(one)).get(value or "", "")
    return str(value or "")


def told(intake: Answers) -> list[tuple[str, str]]:
    """Return what a patient's intake holds as (question, answer), for people of the console."""
    lines = [(one.label, in_words(one, intake)) for step in ASKED for one in step.fields]
    return [(translate(label), words) for label, words in lines if words]


def new_case(answers: Answers, today: date) -> NewCase:
    """Return the case that complete answers open; red-flag symptoms make it urgent."""
    site = answers.get("site")
    born = _date(str(answers.get("birth_date") or ""))
    country = answers.get("country") or None
    said = (
        "relation", "asker_name", "patient_knows", "side", "biopsy", "surgery_date", "best_time",
        "voice_message", "symptoms", "treatments", "radiotherapy_where", "history", "message",
    )  # fmt: skip
    intake = {name: answers[name] for name in said if answers.get(name)}
    intake["permission"] = {
        "scope": "process",
        "text_version": PERMISSION_VERSION,
        "on": today.isoformat(),
        "by": answers.get("relation"),
    }
    patient = NewPatient(
        name=answers.get("name") or None,
        other_names=tuple(
            name.strip()
            for name in str(answers.get("other_names") or "").split(",")
            if name.strip()
        ),
        birth_date=born,
        sex=answers.get("sex") or None,
        email=answers.get("email") or None,
        phone=answers.get("phone") or None,
        time_zone=known_zone(str(answers.get("time_zone") or "")),
        intake=intake,
    )
    return NewCase(
        patient=patient,
        site=site if site in SITES else None,
        source="web",
        language=answers.get("language") or "en",
        urgency="urgent" if answers.get("symptoms") else "routine",
        residence_country=country,
    )
