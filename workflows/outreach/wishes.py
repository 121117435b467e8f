"""What a family wishes of its offers: told in which currency too, and from where first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel import Locale

from correspondence.money import NotRead, currency_code
from models import Case
from models.base import require_id
from models.database import transaction
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.lookup import case_by_ref
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.letters.offer_rows import BEFORE_FAMILY, TELLS_OF_OFFERS, offers_in, take_back_offers

MOST_COUNTRIES = 10
_PLACES = frozenset(
    code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))
) - {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}


@dataclass
class _Door:
    """Who records here: a person at the case's page."""

    recorder: Recorder
    case_id: int
    actor: Actor

    def __post_init__(self) -> None:
        self.session = self.recorder.session

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
    ) -> str | None:
        """Record a fact on the case."""
        fact = Event(type, dict(payload or {}), dict(objects or {}), self.actor)
        return self.recorder.record(self.case_id, fact)


def state_wishes(world: World, ref: str, currency: str, countries: str, actor: Actor) -> bool:
    """Write down a family's wishes, blank for none; return False when nothing is new.

    A letter about offers that has not left is written anew in the other currency.
    Raises `DecisionRefused` in the words of the page, `CaseNotFound`.
    """
    if actor.type not in COORDINATORS:
        raise DecisionRefused("Only a coordinator or lead writes down what the family wishes.")
    code, places = _currency(currency), _countries(countries)
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = recorder.case(require_id(case_by_ref(session, ref).id))
        if case.closed_at is not None:
            raise DecisionRefused("The case is closed.")
        if (case.family_currency, case.wished_countries) == (code, places):
            return False
        changed = case.family_currency != code
        case.family_currency, case.wished_countries = code, places
        door = _Door(recorder, require_id(case.id), actor)
        door.record("family.wishes_stated", {"currency": code, "countries": places})
        if changed:
            _write_anew(door, case)
        due = recorder.flush()
    world.doorbell.ring(due)
    return True


def _write_anew(door: _Door, case: Case) -> None:
    """Have a letter that tells of offers, and has not left, told in the currency of now."""
    taken_back = take_back_offers(door, door.case_id)
    if taken_back and offers_in(door.session, door.case_id, BEFORE_FAMILY):
        door.recorder.request(TELLS_OF_OFFERS, case_id=case.id)


def _currency(said: str) -> str | None:
    if not said.strip():
        return None
    try:
        return currency_code(said)
    except NotRead as unread:
        raise DecisionRefused(str(unread)) from None


def _countries(said: str) -> list[str]:
    words = list(dict.fromkeys(one.upper() for one in re.split(r"[\s,;]+", said) if one))
    if unknown := [one[:20] for one in words if one not in _PLACES]:
        raise DecisionRefused(
            f"Not a country: {', '.join(unknown[:3])}. Write its two letters, such as IN."
        )
    if len(words) > MOST_COUNTRIES:
        raise DecisionRefused(f"Name at most {MOST_COUNTRIES} countries.")
    return words
