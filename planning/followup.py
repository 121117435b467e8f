"""Follow-up: the playbook and the days of surgery, discharge and return become dated questions.

The template only fills gaps: what a clinician, the discharge paper or the hospital's protocol
says takes the place of the template's line with the same code, and every line says whose it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from planning.calendars import WorkingCalendar, add_months, at_local, out_of_quiet_hours
from planning.followup_template import (
    Channel,
    FollowUpRule,
    FollowUpTemplate,
    Origin,
    Recipient,
    Rule,
    Rules,
    Trigger,
    clock_time,
)


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
    Nothing calls it yet: it comes with follow-up in depth.
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
    Nothing calls it yet: it comes with follow-up in depth.
    """
    moment = at_local(due, clock_time(rules.email_at.from_), zone)
    return out_of_quiet_hours(
        moment,
        zone,
        quiet_from=clock_time(rules.quiet_hours.from_),
        quiet_until=clock_time(
            rules.email_at.from_ if channel == "email" else rules.quiet_hours.until
        ),
        calendar=None if safety else calendar,
    )


def no_answer_ladder(
    rules: Rules, asked_at: datetime, *, critical: bool
) -> tuple[tuple[datetime, str], ...]:
    """Return when each rung of the ladder is due; critical questions use half of every interval.

    Nothing calls it yet: it comes with follow-up in depth.
    """
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
