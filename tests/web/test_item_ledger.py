"""What hospitals ask for, as one list over all conversations, with what may be in the file."""

import re
from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import Session, col

from models import Document, HumanTask, MoreInfoItem
from models.database import transaction
from tests.web.parts import Visitor, make_user
from tests.workflows.acts import reply, to_outreach
from tests.workflows.playing import Play

Visit = Callable[..., Visitor]
WANTS = "We need more before we can answer: the pathology report and a cardiac echo.\n"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_each_item_says_who_has_it_and_whether_the_hospital_knows(play: Play, visit: Visit) -> None:
    to_outreach(play)
    make_user(play.world, "coordinator")
    visitor = visit()
    visitor.sign_in("coordinator")
    assert "What they asked for" not in visitor.get(f"/cases/{play.case.ref}/hospitals").text
    reply(play, WANTS)
    play.answer("confirm_reply", "more_info", items="path_core,cardiac_echo")
    with transaction(play.world.engine) as session:
        document = session.scalars(select(Document)).first()
        assert document is not None
        document.label = "pathology_biopsy"
        number = document.id
        task = session.scalars(
            select(col(HumanTask.id)).where(col(HumanTask.kind) == "answer_more_info")
        ).one()
    page = visitor.get(f"/cases/{play.case.ref}/hospitals").text
    assert text_of(page).count("not yet") >= 2 and "nobody was asked yet" in page
    assert f'may be in the file: </small><a href="/documents/{number}">' in page
    asked = text_of(visitor.get(f"/tasks/{task}").text)
    assert f"may be in the file: {number}" in asked
    play.answer("answer_more_info", "have", items="path_core", papers=str(number))
    play.answer("answer_more_info", "unavailable", "no echo was ever made", items="cardiac_echo")
    play.answer("approve_message", "approve")
    with Session(play.world.engine) as session:
        assert all(item.answered_in for item in session.scalars(select(MoreInfoItem)))
    page = text_of(visitor.get(f"/cases/{play.case.ref}/hospitals").text)
    assert "in the file" in page and "no echo was ever made" in page
    assert "not yet" not in page
