"""Who has sent as much as one may in a day is told, a person is asked once and may give more."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts.sessions import real_now
from models import HumanTask, PortalDraft, SpentBudget
from models.database import transaction
from tests.web.parts import Visitor, own_path, seen
from tests.web.sending import Sender, rows
from tests.workflows.playing import Play
from workflows.engine import budgets
from workflows.engine.world import World
from workflows.portal import drafts, upload_room, uploads
from workflows.portal.upload_tickets import ticket_for
from workflows.portal.uploads import Owner, UploadRefused

Visit = Callable[..., Visitor]
KIND = "budget_spent"


def asked(world: World) -> list[HumanTask]:
    return [task for task in rows(world, HumanTask) if task.kind == KIND]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_room, "MAX_FILES", 2)
    monkeypatch.setattr(upload_room, "MAX_BYTES", 1000)
    monkeypatch.setattr(upload_room, "MAX_OF_PLACE", 1500)


def test_a_case_that_sent_too_much_is_told_and_a_coordinator_lets_more_come(
    visit: Visit, world: World, play: Play
) -> None:
    play.open()
    path = own_path(play)
    sender = Sender(visit().client, ticket_for(world, Owner("case", play.case_id)))
    sender.send(b"a" * 600, "Anna Weber.pdf")
    for _ in range(3):  # the browser tries again and again
        refused = sender.create(600, "Anna Weber 2.pdf")
        assert (refused.status_code, refused.json()["code"]) == (413, "too_much")
    (task,) = asked(world)
    assert (task.case_id, task.role, task.detail) == (play.case_id, "coordinator", "too_much")
    told = seen(visit().get(path).text)
    assert "Our coordinators were told" in told and "+00 000 000 0000" in told

    staff = visit("coordinator")
    page = seen(staff.get(f"/tasks/{task.id}").text)
    assert "3 files" in page and "the page of this case" in page and "Weber" not in page
    assert staff.send(f"/tasks/{task.id}", {"answer": "lift"}).status_code == 303
    assert "More files are taken now." in seen(visit().get(path).text)
    sender.send(b"b" * 600, "c.pdf")
    assert len(asked(world)) == 1
    assert sender.create(900).status_code == 413
    assert [one.state for one in asked(world)] == ["done", "open"], "reached again after a lift"
    assert "More files are taken now." not in seen(visit().get(path).text)


def test_the_form_without_script_says_the_same_and_keeps_what_came_before(
    visit: Visit, world: World, play: Play
) -> None:
    play.open()
    path = own_path(play)
    visitor = visit()
    token = visitor.token(path)
    files = [("files", (f"{n}.pdf", b"%PDF-1.7 one", "application/pdf")) for n in range(3)]
    answer = visitor.client.post(path, data={"csrf": token}, files=files)
    assert answer.status_code == 422 and "All that came before is kept." in seen(answer.text)
    assert [task.detail for task in asked(world)] == ["too_many"]
    assert len(uploads.listed(world, Owner("case", play.case_id))) == 2


def _inquiry(world: World, place: str) -> Owner:
    drafts.start(world, place, "en")
    with Session(world.engine) as session:
        newest = select(col(PortalDraft.id)).order_by(col(PortalDraft.id).desc()).limit(1)
        return Owner("draft", int(session.scalars(newest).one() or 0))


def _refused(world: World, owner: Owner) -> None:
    with pytest.raises(UploadRefused):
        uploads.begin(world, owner, length=1200, file_name="d.pdf")


def test_inquiries_of_one_address_are_one_question_and_it_names_nobody(
    visit: Visit, world: World
) -> None:
    first = _inquiry(world, "a" * 32)
    for owner in (first, _inquiry(world, "a" * 32)):
        _refused(world, owner)
    (task,) = asked(world)
    assert task.case_id is None
    staff = visit("coordinator")
    page = staff.get(f"/tasks/{task.id}").text
    assert "a" * 32 not in page and "2 files" in seen(page)
    assert staff.send(f"/tasks/{task.id}", {"answer": "lift"}).status_code == 303
    uploads.begin(world, first, length=1200, file_name="d.pdf")


def test_strangers_of_many_addresses_do_not_fill_the_list(
    world: World, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "STRANGERS", 3)
    for number in range(6):
        _refused(world, _inquiry(world, f"place {number}"))
    assert len(asked(world)) == 4
    assert [one.refused for one in rows(world, SpentBudget)] == [1, 1, 1, 3]
    play.open()
    with pytest.raises(UploadRefused):
        uploads.begin(world, Owner("case", play.case_id), length=1200, file_name="e.pdf")
    assert asked(world)[-1].case_id == play.case_id, "a case is asked about all the same"


def test_what_was_held_back_is_forgotten_after_a_month_unless_it_is_still_asked(
    visit: Visit, world: World
) -> None:
    for place in ("one place", "another place"):
        _refused(world, _inquiry(world, place))
    first, second = asked(world)
    staff = visit("coordinator")
    form = {"answer": "stays", "reason": "nobody of ours"}
    assert staff.send(f"/tasks/{first.id}", form).status_code == 303
    with transaction(world.engine) as session:
        session.execute(update(SpentBudget).values(last_at=real_now() - timedelta(days=31)))
    drafts.tidy(world)
    assert [one.id for one in rows(world, SpentBudget)] == [second.objects["budget_id"]]


def test_inquiries_begun_at_once_have_the_room_of_their_address_together(world: World) -> None:
    owners = [_inquiry(world, "a" * 32) for _ in range(6)]
    together = threading.Barrier(len(owners))

    def begin(owner: Owner) -> bool:
        together.wait(20)
        try:
            uploads.begin(world, owner, length=1000, file_name="d.pdf")
        except UploadRefused:
            return False
        return True

    with ThreadPoolExecutor(len(owners)) as pool:
        assert sum(pool.map(begin, owners)) == 1
