"""Offers side by side: what each hospital stated, and about how much it is for the family.

Made from a case file; the rates alone are read. Amounts are never replaced, only set beside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from correspondence.exchange import Conversion
from models import Case
from models.database import transaction
from views.case_file import CaseFile
from views.lists import TaskRow
from views.shown import ShownHospital, ShownOffer
from workflows.engine.world import World
from workflows.letters.exchange import conversions, missing, span_about

Span = tuple[Decimal, Decimal]
STANDING = ("recorded", "checked", "presented", "accepted")
"""States in which the last day of an offer still matters."""
SOON_DAYS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One offer; the `about_` amounts are in the family's currency, None: not converted."""

    offer: ShownOffer
    hospital: ShownHospital
    tasks: Sequence[TaskRow]
    how: Conversion | None
    today: date

    @property
    def about(self) -> Span | None:
        """The estimate's two ends."""
        return span_about(self.how, self.offer.amount_low, self.offer.amount_high)

    @property
    def about_ebrt(self) -> Span | None:
        """What radiotherapy would cost besides that is needed later."""
        offer = self.offer
        return span_about(self.how, offer.supplementary_ebrt_cost, offer.supplementary_ebrt_high)

    @property
    def about_deposit(self) -> Span | None:
        """The deposit where it is a sum."""
        return span_about(self.how, self.offer.deposit_amount, None)

    @property
    def days_left(self) -> int | None:
        """Days until its last one, below zero when it is over; None: not stated, or settled."""
        if self.offer.valid_until is None or self.offer.state not in STANDING:
            return None
        return (self.offer.valid_until - self.today).days

    @property
    def ends_soon(self) -> bool:
        """Whether its last day is near."""
        return self.days_left is not None and 0 <= self.days_left <= SOON_DAYS


@dataclass(frozen=True, slots=True)
class Compared:
    """The offers of a case with the rates by which they are told in the family's currency."""

    columns: Sequence[Column]
    currency: str | None
    countries: Sequence[str]
    today: date
    unknown: Sequence[str] = ()
    """Currencies that would be needed and of which no rate is known."""


def offers_compared(world: World, file: CaseFile) -> Compared:
    """Return the offers of a case, oldest first within each hospital."""
    today = world.clock.now().date()
    with transaction(world.engine) as session:
        case = session.get_one(Case, file.case.id)
        stated = [offer.currency for entry in file.threads for offer in entry.offers]
        found = conversions(session, case, stated, today)
        unknown = missing(session, case, stated, today)
        wishes = case.family_currency, list(case.wished_countries)
    columns = [
        Column(
            offer,
            entry.hospital,
            file.task_about("offer_id", offer.id),
            found.get(offer.currency),
            today,
        )
        for entry in file.threads
        for offer in entry.offers
    ]
    return Compared(columns, wishes[0], wishes[1], today, unknown)
