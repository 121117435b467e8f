"""A lost link: a letter with a new one and a one-time code, and what guessing meets."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts.sessions import real_now
from models import AuditEntry, PortalCode
from models.database import transaction
from tests.fixtures.keys import MARKS
from tests.web.parts import Visitor
from tests.workflows.playing import PATIENT, Play
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor
from workflows.portal import codes as portal_codes
from workflows.portal.access import link_of, revoke_links

Visit = Callable[..., Visitor]
DOOR = "/portal/sign-in/link"
EMAIL = PATIENT.email or ""


def ask(visitor: Visitor, email: str = EMAIL) -> Any:
    return visitor.send(DOOR, {"email": email})


def enter(visitor: Visitor, code: str, email: str = EMAIL) -> Any:
    return visitor.send("/portal/sign-in/code", {"email": email, "code": code}, DOOR)


def letters(play: Play) -> list[str]:
    """Return the texts that left, as the mail server got them."""
    play.run()
    return [
        play.world.storage.get(message.raw_object_key or "").decode()
        for message in play.messages(template="M41", state="sent")
    ]


def code_in(letter: str) -> str:
    found = re.search(r"^(\d{6})\r?$", letter, re.MULTILINE)
    assert found
    return found.group(1)


def audited(world: World, action: str) -> list[AuditEntry]:
    with Session(world.engine) as session:
        query = select(AuditEntry).where(col(AuditEntry.action) == action)
        return list(session.scalars(query.order_by(col(AuditEntry.id))))


def codes(world: World) -> list[PortalCode]:
    with Session(world.engine) as session:
        return list(session.scalars(select(PortalCode).order_by(col(PortalCode.id))))


def test_the_code_from_the_letter_opens_the_page_once(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit()
    answer = ask(visitor, EMAIL.upper())
    assert answer.status_code == 200 and "Enter the code" in answer.text
    (letter,) = letters(play)
    code = code_in(letter)
    opened = enter(visitor, f" {code[:3]} {code[3:]} ")
    assert opened.status_code == 303
    assert play.case.ref in visitor.get(opened.headers["location"]).text
    assert EMAIL not in opened.headers["location"]
    assert enter(visitor, code).status_code == 422, "single use"
    (used,) = audited(play.world, "portal.code_used")
    assert (used.actor_ref, used.case_id) == (f"patient:{play.case_id}", play.case_id)


def test_digits_of_another_script_are_digits(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit()
    ask(visitor)
    code = code_in(letters(play)[0]).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert enter(visitor, code).status_code == 303


def test_nobody_learns_who_is_a_patient(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit()
    known, unknown = ask(visitor), ask(visitor, "somebody@else.example")

    def plain(text: str) -> str:
        return re.sub(r'value="[^"]*"', "", text)

    assert plain(known.text) == plain(unknown.text)
    assert known.status_code == unknown.status_code
    assert len(codes(play.world)) == 1 and len(letters(play)) == 1
    wildcard = ask(visit(), "%@%")
    assert wildcard.status_code == 200 and len(codes(play.world)) == 1
    entries = audited(play.world, "portal.link_asked")
    assert len(entries) == 3
    assert not [e for e in entries if "@" in e.object_ref + e.actor_ref]


def test_neither_the_code_nor_its_plain_hash_is_kept(visit: Visit, play: Play) -> None:
    play.open()
    ask(visit())
    code = code_in(letters(play)[0])
    (row,) = codes(play.world)
    (message,) = play.messages(template="M41")
    assert code not in message.body and code not in row.code_hash
    assert row.code_hash != MARKS.of("portal code", code)


def test_five_wrong_codes_end_the_right_one(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit()
    ask(visitor)
    code = code_in(letters(play)[0])
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert [enter(visitor, wrong).status_code for _ in range(5)] == [422] * 5
    assert enter(visitor, code).status_code == 422
    assert len(audited(play.world, "portal.code_refused")) == 6


def test_a_code_ends_after_ten_minutes(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit()
    ask(visitor)
    code = code_in(letters(play)[0])
    (row,) = codes(play.world)
    assert (row.expires_at - real_now()).total_seconds() <= 600
    with transaction(play.world.engine) as session:
        session.execute(update(PortalCode).values(expires_at=real_now()))
    assert enter(visitor, code).status_code == 422


def test_another_patients_code_opens_nothing(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit()
    ask(visitor)
    code = code_in(letters(play)[0])
    assert enter(visitor, code, "somebody@else.example").status_code == 422
    assert enter(visitor, code).status_code == 303


@pytest.mark.parametrize("address", [EMAIL, "nobody@else.example"])
def test_asking_and_trying_again_and_again_is_slowed_down(
    visit: Visit, play: Play, address: str, monkeypatch: Any
) -> None:
    play.open()
    monkeypatch.setattr(portal_codes, "TRIES_PER_EMAIL", 2)
    visitor = visit()
    asked = [ask(visitor, address).status_code for _ in range(8)]
    assert asked[0] == 200 and asked[-1] == 429
    tried = [enter(visitor, "000000", address).status_code for _ in range(6)]
    assert tried[0] == 422 and tried[-1] == 429
    assert audited(play.world, "portal.throttled")
    assert len(letters(play)) <= 2 * portal_codes.ASKS_PER_EMAIL


def test_after_leaving_or_a_death_no_letter_goes_out(visit: Visit, play: Play) -> None:
    play.open()
    report_fact(play.world, play.case.ref, "consent.withdrawn", Actor("patient"))
    assert ask(visit()).status_code == 200
    assert letters(play) == [] and codes(play.world) == []


def test_the_letter_brings_a_link_of_the_present_generation(visit: Visit, play: Play) -> None:
    play.open()
    revoke_links(play.world, play.case_id, "U-1")
    ask(visit())
    (letter,) = letters(play)
    path = link_of(play.world, play.case)
    assert visit().get(path).status_code == 200
    joined = letter.replace("=\r\n", "").replace("=\n", "")
    found = re.search(r"/portal/([\w.\-]+)", joined)
    assert found and visit().get(f"/portal/{found.group(1)}").status_code == 200


def test_a_link_that_ended_offers_a_new_one(visit: Visit, play: Play) -> None:
    play.open()
    page = visit().get(link_of(play.world, play.case)[:-2] + "xx")
    assert page.status_code == 404
    assert f'action="{DOOR}"' in page.text and "new one by e-mail" in page.text
    assert ask(visit(), "not an address").status_code == 422


def test_a_coordinator_ends_the_links_that_were_sent(visit: Visit, play: Play) -> None:
    play.open()
    path = link_of(play.world, play.case)
    consent = f"/cases/{play.case.ref}/consent"
    clinician = visit("clinician")
    assert "End the links" not in clinician.get(consent).text
    visitor = visit("coordinator")
    answer = visitor.send(f"/cases/{play.case.ref}/links/revoke", {}, consent)
    assert answer.status_code == 303
    assert "has ended" in visitor.get(answer.headers["location"]).text
    assert visit().get(path).status_code == 404
    (entry,) = audited(play.world, "portal.links_revoked")
    assert entry.case_id == play.case_id and entry.actor_ref.startswith("U-")
