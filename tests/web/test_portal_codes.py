"""A link shows how things stand; what a code lets the browser do, and what guessing meets."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts.sessions import real_now
from models import AuditEntry, Consent, HumanTask, PortalCode
from models.base import require_id
from models.database import transaction
from tests.web.parts import Visitor, link_of
from tests.workflows.acts import to_decision
from tests.workflows.playing import PATIENT, Play
from workflows.cases.consented import CONSENT_TEXT
from workflows.engine.world import World
from workflows.letters.own_codes import SIGNS, code_of, new_seed
from workflows.portal import codes as portal_codes
from workflows.portal import links
from workflows.portal.access import revoke_links

Visit = Callable[..., Visitor]
EMAIL = PATIENT.email or ""


def stranger(visit: Visit) -> Visitor:
    """A browser that has shown nothing yet."""
    visitor = visit()
    visitor.client.cookies.clear()
    return visitor


def send(visitor: Visitor, path: str, form: dict[str, Any] | None = None) -> Any:
    return visitor.send(f"{path}/code/send", form or {}, path)


def enter(visitor: Visitor, path: str, code: str, form: dict[str, Any] | None = None) -> Any:
    return visitor.send(f"{path}/code", {"code": code, **(form or {})}, path)


def code_letters(play: Play) -> list[str]:
    """Return the texts of the letters with codes, as the patient got them."""
    play.run()
    return [mail.get_content().replace("\r", "") for mail in play.mails("M55")]


def code_in(letter: str) -> str:
    found = re.search(rf"^([{SIGNS}]{{4}}-[{SIGNS}]{{4}})$", letter, re.MULTILINE)
    assert found, letter
    return found[1]


def proven(visit: Visit, play: Play) -> tuple[Visitor, str]:
    """Return a browser that has shown a code, and the path of the page."""
    visitor, path = stranger(visit), link_of(play.world, play.case)
    send(visitor, path)
    assert enter(visitor, path, code_in(code_letters(play)[-1])).status_code == 303
    return visitor, path


def audited(world: World, action: str) -> list[AuditEntry]:
    with Session(world.engine) as session:
        query = select(AuditEntry).where(col(AuditEntry.action) == action)
        return list(session.scalars(query.order_by(col(AuditEntry.id))))


def codes(world: World) -> list[PortalCode]:
    with Session(world.engine) as session:
        return list(session.scalars(select(PortalCode).order_by(col(PortalCode.id))))


def looked_at(play: Play) -> list[str | None]:
    """Return why a person is asked to look at the page, once for each open task."""
    with Session(play.world.engine) as session:
        found = select(HumanTask).where(col(HumanTask.kind) == portal_codes.LOOK)
        return [task.detail for task in session.scalars(found)]


def to_consent(play: Play) -> None:
    play.open()
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")


PERMISSION = {"give": "process", "scope": "process", "version": CONSENT_TEXT, "signer": "patient"}


def test_a_link_alone_reads_no_letter_and_decides_nothing(visit: Visit, play: Play) -> None:
    to_decision(play)
    visitor, path = stranger(visit), link_of(play.world, play.case)
    page = visitor.get(path).text
    assert "You have an offer of a hospital to think about." in page
    assert "Send me a code" in page and "What you decide about the offers" in page
    for hidden in ("Fictitious Hospital", "We accept this offer", "Take this permission back"):
        assert hidden not in page
    (letter, *_) = play.messages(template="M01", state="sent")
    assert letter.subject in page and letter.body.splitlines()[4] not in page
    before = play.events()
    for act, form in (
        ("decide", {"choice": "accepted", "offer": "1", "sure": "yes"}),
        ("decide", {"choice": "declined_all", "sure": "yes"}),
        ("consent", {"back": "share_deid", "hospital": "H01"}),
        ("consent", {"give": "research", "version": CONSENT_TEXT, "signer": "patient"}),
        ("withdraw", {"sure": "yes"}),
        ("data", {"what": "erasure", "sure": "yes"}),
        ("data", {"what": "copy"}),
        ("answer", {"question": "1", "answer": "stop"}),
    ):
        answer = visitor.send(f"{path}/{act}", form, path)
        assert answer.status_code == 200 and "A code first" in answer.text, (act, form)
    assert play.events() == before


def test_a_code_lets_this_browser_read_and_decide(visit: Visit, play: Play) -> None:
    to_consent(play)
    visitor, path = stranger(visit), link_of(play.world, play.case)
    kept = visitor.send(f"{path}/consent", PERMISSION, path)
    assert "What you chose is kept" in kept.text
    asked = send(visitor, path, {**PERMISSION, "to": "consent"})
    assert "eight letters" in asked.text
    (letter,) = code_letters(play)
    assert "/portal/" not in letter, "the letter with the code brings no link"
    code = code_in(letter).lower().replace("-", " ")
    gone_on = enter(visitor, path, code, {**PERMISSION, "to": "consent"})
    assert gone_on.status_code == 307 and gone_on.headers["location"] == f"{path}/consent"
    form = {"csrf": visitor.token(path), **PERMISSION, "to": "consent", "code": code}
    done = visitor.client.post(gone_on.headers["location"], data=form)
    assert done.status_code == 303
    (granted,) = play.events("consent.granted")
    assert granted.payload["came_by"] == "a_link_and_a_code_by_letter"
    (act,) = audited(play.world, "portal.act:consent")
    (used,) = audited(play.world, "portal.code_used")
    (row,) = codes(play.world)
    assert act.object_ref == f"a_link_and_a_code_by_letter:{row.address_ref}"
    assert used.object_ref == row.address_ref and "@" not in row.address_ref
    assert "Your permissions" in visitor.get(path).text


def test_a_code_works_once_and_in_the_browser_that_asked(visit: Visit, play: Play) -> None:
    play.open()
    path = link_of(play.world, play.case)
    hers, other = stranger(visit), stranger(visit)
    send(hers, path)
    code = code_in(code_letters(play)[0])
    assert enter(other, path, code).status_code == 422, "a code that was read over a shoulder"
    assert enter(hers, path, code).status_code == 303
    assert enter(hers, path, "wrong").status_code == 303, "the way back: it is open already"
    hers.send(f"{path}/leave", {}, path)
    assert "Send me a code" in hers.get(path).text
    assert enter(hers, path, code).status_code == 422, "single use"


def test_the_cookie_that_asked_is_worth_nothing_afterwards(visit: Visit, play: Play) -> None:
    """Somebody who gave the browser its cookie beforehand does not get in with it."""
    play.open()
    path = link_of(play.world, play.case)
    hers, planted = stranger(visit), stranger(visit)
    for browser in (hers, planted):
        browser.client.cookies.set("iort_own", "planted")
    send(hers, path)
    enter(hers, path, code_in(code_letters(play)[0]))
    assert "Send me a code" not in hers.get(path).text
    assert "Send me a code" in planted.get(path).text


def test_another_cases_code_opens_nothing(visit: Visit, play: Play) -> None:
    play.open()
    first = link_of(play.world, play.case)
    visitor = stranger(visit)
    send(visitor, first)
    code = code_in(code_letters(play)[0])
    play.open()
    second = link_of(play.world, play.case)
    assert enter(visitor, second, code).status_code == 422
    assert enter(visitor, first, code).status_code == 303
    assert "Send me a code" in visitor.get(second).text


def test_neither_the_code_nor_a_hash_of_it_is_kept(
    visit: Visit, play: Play, bucket_client: Any
) -> None:
    from tests.web.erasing import objects, tables

    play.open()
    send(stranger(visit), link_of(play.world, play.case))
    code = code_in(code_letters(play)[0])
    kept = {**tables(play), **objects(play, bucket_client)}
    assert not [name for name, content in kept.items() if code.encode() in content]


def test_wrong_codes_of_a_stranger_cost_the_patient_nothing(visit: Visit, play: Play) -> None:
    play.open()
    hers, other = stranger(visit), stranger(visit)
    path = link_of(play.world, play.case)
    send(other, path)
    send(hers, path)
    code = code_in(code_letters(play)[1])
    wrong = [enter(other, path, "BBBB-BBBB").status_code for _ in range(12)]
    assert set(wrong) == {422}
    assert looked_at(play) == ["wrong_codes"], "a person is told"
    assert enter(hers, path, code).status_code == 303


def test_five_wrong_codes_end_the_right_one_in_that_browser(visit: Visit, play: Play) -> None:
    play.open()
    visitor, path = stranger(visit), link_of(play.world, play.case)
    send(visitor, path)
    code = code_in(code_letters(play)[0])
    assert [enter(visitor, path, "BBBBBBBB").status_code for _ in range(5)] == [422] * 5
    assert enter(visitor, path, code).status_code == 422
    assert len(audited(play.world, "portal.code_refused")) == 6
    send(visitor, path)
    assert enter(visitor, path, code_in(code_letters(play)[-1])).status_code == 303


def test_a_code_ends_and_an_old_one_does_not_leave(visit: Visit, play: Play) -> None:
    play.open()
    visitor, path = stranger(visit), link_of(play.world, play.case)
    send(visitor, path)
    code = code_in(code_letters(play)[0])
    send(visitor, path)
    with transaction(play.world.engine) as session:
        session.execute(update(PortalCode).values(expires_at=real_now()))
    assert enter(visitor, path, code).status_code == 422
    assert len(code_letters(play)) == 1, "the second would bring a code that opens nothing"


def test_whoever_uses_up_one_links_codes_leaves_the_next_letters_link(
    visit: Visit, play: Play
) -> None:
    play.open()
    theirs = link_of(play.world, play.case)
    for _ in range(8):
        send(stranger(visit), theirs)
    refused = send(stranger(visit), theirs)
    assert refused.status_code == 422 and "link in a newer letter works" in refused.text
    assert looked_at(play) == ["codes_asked"]
    links.send_links(play.world, EMAIL)
    play.run()
    found = re.search(r"/portal/[\w.~=-]{24,}", play.mails("M41")[0].get_content())
    assert found
    hers = stranger(visit)
    assert send(hers, found[0]).status_code == 200
    assert enter(hers, found[0], code_in(code_letters(play)[-1])).status_code == 303
    assert len(code_letters(play)) == portal_codes.ASKS_PER_LINK + 1


def test_a_browser_is_not_sent_codes_without_end(visit: Visit, play: Play) -> None:
    play.open()
    visitor, path = stranger(visit), link_of(play.world, play.case)
    answers = [send(visitor, path) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 4 + [422] * 2
    assert "enter the newest one" in answers[-1].text
    assert len(code_letters(play)) == 4


def test_without_an_address_a_person_takes_the_answer(visit: Visit, play: Play) -> None:
    play.open(patient=replace(PATIENT, email=None))
    answer = send(stranger(visit), link_of(play.world, play.case))
    assert answer.status_code == 422 and "no e-mail address of the patient" in answer.text


def test_what_a_code_allows_ends_by_itself_and_with_the_links(visit: Visit, play: Play) -> None:
    play.open()
    visitor, path = proven(visit, play)
    assert "Send me a code" not in visitor.get(path).text
    with transaction(play.world.engine) as session:
        session.execute(update(PortalCode).values(acts_until=real_now()))
    assert "Send me a code" in visitor.get(path).text
    visitor, path = proven(visit, play)
    revoke_links(play.world, play.case_id, "U-1")
    assert visitor.get(path).status_code == 404
    assert "Send me a code" in visitor.get(link_of(play.world, play.case)).text


def test_a_person_ends_the_links_and_sends_a_new_one(visit: Visit, play: Play) -> None:
    play.open()
    path = link_of(play.world, play.case)
    for _ in range(8):
        send(stranger(visit), path)
    play.run()
    play.answer(portal_codes.LOOK, "end_links")
    assert stranger(visit).get(path).status_code == 404
    (mail,) = play.mails("M41")
    found = re.search(r"/portal/[\w.~=-]{24,}", mail.get_content())
    assert found and send(stranger(visit), found[0]).status_code == 200


def test_a_code_is_read_whatever_keyboard_wrote_it(play: Play) -> None:
    row = PortalCode(case_id=1, seed=new_seed(play.world), expires_at=real_now(),
                     browser_sha256="", link_ref="", address_ref="")  # fmt: skip
    code = code_of(play.world, row)
    assert re.fullmatch(rf"[{SIGNS}]{{4}}-[{SIGNS}]{{4}}", code)
    from workflows.letters.own_codes import fits

    wide = "".join(chr(ord(sign) + 0xFEE0) if sign != "-" else "－" for sign in code)
    cyrillic = code.translate(str.maketrans("BCHKMPTX", "ВСНКМРТХ"))
    for typed in (code, code.lower(), f" {code[:2]} {code[2:]} ", wide, cyrillic.lower()):
        assert fits(play.world, row, typed), typed
    assert not fits(play.world, row, "") and not fits(play.world, row, code[:-1])


def test_a_permission_that_stands_was_given_with_a_code(visit: Visit, play: Play) -> None:
    to_consent(play)
    visitor, path = proven(visit, play)
    assert visitor.send(f"{path}/consent", PERMISSION, path).status_code == 303
    with Session(play.world.engine) as session:
        (row,) = session.scalars(select(Consent)).all()
        assert require_id(row.id) and row.withdrawn_at is None
