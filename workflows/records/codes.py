"""The code of a link: asked for, read out or sent in a letter of its own, entered once."""

from datetime import timedelta

from accounts import throttle
from accounts.desk_links import browser_token, code_fits, code_of_seed, new_code_seed
from accounts.sessions import real_now
from keys import KeyMissing
from models import DeskLink
from models.base import require_id
from models.database import transaction
from workflows.engine.acting import acting
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.events import Actor
from workflows.outreach.desk_links import why_shut
from workflows.records.desk import HOSPITAL, OpenDesk, note_visit

CODE_VALID = timedelta(minutes=30)
"""Of a code that was sent by mail."""
TOLD_VALID = timedelta(hours=24)
"""Of one that a coordinator reads out: the reader may sit down to it tomorrow."""
TRIES, MOST_TRIES = 5, 100
"""Codes that one network may try for each that was made; wrong ones after which a code ends.

A stranger who holds the link uses up his own tries and not those of the hospital. Eight letters are
far from guessed in a hundred.
"""
ASKS, MOST_ASKS, A_DAY = 6, 20, timedelta(hours=24)
"""Codes that one network may have sent in a day, and one link."""


class CodeRefused(ValueError):
    """The code is wrong, used, too old or was tried too often: which of them is not said."""


class NoCodeSent(ValueError):
    """No code is sent: `why` is `telephone` (it is read out) or `day` (too many were)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def ask_by_mail(world: World, desk: OpenDesk, place: str) -> None:
    """Have a code sent to the recipient's address; raise `NoCodeSent`.

    A code that can still be used is sent once more: who asks again ends nobody's code.
    """
    if desk.code_by != "mail":
        raise NoCodeSent("telephone")
    try:
        throttle.count(world.engine, f"desk.code:{desk.link_id}:{place}", ASKS, A_DAY)
        throttle.count(world.engine, f"desk.code:{desk.link_id}", MOST_ASKS, A_DAY)
    except throttle.TooMany:
        raise NoCodeSent("day") from None
    with acting(world, desk.case_id, HOSPITAL) as by:
        link = get(by.session, DeskLink, desk.link_id)
        left = link.code_ends_at - real_now() if link.code_seed and link.code_ends_at else None
        if left is not None and left > CODE_VALID:
            raise NoCodeSent("telephone")  # one that was read out stays
        if left is not None and left > timedelta() and link.code_tries < MOST_TRIES:
            link.code_ends_at, link.codes_made = real_now() + CODE_VALID, link.codes_made + 1
        else:
            _renew(world, link, CODE_VALID)
        objects = {"link_id": desk.link_id, "thread_id": link.thread_id, "code": link.codes_made}
        by.request("send_desk_code", objects)


def code_to_tell(world: World, link_id: int, actor: Actor) -> str:
    """Return a new code for a coordinator to read out by telephone; the one before ends.

    Raises `DecisionRefused` for a link that opens nothing.
    """
    if actor.type not in (*COORDINATORS, "administrator"):
        raise DecisionRefused("Only a coordinator reads a code out.")
    with transaction(world.engine) as session:
        case_id = get(session, DeskLink, link_id).case_id
    with acting(world, case_id, actor) as by:
        link = get(by.session, DeskLink, link_id)
        if why_shut(by.session, world, link) is not None:
            raise DecisionRefused("This link opens nothing any more: there is no code for it.")
        _renew(world, link, TOLD_VALID)
        return code_of_seed(world.keys.ring, link.code_seed or "")


def _renew(world: World, link: DeskLink, valid: timedelta) -> None:
    link.code_seed = new_code_seed(world.keys.ring)
    link.code_ends_at = real_now() + valid
    link.code_tries = 0
    link.codes_made += 1


def enter(world: World, desk: OpenDesk, typed: str, place: str, country: str | None) -> str:
    """Use the code up and return what the browser keeps; raise `CodeRefused`."""
    try:
        tries = f"desk.tries:{desk.link_id}:{desk.codes_made}:{place}"
        throttle.count(world.engine, tries, TRIES, A_DAY)
    except throttle.TooMany:
        raise CodeRefused from None
    with transaction(world.engine) as session:
        link = session.get_one(DeskLink, desk.link_id, with_for_update=True)
        fits = _fits(world, link, typed)
        if fits:
            link.code_seed, link.code_tries = None, 0
            link.first_opened_at = link.first_opened_at or world.clock.now()
        elif link.code_tries >= MOST_TRIES:
            raise CodeRefused
        else:
            link.code_tries += 1
        note_visit(session, world, desk, "code" if fits else "wrong_code", place, country)
    if not fits:
        raise CodeRefused
    return browser_token(world.keys.ring, require_id(link.id), link.generation)


def _fits(world: World, link: DeskLink, typed: str) -> bool:
    if link.code_seed is None or link.code_ends_at is None or link.code_tries >= MOST_TRIES:
        return False
    if link.code_ends_at <= real_now():
        return False
    try:
        return code_fits(world.keys.ring, link.code_seed, typed)
    except KeyMissing:
        return False
