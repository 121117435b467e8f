"""The checklist: what applies to whom, when it is due, how early and how long a journey can be."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.stay import (
    check_stay,
    earliest_admission,
    infeasible_items,
    stay_plan,
    treatment_days,
    visa_stay_end,
)
from planning.travel import (
    JourneyFacts,
    JourneyItem,
    effective_flags,
    lateness,
    open_blockers,
    plan_journey,
    recalculate,
)
from planning.travel_template import load_travel
from playbook_reader import PlaybookError

FILE = Path(__file__).resolve().parents[2] / "playbooks" / "travel.yaml"
TRAVEL = load_travel(FILE)
ADMISSION = date(2027, 4, 12)
TODAY = date(2026, 11, 23)


def facts(nationality: str, destination: str, *flags: str, **more: object) -> JourneyFacts:
    given_: dict[str, object] = {"site": "breast", **more}
    return JourneyFacts(
        ADMISSION,
        destination,
        nationality=nationality,
        flags=frozenset({"has_companion", *flags}),
        **given_,  # type: ignore[arg-type]
    )


KENYA = facts("KE", "IN", "needs_interpreter", "hospital_asks_frro")


def by_code(items: tuple[JourneyItem, ...]) -> dict[str, JourneyItem]:
    return {item.code: item for item in items}


def test_the_whole_checklist_was_adopted_with_its_sources() -> None:
    assert len(TRAVEL.items) == 66
    assert all(item.src for item in TRAVEL.items)
    assert TRAVEL.sources["V2"].kind == "official 2017"


@pytest.mark.parametrize(
    ("journey", "items", "blocking"),
    [
        (KENYA, 44, 31),
        (facts("PK", "IN", "needs_interpreter", "slide_review", site="rectum_primary"), 44, 30),
        (facts("MV", "IN"), 32, 20),
        (facts("RU", "CN", "needs_interpreter", needs_visa=False), 37, 24),
        (
            facts("NG", "CN", "needs_interpreter", "slide_review", "comorbidity_plan",
                  "controlled_medicines", "medif_needed", site="pancreas"),
            50,
            36,
        ),
    ],
)  # fmt: skip
def test_five_sample_journeys(journey: JourneyFacts, items: int, blocking: int) -> None:
    plan = plan_journey(TRAVEL, journey)
    assert (len(plan), sum(item.blocking for item in plan)) == (items, blocking)


def test_dates_count_from_their_anchors() -> None:
    plan = by_code(plan_journey(TRAVEL, KENYA))
    assert plan["T01"].due == ADMISSION - timedelta(days=60)
    assert plan["T01"].latest == ADMISSION - timedelta(days=42)
    assert plan["E11"].due == ADMISSION - timedelta(days=6)  # three days before the arrival
    assert plan["F02"].due == ADMISSION  # the day before surgery
    assert plan["F03"].due == ADMISSION + timedelta(days=1 + 3 - 1)
    assert plan["F10"].due is None  # counts from the visa, which is not there yet
    known = by_code(plan_journey(TRAVEL, replace(KENYA, visa_stay_end=date(2027, 6, 7))))
    assert known["F10"].due == date(2027, 5, 17)


def test_a_known_day_wins_over_the_default() -> None:
    moved = replace(
        KENYA,
        arrival_date=ADMISSION - timedelta(days=5),
        surgery_date=ADMISSION + timedelta(days=3),
        discharge_date=ADMISSION + timedelta(days=9),
        return_date=ADMISSION + timedelta(days=30),
    )
    plan = by_code(plan_journey(TRAVEL, moved))
    assert plan["F01"].due == ADMISSION - timedelta(days=5)
    assert plan["F04"].due == ADMISSION + timedelta(days=13)
    assert plan["F06"].due == ADMISSION + timedelta(days=24)
    assert plan["F03"].due == ADMISSION + timedelta(days=8)


def test_the_visa_route_follows_the_country_and_the_parents() -> None:
    listed = by_code(plan_journey(TRAVEL, facts("RU", "IN")))
    assert {"I03", "I04"} <= set(listed)
    assert not listed["I03"].uncertain
    assert not {"I05", "I06"} & set(listed)
    embassy = by_code(plan_journey(TRAVEL, facts("PK", "IN")))
    assert {"I05", "I06", "I10"} <= set(embassy)
    assert "I03" not in embassy
    parent = by_code(
        plan_journey(TRAVEL, facts("GB", "IN", in_groups=frozenset({"in_embassy_only"})))
    )
    assert "I05" in parent
    assert "I03" not in parent


def test_what_the_tables_do_not_know_is_shown_as_a_question_and_a_person_answers() -> None:
    assert by_code(plan_journey(TRAVEL, KENYA))["I03"].uncertain
    yes = replace(KENYA, in_groups=frozenset({"in_evisa_listed"}))
    no = replace(KENYA, not_in_groups=frozenset({"in_evisa_listed"}))
    assert not by_code(plan_journey(TRAVEL, yes))["I03"].uncertain
    assert "I03" not in by_code(plan_journey(TRAVEL, no))


def test_a_visa_is_asked_for_unless_somebody_says_that_none_is_needed() -> None:
    assert "needs_visa" in effective_flags(TRAVEL, JourneyFacts(ADMISSION, "IN"))
    assert "needs_visa" not in effective_flags(TRAVEL, facts("NP", "IN"))
    assert "needs_visa" in effective_flags(TRAVEL, facts("NP", "IN", needs_visa=True))
    assert "needs_visa" in effective_flags(TRAVEL, facts("RU", "CN"))
    assert "needs_visa" in effective_flags(TRAVEL, facts("NP", "DE"))


def test_yellow_fever_follows_where_somebody_was_and_not_only_the_passport() -> None:
    assert "T08" not in by_code(plan_journey(TRAVEL, facts("RU", "IN")))
    for journey in (
        facts("RU", "IN", residence="KE"),
        facts("RU", "IN", stayed_in=frozenset({"br"})),
        facts("ke", "in"),
    ):
        assert {"T08", "T09"} <= set(by_code(plan_journey(TRAVEL, journey)))


def test_what_does_not_apply_counts_as_done_for_what_depends_on_it() -> None:
    alone = JourneyFacts(ADMISSION, "IN", nationality="RU")
    plan = by_code(plan_journey(TRAVEL, alone))
    assert plan["T04"].depends_on == ("T01",)
    assert "T03" not in plan


@pytest.mark.parametrize("journey", [KENYA, facts("NG", "CN"), facts("PK", "IN")])
def test_items_come_after_what_they_depend_on_and_are_not_due_before_it(
    journey: JourneyFacts,
) -> None:
    seen: dict[str, JourneyItem] = {}
    for item in plan_journey(TRAVEL, journey):
        for code in item.depends_on:
            before = seen[code].due
            if before is not None and item.due is not None:
                assert before <= item.due
        if item.due is not None and item.latest is not None:
            assert item.due <= item.latest
        seen[item.code] = item


def test_reminders_come_at_nine_local_time_and_never_at_night() -> None:
    for item in plan_journey(TRAVEL, replace(KENYA, zone="Africa/Nairobi")):
        for reminder in item.reminders:
            assert 8 <= (reminder.at + timedelta(hours=3)).hour < 21
    passport = by_code(plan_journey(TRAVEL, replace(KENYA, zone="Africa/Nairobi")))["T01"]
    assert [r.escalate for r in passport.reminders] == [0, 0, 0, 0, 1, 2]
    assert passport.reminders[0].at == datetime(2027, 1, 28, 6, tzinfo=UTC)


def test_reminders_follow_the_clock_change_of_the_recipient() -> None:
    item = by_code(plan_journey(TRAVEL, replace(KENYA, zone="Europe/Berlin")))["M01"]
    hours = {(r.at.month, r.at.hour) for r in item.reminders}
    assert hours == {(3, 8), (3, 7), (4, 7)}  # nine o'clock before and after 28 March


def test_lateness_is_a_matter_of_a_given_day() -> None:
    item = by_code(plan_journey(TRAVEL, KENYA))["T01"]
    assert item.due is not None
    assert lateness(item, item.due).days == 0
    assert item.latest is not None
    assert not lateness(item, item.latest).beyond_latest
    assert lateness(item, item.latest + timedelta(days=1)).beyond_latest
    late = lateness(item, item.due + timedelta(days=3))
    assert (late.days, late.beyond_latest) == (3, False)
    assert lateness(item, item.due + timedelta(days=19)).beyond_latest
    assert lateness(item, date(2030, 1, 1), done_on=item.due).days == 0


def test_when_the_admission_moves_undone_items_move_and_done_ones_stay() -> None:
    before = plan_journey(TRAVEL, KENYA)
    later = replace(KENYA, admission_date=ADMISSION + timedelta(days=12))
    done = frozenset({"T01", "T02"})
    result = recalculate(before, TRAVEL, later, done=done, on=ADMISSION - timedelta(days=45))
    old, new = by_code(before), by_code(result.items)
    assert new["T01"] == old["T01"]
    for code in set(old) - done:
        if old[code].due is not None:
            assert new[code].due == old[code].due + timedelta(days=12)  # type: ignore[operator]
    assert not done & {*result.moved, *result.late}
    assert "T03" in result.moved
    assert recalculate(result.items, TRAVEL, later, done=done, on=TODAY).moved == ()


def test_an_item_that_no_longer_applies_is_dropped_unless_it_was_done() -> None:
    before = plan_journey(TRAVEL, KENYA)
    alone = replace(KENYA, flags=frozenset())
    result = recalculate(before, TRAVEL, alone, done=frozenset({"I04"}), on=TODAY)
    assert "T03" in result.dropped
    assert "I04" not in result.dropped


def test_the_gates_open_when_every_blocking_item_is_done() -> None:
    plan = plan_journey(TRAVEL, KENYA)
    blockers = open_blockers(plan, "go_no_go", frozenset())
    assert "E08" in blockers
    assert "E11" not in blockers
    assert "F04" not in blockers
    assert open_blockers(plan, "go_no_go", frozenset(blockers)) == ()
    assert "F04" in open_blockers(plan, "fly_home", frozenset(blockers))


def test_unknown_flags_and_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown flags"):
        plan_journey(TRAVEL, facts("KE", "IN", "has_dog"))
    with pytest.raises(ValueError, match="unknown groups"):
        plan_journey(TRAVEL, facts("KE", "IN", in_groups=frozenset({"in_visa"})))


def test_a_table_that_was_not_reviewed_shows() -> None:
    assert TRAVEL.stale_groups(TODAY) == ()
    assert "in_evisa_listed" in TRAVEL.stale_groups(TODAY + timedelta(days=31))
    assert set(TRAVEL.stale_groups(TODAY + timedelta(days=91))) == set(TRAVEL.groups)


def alone(nationality: str, destination: str) -> JourneyFacts:
    return JourneyFacts(ADMISSION, destination, nationality=nationality, site="breast")


@pytest.mark.parametrize(
    ("journey", "shortest", "likely"),
    [
        (alone("RU", "IN"), 11, 13),
        (alone("GH", "IN"), 14, 16),
        (alone("SO", "IN"), 32, 32),
        (alone("PK", "IN"), 32, 35),
        (alone("RU", "CN"), 29, 38),
    ],
)
def test_the_earliest_admission_is_the_longest_chain(
    journey: JourneyFacts, shortest: int, likely: int
) -> None:
    earliest = earliest_admission(TRAVEL, journey, today=TODAY)
    assert ((earliest.shortest - TODAY).days, (earliest.likely - TODAY).days) == (shortest, likely)


def test_what_is_done_takes_no_time_and_a_passport_renewal_takes_more() -> None:
    journey = alone("RU", "IN")
    slow = earliest_admission(TRAVEL, journey, today=TODAY, extra_days={"T01": 30})
    fast = earliest_admission(TRAVEL, journey, today=TODAY, done=frozenset({"T06", "I02", "I03"}))
    plain = earliest_admission(TRAVEL, journey, today=TODAY)
    assert fast.shortest < plain.shortest < slow.shortest
    assert slow.because[0] == "T01"
    assert plain.because == ("T06", "I02", "I03", "E02")


def test_a_date_that_cannot_be_kept_names_the_item() -> None:
    plan = plan_journey(TRAVEL, KENYA)
    assert infeasible_items(plan, today=ADMISSION - timedelta(days=60), done=frozenset()) == ()
    late = infeasible_items(plan, today=ADMISSION - timedelta(days=41), done=frozenset({"T02"}))
    assert [item.code for item in late] == ["T01"]


@pytest.mark.parametrize(
    ("site", "days"),
    [("breast", 17), ("rectum_primary", 23), ("pancreas", 26), ("retroperitoneum", 26)],
)
def test_the_planned_stay(site: str, days: int) -> None:
    assert stay_plan(TRAVEL, site=site, arrival=ADMISSION).plan_days == days


@pytest.mark.parametrize(("fractions", "days"), [(0, 17), (15, 51), (25, 65), (33, 77)])
def test_the_stay_with_further_radiotherapy(fractions: int, days: int) -> None:
    plan = stay_plan(TRAVEL, site="breast", arrival=ADMISSION, fractions=fractions)
    assert plan.contingency_days == days
    assert plan.plan_days == 17


def test_fractions_pause_at_weekends() -> None:
    assert [treatment_days(n) for n in (0, 1, 5, 6, 15, 25, 33)] == [0, 1, 5, 8, 19, 33, 45]


def test_sixty_days_do_not_cover_further_radiotherapy_and_the_choices_are_named() -> None:
    arrival = date(2027, 4, 9)
    plan = stay_plan(TRAVEL, site="breast", arrival=arrival, fractions=25)
    end = visa_stay_end(arrival, 60)
    here = check_stay(plan, end, supplementary_at="here")
    assert (here.covers_plan, here.covers_contingency, here.stay_covers_plan) == (
        True,
        False,
        False,
    )
    assert here.days_short == 6
    assert here.proposals == ("extension", "ebrt_at_home")
    home = check_stay(plan, end, supplementary_at="home")
    assert (home.stay_covers_plan, home.proposals) == (True, ())
    assert check_stay(plan, plan.contingency_end, supplementary_at="here").stay_covers_plan
    assert check_stay(plan, None, supplementary_at="here").stay_covers_plan
    short = check_stay(plan, arrival + timedelta(days=10), supplementary_at="home")
    assert short.proposals == ("extension",)


@given(
    st.sampled_from(["KE", "PK", "MV", "RU", "NG", "GH", "DE", None]),
    st.sampled_from(["IN", "CN", "TR"]),
    st.sets(st.sampled_from(sorted(TRAVEL.flags))),
    st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    st.sampled_from([*TRAVEL.stays, None]),
)
def test_any_journey_can_be_planned_and_moves_as_a_whole(
    nationality: str | None, destination: str, flags: set[str], admission: date, site: str | None
) -> None:
    journey = JourneyFacts(
        admission, destination, nationality=nationality, flags=frozenset(flags), site=site
    )
    plan = plan_journey(TRAVEL, journey)
    later = plan_journey(TRAVEL, replace(journey, admission_date=admission + timedelta(days=7)))
    assert [item.code for item in plan] == [item.code for item in later]
    assert len({item.code for item in plan}) == len(plan)
    for one, other in zip(plan, later, strict=True):
        if one.due is not None:
            assert other.due == one.due + timedelta(days=7)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{id: T02,", "{id: T01,", "T01 stands twice"),
        ("depends_on: [T02], produces: [passport_scan]", "depends_on: [T99], produces: [x]", "T99"),
        ("remind: long", "remind: often", "unknown reminder schedule"),
        ("when: {flag: has_companion}", "when: {flag: has_friend}", "unknown flag"),
        ("group: yf_risk", "group: yellow", "unknown group"),
        ("src: [V1, V8, C2]", "src: [V99]", "unknown source"),
        ("due: {a: D, d: -60}, latest: {a: D, d: -42}, depends_on: []",
         "due: {a: D, d: -60}, latest: {a: D, d: -61}, depends_on: []", "last safe day"),
        ("due: {a: D, d: -48}", "due: {a: D, d: -70}", "due before"),
        ("owner: patient", "owner: family", "Input should be"),
        ("blocking: true, due", "blocking: perhaps, due", "boolean"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_playbook_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    path = tmp_path / "travel.yaml"
    text = FILE.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(PlaybookError, match=reason) as error:
        load_travel(path)
    assert error.value.line is not None
    assert error.value.line > 20


def test_items_that_depend_on_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "travel.yaml"
    text = FILE.read_text().replace(
        "depends_on: [T09], produces: [icvp]", "depends_on: [T09, T10], produces: [icvp]"
    )
    early = "due: {a: D, d: -40}, latest: {a: D, d: -32}, depends_on: []"
    assert early in text
    text = text.replace(early, "due: {a: D, d: -30}, latest: {a: D, d: -14}, depends_on: [T08]")
    path.write_text(text)
    with pytest.raises(PlaybookError, match="depend on each other"):
        load_travel(path)
