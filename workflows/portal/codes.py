"""Codes: who has a link must also get at the patient's mailbox before they may read and decide.

A code goes to the address that we know, in a letter of its own, and works in the browser that asked
for it, and there alone: wrong tries of one browser cost another nothing. What is counted is counted
for each browser, each link and each patient; whoever has one link cannot use up what the next
letter's link allows. Times are the world's clock.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from accounts import throttle
from accounts.audit import note
from accounts.sessions import real_now, token_hash
from models import PortalCode
from models.base import require_id
from models.database import transaction
from workflows.engine.lookup import patient_of
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.letters.leaving import is_stopped
from workflows.letters.own_codes import CODE_VALID, fits, new_seed
from workflows.portal.access import OwnCase, patient_ref

LETTER = "M55"
TRIES = 5
"""Wrong codes that a browser may enter for one code."""
WRONG_A_DAY = 10
"""Wrong codes in a day after which a person looks at it. Nothing is blocked by them."""
ASKS_PER_BROWSER, WITHIN = 4, timedelta(minutes=30)
ASKS_PER_LINK, ASKS_PER_PATIENT, A_DAY = 6, 20, timedelta(days=1)
ALWAYS_PER_LINK = 2
"""The first codes of a link in a day are sent, whatever was asked for with other links."""
LOOK = "look_at_page"


class CodeRefused(ValueError):
    """The code is wrong, used, too old, or was tried too often: which of them is not said."""


class NoCodeSent(ValueError):
    """No code is sent: `why` is no_address, stopped, browser or day."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Proof:
    """That the browser showed a code that went to the patient's address; until when it counts."""

    code_id: int
    address_ref: str
    until: datetime


def place_of(world: World, address: str) -> str:
    """Return how the audit names the network address of a visitor (32 hex digits, keyed)."""
    return world.keys.marks.of("address", address)[:32]


def new_browser() -> str:
    """Return a fresh value for the cookie that tells a browser from all others."""
    return secrets.token_urlsafe(24)


def ask(world: World, case: OwnCase, link: str, browser: str) -> None:
    """Send a code for this browser to the address that we know; raise `NoCodeSent`.

    `link` is the token of the page that asks. Where a limit of a link or of the patient is
    reached, a person is told.
    """
    link_ref = world.keys.marks.of("link", link)[:32]
    asked_by = token_hash(browser)
    try:
        throttle.count(world.engine, f"code.browser:{asked_by}", ASKS_PER_BROWSER, WITHIN)
    except throttle.TooMany:
        raise NoCodeSent("browser") from None
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        row = recorder.case(case.id)
        address = patient_of(session, case.id).email
        stopped = is_stopped(session, row, LETTER)
        why = "no_address" if not address else "stopped" if stopped else ""
        if not why and not _may_ask(session, case, link_ref):
            why = "day"
            recorder.request(LOOK, case_id=case.id, detail="codes_asked")
        if not why:
            code = PortalCode(
                case_id=case.id,
                seed=new_seed(world),
                browser_sha256=asked_by,
                link_generation=case.link_generation,
                link_ref=link_ref,
                address_ref=address_ref(world, address or ""),
                expires_at=real_now() + CODE_VALID,
            )
            session.add(code)
            session.flush()
            recorder.request(LETTER, case_id=case.id, objects={"code_id": require_id(code.id)})
        note(
            session,
            actor_ref=patient_ref(case.id),
            action="portal.code_asked",
            at=real_now(),
            object_ref=why or link_ref,
            case_id=case.id,
        )
        due = recorder.flush()
    world.doorbell.ring(due)
    if why:
        raise NoCodeSent(why)


