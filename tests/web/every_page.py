"""Every page there is, filled with a case in the middle of its way, for checks that miss none.

A page is found by itself, as its module declares it; where its address has parameters that the
house below cannot fill, the page names an `example` beside its route.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyotp
from sqlalchemy import select
from sqlmodel import Session, col

from accounts import password_links, second_factor
from accounts.desk_links import desk_path
from accounts.signed_links import portal_link
from correspondence import reply_token
from models import (
    AccountChange,
    Case,
    DeskLink,
    Document,
    HumanTask,
    OutreachThread,
    RecordsPackage,
)
from models.base import require_id
from models.database import transaction
from tests.web.parts import a_package, a_partner, make_user
from tests.workflows.acts import (
    SYNOPTIC,
    BrokenReader,
    to_clinician,
    to_outreach,
    to_surgery,
    wear_out,
)
from tests.workflows.playing import Play
from tests.workflows.remembered import Remembered
from web.page_router import PageRoute
from web.pages import case as case_page
from web.pages import page_routers
from web.pages.portal_steps import STEPS as INQUIRY
from workflows.engine.recurring import CHARTS_EVERY, COUNT_CHARTS, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.portal import drafts
from workflows.steps import STEPS

TABS = tuple(code for code, _ in case_page.TABS)
PEOPLE = ("coordinator", "clinician", "lead", "analyst", "administrator")
NO_PAGES = (
    "/api/",
    "/health",
    "/healthz",
    "/readyz",
    "/metrics",
    ".csv",
    ".png",
    ".svg",
    "/static",
    ".pdf",
    ".webp",
    "/file",
    "/original",
    "/pages/",
)
"""Answers that are not read as pages: programs, pictures and files ask for these."""
LEADING = {
    "/portal",
    "/portal/new",
    "/cases/{ref}",
    "/cases/{ref}/timeline/{seq}",
    "/login/openid",
    "/login/openid/back",
    "/portal/uploads/{public_id}/look",
    "/portal/desk/{token}/records/{part_id}",
}
"""They only lead to another page, or are a part of one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One page: who looks at it (None is a visitor), where it is, and a name for a picture."""

    role: str | None
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class House:
    """A coordination office in full work: people, and cases at different stages."""

    travelling: str
    """Reference of a case after its operation."""
    asking: str
    """Reference of a case whose hospitals were asked."""
    thread: int
    """Its thread with a hospital."""
    signing: str
    """Reference of a case that waits for a clinician's signature."""
    reviewing: str
    """Reference of a case whose findings wait for a person."""
    document: int
    link: str
    """Path of a patient's own page."""
    inquiry: str
    """Path of an inquiry that is being written."""
    tasks: Mapping[str, int]
    """One open task of each kind."""
    reminders: str
    """Path of the page where a family ends its reminders."""
    password: str
    """Path of a one-time link to set a password."""
    package: int
    """Records that wait to be looked at."""
    desk: str
    """Path of a hospital's desk."""
    partner: Mapping[str, str]
    """The ids of a partner that is told events, and of a delivery that came."""


def full_house(play: Play) -> House:
    """Play four cases to different stages and make an account of each role."""
    fill(play)
    with Session(play.world.engine) as session:
        cases = session.scalars(select(Case).order_by(col(Case.id))).all()
        travelling, asking, signing, reviewing, _ = cases
        documents = session.scalars(
            select(col(Document.id)).where(col(Document.case_id) == reviewing.id)
        ).all()
        open_tasks = session.scalars(select(HumanTask).where(col(HumanTask.state) == "open"))
        tasks = {task.kind: require_id(task.id) for task in open_tasks}
        number = require_id(travelling.id)
        reminders = reply_token(number, play.world.keys.ring, "reminders")
        return House(
            travelling=travelling.ref,
            asking=asking.ref,
            thread=require_id(
                session.scalars(
                    select(col(OutreachThread.id)).where(col(OutreachThread.case_id) == asking.id)
                ).first()
            ),
            signing=signing.ref,
            reviewing=reviewing.ref,
            document=require_id(documents[0]),
            inquiry=f"/portal/new/{drafts.start(play.world, 'a place', 'en')}",
            link=portal_link("", play.world.keys.ring, require_id(travelling.id)),
            tasks=tasks,
            reminders=f"/portal/reminders/{reminders}",
            password=password_links.link_of(
                play.world.keys, session.scalars(select(AccountChange)).one()
            ),
            package=require_id(session.scalars(select(col(RecordsPackage.id))).first()),
            desk=_desk(play.world, session),
            partner=a_partner(play.world, require_id(travelling.id)),
        )


def _desk(world: World, session: Session) -> str:
    link = session.scalars(select(DeskLink).order_by(col(DeskLink.id).desc())).first()
    assert link is not None
    return desk_path(world.keys.ring, require_id(link.id), link.generation)


@Remembered
def fill(play: Play) -> None:
    """Let the office work until there is something on every page."""
    for role in PEOPLE:
        make_user(play.world, role)
    with_second_factor(play.world)
    with_a_link(play.world)
    to_surgery(play)
    to_outreach(play)
    with transaction(play.world.engine) as session:
        threads = select(col(OutreachThread.id)).where(col(OutreachThread.case_id) == play.case_id)
        thread = require_id(session.scalars(threads).first())
    a_package(play.world, play.case_id, thread)
    to_clinician(play)
    play.open(SYNOPTIC)
    play.run()
    something_stops(play)
    count_charts(play)


