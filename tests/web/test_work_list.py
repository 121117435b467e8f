"""The lists: counts that agree with the database, and one's own views."""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlmodel import Session, col

from models import AuditEntry, Case, Hospital, HumanTask, OutreachThread
from models.base import require_id
from models.case import SITES, URGENCIES
from models.database import transaction
from tests.web.parts import Visitor
from tests.workflows.playing import PATIENT, Play
from views.facets import case_facets, task_facets, together
from views.filters import DIMENSIONS, Mine, filter_of
from views.lists import list_cases, open_tasks
from views.parts import parts_now
from workflows.engine.world import World
from workflows.stages import STAGES

Visit = Callable[..., Visitor]
ME, COLLEAGUE = "U-me", "U-colleague"
COUNTRIES = ("KE", "IN", "RU")


@dataclass(frozen=True)
class Row:
    """One case or task as this test counts it, without SQL."""

    codes: Mapping[str, str | None]
    hospitals: frozenset[str]
    role: str = ""
    owner: str | None = None
    closed: bool = False

    def has(self, name: str, code: str) -> bool:
        return code in self.hospitals if name == "hospital" else self.codes[name] == code


def fill(world: World, seed: int, cases: int = 60) -> tuple[list[Row], list[Row]]:
    """Write cases with tasks and hospitals; return the cases and the open tasks."""
    chance, now = random.Random(seed), world.clock.now()
    with transaction(world.engine) as session:
        hospitals = list(session.scalars(select(Hospital)))
        kept = [_case(session, chance, now, number, hospitals) for number in range(cases)]
    return [case for case, _ in kept], [task for _, tasks in kept for task in tasks]


def _case(
    session: Session, chance: random.Random, now: datetime, number: int, hospitals: list[Hospital]
) -> tuple[Row, list[Row]]:
    stage = chance.choice(list(STAGES))
    case = Case(
        ref=f"CFX-26-{90000 + number}",
        stage=stage,
        state=STAGES[stage][0],
        waiting_on=chance.choice(("patient", "hospital", "coordinator")),
        site=chance.choice((*SITES[:3], None)),
        urgency=chance.choice(URGENCIES),
        residence_country=chance.choice((*COUNTRIES, None)),
        opened_at=now,
        coordinator_ref=chance.choice((None, None, ME, COLLEAGUE)),
        closed_at=now if chance.random() < 0.2 else None,
    )
    session.add(case)
    session.flush()
    asked = chance.sample(hospitals, chance.randint(0, len(hospitals)))
    for hospital in asked:
        session.add(
            OutreachThread(
                case_id=require_id(case.id), hospital_id=require_id(hospital.id), opened_at=now
            )
        )
    codes = {
        "urgency": case.urgency,
        "late": None,
        "stage": stage,
        "waiting_on": case.waiting_on,
        "site": case.site,
        "country": case.residence_country,
    }
    row = Row(
        codes,
        frozenset(hospital.code for hospital in asked),
        owner=case.coordinator_ref,
        closed=case.closed_at is not None,
    )
    tasks = []
    for _ in range(chance.randint(0, 3)):
        late, role = chance.random() < 0.4, chance.choice(("coordinator", "clinician"))
        state = chance.choice(("open", "open", "done"))
        due = now + timedelta(hours=-5 if late else 5)
        session.add(
            HumanTask(
                case_id=case.id,
                kind="triage_inquiry",
                role=role,
                state=state,
                due_at=due,
                opened_at=now,
            )
        )
        if state == "open":
            tasks.append(
                replace(row, codes={**codes, "late": "true" if late else "false"}, role=role)
            )
    any_late = any(task.codes["late"] == "true" for task in tasks)
    roles = ",".join(sorted({task.role for task in tasks}))
    case_row = replace(row, codes={**codes, "late": "true" if any_late else "false"}, role=roles)
    return case_row, tasks


