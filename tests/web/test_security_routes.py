"""Every address there is, classified: who may open it, and what the audit says afterwards.

The tables (`route_tables.py`) are the tests' own, not read from the pages that are tested. A route
that stands in none is held to the strictest: its look is written down and only for who works with
patients, its form brings our token. Who opens more than that must say so there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.signed_links import LinkRefused, portal_link
from models import AuditEntry, CaseEvent, Document, FindingRecord, PortalDraft
from models.base import require_id
from models.database import transaction
from tests.fixtures.keys import FOREIGN_LINK
from tests.web.parts import Visitor, a_package, a_partner, a_thread, routes
from tests.web.route_tables import (
    ANY_FORM,
    AUDITED,
    BY_DESK,
    BY_DESK_FORMS,
    BY_DRAFT,
    BY_LINK,
    BY_LINK_FORMS,
    CLASSES,
    FORMS,
    NAMED,
    OF_NO_CASE,
    OPEN,
    OWN_PROOF,
    PLAIN,
    SAFE,
    SIGNED,
    TICKETS_ASK,
)
from tests.workflows import acts
from tests.workflows.acts import SYNOPTIC
from tests.workflows.playing import PATIENT, Play
from web.app import create_app
from web.page_router import page_routes
from workflows.cases.intake import NewCase, open_case
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.portal.access import PATIENT as PORTAL_PATIENT
from workflows.portal.access import case_of_link, revoke_links

Visit = Callable[..., Visitor]

CANARY = "Zyxcanary"
CANARIES = ("zyx@canary.example", "+99 777 canary", "Exempla")
"""Contact data and the name that stands in the documents too."""
SEES, SEES_NOT = ("coordinator", "clinician", "lead"), ("analyst", "administrator")


@pytest.fixture
def app(world: World) -> FastAPI:
    return create_app(world)


def audited(app: FastAPI) -> set[str]:
    """Return the routes whose looks must be written down: those named, and those nobody named."""
    return AUDITED | {r for r in set(routes(app)) - NAMED if r.split()[0] in SAFE}


def changing(app: FastAPI) -> set[str]:
    """Return every route that changes something and must bring our form's token."""
    return {r for r in routes(app) if r.split()[0] not in SAFE} - OWN_PROOF


@dataclass(frozen=True, slots=True)
class Filled:
    """A case full of canaries, and what to put into the templates."""

    values: dict[str, str]
    case_id: int
    examples: Mapping[str, Mapping[str, str]]
    """What a page itself names to look at it by, by template."""

    def path(self, route: str) -> str:
        template = route.split(" ", 1)[1]
        values = {**self.values, **self.examples.get(template, {})}
        return re.sub(r"\{(\w+)\}", lambda m: values.get(m.group(1), "1"), template)


@pytest.fixture
def filled(play: Play, world: World, app: FastAPI) -> Filled:
    patient = replace(PATIENT, email=CANARIES[0], phone=CANARIES[1])
    play.open(SYNOPTIC, patient=patient)
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **acts.SIGNED)
    play.confirm()
    play.answer("settle_completeness", "waive", reason="imaging is on its way")
    play.answer("countersign_waiver", "agree", "not needed yet")
    letter = acts.family_writes(play, CANARIES[0])
    with Session(world.engine) as session:
        document = session.scalars(select(col(Document.id))).first()
        finding = session.scalars(
            select(col(FindingRecord.id)).where(col(FindingRecord.box).is_not(None))
        ).first()
        seq = session.scalars(select(col(CaseEvent.seq))).first()
    task = next(task for task in play.tasks() if task.kind == "review_case")
    return Filled(
        {
            "ref": play.case.ref, "document_id": str(document), "finding_id": str(finding),
            "task_id": str(task.id), "seq": str(seq), "number": "1", "kind": "png", "code": "H01",
            "message_id": letter, "tab": "overview", "name": "funnel", "source": "nobody",
            "token": "forged.token.here", "public_id": "0" * 26, **a_partner(world, play.case_id),
            **(thread := a_thread(world, play.case_id)),
            **a_package(world, play.case_id, int(thread["thread_id"])),
        },
        play.case_id,
        {route.path: route.example for route in page_routes(app)},
    )  # fmt: skip


def entries(world: World) -> list[AuditEntry]:
    with Session(world.engine) as session:
        return list(session.scalars(select(AuditEntry).order_by(col(AuditEntry.id))))


def test_every_route_is_classified_once(app: FastAPI) -> None:
    named = [route for group in CLASSES for route in group]
    assert len(named) == len(set(named)), "a route stands in two classes"
    assert set(named) - set(routes(app)) == set(), "this route is gone"


