"""The hospital directory: who has which IORT technique, for which sites, confirmed when.

A unit that nobody has confirmed for 90 days is listed and flagged, and is not chosen unless a
person says so. The product ships fictitious hospitals only; real ones are imported.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from playbook_reader import PlaybookError, Strict, read

CONFIRM_EVERY_DAYS = 90

Technique = Literal["ioert", "kv_iort", "ebx", "hdr_iort"]
Site = Literal[
    "breast",
    "pancreas",
    "rectum_primary",
    "pelvic_recurrence",
    "gyn_recurrence",
    "stomach",
    "retroperitoneum",
]


class Department(Strict):
    """Where letters go. `liaison` is a role, not a private person."""

    name: str
    email: str
    backup_email: str | None = None
    phone: str | None = None
    wechat: str | None = None
    liaison: str | None = None

    @field_validator("email", "backup_email")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and (value.count("@") != 1 or any(c.isspace() for c in value)):
            raise ValueError("not an e-mail address")
        return value


class Unit(Strict):
    """One IORT unit as last confirmed. `evidence` says what the confirmation rests on."""

    technique: Technique
    device: str
    sites: tuple[Site, ...] = Field(min_length=1)
    cases_per_year: int | None = Field(default=None, ge=0)
    in_service: bool
    last_confirmed_on: date | None
    evidence: str


class Hours(Strict):
    """When the department works: `calendar` is the country whose holidays it keeps."""

    calendar: str = Field(pattern=r"^[A-Z]{2}$")
    zone: str
    opens: str
    closes: str
    weekend: tuple[int, ...] | None = None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("unknown time zone") from None
        return value

    @model_validator(mode="after")
    def _order(self) -> "Hours":
        if time.fromisoformat(self.opens) >= time.fromisoformat(self.closes):
            raise ValueError("opens after it closes")
        return self


class HospitalRecord(Strict):
    """One hospital of the directory."""

    hospital_id: str = Field(pattern=r"^H\d{2,4}$")
    name: str
    local_name: str | None = None
    city: str
    country: str = Field(pattern=r"^[A-Z]{2}$")
    fictitious: bool
    departments: tuple[Department, ...] = Field(min_length=1)
    languages: tuple[str, ...] = Field(min_length=1)
    hours: Hours
    units: tuple[Unit, ...]
    pathology_days: int | None = None
    foreigners_accepted: bool
    letter_form: str | None = None
    deposit_rule: str | None = None
    link_policy: Literal["opens", "needs_local_copy", "media_only"]
    answer_working_days: float | None = None
    answer_yield: float | None = Field(default=None, ge=0, le=1)
    complaints_open: int = Field(default=0, ge=0)
    contract: Literal["none", "letter_of_intent", "signed", "ended"]
    conflict_of_interest: str | None = None


class _Directory(Strict):
    version: str
    note: str
    hospitals: tuple[HospitalRecord, ...]


ENOUGH_THREADS = 5
"""Hospitals asked so often are ranked by what was measured of them, and not by what they told."""
QUICK_HOURS = 72


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of asking a hospital: so many threads, so many that a person of it answered.

    `median_hours` from our first letter to that answer; None where there are too few to tell.
    """

    threads: int
    answered: int
    median_hours: float | None

    @property
    def enough(self) -> bool:
        """Whether it counts in place of what the hospital told."""
        return self.threads >= ENOUGH_THREADS


@dataclass(frozen=True, slots=True)
class ShortlistEntry:
    """One hospital that has the technique. `reasons` speak for it, `flags` ask for a look.

    `choosable` False: not without a person's override, and `flags` says why. `to_confirm`: all
    that stands against it is that nobody has confirmed its unit lately.
    """

    hospital: HospitalRecord
    unit: Unit
    score: float
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    choosable: bool
    to_confirm: bool = False


UNCONFIRMED = frozenset(("never_confirmed", "unconfirmed_90_days"))
"""Flags that a person's confirmation takes away."""


def load_hospitals(path: Path) -> tuple[HospitalRecord, ...]:
    """Read a directory strictly. Raises PlaybookError with file, line and reason."""
    document = read(path)
    directory = document.validate(_Directory)
    seen: set[str] = set()
    for number, hospital in enumerate(directory.hospitals):
        if hospital.hospital_id in seen:
            raise document.error(("hospitals", number), f"{hospital.hospital_id} stands twice")
        seen.add(hospital.hospital_id)
        if hospital.fictitious and (reason := why_not_fictitious(hospital)):
            raise document.error(("hospitals", number), reason)
    if not directory.hospitals:
        raise PlaybookError(document.file, None, "no hospitals")
    return directory.hospitals