def counted(rows: Sequence[Row], chosen: Mapping[str, str], name: str) -> Counter[str]:
    """Count the rows by one dimension with what is chosen in all the others."""
    others = [(other, code) for other, code in chosen.items() if other != name]
    left = [row for row in rows if all(row.has(other, code) for other, code in others)]
    if name == "hospital":
        return Counter(code for row in left for code in row.hospitals)
    return Counter(code for row in left if (code := row.codes[name]) is not None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_count_beside_a_choice_agrees_with_the_rows(world: World, seed: int) -> None:
    cases, tasks = fill(world, seed)
    opened = [row for row in cases if not row.closed]
    my_tasks = [row for row in tasks if row.role == "coordinator" and row.owner in (None, ME)]
    my_cases = [
        row
        for row in opened
        if row.owner == ME or (row.owner is None and "coordinator" in row.role)
    ]
    mine, now, chance = Mine(ME, ("coordinator",)), world.clock.now(), random.Random(seed)
    values: dict[str, Sequence[str]] = {
        "urgency": URGENCIES,
        "late": ("true",),
        "stage": tuple(STAGES),
        "site": SITES[:3],
        "waiting_on": ("patient", "hospital"),
        "country": COUNTRIES,
        "hospital": ("H01", "H02"),
    }
    with Session(world.engine) as session:
        for size in (0, 1, 1, 2, 2, 3):
            chosen = {name: chance.choice(values[name]) for name in chance.sample(DIMENSIONS, size)}
            all_open = filter_of(chosen)
            of_mine = filter_of(chosen, mine=mine)
            parts = parts_now(session, now)
            for rows, by_part, listed in (
                (opened, case_facets(session, now, all_open, parts),
                 list_cases(session, now, all_open)),
                (my_cases, case_facets(session, now, of_mine, parts),
                 list_cases(session, now, of_mine)),
                (my_tasks, task_facets(session, now, of_mine, parts),
                 open_tasks(session, now, wanted=of_mine)),
            ):  # fmt: skip
                facets = together(by_part.values())
                left = [row for row in rows if all(row.has(*pair) for pair in chosen.items())]
                assert facets.total == len(left) == len(listed), chosen
                for name in DIMENSIONS:
                    expected = counted(rows, chosen, name)
                    assert facets.counts.get(name, {}) == expected, (name, chosen)


def shown_counts(page: str) -> dict[str, tuple[str, ...]]:
    """Return the numbers beside each choice of a page, by its id."""
    rows = re.findall(r'<a id="f-([\w-]+)".*?</th>(.*?)</tr>', page, re.DOTALL)
    return {name: tuple(re.findall(r">(\d+|–)<", cells)) for name, cells in rows}


def test_a_choice_leads_to_as_many_rows_as_stood_beside_it(visit: Visit, world: World) -> None:
    fill(world, 7)
    visitor = visit("coordinator")
    page = visitor.get("/?site=breast").text
    links = re.findall(r'<a id="f-([\w-]+)" href="([^"]+)"', page)
    assert len(links) > 10
    counts = shown_counts(page)
    for name, url in links:
        there = visitor.get(unescape(url)).text
        if name == "site-breast":
            continue
        tasks, cases = counts[name]
        assert len(re.findall(r'<a class="go" id="t\d+"', there)) == int(tasks.replace("–", "0"))
        assert len(re.findall(r'<tr data-row="CFX', there)) == int(cases.replace("–", "0")), name


def test_closed_cases_are_left_out_until_they_are_wanted_and_pages_keep_the_filter(
    visit: Visit, world: World
) -> None:
    cases, _ = fill(world, 5, cases=260)
    visitor = visit("analyst")
    first = visitor.get("/cases?closed=true&waiting_on=patient").text
    wanted = sum(row.codes["waiting_on"] == "patient" for row in cases)
    still_open = sum(row.codes["waiting_on"] == "patient" and not row.closed for row in cases)
    assert f"<strong>{wanted}</strong>" in first and wanted > still_open
    assert f"<strong>{still_open}</strong>" in visitor.get("/cases?waiting_on=patient").text
    everything = visitor.get("/cases?closed=true").text
    seen: list[str] = re.findall(r'<tr data-row="(CFX[\d-]+)"', everything)
    while more := re.search(r'id="page-next"[^>]* href="([^"]+)"', everything):
        everything = visitor.get(unescape(more.group(1))).text
        seen += re.findall(r'<tr data-row="(CFX[\d-]+)"', everything)
    assert len(seen) == len(set(seen)) == 260


def test_codes_that_nobody_knows_change_nothing(visit: Visit, world: World) -> None:
    fill(world, 5, cases=10)
    visitor = visit("coordinator")
    for strange in ("stage=%27--", "site=lung", "country=K%22E", "hospital=<script>", "late=maybe"):
        page = visitor.get(f"/cases?{strange}")
        assert page.status_code == 200 and "<script>" not in page.text.partition("<main")[2]
        assert 'class="chosen"' not in page.text


@pytest.mark.parametrize("typed", ["{ref}", "{lower}", "{short}", "{number}"])
def test_a_typed_reference_leads_straight_to_the_case(visit: Visit, play: Play, typed: str) -> None:
    play.open()
    ref = play.case.ref
    _, year, number = ref.split("-")
    text = typed.format(
        ref=ref, lower=f" {ref.lower()} ", short=f"{year}-{int(number)}", number=int(number)
    )
    answer = visit("coordinator").client.get("/find", params={"ref": text})
    assert answer.headers["location"] == f"/cases/{ref}"


def test_a_reference_of_no_case_says_so(visit: Visit, play: Play) -> None:
    play.open()
    for typed in ("CFX-26-99999", "%", "CFX-__-00001", "Rosa"):
        assert "no case" in visit("coordinator").client.get("/find", params={"ref": typed}).text


def test_analysts_see_the_lists_and_nothing_personal(
    visit: Visit, world: World, play: Play
) -> None:
    play.open()
    visitor = visit("analyst")
    assert visitor.get("/").headers["location"] == "/cases"
    page = visitor.get("/cases").text
    assert play.case.ref in page
    assert PATIENT.name and PATIENT.email
    for personal in (PATIENT.name, PATIENT.email, *PATIENT.name.split()):
        assert personal not in page
    with Session(world.engine) as session:
        actions = set(session.scalars(select(col(AuditEntry.action))))
    assert not any("viewed" in action for action in actions), "a list shows nobody"


# Saved views


def save(visitor: Visitor, name: str, place: str = "cases", **chosen: str) -> Any:
    form = {f"chosen-{key}": value for key, value in chosen.items()}
    return visitor.send("/views", {"place": place, "name": name, **form})


def view_links(page: str) -> dict[str, tuple[str, int, str]]:
    """Return each saved view of a page: its address, count and number."""
    found = re.findall(
        r'<a class="chip" id="v([1-9]\d*)" href="([^"]+)"[^>]*>([^<]+) <b>(\d+)</b>', page
    )
    return {name: (unescape(url), int(count), number) for number, url, name, count in found}


def test_a_view_is_kept_with_its_live_count(visit: Visit, world: World) -> None:
    cases, _ = fill(world, 3)
    visitor = visit("coordinator")
    answer = save(visitor, "Breast, Kenya", site="breast", country="KE")
    assert answer.headers["location"] == "/cases?site=breast&country=KE"
    url, count, _ = view_links(visitor.get("/").text)["Breast, Kenya"]
    expected = [row for row in cases if not row.closed and row.has("site", "breast")]
    assert count == sum(row.has("country", "KE") for row in expected)
    assert f"<strong>{count}</strong>" in visitor.get(url).text
    save(visitor, "Breast, Kenya", site="breast", secret="Rosa", stage="nonsense")
    url, more, _ = view_links(visitor.get("/cases").text)["Breast, Kenya"]
    assert (url, more) == ("/cases?site=breast", len(expected)), "the same name replaces it"


def test_views_belong_to_one_account(visit: Visit, world: World) -> None:
    mine, other = visit("coordinator"), visit("coordinator")
    save(mine, "Late ones", place="work", late="true")
    _, _, number = view_links(mine.get("/").text)["Late ones"]
    assert "Late ones" not in other.get("/").text + other.get("/views").text
    for act in ("delete", "rename", "default"):
        answer = other.send(f"/views/{number}", {"act": act, "name": "Taken"}, "/views")
        assert answer.status_code == 404
    assert "Late ones" in view_links(mine.get("/").text)
    mine.send(f"/views/{number}", {"act": "rename", "name": "Too late"}, "/views")
    assert list(view_links(mine.get("/").text)) == ["Too late"]
    mine.send(f"/views/{number}", {"act": "delete"}, "/views")
    assert view_links(mine.get("/").text) == {}


def test_a_list_opens_with_its_default_view_and_everything_leads_past_it(visit: Visit) -> None:
    visitor = visit("coordinator")
    for name, chosen in (("Late", {"late": "true"}), ("Soon", {"urgency": "soon"})):
        save(visitor, name, place="work", **chosen)
        _, _, number = view_links(visitor.get("/?all=true").text)[name]
        visitor.send(f"/views/{number}", {"act": "default"}, "/views")
    assert visitor.get("/").headers["location"] == "/?urgency=soon", "one default, the newest"
    assert visitor.get("/?done=7").headers["location"] == "/?urgency=soon&done=7"
    everything = visitor.get("/?all=true")
    assert everything.status_code == 200 and 'href="/?all=true" aria-current' in everything.text
    assert visitor.get("/cases").status_code == 200, "the other list has its own"
    visitor.send(f"/views/{number}", {"act": "plain"}, "/views")
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"place": "cases", "name": "  "}, "1 to 40"),
        ({"place": "cases", "name": "x" * 41}, "1 to 40"),
        ({"place": "elsewhere", "name": "x"}, "no such list"),
    ],
)
def test_a_view_that_cannot_be_kept_is_refused_in_words(
    visit: Visit, form: dict[str, str], says: str
) -> None:
    answer = visit("coordinator").send("/views", form)
    assert answer.status_code == 422 and says in answer.text


