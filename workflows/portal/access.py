"""The patient's own page: which case a link opens, and who is written down as having done so."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from accounts.audit import note
from accounts.sessions import real_now
from accounts.signed_links import LinkRefused, read_portal_token
from models import Case, Patient
from models.base import require_id
from models.database import transaction
from workflows.engine.lookup import case_by_ref
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.own_page import end_links

PATIENT = Actor("patient", "")
FROM_PAGE = "portal"
"""Stands as the sender's address of a message written on the patient's own page."""


BY_LINK, BY_CODE = "a_link_alone", "a_link_and_a_code_by_letter"
"""What the browser has shown: a link of ours, or also a code that went to the known address."""


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case as its patient's page knows it, and what the browser that asks has shown."""

    id: int
    ref: str
    state: str
    language: str
    link_generation: int
    closed_at: datetime | None
    came_by: str = BY_LINK
    address_ref: str = ""
    """Keyed hash of the address that the code went to."""
    letter: int | None = None
    """The letter that brought the link; None where none did."""


class TheirCase(Protocol):
    """A case that a patient acts on: `OwnCase`, or the row itself inside the workflows."""

    @property
    def id(self) -> int | None:
        """Its number."""

    @property
    def ref(self) -> str:
        """Its reference."""

    @property
    def state(self) -> str:
        """A state of the process."""

    @property
    def language(self) -> str:
        """The language that the patient reads."""

    @property
    def link_generation(self) -> int:
        """Of the links that open the page."""

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed."""


def own_case(case: Case, letter: int | None = None) -> OwnCase:
    """Return a row as the value that the patient's page gets."""
    return OwnCase(
        require_id(case.id),
        case.ref,
        case.state,
        case.language,
        case.link_generation,
        case.closed_at,
        letter=letter,
    )


def case_of_link(world: World, token: str, place: str = "") -> OwnCase:
    """Return the case that a link opens; raise `LinkRefused`, which is written down.

    `place` is the keyed hash of where the request came from.
    """
    try:
        return _opened(world, token)
    except LinkRefused as refused:
        with transaction(world.engine) as session:
            known = refused.case_id and session.get(Case, refused.case_id)
            note(
                session,
                actor_ref=place or "unknown",
                action="portal.refused",
                at=real_now(),
                object_ref=refused.reason,
                case_id=refused.case_id if known else None,
            )
        raise


def _opened(world: World, token: str) -> OwnCase:
    held = read_portal_token(token, world.keys.ring, _link_life(world))
    with transaction(world.engine) as session:
        case = session.get(Case, held.case_id)
    if case is None:
        raise LinkRefused("This link is not valid.", "forged")
    if case.link_generation != held.generation:
        raise LinkRefused("This link has ended. Ask us for a new one.", "revoked", held.case_id)
    return own_case(case, held.letter)


def genuine_case(world: World, token: str) -> int:
    """Return whose page a link opens or once opened; raise `LinkRefused` for none of ours."""
    try:
        return read_portal_token(token, world.keys.ring, _link_life(world)).case_id
    except LinkRefused as refused:
        if refused.case_id is None:
            raise
        return refused.case_id


def _link_life(world: World) -> timedelta:
    return timedelta(days=world.settings.portal_link_days)


DIED, LEFT = "died", "left"
ENDINGS = {
    "BEREAVEMENT_WRAPUP": DIED,
    "CLOSED_DECEASED": DIED,
    "WITHDRAWAL_WRAPUP": LEFT,
    "CLOSED_WITHDRAWN": LEFT,
}


@dataclass(frozen=True, slots=True)
class Farewell:
    """How a case ended whose link ended with it, and the language that its family reads."""

    how: str
    language: str


def farewell_of(world: World, token: str) -> Farewell | None:
    """Return what a link says that was good until a death or a withdrawal; None for any other.

    One that we ended before, because it was in the wrong hands, says nothing.
    """
    try:
        held = read_portal_token(token, world.keys.ring, _link_life(world))
    except LinkRefused:
        return None
    with transaction(world.engine) as session:
        case = session.get(Case, held.case_id)
    if case is None or case.erased_at is not None:
        return None
    if case.state not in ENDINGS or held.generation < case.link_generation - 1:
        return None
    return Farewell(ENDINGS[case.state], case.language)


def note_opening(world: World, case: OwnCase) -> None:
    """Write down that the patient's page was opened: by which letter's link, and by a code or not.

    Two letters' links tell a forwarded letter from another.
    """
    _note_by_patient(world, case, "portal.opened", f"{case.came_by}:message:{case.letter or '-'}")


def note_act(world: World, case: OwnCase, act: str) -> None:
    """Write down what was done on the page, how it came, and where the code had gone."""
    _note_by_patient(world, case, f"portal.act:{act}", f"{case.came_by}:{case.address_ref or '-'}")


def _note_by_patient(world: World, case: OwnCase, action: str, object_ref: str) -> None:
    with transaction(world.engine) as session:
        note(
            session,
            actor_ref=patient_ref(case.id),
            action=action,
            at=real_now(),
            object_ref=object_ref,
            case_id=case.id,
        )


def patient_ref(case_id: int) -> str:
    """Return the pseudonym under which a case's patient stands in events and in the audit."""
    return f"patient:{case_id}"


def known_signer(patient: Patient) -> str:
    """Return "patient" when the patient wrote the inquiry themself; "" when the page must ask.

    A relative or a doctor who wrote it may be the one who reads the page, too.
    """
    return "patient" if patient.intake.get("relation") == "self" else ""


def revoke_links(world: World, case_id: int, actor_ref: str) -> None:
    """End every link to the patient's page that was sent so far; raise `CaseNotFound`."""
    with transaction(world.engine) as session:
        end_links(Recorder(session, world.process, world.clock.now()), case_id, actor_ref)


def revoke_links_of(world: World, ref: str, actor_ref: str) -> str:
    """End the links of the case `ref` and return its own reference; raise `CaseNotFound`."""
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
    revoke_links(world, require_id(case.id), actor_ref)
    return case.ref
