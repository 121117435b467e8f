"""The link to the patient's page in letters: a mark while they wait, the link when they leave.

What is drafted, approved and stored holds the mark (`correspondence.own_page`). The link is made
when the letter is handed over, for who is the patient's address then: no page of the console, no
table and no stored letter opens the patient's page, and the link's days begin when it leaves.
"""

import hashlib

from accounts.audit import note
from accounts.sessions import real_now
from accounts.signed_links import portal_link
from correspondence import own_page, reply_token
from models import Case, Message, PortalCode
from models.base import require_id
from workflows.engine.lookup import patient_of
from workflows.engine.record import Recorder
from workflows.engine.work import Unit
from workflows.engine.world import World
from workflows.letters.desk_link import desk_values
from workflows.letters.own_codes import code_of

ASK_ANEW = "/portal/sign-in/link"
"""Where a new link is asked for."""


def marked(world: World, mark: str) -> str:
    """Return an address of ours with a mark in place of what opens it."""
    return f"{world.settings.web_public_url.rstrip('/')}{mark}"


def end_links(recorder: Recorder, case_id: int, actor_ref: str) -> None:
    """End every link of a case, and what browsers may do by a code, in the caller's transaction."""
    recorder.case(case_id).link_generation += 1
    note(
        recorder.session,
        actor_ref=actor_ref,
        action="portal.links_revoked",
        at=real_now(),
        case_id=case_id,
    )


def to_leave(unit: Unit, message: Message, raw: bytes) -> bytes:
    """Return the bytes of a letter as they leave, with the links and the code that it brings.

    A letter to an address that is the patient's no more brings no link, only the way to a new one.
    """
    if message.to_role == "hospital":
        return own_page.filled(raw, desk_values(unit.session, unit.world, message))
    if message.to_role != "patient":
        return raw
    return own_page.filled(raw, _values(unit, message))


def sha256_of(raw: bytes) -> str:
    """Return the hash that is kept of what left."""
    return hashlib.sha256(raw).hexdigest()


def _values(unit: Unit, message: Message) -> dict[str, str]:
    world, case_id = unit.world, unit.case_id
    page = ASK_ANEW
    address = patient_of(unit.session, case_id).email or ""
    if address.strip().lower() == message.address.strip().lower():
        page = _page(world, unit.case, require_id(message.id))
    stop = f"/portal/reminders/{reply_token(case_id, world.keys.ring, 'reminders')}"
    return {own_page.PAGE: page, own_page.STOP: stop, **_code(unit, message)}


def _code(unit: Unit, message: Message) -> dict[str, str]:
    """Return the code of the letter that brings one; it was looked at just now: it still works."""
    about = (message.told or {}).get("about") if isinstance(message.told, dict) else None
    if not about or "code_id" not in about:
        return {}
    row = unit.session.get_one(PortalCode, int(about["code_id"]))
    return {own_page.CODE: code_of(unit.world, row)}


def _page(world: World, case: Case, letter: int) -> str:
    return portal_link("", world.keys.ring, require_id(case.id), case.link_generation, letter)
