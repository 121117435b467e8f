"""Whoever decides whose a letter is reads where it is from, and what its domain looks like."""

from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import col

from models import HumanTask
from models.base import require_id
from models.database import transaction
from tests.web.parts import Visitor
from tests.workflows.letters.posting import Post, written
from tests.workflows.playing import Play, add_hospitals

Visit = Callable[..., Visitor]


def test_the_page_of_a_letter_says_what_is_known_of_its_origin(visit: Visit, play: Play) -> None:
    own = play.world.settings.mail_from
    add_hospitals(play.world)
    play.world.settings = play.world.settings.model_copy(
        update={"mail_authserv_id": "mx.coordination.example"}
    )
    head = (
        "Authentication-Results: mx.coordination.example; spf=pass"
        " smtp.mailfrom=coordinatlon.example;"
        " dkim=none; dmarc=pass header.from=coordinatlon.example\r\n"
    )
    raw = written(own, "Our new account is below.", sender="ipd@coordinatlon.example")
    Post(play).brings_raw(head.encode() + raw)
    with transaction(play.world.engine) as session:
        task = session.scalars(select(HumanTask).where(col(HumanTask.kind) == "match_mail")).one()
        task_id = require_id(task.id)
    page = visit("coordinator").get(f"/tasks/{task_id}").text
    for words in (
        "It is proven to be from this address",
        "By mx.coordination.example: the sending server (SPF) holds",
        "BE CAREFUL: coordinatlon.example looks like coordination.example",
        "(letters that look alike)",
    ):
        assert words in page, words