def something_stops(play: Play) -> None:
    """Let the reading of a fifth case's report fail until nothing is tried again."""
    reader, play.world.reader = play.world.reader, BrokenReader()
    play.open(SYNOPTIC)
    wear_out(play)
    play.world.reader = reader


def count_charts(play: Play) -> None:
    """Let the machine count what the charts show."""
    ensure_recurring(play.world)
    play.clock.move(CHARTS_EVERY)
    Runner(play.world, STEPS).drain(COUNT_CHARTS)


def with_second_factor(world: World) -> str:
    """Make an account that is asked for a code after its password; return its name."""
    user = make_user(world, "coordinator", "second-step")
    with transaction(world.engine) as session:
        secret = second_factor.begin(session, world.keys, user).secret
        code = pyotp.TOTP(secret).now()
        second_factor.confirm(session, world.keys, require_id(user.id), code)
    return "second-step"


def with_a_link(world: World) -> None:
    """Let somebody have a one-time link to set a password."""
    user = make_user(world, "analyst", "let-in")
    with transaction(world.engine) as session:
        row = AccountChange(
            act="password", user_name="let-in", user_id=require_id(user.id), asked_by="U-0000",
            asked_at=world.clock.now(), state="done",
        )  # fmt: skip
        password_links.with_link(world.keys, row)
        session.add(row)


def pages() -> list[PageRoute]:
    """Return the routes that answer a GET, in the order in which they are tried."""
    return [
        route
        for router in page_routers()
        for route in router.routes
        if isinstance(route, PageRoute) and "GET" in (route.methods or ())
    ]


def page_at(address: str) -> str:
    """Return the template of the route that answers an address; empty where none does."""
    plain = address.partition("?")[0]
    return next((route.path for route in pages() if route.path_regex.match(plain)), "")


def to_read(route: PageRoute) -> bool:
    """Return whether a route answers a reader with a page of its own."""
    return route.path not in LEADING and not any(part in route.path for part in NO_PAGES)


def samples(house: House) -> list[Sample]:
    """Return every page of the application, each with somebody who may see it."""
    named = _named(house)
    seen = {page_at(sample.path) for sample in named}
    return [*named, *(each for each in _by_themselves(house) if page_at(each.path) not in seen)]


def _by_themselves(house: House) -> Iterator[Sample]:
    """Return the pages whose address the house or their own example fills."""
    known = {"ref": house.travelling, "document_id": str(house.document), **house.partner}
    for route in pages():
        values = {**known, **route.example}
        open_ones = set(re.findall(r"\{(\w+)\}", route.path)) - values.keys()
        if open_ones or not to_read(route) or not (route.access.by_session or _public(route)):
            continue
        roles = route.access.roles or PEOPLE
        role = None if _public(route) else next(one for one in PEOPLE if one in roles)
        path = route.path.format_map({name: str(value) for name, value in values.items()})
        yield Sample(role, path, route.name)


def _public(route: PageRoute) -> bool:
    return route.access.kind == "public"


def _named(house: House) -> list[Sample]:
    """Return the pages that are looked at in more than one state, or by a way of their own."""
    tabs = [
        Sample("lead", f"/cases/{ref}/{tab}", f"case-{stage}-{tab}")
        for stage, ref in (("travelling", house.travelling), ("reviewing", house.reviewing))
        for tab in TABS
    ]
    tasks = [Sample("lead", f"/tasks/{id}", f"task-{kind}") for kind, id in house.tasks.items()]
    steps = [
        Sample(None, f"{house.inquiry}/{step.code}", f"inquiry-{step.code}") for step in INQUIRY
    ]
    return [
        Sample("second-step", "/login/code", "login-code"),
        Sample(None, house.inquiry, "inquiry"),
        *steps,
        Sample(None, "/portal/not-a-link", "portal-ended"),
        Sample(None, house.link, "portal"),
        Sample(None, house.reminders, "portal-reminders"),
        Sample(None, f"{house.link}?lang=ar", "portal-arabic"),
        Sample(None, f"{house.link}/signs", "portal-signs"),
        Sample(None, f"{house.link}/withdraw", "portal-withdraw"),
        Sample(None, f"{house.link}/data", "portal-data"),
        Sample(None, f"{house.link}/code", "portal-code"),
        Sample(None, house.password, "set-password"),
        Sample("coordinator", "/", "work"),
        Sample("coordinator", "/?urgency=routine&late=true", "work-filtered"),
        Sample("coordinator", "/find?ref=99999", "found-none"),
        *tabs,
        Sample("lead", f"/cases/{house.asking}/hospitals", "case-asking-hospitals"),
        Sample(
            "lead", f"/cases/{house.asking}/hospitals/{house.thread}/write", "write-to-hospital"
        ),
        Sample("coordinator", f"/cases/{house.asking}/records/{house.thread}", "records"),
        Sample("coordinator", f"/records/{house.package}", "records-package"),
        Sample(None, house.desk, "desk-code"),
        Sample("clinician", f"/cases/{house.signing}/suitability", "case-signing-suitability"),
        Sample("clinician", f"/cases/{house.signing}/suitability/what-if", "what-if"),
        *tasks,
        Sample("coordinator", "/nothing-here", "nothing-here"),
    ]