def test_there_is_an_end_to_views(visit: Visit) -> None:
    visitor = visit("coordinator")
    answers = [save(visitor, f"View {number}").status_code for number in range(25)]
    assert answers == [303] * 24 + [422]


# What is counted once


def test_lists_are_counted_once_while_nothing_changes_and_anew_after_every_change(
    visit: Visit, world: World, play: Play
) -> None:
    fill(world, 11)
    visitor, counted_anew = visit("coordinator"), []

    def note(*seen: Any) -> None:
        if "outreach_thread" in seen[2]:
            counted_anew.append(seen[2])

    event.listen(world.engine, "before_cursor_execute", note)

    def counts() -> tuple[int, int]:
        """Return the number of open cases shown, and how often the hospitals were counted."""
        counted_anew.clear()
        found = re.search(r"<strong>(\d+)</strong>\s*open,", visitor.get("/cases").text)
        assert found
        return int(found.group(1)), len(counted_anew)

    cases, times = counts()
    assert times == 1
    assert counts() == (cases, 0)
    play.open()
    assert counts() == (cases + 1, 1)
    assert visitor.get("/cases?site=breast").status_code == 200
    assert len(counted_anew) == 2, "another filter is another question"
    before = shown_counts(visitor.get("/").text)["late-true"]
    assert shown_counts(visitor.get("/").text)["late-true"] == before
    play.clock.move(timedelta(days=10))
    assert shown_counts(visitor.get("/").text)["late-true"] != before, "time changes it too"
