"""The counts behind the charts agree with plain counting, whatever way the cases took."""

import random
from collections import Counter
from datetime import timedelta
from statistics import quantiles
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from analytics.charts import PERIODS, charts, counted_at, definitions, numbers
from models import Case, ClockShift
from tests.analytics.log import START, Log
from workflows.stages import STAGES, stage_of

WEEK = 7 * 24
NOW_HOURS = 15 * WEEK


@pytest.fixture
def log(session: Session) -> Log:
    """A log; the business clock stands fifteen weeks after its start (a Monday, 09:00 UTC)."""
    return Log(session)


def count(engine: Engine, session: Session, hours: float = NOW_HOURS) -> None:
    """Count anew as if it were `hours` after the log's start."""
    now = session.execute(text("SELECT now()")).scalar_one()
    shift = START + timedelta(hours=hours) - now
    session.merge(ClockShift(id=1, seconds=round(shift.total_seconds())))
    session.commit()
    with engine.begin() as connection:
        connection.execute(text("SELECT count_charts_anew()"))


def ask(engine: Engine, name: str, site: str = "", weeks: int = 26) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return numbers(connection, name, site=site, weeks=weeks).records()


def held(log: Log, case_id: int, before: str, hours: float) -> None:
    log.event(
        case_id,
        "case.state_changed",
        {"from_state": before, "to_state": "ON_HOLD", "waiting_on": "none"},
        hours=hours,
    )


def by_week(rows: list[dict[str, Any]], stage: str, key: str = "cases") -> list[int]:
    return [row[key] for row in rows if row["stage"] == stage]


def test_the_database_knows_the_same_stages_as_the_engine(engine: Engine) -> None:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT state, stage FROM analytics.v_stage")).all()
    assert {row[0]: row[1] for row in found} == {
        state: stage_of(state) for states in STAGES.values() for state in states
    }


@pytest.mark.parametrize("name", list(charts()))
@pytest.mark.parametrize("weeks", list(PERIODS))
def test_every_chart_has_numbers_without_any_case(engine: Engine, name: str, weeks: int) -> None:
    assert ask(engine, name, weeks=weeks) == []
    assert ask(engine, name, site="breast", weeks=weeks) == []