def test_what_a_page_declares_is_what_the_tables_say(app: FastAPI) -> None:
    """Two hands wrote it: the page beside its routes, and this file."""
    by_session, sees = ("account", "signed-in", "roles"), frozenset(SEES)
    for one in page_routes(app):
        for method in one.methods or ():
            route, kind = f"{method} {one.path}", one.access.kind
            if route in OPEN:
                assert kind == "public", route
            elif route in PLAIN:
                assert kind in by_session, route
            elif route in FORMS:
                assert kind in (*by_session, "public"), route
            elif route in BY_LINK | BY_LINK_FORMS | BY_DESK | BY_DESK_FORMS:
                assert kind == "link", route
            elif route in BY_DRAFT:
                assert kind == ("ticket" if "/uploads" in one.path else "draft"), route
            elif route in SIGNED:
                assert kind == "signature", route
            else:
                assert kind == "roles" and one.access.roles <= sees, route
            assert one.access.by_form == (route not in OWN_PROOF | TICKETS_ASK), route


def test_a_stranger_opens_only_what_is_open(visit: Visit, filled: Filled, app: FastAPI) -> None:
    stranger = visit()
    for route in sorted(PLAIN | audited(app)):
        answer = stranger.get(filled.path(route))
        assert answer.status_code in (303, 401), route
        assert answer.status_code == 401 or answer.headers["location"] == "/login", route
    for route in sorted(OPEN):
        text = stranger.client.request(route.split()[0], filled.path(route)).text
        assert not [canary for canary in CANARIES if canary in text], route


def test_each_look_at_personal_data_is_written_down(
    visit: Visit, world: World, filled: Filled, app: FastAPI
) -> None:
    shown = set()
    for role in SEES:
        visitor = visit(role)
        for route in sorted(audited(app) - OF_NO_CASE):
            before = len(entries(world))
            answer = visitor.get(filled.path(route))
            # A signature shows nothing, and leads to its place.
            if route == "GET /tasks/{task_id}":
                assert answer.status_code == 303
                answer = visitor.get(answer.headers["location"])
            assert answer.status_code == 200, (role, route)
            new = [e for e in entries(world)[before:] if e.actor_ref.startswith("U-")]
            assert new and all(e.case_id == filled.case_id for e in new), (role, route)
            shown |= {route for canary in CANARIES if canary in answer.text}
    assert shown, "the canaries must be seen by somebody, or this test proves nothing"


def test_every_tab_of_a_case_is_written_down(visit: Visit, world: World, filled: Filled) -> None:
    from web.pages.case import TABS, WITHOUT_PERSONAL_DATA

    visitor = visit("coordinator")
    for tab in [code for code, _ in TABS if code not in (*WITHOUT_PERSONAL_DATA, "audit")]:
        before = len(entries(world))
        assert visitor.get(f"/cases/{filled.values['ref']}/{tab}").status_code == 200
        assert any(e.case_id == filled.case_id for e in entries(world)[before:]), tab


@pytest.mark.parametrize("role", SEES_NOT)
def test_analysts_and_administrators_see_no_personal_data_anywhere(
    visit: Visit, world: World, filled: Filled, app: FastAPI, role: str
) -> None:
    visitor = visit(role)
    for route in sorted(r for r in routes(app) if r.startswith("GET ")):
        before = len(entries(world))
        answer = visitor.get(filled.path(route))
        assert not [c for c in CANARIES if c.encode() in answer.content], (role, route)
        if route in audited(app):
            assert answer.status_code == 403, route
            (entry,) = entries(world)[before:]
            template = route.split()[1]
            assert entry.action == "access.refused", route
            assert entry.object_ref.startswith(f"GET {template}"), entry.object_ref


@pytest.mark.parametrize("role", SEES)
def test_lists_hold_no_personal_data(visit: Visit, filled: Filled, role: str) -> None:
    visitor = visit(role)
    for route in sorted(PLAIN):
        text = visitor.get(filled.path(route)).text
        assert not [canary for canary in CANARIES if canary in text], (role, route)


def test_no_form_is_taken_without_its_token(
    visit: Visit, world: World, filled: Filled, app: FastAPI
) -> None:
    """Walks whatever changes something, so that a new route is in it without being named."""
    people = {role: visit(role) for role in ("coordinator", "clinician", "lead", "administrator")}
    assert changing(app) >= FORMS | BY_LINK_FORMS
    for route in sorted(changing(app)):
        # The portal knows no roles, and counts the refusals of one address.
        senders = people if "/portal" not in route else {"lead": people["lead"]}
        for name, visitor in senders.items():
            before = len(entries(world))
            answer = visitor.client.request(route.split()[0], filled.path(route), data=ANY_FORM)
            refused = [e.action for e in entries(world)[before:]]
            assert answer.status_code == 403, (route, name, answer.status_code)
            assert refused[-1:] in (["form.refused"], ["access.refused"]), (route, name, refused)
        forms = {e.object_ref for e in entries(world) if e.action == "form.refused"}
        assert any(ref.startswith(route) for ref in forms), f"nobody reached the form of {route}"


def test_no_form_is_taken_that_brings_no_token_at_all(
    visit: Visit, filled: Filled, app: FastAPI
) -> None:
    lead = visit("lead")
    for route in sorted(changing(app)):
        answer = lead.client.request(route.split()[0], filled.path(route))
        assert answer.status_code == 403, (route, answer.status_code)


