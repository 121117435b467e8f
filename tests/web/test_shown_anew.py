"""Who signs, or sends what may harm, shows anew who they are; a new address takes two people."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts import second_factor
from accounts.sessions import real_now
from models import AuditEntry, Hospital, HumanTask, Message, User, UserSession
from models.base import require_id
from models.database import transaction
from tests.web.parts import PASSWORD, Visitor
from tests.workflows.acts import to_clinician, to_outreach
from tests.workflows.playing import Play
from web.freshness import SHOWN
from workflows.directory.changes import save_hospital, version_of
from workflows.directory.rows import rows_of
from workflows.directory.store import record_of
from workflows.events import Actor

Visit = Callable[..., Visitor]


def hours_ago(play: Play) -> None:
    """Let everybody have signed in some hours ago."""
    with transaction(play.world.engine) as session:
        session.execute(update(UserSession).values(fresh_at=real_now() - timedelta(hours=2)))


def task(play: Play, kind: str) -> int:
    return next(require_id(one.id) for one in play.tasks() if one.kind == kind)


def drafted(play: Play) -> tuple[Message, int]:
    """Return the newest letter to a hospital that waits, and its task."""
    with Session(play.world.engine) as session:
        open_tasks = session.scalars(
            select(HumanTask).where(
                col(HumanTask.kind) == "approve_message", col(HumanTask.state) == "open"
            )
        )
        one = next(iter(open_tasks))
        return session.get_one(Message, one.objects["message_id"]), require_id(one.id)


def audited(play: Play, action: str) -> int:
    with Session(play.world.engine) as session:
        return len(
            session.scalars(select(AuditEntry).where(col(AuditEntry.action) == action)).all()
        )


def to_enquiries(play: Play) -> None:
    """Play until letters to hospitals wait for approval: nothing has gone to them before."""
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01,H02", signed_by="patient",
                method="esign")  # fmt: skip
    play.answer("approve_shortlist", "approve", hospitals="H01,H02")


def test_a_signature_asks_the_password_again_and_keeps_what_was_typed(
    visit: Visit, play: Play
) -> None:
    to_clinician(play)
    rao, number = visit("clinician"), task(play, "review_case")
    form = {
        "csrf": rao.token("/account"),
        "answer": "suitable_for_outreach",
        "reason": "read, and discussed at the board",
        **{f"set:{name}": value for name, value in play.signing().items()},
    }
    hours_ago(play)
    asked = rao.client.post(f"/tasks/{number}", data=form)
    assert asked.status_code == 403 and "Is it you?" in asked.text
    assert "read, and discussed" in asked.text and PASSWORD not in asked.text
    assert play.events("clinician.review_signed") == []
    wrong = rao.client.post(f"/tasks/{number}", data={**form, SHOWN: "not it"})
    assert wrong.status_code == 403 and "not right" in wrong.text
    done = rao.client.post(f"/tasks/{number}", data={**form, SHOWN: PASSWORD})
    assert done.status_code == 303
    assert len(play.events("clinician.review_signed")) == 1
    assert (audited(play, "account.shown_anew"), audited(play, "account.not_shown_anew")) == (1, 1)


def test_who_has_a_second_factor_shows_a_code_and_each_code_once(visit: Visit, play: Play) -> None:
    to_enquiries(play)
    amina = visit("coordinator")
    with transaction(play.world.engine) as session:
        user = session.scalars(select(User)).one()
        secret = second_factor.begin(session, play.world.keys, user).secret
        earlier = pyotp.TOTP(secret).at(int(real_now().timestamp()) - 30)
        second_factor.confirm(session, play.world.keys, require_id(user.id), earlier)
    hours_ago(play)
    _, number = drafted(play)
    form = {"answer": "approve"}
    for shown in (PASSWORD, "000000"):
        refused = amina.send(f"/tasks/{number}", {**form, SHOWN: shown}, "/")
        assert refused.status_code == 403 and "code is not right" in refused.text
    code = pyotp.TOTP(secret).now()
    assert amina.send(f"/tasks/{number}", {**form, SHOWN: code}, "/").status_code == 303
    _, other = drafted(play)
    assert amina.send(f"/tasks/{other}", form, "/").status_code == 303, "one lasts for minutes"
    hours_ago(play)
    assert amina.send("/tasks/1", {"answer": "x"}, "/").status_code != 403, "not for every answer"


def test_tries_of_one_browser_end_and_cost_no_other(visit: Visit, play: Play) -> None:
    to_enquiries(play)
    amina = visit("coordinator")
    again = visit()
    assert again.sign_in("coordinator-1").status_code == 303
    hours_ago(play)
    _, number = drafted(play)
    path, form = f"/tasks/{number}", {"answer": "approve"}
    answers = [amina.send(path, {**form, SHOWN: "wrong"}, "/").text for _ in range(6)]
    assert "Too many tries" in answers[-1] and "Too many" not in answers[0]
    assert "Too many" in amina.send(path, {**form, SHOWN: PASSWORD}, "/").text
    assert again.send(path, {**form, SHOWN: PASSWORD}, "/").status_code == 303


def test_the_setting_switches_it_off(visit: Visit, play: Play) -> None:
    play.world.settings = play.world.settings.model_copy(update={"step_up_minutes": 0})
    to_enquiries(play)
    amina = visit("coordinator")
    hours_ago(play)
    _, number = drafted(play)
    assert amina.send(f"/tasks/{number}", {"answer": "approve"}, "/").status_code == 303


def edits(visitor: Visitor, number: int, body: str) -> Any:
    """Send a draft with other words, seen as they are."""
    path = f"/tasks/{number}"
    shown = visitor.send(path, {"answer": "approve", "set:body": body}, "/")
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
    assert found, shown.text
    return visitor.send(path, {"answer": "approve", "set:body": body, "seen": found[1]}, "/")


def test_the_author_of_a_letter_to_a_new_address_does_not_approve_it_alone(
    visit: Visit, play: Play
) -> None:
    to_enquiries(play)
    amina, ben = visit("coordinator"), visit("coordinator")
    letter, number = drafted(play)
    body = letter.body.strip() + "\n\nPlease answer to me alone."
    assert edits(amina, number, body).status_code == 303
    assert play.events("message.approved") == [] and len(play.events("message.edited")) == 1
    page = amina.get(f"/tasks/{number}").text
    assert "no letter has gone there before" in page and "a colleague approves it" in page
    refused = amina.send(f"/tasks/{number}", {"answer": "approve"}, "/")
    assert refused.status_code == 422 and "a colleague reads the letter" in refused.text
    assert "answer to me alone" in ben.get(f"/tasks/{number}").text
    assert ben.send(f"/tasks/{number}", {"answer": "approve"}, "/").status_code == 303
    (approved,) = play.events("message.approved")
    assert not approved.payload["alone"]


def test_who_changed_a_hospitals_address_does_not_send_the_first_letter_there(
    visit: Visit, play: Play
) -> None:
    amina, ben = visit("coordinator"), visit("coordinator")
    with Session(play.world.engine) as session:
        first, _ = session.scalars(select(User).order_by(col(User.id))).all()
        record = record_of(
            session.scalars(select(Hospital).where(col(Hospital.code) == "H01")).one()
        )
    rows = [{**row, "email": f"mine-{play.world.settings.mail_from}"} for row in rows_of(record)]
    changed = save_hospital(
        play.world, "H01", rows, version_of(record), Actor("coordinator", first.ref)
    )
    assert "email" in changed
    to_enquiries(play)
    with Session(play.world.engine) as session:
        (mine,) = (
            one for one in session.scalars(select(Message)) if one.address.startswith("mine-")
        )
        number = next(
            require_id(one.id)
            for one in play.tasks()
            if one.kind == "approve_message" and one.objects["message_id"] == mine.id
        )
    assert amina.send(f"/tasks/{number}", {"answer": "approve"}, "/").status_code == 422
    assert ben.send(f"/tasks/{number}", {"answer": "approve"}, "/").status_code == 303


def test_with_no_colleague_to_ask_it_leaves_and_the_timeline_says_so(
    visit: Visit, play: Play
) -> None:
    to_enquiries(play)
    amina = visit("coordinator")
    letter, number = drafted(play)
    assert edits(amina, number, letter.body.strip() + "\n\nKindly.").status_code == 303
    (approved,) = play.events("message.approved")
    assert approved.payload["alone"] is True


@pytest.mark.parametrize("where", ["/criteria/breast_targit_a/withdraw"])
def test_criteria_are_withdrawn_by_who_is_there(visit: Visit, play: Play, where: str) -> None:
    rao = visit("clinician")
    hours_ago(play)
    answer = rao.send(where, {"version": "1", "reason": "no more"}, "/criteria/breast_targit_a")
    assert answer.status_code == 403 and "Is it you?" in answer.text


def test_addresses_known_take_no_colleague(visit: Visit, play: Play) -> None:
    to_outreach(play)
    letters = [m for m in play.messages(to_role="hospital") if m.state == "sent"]
    assert letters, "they were approved by one person: the directory came with the house"
