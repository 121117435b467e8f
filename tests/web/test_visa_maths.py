"""Acceptance: sixty days against further radiotherapy there, through the console and the clock."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from models import JourneyEntry, StepRun
from tests.web.parts import Visitor, seen
from tests.workflows.acts import accept, settle_blockers, to_decision, today
from tests.workflows.playing import Play

Visit = Callable[..., Visitor]
HERE = {
    "set:supplementary_at": "here",
    "set:fractions": "25",
    "set:allowed_days": "60",
    "set:needs_visa": "yes",
}


def items(play: Play) -> dict[str, JourneyEntry]:
    with Session(play.world.engine) as session:
        return {row.code: row for row in session.scalars(select(JourneyEntry))}


def waiting(play: Play) -> list[int]:
    """Return the items that have a deadline running, once for each deadline."""
    with Session(play.world.engine) as session:
        rows = session.scalars(
            select(StepRun).where(
                col(StepRun.name) == "travel.check_item", col(StepRun.state) == "queued"
            )
        )
        return sorted(row.objects["item_id"] for row in rows)


def answer(play: Play, visitor: Visitor, kind: str, answer: str, **form: str) -> tuple[int, str]:
    task = next(task for task in play.tasks() if task.kind == kind)
    given = {"answer": answer, **form}
    response = visitor.send(f"/tasks/{task.id}", given)
    play.run()
    return response.status_code, seen(response.text)


def test_sixty_days_are_too_short_and_everything_moves_with_the_admission(
    visit: Visit, play: Play
) -> None:
    to_decision(play)
    accept(play)
    visitor = visit("coordinator")
    agreed = {"set:admission_date": "2027-02-08", **HERE}
    assert answer(play, visitor, "confirm_admission", "confirmed", **agreed)[0] == 303
    checked = play.events("stay.checked")[-1].payload
    assert (checked["plan_days"], checked["contingency_days"]) == (17, 65)
    assert checked["stay_covers_plan"] is False and checked["days_short"] == 6
    assert checked["stay_end"] == "2027-04-05"
    assert checked["proposals"] == ["extension", "ebrt_at_home"]
    before = items(play)
    assert before["I11"].state == "pending" and before["I11"].blocking
    page = seen(visitor.get(f"/cases/{play.case.ref}/journey").text)
    assert "(day 17)" in page and "(day 65)" in page and "6 days short" in page
    assert "an extension of the stay or further radiotherapy at home" in page
    assert waiting(play) == sorted(row.id for row in before.values() if row.due and row.id)

    done = visitor.send(
        f"/cases/{play.case.ref}/journey/{before['T01'].id}",
        {"answer": "done"},
        f"/cases/{play.case.ref}/journey",
    )
    assert done.status_code == 303
    moved = {"set:admission_date": "2027-02-20", "set:by": "patient"}
    assert answer(play, visitor, "report_progress", "date_changed", **moved)[0] == 303
    after = items(play)
    assert after["T01"].due == before["T01"].due
    for code, row in before.items():
        if code != "T01" and row.due is not None:
            assert after[code].due == row.due + timedelta(days=12), code
    pending = [row.id for row in after.values() if row.state == "pending" and row.due and row.id]
    assert waiting(play) == sorted(pending), "one deadline for each item that is open"
    (again,) = play.events("checklist.recalculated")
    assert again.payload["reason"] == "admission_date"
    assert again.payload["items_moved"] == len([r for r in before.values() if r.due]) - 1
    assert again.payload["items_now_late"] == sum(
        row.due < play.clock.now().date() for row in after.values() if row.due and row.code != "T01"
    )


def test_nobody_leaves_until_the_extension_or_treatment_at_home_is_chosen(
    visit: Visit, play: Play
) -> None:
    to_decision(play)
    accept(play)
    visitor = visit("coordinator")
    agreed = {"set:admission_date": "2027-02-08", **HERE}
    answer(play, visitor, "confirm_admission", "confirmed", **agreed)
    answer(play, visitor, "report_progress", "letter_verified")
    visa = {"set:valid_until": "2027-08-01", "set:allowed_days": "60"}
    code, told = answer(play, visitor, "report_progress", "granted", **visa)
    assert code == 422 and "The stay is 6 days short" in told and "it must hold" not in told
    assert (
        'value="2027-08-01"'
        in visitor.send(
            f"/tasks/{next(t.id for t in play.tasks() if t.kind == 'report_progress')}",
            {"answer": "granted", **visa},
        ).text
    ), "what was typed stays"
    typed = {**visa, "set:stay_covers_plan": "yes"}
    code, told = answer(play, visitor, "report_progress", "granted", **typed)
    assert code == 422 and "by the dates it is 6 days short" in told
    assert play.case.state == "VISA"
    chosen = {**visa, "set:stay_choice": "extension"}
    assert answer(play, visitor, "report_progress", "granted", **chosen)[0] == 303
    assert play.case.state == "TRAVEL_PREP"
    settle_blockers(play)
    longer = {"set:supplementary_at": "here", "set:fractions": "33"}
    assert answer(play, visitor, "report_progress", "stay", **longer)[0] == 303
    gone = {"set:departure_date": (play.clock.now().date()).isoformat()}
    play.move(71)
    gone = {"set:departure_date": today(play)}
    code, told = answer(play, visitor, "report_progress", "departed", **gone)
    assert code == 422 and "The stay is" in told and "choose an extension" in told
    assert play.case.state == "TRAVEL_PREP" and play.events("travel.go_no_go_signed") == []
    home = {"set:supplementary_at": "here", "set:stay_choice": "ebrt_at_home"}
    assert answer(play, visitor, "report_progress", "stay", **home)[0] == 303
    assert play.events("stay.checked")[-1].payload["stay_covers_plan"] is True
    assert items(play)["I11"].state == "not_applicable"
    code, told = answer(play, visitor, "report_progress", "departed", **gone)
    assert (code, play.case.state) == (303, "IN_TRANSIT"), told
