"""What is late reaches whoever is on duty by letter: new things, daily while it lasts, once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlmodel import Session, col

from adapters.mail_out import MailRefused, MailUncertain
from models import HumanTask, LateLetter, LateThing, StepRun, User
from models.database import transaction
from settings import Settings
from tests.workflows.flagging import Listening, listening, play, team
from tests.workflows.playing import Play
from workflows.engine.pausing import pause, resume
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.events import Actor
from workflows.steps import STEPS
from workflows.watch import telling

__all__ = ["play", "team"]
HOUR = timedelta(hours=1)
MINE = ("amina", "ben", "lee", "clio")


def hours(play: Play, count: float) -> list[str]:
    """Let time pass, look by look; return who was written to, in order."""
    before = len(listening(play).left)
    for _ in range(max(1, round(count * 2))):
        play.clock.move(min(HOUR / 2, HOUR * count))
        with transaction(play.world.engine) as session:
            session.add(StepRun(name="reminders.look_late", due_at=play.clock.now()))
        for name in ("reminders.look_late", "notices.tell_late"):
            Runner(play.world, STEPS).drain(name)
    left = listening(play).left[before:]
    return sorted(to.partition("@")[0] for to, mail in left if _is_late_letter(to, mail))


def _is_late_letter(to: str, mail: Any) -> bool:
    return to.endswith("@team.example") and "late" in str(mail["Subject"])


def letter_to(play: Play, name: str) -> str:
    """Return the newest such letter to somebody, subject and text."""
    mail = [m for to, m in listening(play).left if to.startswith(name) and _is_late_letter(to, m)]
    text = bytes(mail[-1].get_payload(decode=True)).decode()
    return f"{mail[-1]['Subject']}\n{text}".replace("\r\n", "\n")


@pytest.fixture
def quiet(team: Play) -> Play:
    """A house in which nothing is late and nothing will be by itself."""
    team.open()
    team.run()
    with transaction(team.world.engine) as session:
        session.execute(text("DELETE FROM step_run"))
        session.execute(update(HumanTask).values(state="done"))
    listening(team).left.clear()
    return team


def late(play: Play, role: str = "coordinator", kind: str = "read_letter") -> int:
    """Open a question that is over its time; return its number."""
    with transaction(play.world.engine) as session:
        now = play.clock.now()
        task = HumanTask(
            case_id=play.case_id, kind=kind, role=role, opened_at=now - 9 * HOUR, due_at=now - HOUR
        )
        session.add(task)
        session.flush()
        assert task.id is not None
        return task.id


def answered(play: Play, number: int) -> None:
    with transaction(play.world.engine) as session:
        session.get_one(HumanTask, number).state = "done"


def states(play: Play) -> Sequence[str]:
    with Session(play.world.engine) as session:
        return session.scalars(select(col(LateLetter.state)).order_by(col(LateLetter.id))).all()


def test_nobody_is_written_to_where_nothing_is_late(quiet: Play) -> None:
    assert hours(quiet, 30) == []
    assert states(quiet) == []


def test_what_is_new_is_told_once_then_daily_and_not_when_it_is_gone(quiet: Play) -> None:
    first = late(quiet)
    assert hours(quiet, 0.2) == ["amina", "ben"], "whose it is"
    text = letter_to(quiet, "amina")
    assert "1 thing is late" in text and "questions past their time: 1 (1 new)" in text
    assert "/?late=true&whose=all" in text
    assert hours(quiet, 3) == [], "not the same again"
    second = late(quiet)
    assert hours(quiet, 0.5) == ["amina", "ben"], "a new one"
    assert "questions past their time: 2 (1 new)" in letter_to(quiet, "ben")
    assert hours(quiet, 0.5) == ["lee"], "nobody acted on the first"
    assert "1 of them is for others to see to, and nobody has within 4 hours" in letter_to(
        quiet, "lee"
    )
    assert hours(quiet, 4) == ["lee"], "nor on the second"
    assert hours(quiet, 18) == []
    again = hours(quiet, 3)
    assert again == ["amina", "ben"], "a day after the last"
    assert "questions past their time: 2\n" in letter_to(quiet, "amina"), "nothing is new"
    answered(quiet, first)
    answered(quiet, second)
    assert hours(quiet, 60) == []
    assert set(states(quiet)) == {"sent"}


def test_things_that_become_late_one_by_one_are_gathered(quiet: Play) -> None:
    late(quiet)
    assert hours(quiet, 0.1) == ["amina", "ben"]
    for _ in range(3):
        late(quiet)
        assert hours(quiet, 0.1) == []
    assert hours(quiet, 1) == ["amina", "ben"]
    assert "questions past their time: 4 (3 new)" in letter_to(quiet, "amina")


def test_the_letter_holds_nothing_of_a_case(quiet: Play) -> None:
    late(quiet)
    hours(quiet, 0.1)
    mail = letter_to(quiet, "amina") + str(listening(quiet).paths)
    assert quiet.case.ref not in mail and "Rosa" not in mail and "breast" not in mail


def test_each_hears_of_their_own_and_the_leads_where_nobody_can_be_written_to(quiet: Play) -> None:
    late(quiet, "clinician")
    assert hours(quiet, 0.1) == ["clio"]
    late(quiet, "administrator")
    assert hours(quiet, 0.1) == ["lee"], "no administrator has an address"
    assert "others to see to" not in letter_to(quiet, "lee")
    with transaction(quiet.world.engine) as session:
        session.execute(update(User).where(col(User.user_name) == "lee").values(email=None))
    assert hours(quiet, 1.1) == ["amina", "ben", "clio"], "nor a lead: everybody hears"


def test_parked_steps_letters_nobody_knows_of_idle_steps_and_held_queues_are_late(
    quiet: Play,
) -> None:
    now, case = quiet.clock.now(), quiet.case_id
    with transaction(quiet.world.engine) as session:
        session.add(StepRun(case_id=case, name="travel.plan_journey", state="dead", due_at=now))
        session.add(HumanTask(case_id=case, kind="settle_message", role="coordinator",
                              opened_at=now, due_at=now + 9 * HOUR))  # fmt: skip
        session.add(HumanTask(case_id=case, kind="call_patient_now", role="team", opened_at=now,
                              due_at=now))  # fmt: skip
    pause(quiet.world, "outreach", "the hospital's server", Actor("lead", "U-lee"))
    hours(quiet, 1.5)
    said = letter_to(quiet, "amina")
    for one in ("red flags that nobody has answered: 1", "of which nobody knows it: 1",
                "steps that were given up: 1", "queues that are held: 1"):  # fmt: skip
        assert one in said, said
    assert "4 things are late" in said
    assert "red flags" in letter_to(quiet, "clio") and "queues" not in letter_to(quiet, "clio")
    resume(quiet.world, "outreach", Actor("lead", "U-lee"))
    hours(quiet, 24)
    assert "queues" not in letter_to(quiet, "amina")
    with Session(quiet.world.engine) as session:
        kinds = session.scalars(select(col(LateThing.kind))).all()
    assert sorted(kinds) == ["alarms", "letters", "steps"]


def test_a_held_queue_holds_no_letter_to_the_team(quiet: Play) -> None:
    for queue in ("notices", "reminders"):
        pause(quiet.world, queue, "an incident", Actor("lead", "U-lee"))
    late(quiet)
    assert hours(quiet, 0.1) == ["amina", "ben"]


def test_one_address_that_cannot_be_written_to_stops_nobody_elses(quiet: Play) -> None:
    with transaction(quiet.world.engine) as session:
        odd = update(User).where(col(User.user_name) == "amina")
        session.execute(odd.values(email="jürgen@team.example"))
    late(quiet)
    assert hours(quiet, 2) == ["ben"]
    assert sorted(states(quiet)) == ["refused", "sent"]


def test_a_killed_worker_tells_neither_twice_nor_never(quiet: Play) -> None:
    """Before the server heard of it the letter leaves later; after, it is not sent again."""
    late(quiet)
    with transaction(quiet.world.engine) as session:
        session.execute(update(User).where(col(User.user_name) != "amina").values(active=False))
    real = listening(quiet).deliver

    class Killed(BaseException):
        pass

    def dies(*_: Any, **__: Any) -> None:
        raise Killed

    listening(quiet).deliver = dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        hours(quiet, 0.1)
    listening(quiet).deliver = real  # type: ignore[method-assign]
    _lease_over(quiet)
    assert hours(quiet, 0.1) == [], "nobody knows whether it left: not sent again"
    assert states(quiet) == ["uncertain"]
    assert hours(quiet, 0.5) == []
    assert hours(quiet, 1) == ["amina"], "another letter, of how things stand then"
    assert "(1 new)" in letter_to(quiet, "amina"), "she was surely told of nothing before"
    assert hours(quiet, 12) == []


def _lease_over(play: Play) -> None:
    with transaction(play.world.engine) as session:
        session.execute(
            text(
                "UPDATE step_run SET lease_until = now() - interval '1 hour'"
                " WHERE state = 'running'"
            )
        )


def test_a_letter_of_which_nobody_knows_is_followed_by_another(quiet: Play) -> None:
    late(quiet)
    real = listening(quiet).deliver

    def lost(raw: bytes, sender: str, to: Sequence[str], **more: Any) -> Any:
        raise MailUncertain("after_text")

    listening(quiet).deliver = lost  # type: ignore[method-assign,assignment]
    hours(quiet, 0.1)
    listening(quiet).deliver = real  # type: ignore[method-assign]
    assert set(states(quiet)) == {"uncertain"}
    assert hours(quiet, 1.5) == ["amina", "ben"]


def test_a_server_of_which_nobody_ever_knows_is_not_written_to_each_hour(quiet: Play) -> None:
    late(quiet)
    tried: list[str] = []

    def lost(raw: bytes, sender: str, to: Sequence[str], **more: Any) -> Any:
        tried.extend(to)
        raise MailUncertain("after_text")

    listening(quiet).deliver = lost  # type: ignore[method-assign,assignment]
    hours(quiet, 24)
    assert sorted(tried) == [
        f"{name}@team.example" for name in ("amina", "ben", "lee") for _ in "12"
    ]
    tried.clear()
    hours(quiet, 3)
    assert {"amina@team.example", "ben@team.example"} <= set(tried), "again after a day"
    tried.clear()
    late(quiet)
    hours(quiet, 1.5)
    assert sorted(tried)[:2] == ["amina@team.example", "ben@team.example"], "a new thing is told"


def test_a_clock_that_was_ahead_keeps_nobody_from_hearing(quiet: Play) -> None:
    late(quiet)
    assert hours(quiet, 0.1) == ["amina", "ben"]
    with transaction(quiet.world.engine) as session:
        ahead = text("UPDATE late_letter SET told_at = told_at + interval '300 days'")
        session.execute(ahead)
        session.execute(text("UPDATE late_thing SET found_at = found_at + interval '300 days'"))
    assert hours(quiet, 0.5) == ["amina", "ben"], "told at a moment that has not come"
    assert hours(quiet, 5) == ["lee"], "found at one that has not come"


def test_letters_that_cannot_be_made_are_not_tried_at_each_look(
    quiet: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    late(quiet)

    def broken(*_: Any) -> bytes:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(telling, "team_letter", broken)
        assert hours(quiet, 48) == []
    assert set(states(quiet)) <= {"refused", "queued"}
    with Session(quiet.world.engine) as session:
        most = text("SELECT max(n) FROM (SELECT count(*) AS n FROM late_letter GROUP BY user_id) x")
        assert session.execute(most).scalar_one() == 2, "one a day for each"
        dead = select(func.count()).select_from(StepRun).where(col(StepRun.state) == "dead")
        asked = select(func.count()).select_from(HumanTask)
        open_ = asked.where(col(HumanTask.kind) == "repair_step")
        assert session.execute(dead).scalar_one() == session.execute(open_).scalar_one() <= 10
    assert {"amina", "ben"} <= set(hours(quiet, 25)), "once they can"


def test_where_the_only_one_is_refused_for_good_others_hear(quiet: Play) -> None:
    late(quiet, "clinician")
    with transaction(quiet.world.engine) as session:
        session.execute(update(User).where(col(User.user_name) == "clio").values(email=None))
    real = listening(quiet).deliver

    def refuses_lee(raw: bytes, sender: str, to: Sequence[str], **more: Any) -> Any:
        if to[0].startswith("lee"):
            raise MailRefused(permanent=True, code=550, stage="recipient")
        return real(raw, sender, to, **more)

    listening(quiet).deliver = refuses_lee  # type: ignore[method-assign,assignment]
    assert hours(quiet, 1) == ["amina", "ben"]
    assert hours(quiet, 20) == []
    assert hours(quiet, 6) == ["amina", "ben"], "while it lasts, as ever"
    listening(quiet).deliver = real  # type: ignore[method-assign]
    assert "lee" in hours(quiet, 24), "tried again"
    assert hours(quiet, 72).count("amina") == 0, "the lead hears again"


def test_while_the_mail_server_is_away_one_letter_waits_and_tells_how_things_stand_then(
    quiet: Play,
) -> None:
    first = late(quiet)
    listening(quiet).refuses = True
    assert hours(quiet, 2) == []
    late(quiet)
    hours(quiet, 1)
    assert states(quiet)[:2] == ["queued", "queued"], "one for each"
    assert "queued" not in states(quiet)[2:]
    listening(quiet).refuses = False
    answered(quiet, first)
    assert hours(quiet, 1) == ["amina", "ben"]
    assert "1 thing is late" in letter_to(quiet, "amina")
    assert hours(quiet, 2) == []


def test_what_was_seen_to_meanwhile_is_not_told(quiet: Play) -> None:
    first = late(quiet)
    listening(quiet).refuses = True
    hours(quiet, 1)
    answered(quiet, first)
    hours(quiet, 0.5)
    listening(quiet).refuses = False
    assert hours(quiet, 2) == []
    assert set(states(quiet)) == {"cancelled"}
    late(quiet)
    assert hours(quiet, 0.1) == ["amina", "ben"]


def test_a_letter_whose_step_was_given_up_is_followed_by_another(quiet: Play) -> None:
    late(quiet)
    listening(quiet).refuses = True
    hours(quiet, 0.5)
    with transaction(quiet.world.engine) as session:
        gone = update(StepRun).where(col(StepRun.name) == "notices.tell_late")
        session.execute(gone.values(state="cancelled"))
    listening(quiet).refuses = False
    assert hours(quiet, 1) == ["amina", "ben"]


def test_who_is_told_is_a_setting(quiet: Play, settings: Settings) -> None:
    chosen = {"late_roles": ["lead"], "late_escalate": timedelta(0)}
    quiet.world.settings = quiet.world.settings.model_copy(update=chosen)
    late(quiet)
    assert hours(quiet, 0.1) == ["lee"]
    quiet.world.settings = quiet.world.settings.model_copy(update={"late_roles": []})
    late(quiet)
    assert hours(quiet, 30) == []


def test_it_is_looked_by_itself_and_a_question_is_told_when_its_time_is_over(play: Play) -> None:
    assert isinstance(play.world.mail_out, Listening)
    (task,) = [task for task in play.tasks() if task.kind == "triage_inquiry"]
    for minutes_off, told in ((-6, False), (6, True)):
        play.clock.move(task.due_at + timedelta(minutes=minutes_off))
        ensure_recurring(play.world)
        play.run()
        written = [to for to, mail in listening(play).left if _is_late_letter(to, mail)]
        assert ("amina@team.example" in written) == told, minutes_off