def test_a_period_that_is_not_counted_ahead_is_refused(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(KeyError):
        numbers(connection, "stages", weeks=7)


def test_cases_are_counted_at_the_end_of_each_week_and_empty_weeks_stay(
    engine: Engine, session: Session, log: Log
) -> None:
    log.case(1)
    log.moved(1, "AWAITING_CONSENT", "patient", 5)  # the same stage
    log.moved(1, "COLLECTING_RECORDS", "patient", 2 * WEEK)  # nothing in the week between
    log.case(2)
    log.moved(2, "CLINICIAN_REVIEW", "clinician", WEEK - 20)  # jumps a stage
    count(engine, session, 4 * WEEK)
    rows = ask(engine, "stages")
    assert by_week(rows, "inquiry") == [1, 1, 0, 0, 0]
    assert by_week(rows, "records") == [0, 0, 1, 1, 1]
    assert by_week(rows, "screening") == [1, 1, 1, 1, 1]
    assert by_week(rows, "inquiry", "entered") == [2, 0, 0, 0, 0]


def test_a_move_through_three_stages_in_one_week_leaves_one_case_in_the_last(
    engine: Engine, session: Session, log: Log
) -> None:
    log.case(1)
    for hour, state in enumerate(("COLLECTING_RECORDS", "PRE_SCREEN", "SHORTLISTING"), 1):
        log.moved(1, state, "coordinator", hour)
    count(engine, session, 10)
    rows = ask(engine, "stages")
    counted = {row["stage"]: (row["cases"], row["entered"]) for row in rows}
    assert counted == {
        "inquiry": (0, 1),
        "records": (0, 1),
        "screening": (0, 1),
        "outreach": (1, 1),
    }


def test_a_hold_is_no_stage_of_its_own(engine: Engine, session: Session, log: Log) -> None:
    log.case(1)
    log.moved(1, "COLLECTING_RECORDS", "patient", 24)
    held(log, 1, "COLLECTING_RECORDS", WEEK)
    log.moved(1, "COLLECTING_RECORDS", "patient", 3 * WEEK)
    log.moved(1, "PRE_SCREEN", "system", 4 * WEEK)
    count(engine, session, 5 * WEEK)
    assert by_week(ask(engine, "stages"), "records") == [1, 1, 1, 1, 0, 0]
    (stay,) = [r for r in ask(engine, "stage_time", weeks=13) if r["stage"] == "records"]
    assert stay["stays"] == 1 and stay["median_days"] == pytest.approx(27.0)


def test_a_closed_case_that_is_opened_again_counts_in_both_places_in_turn(
    engine: Engine, session: Session, log: Log
) -> None:
    log.case(1)
    log.moved(1, "CLOSED_NO_OPTION", "none", WEEK)
    log.moved(1, "COLLECTING_RECORDS", "patient", 3 * WEEK)
    log.moved(1, "CLOSED_BY_PATIENT", "none", 5 * WEEK)
    count(engine, session, 6 * WEEK)
    rows = ask(engine, "stages")
    assert by_week(rows, "closed") == [0, 1, 1, 0, 0, 1, 1]
    assert by_week(rows, "closed", "entered") == [0, 1, 0, 0, 0, 1, 0]
    assert by_week(rows, "records") == [0, 0, 0, 1, 1, 0, 0]


def test_the_site_narrows_and_the_sites_sum_to_all(
    engine: Engine, session: Session, log: Log
) -> None:
    for case_id, site in ((1, "breast"), (2, "breast"), (3, "pancreas"), (4, None)):
        log.case(case_id)
        case = session.get(Case, case_id)
        assert case is not None
        case.site = site
        log.moved(case_id, "COLLECTING_RECORDS", "patient", 24 * case_id)
    count(engine, session, WEEK)
    last = {
        site: by_week(ask(engine, "stages", site), "records")[-1]
        for site in ("", "breast", "pancreas", "not_stated")
    }
    assert last == {"": 4, "breast": 2, "pancreas": 1, "not_stated": 1}
    (breast,) = ask(engine, "stage_time", "breast", 13)
    assert (breast["stays"], breast["median_days"]) == (2, pytest.approx(1.5))


def test_quartiles_of_the_stays_that_ended_in_the_period(
    engine: Engine, session: Session, log: Log
) -> None:
    days = (1, 2, 4, 8, 16, 32, 64)
    for case_id, length in enumerate(days, 1):
        log.case(case_id)
        log.moved(case_id, "COLLECTING_RECORDS", "patient", 24 * length)
    log.case(99)  # still in its first stage: not counted
    count(engine, session, NOW_HOURS)
    (stay,) = [r for r in ask(engine, "stage_time", weeks=26) if r["stage"] == "inquiry"]
    low, middle, high = quantiles(days, n=4, method="inclusive")
    assert stay["stays"] == len(days)
    found = (stay["quarter_days"], stay["median_days"], stay["three_quarters_days"])
    assert found == pytest.approx((low, middle, high))
    assert stay["p90_days"] == pytest.approx(quantiles(days, n=10, method="inclusive")[-1])
    (recent,) = [r for r in ask(engine, "stage_time", weeks=13) if r["stage"] == "inquiry"]
    assert recent["stays"] == 3, "thirteen weeks back from week fifteen: day 14 and later"


def test_random_lives_agree_with_the_cases_as_they_stand(
    engine: Engine, session: Session, log: Log
) -> None:
    chance = random.Random(5)
    states = [state for states in STAGES.values() for state in states]
    expected: Counter[str] = Counter()
    entered = 0
    for case_id in range(1, 41):
        log.case(case_id)
        state, stage, hours = "INQUIRY", "inquiry", 0.0
        entered += 1
        for _ in range(chance.randrange(8)):
            hours += chance.random() * WEEK
            if chance.random() < 0.2 and state != "ON_HOLD":
                held(log, case_id, state, hours)
                state = "ON_HOLD"
                continue
            state = chance.choice(states)
            log.moved(case_id, state, "coordinator", hours)
            entered += stage_of(state) != stage
            stage = stage_of(state)
        expected[stage] += 1
    count(engine, session)
    rows = ask(engine, "stages")
    last = max(row["week"] for row in rows)
    assert {r["stage"]: r["cases"] for r in rows if r["week"] == last and r["cases"]} == expected
    assert sum(row["entered"] for row in rows) == entered
    assert {sum(r["cases"] for r in rows if r["week"] == week["week"]) for week in rows} == {40}


def test_corrections_by_week_version_and_field(engine: Engine, session: Session, log: Log) -> None:
    log.case(1)

    def looked_at(field: str, version: str, verdict: str, hours: float) -> None:
        payload: dict[str, Any] = {"field": field, "extractor_version": version}
        if verdict == "rejected":
            log.event(1, "extraction.field_rejected", payload, hours=hours)
        else:
            payload["corrected"] = verdict == "corrected"
            log.event(1, "extraction.field_confirmed", payload, hours=hours)

    for verdict in ("confirmed", "confirmed", "corrected", "rejected"):
        looked_at("breast.grade", "1", verdict, 1)
    looked_at("breast.grade", "2", "confirmed", WEEK)
    looked_at("breast.er", "2", "confirmed", WEEK)
    looked_at("breast.er", "by-hand", "corrected", WEEK)
    count(engine, session, 2 * WEEK)
    weekly = [
        (r["extractor_version"], r["looked_at"], r["confirmed"], r["corrected"], r["rejected"])
        for r in ask(engine, "corrections")
    ]
    assert weekly == [("1", 4, 2, 1, 1), ("2", 2, 2, 0, 0)]
    fields = {r["field"]: (r["looked_at"], r["corrected"]) for r in ask(engine, "fields")}
    assert fields == {"breast.grade": (5, 1), "breast.er": (1, 0)}
    assert next(iter(fields)) == "breast.grade", "the worst field first"


def test_open_tasks_by_age_are_counted_now_and_not_ahead(
    engine: Engine, session: Session, log: Log
) -> None:
    log.case(1)
    count(engine, session, 4 * 24)
    log.task(1, "triage_inquiry", due=4, done=None)
    log.task(1, "triage_inquiry", due=9 * WEEK, done=None)
    log.task(1, "triage_inquiry", due=4, done=3)
    session.commit()
    (row,) = ask(engine, "in_hand")
    assert (row["age"], row["in_time"], row["late"]) == ("3 three to seven days", 1, 1)
    assert ask(engine, "in_hand", site="pancreas") == []


def test_what_the_charts_read_is_told(engine: Engine, session: Session, log: Log) -> None:
    log.case(1)
    count(engine, session, 3)
    with engine.connect() as connection:
        at = counted_at(connection)
        assert at is not None and abs(at - START - timedelta(hours=3)) < timedelta(minutes=1)
        for chart in charts().values():
            found = definitions(connection, chart.reads)
            assert list(found) == list(chart.reads)
            assert all("SELECT" in body for body in found.values())


def test_counted_views_hold_no_personal_data(engine: Engine) -> None:
    with engine.connect() as connection:
        columns = set(
            connection.execute(
                text(
                    "SELECT attname FROM pg_attribute JOIN pg_class ON oid = attrelid"
                    " WHERE relnamespace = 'analytics'::regnamespace AND attnum > 0"
                    " AND relkind = 'm'"
                )
            ).scalars()
        )
    allowed = {"business_now", "week", "weeks", "site", "stage", "entered", "cases", "stays",
               "days", "field", "extractor_version", "confirmed", "corrected",
               "rejected"}  # fmt: skip
    assert columns == allowed
