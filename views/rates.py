"""Rates of exchange as people look at them: the newest of each currency, and what was before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from correspondence.exchange import FRESH_DAYS, rounded
from models import ExchangeRate, User
from models.database import snapshot
from workflows.engine.world import World

HISTORY_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RateLine:
    """One rate; `by` is the account's name or its pseudonym, empty for the bank's file."""

    currency: str
    per_euro: Decimal
    rate_on: date
    age: int
    source: str
    evidence: str
    by: str
    at: datetime

    @property
    def stale(self) -> bool:
        """Whether it is too old for a family."""
        return self.age > FRESH_DAYS

    @property
    def hundred(self) -> Decimal:
        """About how many euros a hundred of it are."""
        return rounded(100 / self.per_euro)


def rate_lines(world: World) -> tuple[Sequence[RateLine], Sequence[RateLine]]:
    """Return the newest rate of each currency by code, and the last ones written, newest first."""
    today = world.clock.now().date()
    order = (
        col(ExchangeRate.currency), col(ExchangeRate.rate_on).desc(), col(ExchangeRate.id).desc()
    )  # fmt: skip
    query = select(ExchangeRate, col(User.user_name)).join(
        User, col(User.ref) == col(ExchangeRate.actor_ref), isouter=True
    )
    with snapshot(world.engine) as session:
        newest = session.execute(
            query.ext(distinct_on(col(ExchangeRate.currency))).order_by(*order)
        ).all()
        before = session.execute(
            query.order_by(col(ExchangeRate.id).desc()).limit(HISTORY_SHOWN)
        ).all()
        return (
            [_line(row, name, today) for row, name in newest],
            [_line(row, name, today) for row, name in before],
        )


def _line(row: ExchangeRate, name: str | None, today: date) -> RateLine:
    return RateLine(
        row.currency,
        row.per_euro,
        row.rate_on,
        max(0, (today - row.rate_on).days),
        row.source,
        row.evidence,
        name or row.actor_ref or "",
        row.at,
    )
