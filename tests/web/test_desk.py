"""The hospital's desk: what a link opens, who may answer there, and what each answer starts."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import Session

from models import AuditEntry, DeskLink, DeskVisit, Message, MoreInfoItem, Offer, OutreachThread
from models.base import require_id
from models.database import transaction
from settings import PROJECT_ROOT
from tests.web.desks import FORM, Reader, at_desk, code_in, link_in
from tests.web.parts import TOKEN, Visitor, make_user
from tests.workflows.acts import to_outreach
from tests.workflows.playing import PATIENT, Play
from web.app import create_app
from web.desk_words import REFUSED
from workflows.cases.reported_facts import report_fact
from workflows.events import Actor
from workflows.portal.consents import withdraw
from workflows.records.codes import code_to_tell

Visit = Callable[..., Visitor]
COORDINATOR = Actor("coordinator", "c1")


def rows(play: Play, model: Any) -> list[Any]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(model).order_by(model.id)))


def classes(play: Play) -> list[str]:
    return [one.payload["reply_class"] for one in play.events("hospital.reply_classified")]


def test_the_letter_brings_a_link_that_shows_nothing_without_a_code(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    stored = play.messages(template="M10")[-1]
    assert "/portal/desk/(link)" in stored.body
    path = link_in(play)
    visitor = visit()
    visitor.client.cookies.clear()
    page = visitor.get(path)
    assert page.status_code == 200
    assert "Data sheet" not in page.text and "A code first" in page.text
    for rest in ("/sheet.pdf", "/records/1", "/records/1/file", "/records/1/1.webp"):
        assert "Data sheet" not in visitor.get(path + rest).text


def test_with_the_code_the_desk_shows_the_sheet_and_no_name(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    page = desk.open()
    assert page.status_code == 200 and "Data sheet" in page.text
    assert (PATIENT.name or "").split()[-1] not in page.text
    assert "not stated" in page.text.lower()
    sheet = desk.get("/sheet.pdf")
    assert sheet.status_code == 200 and sheet.content.startswith(b"%PDF")
    assert [visit.what for visit in rows(play, DeskVisit)] == ["code", "page", "sheet"]


def test_a_code_works_once_and_five_wrong_ones_end_it(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.visitor.send(f"{desk.path}/code/send", {}, desk.path)
    right = code_in(play)
    for _ in range(5):
        refused = desk.visitor.send(f"{desk.path}/code", {"code": "BBBB-BBBB"}, desk.path)
        assert refused.status_code == 422
    assert desk.visitor.send(f"{desk.path}/code", {"code": right}, desk.path).status_code == 422
    desk.open()
    other = at_desk(visit, play)
    used = code_in(play)
    assert other.visitor.send(f"{other.path}/code", {"code": used}, other.path).status_code == 422


def stranger(play: Play, network: str) -> TestClient:
    """Somebody elsewhere who holds the link as well."""
    return TestClient(
        create_app(play.world), base_url="http://127.0.0.1:8000", client=(network, 4000)
    )


def post(client: TestClient, desk: Reader, rest: str, **form: str) -> int:
    found = TOKEN.search(client.get(desk.path).text)
    assert found
    return client.post(f"{desk.path}{rest}", data={"csrf": found[1], **form}).status_code


def test_a_stranger_with_the_link_does_not_lock_the_hospital_out(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk, other = at_desk(visit, play), stranger(play, "203.0.113.9")
    desk.visitor.send(f"{desk.path}/code/send", {}, desk.path)
    code = code_in(play)
    for _ in range(12):
        assert post(other, desk, "/code", code="BBBB-BBBB") == 422
    asked = [post(other, desk, "/code/send") for _ in range(8)]
    assert asked.count(200) == 6 and asked[-1] == 422
    play.run()
    # Who asks again ends nobody's code, and tries of another network are not the hospital's.
    entered = desk.visitor.send(f"{desk.path}/code", {"code": code}, desk.path)
    assert entered.status_code in (200, 303) and "Data sheet" in desk.page().text
    assert len(rows(play, DeskVisit)) < 15


def test_a_code_that_was_read_out_stays_when_somebody_asks_for_one_by_mail(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    code = code_to_tell(play.world, require_id(rows(play, DeskLink)[0].id), COORDINATOR)
    assert post(stranger(play, "203.0.113.9"), desk, "/code/send") == 422
    desk.visitor.send(f"{desk.path}/code", {"code": code}, desk.path)
    assert "Data sheet" in desk.page().text


def test_a_decline_that_is_sent_twice_is_thanked_for_once_and_twice(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    page = desk.page().text
    sent = {
        "csrf": TOKEN.findall(page)[0], "form": dict(FORM.findall(page))["decline"], "why": "dates",
    }  # fmt: skip
    for _ in range(2):
        desk.visitor.client.post(f"{desk.path}/answer/decline", data=sent)
        assert "Thank you for your answer" in desk.page().text
    assert classes(play) == ["decline"]
    assert "Thank you" not in stranger(play, "203.0.113.9").get(desk.path).text


def test_a_review_is_noted_with_its_day(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    answered = desk.answer("review", by_whom="Dr Liu", by_day="2027-01-20", iort="boost")
    assert answered.status_code in (200, 303)
    assert classes(play) == ["accept_for_review"]
    assert rows(play, OutreachThread)[0].state == "in_review"
    assert play.events("outreach.answer_promised")
    assert "confirm_reply" not in {task.kind for task in play.tasks()}
    assert "Dr Liu" in desk.page().text


def test_a_reminder_that_waited_for_its_approval_leaves_with_the_day_that_it_states(
    play: Play,
) -> None:
    to_outreach(play)
    play.move(3)
    stated = play.messages(template="M11")[0].body
    play.clock.move(timedelta(days=1))
    play.answer("approve_message", "approve")
    (reminder,) = play.messages(template="M11")
    assert (reminder.state, reminder.body) == ("sent", stated)
    assert "It works until" in stated


def test_a_reminder_whose_link_was_closed_meanwhile_does_not_leave(play: Play) -> None:
    to_outreach(play)
    play.move(3)
    with transaction(play.world.engine) as session:
        for link in session.scalars(select(DeskLink)):
            link.ended_at = play.clock.now()
    play.answer("approve_message", "approve")
    assert [one.state for one in play.messages(template="M11")] == ["cancelled"]


def test_what_is_missing_is_asked_item_by_item(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    desk.answer("missing", items=["slides", "cardiac_echo"], words="two unstained slides, please")
    items = rows(play, MoreInfoItem)
    assert {item.code for item in items} == {"slides", "cardiac_echo", "other"}
    assert play.case.state == "MORE_INFO"
    assert "answer_more_info" in {task.kind for task in play.tasks()}


def test_an_offer_counts_after_its_amounts_were_looked_at_again(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    typed: dict[str, Any] = {
        "currency": "EUR", "amount_low": "11.500", "amount_high": "12.000", "stay_days": "5",
        "earliest_admission": "2027-02-08", "valid_until": "2027-03-31", "ebrt": "3000",
        "inclusions": ["anaesthesia"], "exclusions": ["flights", "pathology"],
    }  # fmt: skip
    asked = desk.answer("offer", **typed)
    assert asked.status_code == 422 and rows(play, Offer) == []
    assert 'value="11.500"' in asked.text
    read = re.search(r'name="amounts" value="([^"]+)"', asked.text)
    assert read
    desk.answer("offer", **typed, amounts=read[1])
    offer = rows(play, Offer)[0]
    assert (offer.amount_low, offer.amount_high, offer.currency) == (11500, 12000, "EUR")
    assert offer.exclusions == ["flights", "pathology"]
    assert play.case.state == "OFFER_REVIEW"
    kinds = [task.kind for task in play.tasks()]
    assert "present_offer" in kinds and "record_offer" not in kinds


def test_a_decline_needs_its_reason_and_ends_the_thread(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    assert desk.answer("decline", why="clinical").status_code == 422
    assert desk.answer("decline").status_code == 422
    assert classes(play) == []
    desk.answer("decline", why="clinical", words="node-positive disease needs whole-breast")
    assert classes(play) == ["decline"]
    after = desk.page()
    assert after.status_code == 404 and "Thank you for your answer" in after.text
    assert rows(play, Message)[-1].reply_confidence is None, "nobody guessed what they typed"
    assert [link.ended_at is not None for link in rows(play, DeskLink)] == [False]
    play.run()
    assert [link.ended_at is not None for link in rows(play, DeskLink)] == [True]


def test_a_form_that_is_sent_twice_is_one_answer(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    for _ in range(2):
        desk.answer("missing", form="the-same-form", items=["slides"])
    assert classes(play) == ["more_info"]
    assert len(rows(play, MoreInfoItem)) == 1


def test_a_blank_form_states_nothing_and_says_so(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    for kind in ("missing", "offer", "decline", "colleague", "write"):
        assert desk.answer(kind).status_code == 422, kind
    assert classes(play) == []


def test_a_withdrawal_closes_the_desk_in_that_moment(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    withdraw(play.world, play.case.ref, "share_deid", "H01", COORDINATOR)
    assert desk.page().status_code == 404
    assert desk.get("/sheet.pdf").status_code == 404
    assert desk.visitor.client.post(f"{desk.path}/answer/write", data={}).status_code in (403, 404)
    play.run()
    assert rows(play, DeskLink)[0].end_reason == "consent_withdrawn"


def test_a_death_closes_the_desk_in_that_moment(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    report_fact(
        play.world, play.case.ref, "patient.deceased", COORDINATOR, {"reported_by": "family"}
    )
    assert desk.page().status_code == 404
    assert "deceased" not in desk.page().text.lower() and "died" not in desk.page().text.lower()


def test_a_link_of_another_thread_opens_nothing_of_this_one(play: Play, visit: Visit) -> None:
    to_outreach(play, "H01,H02")
    one, two = at_desk(visit, play, nth=0), at_desk(visit, play, nth=1)
    assert one.path != two.path
    one.open()
    two.visitor = one.visitor
    assert "A code first" in two.page().text


def test_a_link_ends_with_its_days(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    play.clock.move(timedelta(days=31))
    assert desk.page().status_code == 404


def test_every_refusal_of_the_desk_can_be_translated() -> None:
    source = (PROJECT_ROOT / "workflows" / "records" / "desk_answers.py").read_text()
    said = re.findall(r'(?:DecisionRefused|__init__)\(\s*"([^"]+)"\s*\)', source)
    assert len(said) > 8
    assert set(said) <= set(REFUSED)


def test_two_countries_are_shown_and_close_nothing(play: Play, visit: Visit) -> None:
    to_outreach(play)
    make_user(play.world, "coordinator")
    trusted = {
        "desk_country_header": "CF-IPCountry",
        "trusted_proxies": "127.0.0.1/32",
        "embedded": False,
    }
    play.world.settings = play.world.settings.model_copy(update=trusted)
    desk = at_desk(visit, play)
    desk.open()
    for country in ("CN", "RU", "<script>", ""):
        client = TestClient(
            create_app(play.world),
            base_url="http://127.0.0.1:8000",
            client=("127.0.0.1", 4000),
            cookies=dict(desk.visitor.client.cookies),
        )
        assert client.get(desk.path, headers={"CF-IPCountry": country}).status_code == 200
    visitor = visit()
    visitor.sign_in("coordinator")
    page = visitor.get(f"/cases/{play.case.ref}/records/1").text
    assert "Opened from 2 countries" in page and "<script>" not in page
    assert {one.country for one in rows(play, DeskVisit)} == {None, "CN", "RU"}
    assert [one.payload.get("ip_country") for one in play.events("package.opened")] == []


def test_the_country_of_a_stranger_without_our_proxy_counts_for_nothing(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    header = {"desk_country_header": "CF-IPCountry"}
    play.world.settings = play.world.settings.model_copy(update=header)
    desk = at_desk(visit, play)
    desk.open()
    desk.get("", **{"CF-IPCountry": "CN"})
    assert {one.country for one in rows(play, DeskVisit)} == {None}


def test_what_is_typed_stays_in_the_readers_language(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    desk.visitor.get(f"{desk.path}?lang=zh")
    refused = desk.answer("decline", why="clinical")
    assert refused.status_code == 422
    assert "请用一句话写明原因" in refused.text and "数据表" in refused.text
    assert 'value="clinical" checked' in refused.text


def test_no_word_of_the_desk_is_in_the_audit_or_the_events(play: Play, visit: Visit) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    desk.answer("missing", items=["slides"], words="CANARY-WORDS please")
    desk.answer("colleague", address="canary@hospital.example", name="Dr Canary", words="CANARY")
    for event in play.events():
        assert "canary" not in str(event.payload).lower(), event.type
    with Session(play.world.engine) as session:
        for entry in session.scalars(select(AuditEntry)):
            assert "canary" not in f"{entry.action} {entry.object_ref} {entry.actor_ref}".lower()


def test_the_letter_that_closes_says_that_the_link_opens_nothing_and_it_does_not(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    desk = at_desk(visit, play)
    desk.open()
    withdraw(play.world, play.case.ref, "share_deid", "H01", COORDINATOR)
    play.run()
    assert "opens nothing any more" in play.messages(template="M17")[-1].body
    assert desk.page().status_code == 404