def test_a_forged_link_opens_nothing_and_is_written_down(
    visit: Visit, world: World, filled: Filled
) -> None:
    genuine = portal_link("", world.keys.ring, filled.case_id).removeprefix("/portal/")
    sign = "A" if genuine[-9] != "A" else "B"  # the last signs hold spare bits
    forged = (genuine[:-9] + sign + genuine[-8:], FOREIGN_LINK, "x", "a" * 5000)
    for route in sorted(BY_LINK):
        for token in forged:
            before = len(entries(world))
            answer = visit().get(filled.path(route).replace("forged.token.here", token))
            assert answer.status_code in (403, 404, 410), (route, answer.status_code)
            assert not [canary for canary in CANARIES if canary in answer.text]
            new = entries(world)[before:]
            assert [e.action for e in new] == ["portal.refused"], route
    assert not any(token[:20] in f"{e.actor_ref} {e.object_ref}" for e in entries(world)
                   for token in (genuine, *forged) if len(token) > 1)  # fmt: skip


def test_a_forged_link_of_a_hospital_opens_nothing_and_is_written_down(
    visit: Visit, world: World, filled: Filled
) -> None:
    patients = portal_link("", world.keys.ring, filled.case_id).removeprefix("/portal/")
    for route in sorted(BY_DESK):
        for token in (patients, FOREIGN_LINK, "x", "a" * 5000):
            before = len(entries(world))
            answer = visit().get(filled.path(route).replace("forged.token.here", token))
            assert answer.status_code == 404, (route, answer.status_code)
            assert [e.action for e in entries(world)[before:]] == ["portal.refused"], route


def test_a_made_up_key_of_an_inquiry_opens_nothing_and_is_written_down(
    visit: Visit, world: World, filled: Filled
) -> None:
    visitor = visit()
    headers = {"tus-resumable": "1.0.0", "upload-ticket": "forged"}
    for route in sorted(BY_DRAFT):
        method, before = route.split()[0], len(entries(world))
        data = {"csrf": visitor.token("/login")} if method == "POST" else None
        path = filled.path(route).replace("/H01", "/you")
        answer = visitor.client.request(method, path, data=data, headers=headers)
        if answer.status_code == 303:
            answer = visitor.get(answer.headers["location"])
        assert answer.status_code == 404, (route, answer.status_code)
        assert [e.action for e in entries(world)[before:]] == ["portal.refused"], route


def test_an_inquirys_link_makes_no_new_key_once_the_cases_links_are_revoked(
    visit: Visit, world: World
) -> None:
    visitor = visit()
    form = visitor.send("/portal/new", {}, page="/portal/").headers["location"].rpartition("/")[0]
    with Session(world.engine) as session:
        place = session.scalars(select(col(PortalDraft.id))).one()
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = open_case(session, recorder, world, NewCase(patient=PATIENT), PORTAL_PATIENT)
        session.get_one(PortalDraft, place).case_id = case.id
        recorder.flush()
        case_id = require_id(case.id)
    page = visitor.get(form).headers["location"]
    assert case_of_link(world, page.removeprefix("/portal/")).id == case_id
    revoke_links(world, case_id, "U-test")
    later = visitor.get(form).headers["location"]
    with pytest.raises(LinkRefused):
        case_of_link(world, later.removeprefix("/portal/"))


def test_the_key_of_one_patient_opens_no_other_patients_page(
    visit: Visit, world: World, play: Play, filled: Filled, app: FastAPI
) -> None:
    play.open(site="rectum_primary", patient=replace(PATIENT, name="Another Person"))
    mine = portal_link("", world.keys.ring, play.case_id)
    stranger = visit()
    assert stranger.get(mine).status_code == 200
    for route in sorted(audited(app)):
        answer = stranger.get(filled.path(route))
        assert answer.status_code == 303, route
    for route in sorted(BY_LINK):
        text = stranger.get(filled.path(route).replace("forged.token.here", mine[8:])).text
        assert not [canary for canary in CANARIES[:2] if canary in text], route


def test_no_token_and_nothing_typed_lands_in_the_audit(
    visit: Visit, world: World, filled: Filled
) -> None:
    visitor = visit("analyst")
    for path in (f"/cases/{CANARY}/overview", f"/documents/1?page={CANARY}", "/tasks/12"):
        visitor.get(path)
    visitor.client.post(f"/portal/{CANARY}-token", data={"csrf": CANARY})
    visitor.client.post(f"/hooks/{CANARY}", content=b"{}")
    found = entries(world)
    assert {"access.refused", "form.refused", "hook.refused"} <= {e.action for e in found}
    assert not [e for e in found if CANARY in f"{e.actor_ref}{e.action}{e.object_ref}"]
    assert "GET /tasks/{task_id} 12" in {e.object_ref for e in found}
