"""Follow-up: the playbook and the days of surgery, discharge and return become dated questions.

The template only fills gaps: what a clinician, the discharge paper or the hospital's protocol
says takes the place of the template's line with the same code, and every line says whose it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from planning.calendars import (
    WorkingCalendar,
    add_months,
    at_local,
    out_of_quiet_hours,
)
from planning.strict_yaml import Document, Strict, read

Trigger = Literal[
    "S",
    "X",
    "R",
    "pathology_received",
    "recheck",
    "planned_start",
    "planned_end",
    "problem_answer",
    "recurrence_reported",
]
"""S surgery, X discharge, R return flight: planned ahead. The others are dated when they happen."""

Origin = Literal[
    "clinician_entry", "discharge_summary_instruction", "hospital_protocol", "template"
]
Recipient = Literal["patient", "caregiver", "home_doctor", "hospital", "coordinator", "clinician"]
Channel = Literal["email", "sms", "whatsapp", "wechat", "call"]


class Rule(Strict):
    """When a question is due, counted from a day.

    Either `days` (with `then_every_days` up to `to_day`), `working_days`, `hours`, or
    `every_months` between `after_months` and `to_months` (both as months after the day, the first
    excluded).
    """

    from_: Trigger = Field(alias="from")
    days: tuple[int, ...] = ()
    then_every_days: int | None = Field(default=None, gt=0)
    to_day: int | None = None
    working_days: tuple[int, ...] = ()
    hours: int | None = None
    every_months: int | None = Field(default=None, gt=0)
    after_months: int = 0
    to_months: int | None = None
    when: str | None = None
    unless: str | None = None


class FollowUpRule(Strict):
    """One line of the playbook."""

    id: str
    at: str
    schedule: tuple[Rule, ...]
    to: tuple[Recipient, ...]
    ask: str
    plain: str | None = None
    """The question as the patient reads it."""
    critical: bool = False
    escalate: str | None = None
    until_event: str | None = None


class Step(Strict):
    """One rung of the ladder when nobody answers."""

    hours: int
    step: str


class QuietHours(Strict):
    """When nobody is called or texted."""

    from_: str = Field(alias="from")
    until: str
    channels: tuple[Channel, ...]
    override: str


class Window(Strict):
    """Hours of the day, local."""

    from_: str = Field(alias="from")
    until: str


class RateCap(Strict):
    """How many messages one person gets."""

    per_recipient_per_day: int
    per_week: int
    bundle: str


class Rules(Strict):
    """What holds for every question."""

    precedence: tuple[Origin, ...]
    wording: str
    stop_on: tuple[str, ...]
    recheck_before_send: str
    quiet_hours: QuietHours
    email_at: Window
    rate_cap: RateCap
    channels: dict[str, tuple[Channel, ...]]
    whatsapp: str
    answers: tuple[str, ...]
    ladder_no_answer: tuple[Step, ...]
    critical: str


class FollowUpTemplate(Strict):
    """`playbooks/followup.yaml`."""

    template: str
    version: int
    rules: Rules
    flags: dict[str, str]
    sites: dict[str, tuple[str, ...]]
    sections: dict[str, tuple[FollowUpRule, ...]]

    def plain(self, code: str, ask: str) -> str:
        """Return the patient's words for the question `ask` of line `code`.

        A question that somebody with a say has worded themselves stays as they worded it.
        """
        for rules in self.sections.values():
            for rule in rules:
                if rule.id == code and rule.ask == ask and rule.plain:
                    return rule.plain
        return ask


@dataclass(frozen=True, slots=True)
class FollowUpItem:
    """One question on one day. `key` is stable over re-planning: code and number of occurrence.

    `due` is the recipient's local day; `until_event` ends a series that runs until something
    arrives.
    """

    code: str
    occurrence: int
    due: date
    recipients: tuple[Recipient, ...]
    ask: str
    critical: bool
    origin: Origin
    escalate: str | None = None
    until_event: str | None = None

    @property
    def key(self) -> str:
        """Return the name under which this question is kept: `B1.2`."""
        return f"{self.code}.{self.occurrence}"


@dataclass(frozen=True, slots=True)
class Instruction:
    """What somebody with a say has fixed: it replaces the template's line of the same code."""

    code: str
    due: tuple[date, ...]
    origin: Origin
    ask: str | None = None
    recipients: tuple[Recipient, ...] = ("patient",)
    critical: bool = False


