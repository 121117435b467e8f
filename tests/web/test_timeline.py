"""The timeline page: what it is narrowed to, cause and effect linked, long stories in pages."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session
from ulid import ULID

from models import CaseEvent
from models.database import transaction
from tests.web.parts import Visitor
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from views.timeline import PAGE, TimelineFilter, timeline_page

Visit = Callable[..., Visitor]


@pytest.fixture
def story(play: Play) -> Play:
    to_clinician(play)
    return play


def shown(visitor: Visitor, play: Play, query: str = "") -> list[int]:
    text = visitor.get(f"/cases/{play.case.ref}/timeline{query}").text
    return [int(seq) for seq in re.findall(r'<li id="e(\d+)"', text)]


def test_the_timeline_is_narrowed_by_kind_by_actor_and_by_words(visit: Visit, story: Play) -> None:
    visitor = visit("analyst")
    by_seq = {event.seq: event for event in story.events()}
    assert shown(visitor, story, "?details=true") == sorted(by_seq, reverse=True)
    hospitals = shown(visitor, story, "?kind=suitability")
    assert {by_seq[seq].type.split(".")[0] for seq in hospitals} == {"suitability"}
    clinician = shown(visitor, story, "?actor=clinician&details=true")
    assert clinician and {by_seq[seq].actor_type for seq in clinician} == {"clinician"}
    people = shown(visitor, story, "?kind=people")
    assert any(by_seq[seq].type == "consent.granted" for seq in people), "a person recorded it"
    assert not any(by_seq[seq].type == "document.stored" for seq in people)
    words = shown(visitor, story, "?text=WEIGHED+against")
    assert [by_seq[seq].type for seq in words] == ["suitability.assessed"]
    assert shown(visitor, story, "?text=no+such+words") == []


def test_details_are_folded_until_asked_for(visit: Visit, story: Play) -> None:
    visitor = visit("coordinator")
    page = visitor.get(f"/cases/{story.case.ref}/timeline?kind=documents").text
    assert "Proposed: breast.er" not in page and "details folded" in page
    assert (
        "Proposed: breast.er"
        in visitor.get(f"/cases/{story.case.ref}/timeline?kind=documents&details=true").text
    )


def test_cause_and_effect_lead_to_each_other(visit: Visit, story: Play) -> None:
    visitor = visit("coordinator")
    (assessed,) = story.events("suitability.assessed")
    by_id = {event.event_id: event for event in story.events()}
    cause = by_id[assessed.causation_id or ""]
    text = visitor.get(f"/cases/{story.case.ref}/timeline").text

    def entry(seq: int) -> str:
        return text.split(f'<li id="e{seq}"')[1].split("</div>\n  </li>")[0]

    assert f'because of <a href="#e{cause.seq}">' in entry(assessed.seq)
    assert f'led to <a href="#e{assessed.seq}">' in entry(cause.seq)
    (completed,) = story.events("extraction.completed")
    text = visitor.get(f"/cases/{story.case.ref}/timeline?details=true").text
    assert re.search(r"led to \d+ events", entry(completed.seq)), "many effects are folded"


def test_a_link_to_an_event_leads_to_the_page_it_stands_on(visit: Visit, story: Play) -> None:
    visitor = visit("coordinator")
    ref = story.case.ref
    first = visitor.get(f"/cases/{ref}/timeline/1").headers["location"]
    assert first == f"/cases/{ref}/timeline?#e1"
    proposed = story.events("extraction.field_proposed")[0].seq
    to = visitor.get(f"/cases/{ref}/timeline/{proposed}").headers["location"]
    assert "details=true" in to and to.endswith(f"#e{proposed}")
    assert f'<li id="e{proposed}"' in visitor.get(to).text


def test_days_part_the_story(visit: Visit, play: Play, story: Play) -> None:
    story.move(1)
    story.sign("suitable_for_outreach")
    text = visit("coordinator").get(f"/cases/{story.case.ref}/timeline").text
    days = re.findall(r"<h3 id=\"d\d+\">([^<]+)</h3>", text)
    today = story.clock.now()
    assert days[0].endswith(f"{today:%B %Y}") and len(days) == len(set(days)) == 2


def test_a_case_of_two_thousand_events_is_shown_page_by_page(visit: Visit, play: Play) -> None:
    play.open()
    grow(play, 2000)
    statements: list[str] = []

    def count(*given: object) -> None:
        statements.append(str(given[2]))

    event.listen(play.world.engine, "before_cursor_execute", count)
    try:
        with Session(play.world.engine) as session:
            folder = play.world.settings.playbooks_dir
            found = timeline_page(session, play.case, folder, TimelineFilter(), 3)
    finally:
        event.remove(play.world.engine, "before_cursor_execute", count)
    assert len(found.entries) == PAGE and found.page == 3 and found.pages == 21
    assert found.total == 2000 + len(play.events("case.opened")) + others(play)
    assert len(statements) <= 9, "the number of statements does not grow with the case"
    visitor = visit("coordinator")
    pages = [shown(visitor, play, f"?page={page}") for page in (1, 2, 21, 99)]
    assert [len(page) for page in pages[:2]] == [PAGE, PAGE]
    assert pages[0][-1] - 1 == pages[1][0], "no event is lost between two pages"
    assert pages[2] == pages[3] and pages[2][-1] == 1


def others(play: Play) -> int:
    return len([e for e in play.events() if e.type not in ("case.opened", "document.stored")])


def grow(play: Play, count: int) -> None:
    last = play.events()[-1]
    with transaction(play.world.engine) as session:
        for number in range(1, count + 1):
            session.add(
                CaseEvent(
                    case_id=play.case_id,
                    seq=last.seq + number,
                    event_id=str(ULID()),
                    type="document.stored",
                    occurred_at=last.occurred_at + timedelta(hours=number),
                    actor_type="system",
                    payload={"document_id": number},
                    causation_id=last.event_id,
                )
            )