def shortlist(
    hospitals: Iterable[HospitalRecord],
    site: str,
    technique: str,
    today: date,
    *,
    countries: Collection[str] = (),
    languages: Sequence[str] = (),
    measured: Mapping[str, Measured] | None = None,
    exclude: frozenset[str] = frozenset(),
) -> tuple[ShortlistEntry, ...]:
    """Return the hospitals whose unit fits, best first, the choosable ones before the others.

    `countries` are a wish (they rank, they exclude nothing), `languages` those the family speaks,
    `measured` what came of asking each hospital, by its id (it counts from `ENOUGH_THREADS` on),
    `exclude` hospital ids that were asked already or refused by the family.
    """
    known, wishes = measured or {}, _Wishes(countries, languages)
    entries = [
        _entry(hospital, unit, today, wishes, known.get(hospital.hospital_id))
        for hospital in hospitals
        if hospital.hospital_id not in exclude
        for unit in hospital.units
        if unit.technique == technique and site in unit.sites
    ]
    return tuple(sorted(entries, key=lambda e: (not e.choosable, -e.score, e.hospital.hospital_id)))


@dataclass(frozen=True, slots=True)
class _Wishes:
    countries: Collection[str]
    languages: Sequence[str]


def _entry(
    hospital: HospitalRecord, unit: Unit, today: date, wishes: _Wishes, known: Measured | None
) -> ShortlistEntry:
    blocking, flags = _flags(hospital, unit, today)
    score = 1.0
    reasons = ["technique", "site"]
    if unit.cases_per_year:
        score += min(unit.cases_per_year, 100) / 100
        reasons.append("experience")
    if hospital.country in wishes.countries:
        score += 1.0
        reasons.append("country_wished")
    if set(wishes.languages) & set(hospital.languages):
        score += 0.5
        reasons.append("language")
    gained, answers = _answers(hospital, known)
    score += gained - 0.5 * hospital.complaints_open
    return ShortlistEntry(
        hospital,
        unit,
        round(score, 3),
        (*reasons, *answers),
        (*blocking, *flags),
        not blocking,
        bool(blocking) and set(blocking) <= UNCONFIRMED,
    )


def _answers(hospital: HospitalRecord, known: Measured | None) -> tuple[float, list[str]]:
    """Return what answering gains a hospital, and why: as measured, else as it told."""
    if known is not None and known.enough:
        quick = known.median_hours is not None and known.median_hours <= QUICK_HOURS
        reasons = ["answers_measured", *(["answers_quickly_measured"] if quick else [])]
        return known.answered / known.threads + 0.5 * quick, reasons
    score, reasons = 0.0, []
    if hospital.answer_yield is not None:
        score += hospital.answer_yield
        reasons.append("answers")
    if hospital.answer_working_days is not None and hospital.answer_working_days <= 3:
        score += 0.5
        reasons.append("answers_quickly")
    return score, reasons


def _flags(hospital: HospitalRecord, unit: Unit, today: date) -> tuple[list[str], list[str]]:
    """Return what forbids a choice without override, and what only asks for a look."""
    blocking: list[str] = []
    if not unit.in_service:
        blocking.append("out_of_service")
    if unit.last_confirmed_on is None:
        blocking.append("never_confirmed")
    elif (today - unit.last_confirmed_on).days > CONFIRM_EVERY_DAYS:
        blocking.append("unconfirmed_90_days")
    if not hospital.foreigners_accepted:
        blocking.append("no_foreigners")
    flags: list[str] = []
    if hospital.complaints_open:
        flags.append("complaints_open")
    if hospital.conflict_of_interest:
        flags.append("conflict_of_interest")
    if hospital.link_policy != "opens":
        flags.append(f"link_{hospital.link_policy}")
    return blocking, flags


def why_not_fictitious(hospital: HospitalRecord) -> str | None:
    """Return why a hospital marked fictitious could be mistaken for a real one."""
    if "fictitious" not in hospital.name.lower():
        return f"{hospital.hospital_id}: the name must say that it is fictitious"
    addresses = [
        address
        for department in hospital.departments
        for address in (department.email, department.backup_email)
        if address
    ]
    if any(not address.endswith(".example") for address in addresses):
        return f"{hospital.hospital_id}: a fictitious hospital has addresses under .example"
    return None


def confirm_units(hospital: HospitalRecord, on: date, evidence: str) -> HospitalRecord:
    """Return the record with every unit confirmed on a day: what a coordinator's call records."""
    units = tuple(
        unit.model_copy(update={"last_confirmed_on": on, "evidence": evidence})
        for unit in hospital.units
    )
    return hospital.model_copy(update={"units": units})
