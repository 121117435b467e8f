"""A permission as it is written down: to whom, in which country, by which law, under which words.

What the page shows and what the row keeps come from here, so that they are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import Case, Consent, Hospital
from models.base import require_id
from workflows.engine.world import World
from workflows.processing_register import Register

CONSENT_TEXT = "2026-2"
"""The version of the words that are said yes to (`web/home_words.py`)."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the papers, and by which law: a code of `playbooks/processing.yaml`.

    `abroad` is None where the patient's country is not stated. `law` is None where the papers stay
    in the country, and where the register names no law of that country.
    """

    name: str
    country: str
    abroad: bool | None
    law: str | None


def recipient_of(register: Register, case: Case, hospital: Hospital) -> Recipient:
    """Return who would get the papers of a case by a permission for this hospital."""
    home = case.residence_country
    abroad = None if home is None else home != hospital.country
    law = register.law_of(home) if abroad else None
    return Recipient(f"{hospital.name}, {hospital.city}", hospital.country, abroad, law)


def consented(
    world: World,
    case: Case,
    scope: str,
    signed: Mapping[str, Any],
    now: datetime,
    hospital: Hospital | None = None,
) -> Consent:
    """Return the row of a permission that is given now; `signed`: the columns of who gave it."""
    to = recipient_of(world.playbooks.register, case, hospital) if hospital else None
    return Consent(
        case_id=require_id(case.id),
        scope=scope,
        hospital_id=require_id(hospital.id) if hospital else None,
        recipient=to.name if to else None,
        recipient_country=to.country if to else None,
        law=to.law if to else None,
        text_version=CONSENT_TEXT,
        granted_at=now,
        **signed,
    )
