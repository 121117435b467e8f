"""The hospital directory: found by technique and place, confirmed, edited, in and out as a file."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, FilePayload
from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.directory import load_hospitals
from models import AuditEntry, Case, DirectoryChange, Hospital, Message, Offer, OutreachThread
from models.base import require_id
from models.database import transaction
from settings import PROJECT_ROOT
from tests.web.browsing import watch
from tests.web.parts import Visitor, make_user, seen
from tests.workflows.playing import Play
from workflows.directory.measured import Answers, answer_times
from workflows.directory.store import put_hospitals, record_of
from workflows.engine.world import World

Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def shipped(world: World) -> None:
    """The hospitals that the product ships, as its file describes them."""
    with transaction(world.engine) as session:
        put_hospitals(session, load_hospitals(PROJECT_ROOT / "playbooks" / "hospitals.yaml"))


def codes(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/directory/(H\d+)"', page)


def hospital(world: World, code: str) -> Hospital:
    with Session(world.engine) as session:
        return session.scalars(select(Hospital).where(col(Hospital.code) == code)).one()


def test_the_list_is_narrowed_by_technique_site_country_and_staleness(visit: Visit) -> None:
    reader = visit("clinician")
    everything = reader.get("/directory").text
    assert codes(everything) == [f"H{n:02d}" for n in range(1, 9)]
    assert everything.count("no measure yet") == 8
    assert codes(reader.get("/directory?technique=hdr_iort").text) == ["H06", "H08"]
    assert codes(reader.get("/directory?technique=kv_iort&site=pancreas").text) == ["H04"]
    assert codes(reader.get("/directory?country=IN").text) == ["H01", "H02", "H08"]
    stale = reader.get("/directory?stale=true").text
    assert codes(stale) == ["H04", "H08"] and "never confirmed" in stale
    assert "No hospital fits." in reader.get("/directory?country=FR").text


def ask(
    world: World,
    play: Play,
    code: str,
    hours: float | None,
    *,
    robot: bool = False,
    state: str = "in_review",
    rehearsal: bool = False,
) -> int:
    """Ask a hospital about a new case; it answers after so many hours, or never."""
    play.open()
    now = world.clock.now()
    with transaction(world.engine) as session:
        case = session.get(Case, play.case_id)
        assert case
        case.rehearsal = rehearsal
        asked = session.scalars(select(Hospital).where(col(Hospital.code) == code)).one()
        thread = OutreachThread(
            case_id=play.case_id, hospital_id=require_id(asked.id), state=state, opened_at=now
        )
        session.add(thread)
        session.flush()
        thread_id = require_id(thread.id)
        letter = Message(
            case_id=play.case_id,
            thread_id=thread_id,
            direction="out",
            state="sent",
            to_role="hospital",
            template="M10",
            sent_at=now,
        )
        session.add(letter)
        if robot:
            session.add(_reply(play, thread_id, now + timedelta(minutes=1), automated=True))
        if hours is not None:
            session.add(_reply(play, thread_id, now + timedelta(hours=hours), automated=False))
    return thread_id


def _reply(play: Play, thread_id: int, at: datetime, *, automated: bool) -> Message:
    return Message(
        case_id=play.case_id,
        thread_id=thread_id,
        direction="in",
        state="received",
        to_role="coordinator",
        automated=automated,
        sent_at=at,
    )


def measured(world: World, code: str) -> Answers:
    with Session(world.engine) as session:
        return answer_times(session, world.clock.now())[require_id(hospital(world, code).id)]


def test_answer_times_are_those_of_people_not_of_robots(
    visit: Visit, world: World, play: Play
) -> None:
    for hours in (10, 20, 30, 40):
        thread_id = ask(world, play, "H01", hours, robot=True)
    ask(world, play, "H01", None, robot=True)
    ask(world, play, "H01", 50, state="declined")
    with transaction(world.engine) as session:
        thread = session.get(OutreachThread, thread_id)
        assert thread
        session.add(
            Offer(
                case_id=thread.case_id,
                thread_id=thread_id,
                hospital_id=thread.hospital_id,
                currency="INR",
                amount_low=Decimal(1),
                amount_high=Decimal(2),
                recorded_by="c",
                recorded_at=world.clock.now(),
            )
        )
    found = measured(world, "H01")
    assert (found.asked, found.answered, found.offered, found.declined) == (6, 5, 1, 1)
    assert found.median_hours == pytest.approx(30) and found.p90_hours == pytest.approx(46)
    page = visit("coordinator").get("/directory/H01").text
    assert "30 h" in page and "46 h" in page and play.case.ref in page


def test_two_answers_are_no_measure_yet(visit: Visit, world: World, play: Play) -> None:
    for hours in (10, 20):
        ask(world, play, "H01", hours)
    assert not measured(world, "H01").measured
    page = visit("coordinator").get("/directory/H01").text
    assert "No measure yet" in page and "2 answers" in page


def test_a_rehearsal_and_what_is_long_past_say_nothing_of_a_real_hospital(
    world: World, play: Play
) -> None:
    ask(world, play, "H01", 5, rehearsal=True)
    ask(world, play, "H01", 6)
    assert measured(world, "H01").asked == 2, "an invented hospital has nothing but rehearsals"
    with transaction(world.engine) as session:
        row = session.scalars(select(Hospital).where(col(Hospital.code) == "H01")).one()
        row.fictitious = False
    assert measured(world, "H01").asked == 1
    play.clock.move(timedelta(days=400))
    with Session(world.engine) as session:
        assert answer_times(session, world.clock.now()) == {}


def test_still_true_today_is_written_down_with_what_it_rests_on(visit: Visit, world: World) -> None:
    lead = visit("lead")
    assert "stale" in lead.get("/directory/H04").text
    empty = lead.send("/directory/H04/confirm", {"unit": "1", "evidence": " "}, "/directory/H04")
    assert empty.status_code == 422 and "rests on" in empty.text
    form = {"unit": "1", "evidence": "call with the liaison"}
    assert lead.send("/directory/H04/confirm", form, "/directory/H04").status_code == 303
    unit = record_of(hospital(world, "H04")).units[0]
    assert unit.last_confirmed_on == world.clock.now().date()
    assert hospital(world, "H04").last_confirmed_on == unit.last_confirmed_on
    page = lead.get("/directory/H04?saved=confirmed").text
    assert "units to confirm" not in page and "call with the liaison" in page
    assert "lead-1" in page, "the history names who confirmed"
    with Session(world.engine) as session:
        (change,) = session.scalars(select(DirectoryChange)).all()
        assert (change.act, change.unit, change.technique) == ("confirmed", 1, "kv_iort")
        noted = session.scalars(
            select(AuditEntry).where(col(AuditEntry.action) == "directory.confirmed")
        ).one()
        assert (noted.object_ref, noted.actor_ref) == ("hospital:H04", change.actor_ref)
    assert (
        lead.send("/directory/H04/confirm", {**form, "unit": "9"}, "/directory/H04").status_code
        == 422
    )


def form_of(page: str) -> dict[str, list[str]]:
    """Return what a browser would send of the edit form as it stands."""
    import html

    values: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input[^>]*? name="([^"]+)" value="([^"]*)"', page):
        tag = re.search(rf'<input[^>]*? name="{name}" value="{re.escape(value)}"[^>]*>', page)
        assert tag
        if 'type="checkbox"' not in tag.group() or " checked" in tag.group():
            values.setdefault(name, []).append(html.unescape(value))
    for name, text in re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>([^<]*)<', page):
        values[name] = [html.unescape(text)]
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', page):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = [chosen.group(1) if chosen else ""]
    return values


def test_an_edit_changes_what_was_changed_and_nothing_else(visit: Visit, world: World) -> None:
    coordinator = visit("coordinator")
    before = record_of(hospital(world, "H05"))
    form = form_of(coordinator.get("/directory/H05/edit").text)
    untouched = coordinator.client.post("/directory/H05/edit", data=form)
    assert untouched.status_code == 303
    assert record_of(hospital(world, "H05")) == before
    with Session(world.engine) as session:
        assert session.scalars(select(DirectoryChange)).all() == []
    form = form_of(coordinator.get("/directory/H05/edit").text)
    form |= {"2:in_service": ["yes"], "2:sites": ["breast", "pancreas"], "city": ["Ankara"]}
    assert coordinator.client.post("/directory/H05/edit", data=form).status_code == 303
    after = record_of(hospital(world, "H05"))
    assert after.city == hospital(world, "H05").city == "Ankara"
    assert after.units[1].in_service and after.units[1].sites == ("breast", "pancreas")
    assert after.units[0] == before.units[0]
    assert after.units[1].last_confirmed_on == before.units[1].last_confirmed_on
    with Session(world.engine) as session:
        changes = session.scalars(select(DirectoryChange).order_by(col(DirectoryChange.id))).all()
        assert [(c.unit, c.fields) for c in changes] == [
            (None, ["city"]),
            (2, ["sites", "in_service"]),
        ]


def test_a_refused_edit_keeps_what_was_typed_and_says_where(visit: Visit, world: World) -> None:
    coordinator = visit("coordinator")
    form = form_of(coordinator.get("/directory/H05/edit").text)
    form |= {"country": ["Turkey"], "city": ["Ankara"], "2:sites": []}
    refused = coordinator.client.post("/directory/H05/edit", data=form)
    assert refused.status_code == 422
    assert 'value="Ankara"' in refused.text and 'value="Turkey"' in refused.text
    assert refused.text.count('aria-invalid="true"') == 1
    assert "two letters" in refused.text and "2-sites-problem" in refused.text
    assert hospital(world, "H05").city == "Istanbul"


def test_an_edit_of_what_somebody_changed_meanwhile_is_not_taken(
    visit: Visit, world: World
) -> None:
    first, second = visit("coordinator"), visit("lead")
    mine = form_of(first.get("/directory/H05/edit").text) | {"city": ["Ankara"]}
    other = form_of(second.get("/directory/H05/edit").text) | {"city": ["Izmir"]}
    assert second.client.post("/directory/H05/edit", data=other).status_code == 303
    refused = first.client.post("/directory/H05/edit", data=mine)
    assert refused.status_code == 422 and "meanwhile" in refused.text
    assert hospital(world, "H05").city == "Izmir"


def test_a_unit_is_added_and_needs_its_own_confirmation(visit: Visit, world: World) -> None:
    coordinator = visit("coordinator")
    form = form_of(coordinator.get("/directory/H01/edit").text)
    form |= {
        "2:technique": ["ioert"],
        "2:device": ["new one"],
        "2:sites": ["breast"],
        "2:in_service": ["yes"],
        "2:cases_per_year": [""],
    }
    assert coordinator.client.post("/directory/H01/edit", data=form).status_code == 303
    unit = record_of(hospital(world, "H01")).units[1]
    assert (unit.technique, unit.last_confirmed_on) == ("ioert", None)
    assert "never" in coordinator.get("/directory/H01").text


@pytest.mark.parametrize("role", ["clinician", "analyst", "administrator"])
def test_who_only_reads_changes_nothing(visit: Visit, world: World, role: str) -> None:
    reader = visit(role)
    page = reader.get("/directory/H04")
    assert page.status_code == 200 and "Still true today" not in page.text
    assert reader.get("/directory/H04/edit").status_code == 403
    assert reader.get("/directory/import").status_code == 403
    form = {"unit": "1", "evidence": "x"}
    assert reader.send("/directory/H04/confirm", form, "/directory/H04").status_code == 403
    assert reader.get("/directory/export.csv").status_code == 200
    assert record_of(hospital(world, "H04")).units[0].last_confirmed_on != world.clock.now().date()


def upload(visitor: Visitor, content: bytes) -> str:
    token = visitor.token("/directory/import")
    files = {"file": ("hospitals.csv", content, "text/csv")}
    sent = visitor.client.post("/directory/import", data={"csrf": token}, files=files)
    return str(sent.text)


def test_a_file_is_looked_at_first_then_applied_as_a_whole(visit: Visit, world: World) -> None:
    lead = visit("lead")
    export = lead.get("/directory/export.csv")
    assert export.headers["content-type"].startswith("text/csv")
    assert "nothing to do" in upload(lead, export.content)
    seen = upload(lead, export.content.replace(b",Istanbul,", b",Ankara,"))
    assert "1 changed" in seen and "Istanbul" in seen and "Ankara" in seen
    assert hospital(world, "H05").city == "Istanbul"
    form = dict(re.findall(r'name="(sha256|standing)" value="([0-9a-f]+)"', seen))
    done = lead.send("/directory/import/apply", form, "/directory/import")
    assert "0 added, 1 changed" in done.text
    assert hospital(world, "H05").city == "Ankara"
    again = lead.send("/directory/import/apply", form, "/directory/import")
    assert again.status_code == 422 and "somebody else" in again.text


def test_refused_rows_and_broken_files_offer_nothing_to_apply(visit: Visit, world: World) -> None:
    lead = visit("lead")
    refused = upload(lead, b"hospital_id,city\r\nH01,Nashik\r\nH02,\r\nHospital,x\r\n")
    assert "2 refused" in refused and "city must not be empty" in refused
    assert "H12" in refused and "Apply" not in refused
    broken = upload(lead, b"\x89PNG\r\n\x1a\n\x00\x00")
    assert "Nothing was changed" in broken and "Apply" not in broken
    assert "Choose a file first" in upload(lead, b"")
    unknown = {"sha256": "0" * 64, "standing": "0" * 32}
    kept = lead.send("/directory/import/apply", unknown, "/directory/import")
    assert kept.status_code == 422 and "nothing was changed" in kept.text
    assert hospital(world, "H01").city == "Pune"


def test_what_a_file_says_is_shown_as_text(visit: Visit) -> None:
    seen = upload(visit("lead"), b"hospital_id,city\r\nH01,<script>alert(1)</script>\r\n")
    assert "&lt;script&gt;" in seen and "<script>alert" not in seen


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_directory_in_a_browser(
    browser: Browser, address: str, world: World, width: int
) -> None:
    make_user(world, "coordinator")
    watched = watch(browser, address, width=width)
    watched.sign_in("coordinator")
    page = watched.page
    page.goto(f"{address}/directory")
    page.get_by_label("Technique").select_option("kv_iort")
    page.get_by_label("to confirm only").check()
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Pearl River").click()
    page.get_by_label("What the confirmation rests on").fill("signed form of today")
    page.get_by_role("button", name="Still true today").click()
    page.get_by_text("Confirmed today.").wait_for()
    for path in ("/directory", "/directory/H05/edit", "/directory/import", "/directory/H04"):
        page.goto(f"{address}{path}")
        across = page.evaluate("document.documentElement.scrollWidth")
        assert across <= width, f"{path} is {across} wide"
    with page.expect_download() as download:
        page.goto(f"{address}/directory")
        page.get_by_role("link", name="Export CSV").click()
    changed = download.value.path().read_bytes().replace(b"Bonn", b"Mainz")
    page.goto(f"{address}/directory/import")
    page.get_by_label("CSV file").set_input_files(
        files=[FilePayload(name="h.csv", mimeType="text/csv", buffer=changed)]
    )
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_text("Mainz").wait_for()
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("1 changed").wait_for()
    assert hospital(world, "H07").city == "Mainz"
    watched.must_be_quiet()


def test_the_directory_tells_coordinators_how_much_each_hospital_gets(
    visit: Visit, world: World, play: Play
) -> None:
    few = {"hospital_letters_per_hour": 3, "hospital_letters_per_day": 9}
    world.settings = world.settings.model_copy(update=few)
    ask(world, play, "H02", 4)
    play.clock.move(timedelta(hours=20))
    line = "0 of 3 letters within an hour, 1 of 9 within a day"
    page = seen(visit("coordinator").get("/directory").text)
    assert page.count(line) == 1 and page.count("last answered") == 1
    assert line in seen(visit("lead").get("/directory/H02").text)
    assert "within an hour" not in seen(visit("analyst").get("/directory").text)
