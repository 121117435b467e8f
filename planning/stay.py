"""How early can the journey be, how long does it last, and does the visa cover it?

About one patient in five is advised further radiotherapy after the final pathology. So every stay
is reckoned twice: as planned, and with that treatment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Literal

from planning.travel import JourneyFacts, JourneyItem, applies
from planning.travel_template import TravelItem, TravelTemplate, in_dependency_order

Place = Literal["here", "home"]
"""Where further radiotherapy would take place: at the destination, or at home."""


@dataclass(frozen=True, slots=True)
class StayPlan:
    """When the patient can fly home as planned, and with further treatment at the destination."""

    arrival: date
    plan_end: date
    contingency_end: date
    plan_days: int
    contingency_days: int


@dataclass(frozen=True, slots=True)
class StayCheck:
    """The stay against the visa. `proposals`: `extension` and `ebrt_at_home`; go/no-go stays
    closed until one is chosen.
    """

    covers_plan: bool
    covers_contingency: bool
    stay_covers_plan: bool
    days_short: int
    proposals: tuple[Literal["extension", "ebrt_at_home"], ...]


@dataclass(frozen=True, slots=True)
class EarliestAdmission:
    """The earliest feasible admission: at best, and as it usually goes. `because` is the chain of
    items that takes the time, in order.
    """

    shortest: date
    likely: date
    because: tuple[str, ...]


def stay_plan(
    template: TravelTemplate,
    *,
    site: str,
    arrival: date,
    surgery: date | None = None,
    fractions: int = 0,
    ebrt_start: date | None = None,
) -> StayPlan:
    """Return the planned and the contingency end of a stay.

    `surgery` None: after the usual work-up. `fractions` of further radiotherapy (0: none asked
    about), from `ebrt_start` when that day is agreed, else as early as it can begin. Raises
    KeyError for a site that has no stay table.
    """
    stay = template.stays[site]
    surgery = surgery or arrival + timedelta(days=stay.arrival_to_surgery)
    plan_end = surgery + timedelta(days=stay.flight_after_surgery)
    contingency_end = plan_end
    if fractions > 0:
        extra = template.supplementary
        start = ebrt_start or surgery + timedelta(days=extra.ebrt_start_day)
        days = treatment_days(fractions, extra.fractions_per_week) + extra.rest_after_ebrt
        contingency_end = max(plan_end, start + timedelta(days=days))
    return StayPlan(
        arrival,
        plan_end,
        contingency_end,
        (plan_end - arrival).days,
        (contingency_end - arrival).days,
    )


def treatment_days(fractions: int, per_week: int = 5) -> int:
    """Return the calendar days from the first to the last fraction, both counted.

    Treatment starts on the first day of a working week and pauses at weekends.
    """
    if fractions <= 0:
        return 0
    weeks, rest = divmod(fractions - 1, per_week)
    return 7 * weeks + rest + 1


def check_stay(plan: StayPlan, stay_end: date | None, *, supplementary_at: Place) -> StayCheck:
    """Compare a stay with the last day the visa allows (None: no limit is known or set).

    `supplementary_at` is the family's written answer: further radiotherapy here or at home.
    """
    if stay_end is None:
        return StayCheck(True, True, True, 0, ())
    needed = plan.contingency_end if supplementary_at == "here" else plan.plan_end
    covers = needed <= stay_end
    proposals: tuple[Literal["extension", "ebrt_at_home"], ...] = ()
    if not covers:
        proposals = ("extension",)
        if supplementary_at == "here" and plan.plan_end <= stay_end:
            proposals = ("extension", "ebrt_at_home")
    return StayCheck(
        covers_plan=plan.plan_end <= stay_end,
        covers_contingency=plan.contingency_end <= stay_end,
        stay_covers_plan=covers,
        days_short=max(0, (needed - stay_end).days),
        proposals=proposals,
    )


def visa_stay_end(first_entry: date, allowed_days: int) -> date:
    """Return the last day of a stay of so many days that runs from the first entry."""
    if allowed_days <= 0:
        raise ValueError("a stay has at least one day")
    return first_entry + timedelta(days=allowed_days - 1)


def earliest_admission(
    template: TravelTemplate,
    facts: JourneyFacts,
    *,
    today: date,
    done: frozenset[str] = frozenset(),
    extra_days: Mapping[str, float] | None = None,
) -> EarliestAdmission:
    """Return the earliest admission when everything is done as soon as it can be.

    The longest chain of undone items that come before the journey, then the journey itself and
    the buffer between arrival and admission. `extra_days` are added to items (a passport that
    must be renewed). The admission date in `facts` is not looked at.
    """
    items = _before_the_journey(template, facts)
    extra = dict(extra_days or {})
    shortest, _ = _longest_chain(template, items, done, extra, 0)
    likely, because = _longest_chain(template, items, done, extra, 1)
    arrival = template.anchors["A"].default
    buffer = -arrival.d if arrival is not None else 0
    return EarliestAdmission(
        shortest=today + timedelta(days=ceil(shortest) + buffer),
        likely=today + timedelta(days=ceil(likely) + buffer),
        because=because,
    )


def infeasible_items(
    items: tuple[JourneyItem, ...], *, today: date, done: frozenset[str]
) -> tuple[JourneyItem, ...]:
    """Return the undone blocking items whose last safe day is over: why a date cannot be kept."""
    return tuple(
        item
        for item in items
        if item.blocking
        and item.code not in done
        and item.latest is not None
        and item.latest < today
    )


def _before_the_journey(template: TravelTemplate, facts: JourneyFacts) -> tuple[TravelItem, ...]:
    return in_dependency_order(
        item
        for item in template.items
        if item.blocking
        and item.due.a in {"D", "A"}
        and applies(template, item.when, facts) is not False
    )


def _longest_chain(
    template: TravelTemplate,
    items: tuple[TravelItem, ...],
    done: frozenset[str],
    extra: Mapping[str, float],
    which: Literal[0, 1],
) -> tuple[float, tuple[str, ...]]:
    """Return the days until arrival and the chain behind them.

    The ticket (E02) ends the chain of papers, and the journey comes after it. A certificate that
    must be old enough on arrival (T08) or on departure (T10) runs beside it.
    """
    finish: dict[str, tuple[float, tuple[str, ...]]] = {}
    for item in items:
        start, chain = max(
            (finish[code] for code in item.depends_on if code in finish),
            default=(0.0, ()),
            key=lambda one: one[0],
        )
        takes = 0.0
        if item.id not in done:
            takes = template.durations.get(item.id, (0.0, 0.0))[which] + extra.get(item.id, 0.0)
        finish[item.id] = (start + takes, (*chain, item.id) if takes else chain)
    fly = template.journey_days
    ends = [(days + (0 if code == "T08" else fly), chain) for code, (days, chain) in finish.items()]
    return max(ends, default=(float(fly), ()), key=lambda one: one[0])
