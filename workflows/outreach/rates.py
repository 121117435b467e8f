"""Rates of exchange: written down by people, or fetched from the European Central Bank's file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from accounts import audit
from adapters.euro_rates import NoRates, daily_rates
from correspondence.exchange import EURO, Rate
from correspondence.money import CURRENCIES, NotRead, currency_code
from models import ExchangeRate
from models.database import transaction
from workflows.engine.deciding import DecisionRefused, check_text, parse_date
from workflows.engine.work import RetryLater, Work, slow
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.exchange import rates_now

WRITERS = frozenset({"coordinator", "lead"})
MOST = Decimal(10) ** 9
FAR = Decimal("0.2")
"""A rate that is a fifth off the last one is asked about once more."""
AGAIN = timedelta(hours=1)
_NUMBER = re.compile(r"(\d{1,10})(?:([.,])(\d{1,8}))?", re.ASCII)
_LOCK = text("SELECT pg_advisory_xact_lock(4149)")


class SayAgain(DecisionRefused):
    """The rate may be mistyped: it counts when it is sent once more with `value`."""

    def __init__(self, words: str, value: str) -> None:
        super().__init__(words)
        self.value = value


@dataclass(frozen=True, slots=True)
class Typed:
    """A rate as it was typed: so many units for one euro; `sure` is given back by the page."""

    currency: str = ""
    per_euro: str = ""
    rate_on: str = ""
    evidence: str = ""
    sure: str = ""


def write_down(world: World, typed: Typed, actor: Actor) -> Rate:
    """Write down a rate; raise `DecisionRefused` in the words of the page, `SayAgain`."""
    if actor.type not in WRITERS:
        raise DecisionRefused("Only a coordinator or lead writes down rates.")
    now = world.clock.now()
    rate = Rate(
        _currency(typed.currency), _number(typed.per_euro), _day(typed, now.date()), "person"
    )
    evidence = typed.evidence.strip()
    if not evidence:
        raise DecisionRefused("Say where the rate stands: a bank's page, a central bank, a paper.")
    check_text("evidence", evidence)
    if len(evidence) > 200:
        raise DecisionRefused("Say where it stands in 200 characters or fewer.")
    with transaction(world.engine) as session:
        session.execute(_LOCK)
        _against_last(rates_now(session, now.date()), rate, typed.sure)
        session.add(
            ExchangeRate(
                currency=rate.currency, per_euro=rate.per_euro, rate_on=rate.on, source=rate.source,
                evidence=evidence, actor_ref=actor.ref[:40], at=now,
            )
        )  # fmt: skip
        audit.note(
            session, actor_ref=actor.ref, action="rate.written", at=now,
            object_ref=f"currency:{rate.currency}",
        )  # fmt: skip
    return rate


def _currency(said: str) -> str:
    try:
        code = currency_code(said)
    except NotRead as unread:
        raise DecisionRefused(str(unread)) from None
    if code == EURO:
        raise DecisionRefused("The euro is what every rate is told against: it has none itself.")
    return code


def _number(said: str) -> Decimal:
    given = said.strip()
    found = _NUMBER.fullmatch(given)
    if found is None:
        raise DecisionRefused("The rate must be a number above 0, such as 4.2931.")
    whole, mark, part = found.groups()
    if mark == "," and len(part) == 3:
        raise DecisionRefused(
            f'"{given}" can be read in two ways: write {whole}{part} or {whole}.{part}.'
        )
    value = Decimal(f"{whole}.{part or 0}")
    if value <= 0 or value >= MOST:
        raise DecisionRefused("The rate must be above 0 and below 1,000,000,000.")
    return value


def _day(typed: Typed, today: date) -> date:
    if not typed.rate_on.strip():
        raise DecisionRefused("Say of which day the rate is.")
    day = parse_date("rate_on", typed.rate_on.strip())
    if day > today:
        raise DecisionRefused("That day is yet to come: a rate is of a day that was.")
    return day


def _against_last(known: Mapping[str, Rate], rate: Rate, sure: str) -> None:
    """Refuse an older day; ask once more about a first rate, and one that is far from the last."""
    last, value = known.get(rate.currency), f"{rate.currency} {rate.per_euro.normalize():f}"
    if last is not None and last.on > rate.on:
        raise DecisionRefused(
            f"There is a newer rate of {rate.currency}, of {last.on.isoformat()}: that one counts."
        )
    if last is not None and abs(rate.per_euro / last.per_euro - 1) <= FAR:
        return
    if sure == value:
        return
    back = (100 / rate.per_euro).quantize(Decimal("0.0001")).normalize()
    words = f"Read as: one euro is {value}, and 100 {rate.currency} are {back:f} euros. "
    if last is None:
        words += f"It is the first rate of {rate.currency}."
    else:
        was = f"{last.per_euro.normalize():f} of {last.on.isoformat()}"
        words += f"That is far from the last one, {was}."
    raise SayAgain(f"{words} If it is right, send it once more.", value)


@slow(
    "outreach.fetch_rates",
    words="the rates of exchange of the European Central Bank are fetched",
    stopped="The rates of exchange were not fetched",
    patient="A family may not see offers in its own currency.",
)
def fetch_rates(work: Work) -> None:
    """Store the day's rates where that is switched on; what cannot be had is tried again later."""
    world = work.world
    if world.settings.ecb_rates:
        try:
            day, rates = daily_rates(
                world.settings.ecb_rates_url, allow_loopback=world.settings.embedded
            )
        except NoRates as none:
            raise RetryLater(f"NoRates:{none.reason}", AGAIN) from None
        with work.finishing() as unit:
            if day <= unit.now.date() + timedelta(days=1):
                _keep(unit.session, day, rates, world)
        return
    with work.finishing():
        pass


def _keep(session: Session, day: date, rates: Mapping[str, Decimal], world: World) -> None:
    """Add the rates of a day, each once; currencies that no offer may be in are left out."""
    rows = [
        {
            "currency": code, "per_euro": rate, "rate_on": day, "source": "ecb", "evidence": "",
            "at": world.clock.now(),
        }
        for code, rate in sorted(rates.items())
        if code in CURRENCIES and code != EURO and 0 < rate < MOST
    ]  # fmt: skip
    if rows:
        session.execute(insert(ExchangeRate).values(rows).on_conflict_do_nothing())