def enter(world: World, case: OwnCase, browser: str, code: str) -> str:
    """Use a code up and return the browser's new cookie: from now on it may act.

    Raises `CodeRefused`. Only codes that this browser asked for are looked at.
    """
    now = real_now()
    with transaction(world.engine) as session:
        waiting = session.scalars(
            select(PortalCode)
            .where(
                *_of(case, browser),
                col(PortalCode.used_at).is_(None),
                col(PortalCode.expires_at) > now,
                col(PortalCode.tries) < TRIES,
            )
            .order_by(col(PortalCode.id))
            .with_for_update()
        ).all()
        fitting = next((row for row in waiting if fits(world, row, code)), None)
        fresh = new_browser()
        if fitting is not None:
            fitting.used_at = now
            fitting.acts_until = now + timedelta(minutes=world.settings.portal_acts_minutes)
            _moves(session, browser, fresh)
        else:
            for row in waiting:
                row.tries += 1
        _note_try(session, case, fitting)
    if fitting is None:
        _count_wrong(world, case)
        raise CodeRefused("The code is not right, or its time is over.")
    return fresh


def proof_of(world: World, case: OwnCase, browser: str) -> Proof | None:
    """Return that this browser may act for the case now; each look lets it act longer again."""
    if not browser:
        return None
    now = real_now()
    until = now + timedelta(minutes=world.settings.portal_acts_minutes)
    with transaction(world.engine) as session:
        row = session.scalars(
            select(PortalCode)
            .where(*_of(case, browser), col(PortalCode.acts_until) > now)
            .order_by(col(PortalCode.acts_until).desc())
            .limit(1)
        ).first()
        if row is None or row.used_at is None:
            return None
        if until - (row.acts_until or now) > timedelta(minutes=1):
            row.acts_until = min(until, row.used_at + LONGEST)
        return Proof(require_id(row.id), row.address_ref, row.acts_until or now)


LONGEST = timedelta(hours=4)
"""After so long a browser shows another code, however busy it was."""


def leave(world: World, case: OwnCase, browser: str) -> None:
    """End what this browser may do for the case: its reader is done."""
    with transaction(world.engine) as session:
        session.execute(
            update(PortalCode)
            .where(*_of(case, browser), col(PortalCode.used_at).is_not(None))
            .values(acts_until=real_now())
        )


def address_ref(world: World, address: str) -> str:
    """Return how the audit names an e-mail address (32 hex digits, keyed)."""
    return world.keys.marks.of("account", address.strip().lower())[:32]


def _may_ask(session: Session, case: OwnCase, link_ref: str) -> bool:
    """Count what was sent since a day: by this link, and with all links of this generation."""
    rows = session.execute(
        select(col(PortalCode.link_ref), func.count())
        .where(
            col(PortalCode.case_id) == case.id,
            col(PortalCode.link_generation) == case.link_generation,
            col(PortalCode.created_at) > real_now() - A_DAY,
        )
        .group_by(col(PortalCode.link_ref))
    ).all()
    asked = {row[0]: int(row[1]) for row in rows}
    own = asked.get(link_ref, 0)
    return own < ALWAYS_PER_LINK or (own < ASKS_PER_LINK and sum(asked.values()) < ASKS_PER_PATIENT)


def _of(case: OwnCase, browser: str) -> Sequence[ColumnElement[bool]]:
    return (
        col(PortalCode.case_id) == case.id,
        col(PortalCode.browser_sha256) == token_hash(browser),
        col(PortalCode.link_generation) == case.link_generation,
    )


def _moves(session: Session, browser: str, fresh: str) -> None:
    """Give all that the browser holds to its new cookie: who knew the old one holds nothing."""
    session.execute(
        update(PortalCode)
        .where(col(PortalCode.browser_sha256) == token_hash(browser))
        .values(browser_sha256=token_hash(fresh))
    )


def _note_try(session: Session, case: OwnCase, fitting: PortalCode | None) -> None:
    note(
        session,
        actor_ref=patient_ref(case.id),
        action="portal.code_used" if fitting else "portal.code_refused",
        at=real_now(),
        object_ref=fitting.address_ref if fitting else "",
        case_id=case.id,
    )


def _count_wrong(world: World, case: OwnCase) -> None:
    """Tell a person of many wrong codes in a day."""
    try:
        throttle.count(world.engine, f"code.wrong:{case.id}", WRONG_A_DAY, A_DAY)
    except throttle.TooMany as many:
        if many.first:
            with transaction(world.engine) as session:
                recorder = Recorder(session, world.process, world.clock.now())
                recorder.request(LOOK, case_id=case.id, detail="wrong_codes")
                due = recorder.flush()
            world.doorbell.ring(due)