def load_follow_up(path: Path) -> FollowUpTemplate:
    """Read the playbook strictly. Raises PlaybookError with file, line and reason."""
    document = read(path)
    template = document.validate(FollowUpTemplate)
    _check(document, template)
    return template


def plan_follow_up(
    template: FollowUpTemplate,
    *,
    site: str,
    surgery_date: date,
    discharge_date: date | None = None,
    return_date: date | None = None,
    flags: frozenset[str] = frozenset(),
    instructions: Sequence[Instruction] = (),
) -> tuple[FollowUpItem, ...]:
    """Return every question that can be dated now, in order of its day.

    Lines that count from a day not yet known (the return flight) are left out; plan again when it
    is, the keys stay the same. Raises KeyError for an unknown site.
    """
    sections = ("common", *template.sites[site])
    known: dict[Trigger, date | None] = {"S": surgery_date, "X": discharge_date, "R": return_date}
    dated = {trigger: day for trigger, day in known.items() if day is not None}
    rules = [rule for section in sections for rule in template.sections[section]]
    return _in_order(_with_instructions(template, rules, instructions, dated, flags))


def plan_event_items(
    template: FollowUpTemplate,
    trigger: Trigger,
    on: date,
    *,
    calendar: WorkingCalendar,
    flags: frozenset[str] = frozenset(),
) -> tuple[FollowUpItem, ...]:
    """Return the questions that an event starts: final pathology, re-check, planned treatment.

    `calendar` is that of the party who has to act; it counts the working days.
    """
    items: list[FollowUpItem] = []
    for section in template.sections.values():
        for rule in section:
            days = [
                day
                for part in rule.schedule
                if part.from_ == trigger and _wanted(part, flags)
                for day in _days(part, on, calendar)
            ]
            items += _items(rule, days, "template")
    return _in_order(items)


def reminder_moment(
    due: date,
    zone: ZoneInfo,
    channel: Channel,
    rules: Rules,
    *,
    calendar: WorkingCalendar | None = None,
    safety: bool = False,
) -> datetime:
    """Return when (UTC) a question is sent on its day, in the zone where the recipient then is.

    Mail goes out in the morning window; other channels after quiet hours. With a `calendar` a
    weekend or holiday is left out, unless the question is one of safety.
    """
    moment = at_local(due, _clock(rules.email_at.from_), zone)
    return out_of_quiet_hours(
        moment,
        zone,
        quiet_from=_clock(rules.quiet_hours.from_),
        quiet_until=_clock(rules.email_at.from_ if channel == "email" else rules.quiet_hours.until),
        calendar=None if safety else calendar,
    )


def no_answer_ladder(
    rules: Rules, asked_at: datetime, *, critical: bool
) -> tuple[tuple[datetime, str], ...]:
    """Return when each rung of the ladder is due; critical questions use half of every interval."""
    factor = 0.5 if critical else 1.0
    return tuple(
        (asked_at + timedelta(hours=rung.hours * factor), rung.step)
        for rung in rules.ladder_no_answer
    )


def _with_instructions(
    template: FollowUpTemplate,
    rules: Iterable[FollowUpRule],
    instructions: Sequence[Instruction],
    dated: dict[Trigger, date],
    flags: frozenset[str],
) -> Iterator[FollowUpItem]:
    """Yield the template's items, each code replaced where somebody with more say has fixed it."""
    rank = {origin: number for number, origin in enumerate(template.rules.precedence)}
    fixed: dict[str, Instruction] = {}
    for instruction in sorted(instructions, key=lambda one: rank[one.origin], reverse=True):
        fixed[instruction.code] = instruction
    for rule in rules:
        stated = fixed.pop(rule.id, None)
        if stated is not None:
            replaced = rule.model_copy(update={"ask": stated.ask or rule.ask})
            yield from _items(replaced, stated.due, stated.origin)
            continue
        days = [
            day
            for part in rule.schedule
            if part.from_ in dated and _wanted(part, flags)
            for day in _days(part, dated[part.from_], None)
        ]
        yield from _items(rule, days, "template")
    for instruction in fixed.values():
        for number, day in enumerate(sorted(set(instruction.due)), start=1):
            yield FollowUpItem(
                instruction.code,
                number,
                day,
                instruction.recipients,
                instruction.ask or "",
                instruction.critical,
                instruction.origin,
            )


