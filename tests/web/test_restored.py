"""A restored system, as its people see it: a line on each page, and the page where it is let go."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session, col, select

from adapters.mail_out import MailUncertain
from models import HumanTask, Message, Restoration
from models.database import transaction
from tests.web.parts import Visitor, seen
from tests.workflows.playing import Play
from workflows.engine.restored import is_held
from workflows.engine.world import World

Visit = Callable[..., Visitor]
LINE = "Nothing leaves it and no mail is read"


class UnknownFate:
    def deliver(self, *_: object, **__: object) -> None:
        raise MailUncertain("message")


def held(play: Play) -> None:
    """Three letters are uncertain, steps are due, and the system is held."""
    play.world.mail_out = UnknownFate()  # type: ignore[assignment]
    for number in range(3):
        play.open(f"report {number}".encode())
    play.run()
    now = play.clock.now()
    with transaction(play.world.engine) as session:
        session.add(
            Restoration(
                backup="20261122T220000Z",
                point=now - timedelta(hours=11),
                restored_at=now,
                letters=3,
                erased=1,
            )
        )


def test_each_page_says_that_nothing_leaves_and_a_lead_lets_it_go(visit: Visit, play: Play) -> None:
    held(play)
    coordinator, lead, analyst = visit("coordinator"), visit("lead"), visit("analyst")
    for visitor, path in ((coordinator, "/"), (lead, "/repair"), (analyst, "/charts")):
        assert LINE in seen(visitor.get(path).text), path
    assert 'href="/restored"' not in analyst.get("/charts").text
    assert analyst.get("/restored").status_code == 403
    assert LINE not in seen(visit().get("/portal").text)
    shown = seen(coordinator.get("/restored").text)
    assert "20261122T220000Z" in shown and "1 case" in shown and "Ask around" in shown
    assert "A lead or an administrator lets it go" in shown
    refused = lead.send("/restored/let-go", {}, "/restored")
    assert refused.status_code == 422 and "you have looked" in refused.text
    assert coordinator.send("/restored/let-go", {"sure": "yes"}, "/restored").status_code == 403
    assert is_held(play.world.engine)
    assert lead.send("/restored/let-go", {"sure": "yes"}, "/restored").status_code == 303
    assert not is_held(play.world.engine)
    assert "Nothing is held" in seen(lead.get("/restored").text)
    assert LINE not in seen(lead.get("/repair").text)


def test_letters_of_a_kind_are_settled_with_one_answer(visit: Visit, play: Play) -> None:
    held(play)
    lead = visit("lead")
    page = lead.get("/restored").text
    with Session(play.world.engine) as session:
        tasks = [
            str(task.id)
            for task in session.exec(
                select(HumanTask).where(col(HumanTask.kind) == "settle_message")
            )
        ]
    assert len(tasks) == 3
    for task in tasks:
        assert f'name="task" value="{task}"' in page
    form = {"kind": "settle_message", "answer": "delivered", "task": tasks}
    assert "all 3" in seen(lead.send("/repair/confirm", form, "/restored").text)
    lead.send("/repair/settle", form | {"reason": "seen in the log"}, "/restored")
    with Session(play.world.engine) as session:
        letters = session.exec(select(Message).where(col(Message.direction) == "out")).all()
    assert [one.state for one in letters] == ["sent"] * 3
    assert "None is left" in seen(lead.get("/restored").text)


def test_the_page_names_nobody(visit: Visit, play: Play, world: World) -> None:
    held(play)
    shown = visit("administrator").get("/restored").text
    for word in ("Exempla", "CFX-", "@"):
        assert word not in shown.partition("<main")[2]
