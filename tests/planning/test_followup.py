"""Follow-up: what is asked when, who has a say in it, and what happens when nobody answers."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.calendars import calendar_for
from planning.followup import (
    FollowUpItem,
    Instruction,
    no_answer_ladder,
    plan_event_items,
    plan_follow_up,
    reminder_moment,
)
from planning.followup_template import load_follow_up
from playbook_reader import PlaybookError

FILE = Path(__file__).resolve().parents[2] / "playbooks" / "followup.yaml"
FOLLOW_UP = load_follow_up(FILE)
SURGERY = date(2027, 4, 13)
DISCHARGE = date(2027, 4, 16)
RETURN = date(2027, 4, 26)
INDIA = calendar_for("IN", "Asia/Kolkata")


def plan(site: str = "breast", **more: object) -> tuple[FollowUpItem, ...]:
    given_: dict[str, object] = {"discharge_date": DISCHARGE, "return_date": RETURN, **more}
    return plan_follow_up(FOLLOW_UP, site=site, surgery_date=SURGERY, **given_)  # type: ignore[arg-type]


def days_of(code: str, items: tuple[FollowUpItem, ...]) -> list[int]:
    return [(item.due - SURGERY).days for item in items if item.code == code]


def dates_of(code: str, items: tuple[FollowUpItem, ...]) -> list[str]:
    return [item.due.isoformat() for item in items if item.code == code]


def test_every_line_of_the_source_was_adopted() -> None:
    counts = {name: len(section) for name, section in FOLLOW_UP.sections.items()}
    assert counts == {
        "common": 14,
        "supplementary_ebrt": 5,
        "breast": 7,
        "pancreas": 5,
        "rectum_pelvis": 6,
        "gastric": 3,
        "sarcoma": 2,
        "other_events": 3,
    }


@pytest.mark.parametrize(
    ("code", "days"),
    [("P1", [1]), ("P2", [2]), ("P4", [7]), ("P10", [14]), ("P11", [30]), ("P13", [90]),
     ("B1", [14, 42]), ("B2", [21]), ("P3", [4]), ("P7", [7]), ("P8", [14]), ("P9", [18])],
)  # fmt: skip
def test_days_count_from_surgery_discharge_and_return(code: str, days: list[int]) -> None:
    assert days_of(code, plan()) == days


def test_visits_are_half_yearly_for_three_years_and_then_yearly() -> None:
    dates = dates_of("B4", plan())
    assert dates[:7] == [
        "2027-10-13",
        "2028-04-13",
        "2028-10-13",
        "2029-04-13",
        "2029-10-13",
        "2030-04-13",
        "2031-04-13",
    ]
    assert dates[-1] == "2037-04-13"


def test_the_mammogram_is_asked_about_once_a_year_from_the_first_year_on() -> None:
    dates = dates_of("B5", plan())
    assert dates[:3] == ["2028-04-12", "2029-04-13", "2030-04-13"]


def test_the_final_pathology_is_asked_for_daily_until_it_is_there() -> None:
    items = [item for item in plan() if item.code == "P5"]
    assert [(item.due - SURGERY).days for item in items] == list(range(7, 29))
    assert {item.until_event for item in items} == {"pathology.final_received"}
    assert items[0].escalate is not None


def test_a_line_whose_note_speaks_of_a_red_flag_is_one() -> None:
    rules = [rule for section in FOLLOW_UP.sections.values() for rule in section]
    noted = {rule.id for rule in rules if "any yes -> red flag" in rule.ask}
    assert noted == {"P2"}
    assert noted <= {rule.id for rule in rules if rule.red_flag}


def test_tumour_markers_are_never_asked_about_after_breast_cancer() -> None:
    assert not [item for item in plan() if item.code == "B6"]


OWN = {
    "breast": "B1",
    "pancreas": "A1",
    "rectum_primary": "R1",
    "pelvic_recurrence": "R1",
    "stomach": "G1",
    "retroperitoneum": "S1",
}


def test_each_site_has_its_own_questions_and_the_common_ones() -> None:
    for site, own in OWN.items():
        assert {own, "P1", "P11"} <= {item.code for item in plan(site)}
    assert {item.code[0] for item in plan("gyn_recurrence")} == {"P"}
    with pytest.raises(KeyError):
        plan("prostate")


def test_without_a_full_colonoscopy_before_it_is_asked_about_earlier() -> None:
    assert days_of("R5", plan("rectum_primary")) == [365]
    assert days_of("R5", plan("rectum_primary", flags=frozenset({"no_full_colonoscopy"}))) == [180]


def test_what_counts_from_an_unknown_day_waits_and_keys_stay_the_same() -> None:
    early = plan(discharge_date=None, return_date=None)
    assert not {item.code for item in early} & {"P3", "P7", "P8", "P9"}
    full = {item.key: item for item in plan()}
    assert all(full[item.key] == item for item in early)


@given(st.sampled_from(sorted(FOLLOW_UP.sites)), st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_keys_are_unique_days_in_order_and_nothing_lies_before_surgery(
    site: str, surgery: date
) -> None:
    items = plan_follow_up(
        FOLLOW_UP, site=site, surgery_date=surgery, return_date=surgery + timedelta(days=13)
    )
    assert len({item.key for item in items}) == len(items)
    assert [item.due for item in items] == sorted(item.due for item in items)
    assert all(item.due > surgery for item in items)
    assert all(item.recipients and item.ask for item in items)


def test_the_surgeons_plan_takes_the_place_of_the_template_and_shows_whose_it_is() -> None:
    discharge = Instruction("P10", (date(2027, 4, 30),), "discharge_summary_instruction")
    clinician = Instruction("P10", (date(2027, 5, 4),), "clinician_entry", ask="stitches on 4 May?")
    (item,) = [i for i in plan(instructions=[clinician, discharge]) if i.code == "P10"]
    assert (item.due, item.origin, item.ask) == (
        date(2027, 5, 4),
        "clinician_entry",
        "stitches on 4 May?",
    )
    (item,) = [i for i in plan(instructions=[discharge]) if i.code == "P10"]
    assert item.origin == "discharge_summary_instruction"
    assert [i.origin for i in plan() if i.code == "P10"] == ["template"]


def test_an_instruction_that_the_template_does_not_know_is_added() -> None:
    extra = Instruction("ECHO", (date(2027, 7, 1),), "clinician_entry", ask="heart echo done?")
    (item,) = [i for i in plan(instructions=[extra]) if i.code == "ECHO"]
    assert (item.key, item.ask, item.recipients) == ("ECHO.1", "heart echo done?", ("patient",))


def test_an_event_starts_its_questions() -> None:
    received = plan_event_items(FOLLOW_UP, "pathology_received", date(2027, 4, 24), calendar=INDIA)
    # Saturday in India: the next working day is Monday.
    assert [(i.code, i.due) for i in received] == [("P6", date(2027, 4, 26))]
    recheck = plan_event_items(FOLLOW_UP, "recheck", date(2027, 4, 26), calendar=INDIA)
    assert [(i.code, i.due.day) for i in recheck] == [("E1", 27), ("E2", 29)]
    start = plan_event_items(FOLLOW_UP, "planned_start", date(2027, 5, 10), calendar=INDIA)
    assert [(i.code, i.due.day) for i in start] == [("E3", 3), ("E4", 12)]


@pytest.mark.parametrize(
    ("zone", "due", "moment"),
    [
        ("Africa/Nairobi", date(2027, 4, 14), datetime(2027, 4, 14, 6, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 27), datetime(2027, 3, 27, 8, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 28), datetime(2027, 3, 28, 7, tzinfo=UTC)),
        ("Asia/Kolkata", date(2027, 4, 14), datetime(2027, 4, 14, 3, 30, tzinfo=UTC)),
    ],
)
def test_a_question_goes_out_in_the_morning_where_the_recipient_is(
    zone: str, due: date, moment: datetime
) -> None:
    for channel in ("email", "whatsapp"):
        assert reminder_moment(due, ZoneInfo(zone), channel, FOLLOW_UP.rules) == moment


def test_holidays_are_left_out_except_for_safety() -> None:
    sunday = date(2027, 4, 25)
    quiet = reminder_moment(sunday, INDIA.zone, "email", FOLLOW_UP.rules, calendar=INDIA)
    safety = reminder_moment(
        sunday, INDIA.zone, "email", FOLLOW_UP.rules, calendar=INDIA, safety=True
    )
    assert quiet == datetime(2027, 4, 26, 3, 30, tzinfo=UTC)
    assert safety == datetime(2027, 4, 25, 3, 30, tzinfo=UTC)


def test_when_nobody_answers_the_ladder_is_climbed_twice_as_fast_for_critical_questions() -> None:
    asked = datetime(2027, 4, 14, 6, tzinfo=UTC)
    calm = no_answer_ladder(FOLLOW_UP.rules, asked, critical=False)
    urgent = no_answer_ladder(FOLLOW_UP.rules, asked, critical=True)
    assert [(at - asked).total_seconds() / 3600 for at, _ in calm] == [
        0,
        48,
        96,
        144,
        216,
        336,
        504,
    ]
    assert [(at - asked).total_seconds() / 3600 for at, _ in urgent] == [
        0,
        24,
        48,
        72,
        108,
        168,
        252,
    ]
    assert [step for _, step in calm] == [step for _, step in urgent]
    assert calm[-1][1] == "item_missed"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{id: P2,", "{id: P1,", "P1 stands twice"),
        ("schedule: [{from: S, days: [2]}]", "schedule: [{from: Q, days: [2]}]", "Input should be"),
        ("schedule: [{from: S, days: [2]}]", "schedule: [{from: S}]", "exactly one"),
        ("schedule: [{from: S, days: [2]}]", "schedule: [{from: S, days: [2], hours: 2}]",
         "exactly one"),
        ("schedule: [{from: S, days: [2]}]", "schedule: [{from: S, every_months: 2}]", "belong"),
        ("when: no_full_colonoscopy", "when: no_colonoscopy", "unknown flag"),
        ("breast: [breast]", "breast: [chest]", "unknown section"),
        ('from: "21:00"', 'from: "nine"', "time of day"),
        ("to: [patient], ask", "to: [neighbour], ask", "Input should be"),
        ("answers: paper, to", "to", "answers: Field required"),
        ("answers: paper, to", "answers: perhaps, to", "Input should be"),
        ("answers: done, to", "answers: done, red_flag: true, to", "only a symptom question"),
        ("symptom: [problem,", "symptom: [done, problem,", "a symptom is answered by"),
        ("symptom: [problem,", "symptom: [", "a symptom is answered by"),
        ("state: [done,", "state: [well,", "stand not in answers"),
        ("    state: [done, problem, call_me]\n", "", "state is missing"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_playbook_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    text = FILE.read_text()
    assert old in text
    (tmp_path / "followup.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(PlaybookError, match=reason) as error:
        load_follow_up(tmp_path / "followup.yaml")
    assert error.value.line