def _items(rule: FollowUpRule, days: Iterable[date], origin: Origin) -> Iterator[FollowUpItem]:
    if not rule.to:
        return
    for number, day in enumerate(sorted(set(days)), start=1):
        yield FollowUpItem(
            rule.id,
            number,
            day,
            rule.to,
            rule.ask,
            rule.critical,
            origin,
            rule.escalate,
            rule.until_event,
        )


def _days(rule: Rule, start: date, calendar: WorkingCalendar | None) -> Iterator[date]:
    for offset in rule.days:
        yield start + timedelta(days=offset)
    if rule.then_every_days and rule.days and rule.to_day is not None:
        first = rule.days[-1] + rule.then_every_days
        for offset in range(first, rule.to_day + 1, rule.then_every_days):
            yield start + timedelta(days=offset)
    if rule.every_months and rule.to_months is not None:
        first = rule.after_months + rule.every_months
        for months in range(first, rule.to_months + 1, rule.every_months):
            yield add_months(start, months)
    for count in rule.working_days:
        yield _working_day(start, count, calendar)
    if rule.hours is not None:
        yield start


def _working_day(start: date, count: int, calendar: WorkingCalendar | None) -> date:
    if calendar is None:
        raise ValueError("working days need a calendar")
    day = start
    while count:
        day += timedelta(days=1)
        count -= calendar.is_working_day(day)
    return day


def _wanted(rule: Rule, flags: frozenset[str]) -> bool:
    if rule.when is not None and rule.when not in flags:
        return False
    return rule.unless is None or rule.unless not in flags


def _in_order(items: Iterable[FollowUpItem]) -> tuple[FollowUpItem, ...]:
    return tuple(sorted(items, key=lambda item: (item.due, item.code, item.occurrence)))


def _clock(text: str) -> time:
    return time.fromisoformat(text)


def _check(document: Document, template: FollowUpTemplate) -> None:
    seen: set[str] = set()
    for name, section in template.sections.items():
        for number, rule in enumerate(section):
            place = ("sections", name, number)
            if rule.id in seen:
                raise document.error(place, f"{rule.id} stands twice")
            seen.add(rule.id)
            for part in rule.schedule:
                if reason := _mistake(part, template):
                    raise document.error(place, f"{rule.id}: {reason}")
    for site, sections in template.sites.items():
        if unknown := set(sections) - set(template.sections):
            raise document.error(("sites", site), f"unknown section {sorted(unknown)}")
    if "common" not in template.sections:
        raise document.error(("sections",), "the section common is missing")
    for key, text in (
        ("quiet_hours", template.rules.quiet_hours.from_),
        ("quiet_hours", template.rules.quiet_hours.until),
        ("email_at", template.rules.email_at.from_),
    ):
        try:
            _clock(text)
        except ValueError:
            raise document.error(("rules", key), f"{text} is not a time of day") from None


def _mistake(rule: Rule, template: FollowUpTemplate) -> str | None:
    kinds = [bool(rule.days), bool(rule.working_days), rule.hours is not None]
    if sum([*kinds, rule.every_months is not None]) != 1:
        return "a schedule needs exactly one of days, working_days, hours, every_months"
    if (rule.every_months is not None) != (rule.to_months is not None):
        return "every_months and to_months belong together"
    if (rule.then_every_days is not None) != (rule.to_day is not None):
        return "then_every_days and to_day belong together"
    flags = {flag for flag in (rule.when, rule.unless) if flag}
    if unknown := flags - set(template.flags):
        return f"unknown flag {sorted(unknown)}"
    return None
