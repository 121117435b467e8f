"""The charts' page: who may see it, that its pictures, tables and files tell the same."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser

from adapters.clock import FixedClock
from analytics.charts import charts
from models.base import require_id
from tests.web.browsing import watch
from tests.web.parts import Visitor, make_user
from tests.workflows.playing import Play
from web.drawing import draw, summary
from workflows.decisions import decide
from workflows.engine.recurring import CHARTS_EVERY, COUNT_CHARTS, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.steps import STEPS

Visit = Callable[..., Visitor]
NAMES = list(charts())
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def counted(play: Play, world: World, clock: FixedClock) -> Play:
    """One case that waits for its consent, and the counts made by the machine itself."""
    play.open()
    (task,) = play.tasks()
    decide(
        world,
        require_id(task.id),
        answer="in_scope",
        actor=Actor("coordinator", "c1"),
        values={"site": "breast"},
    )
    clock.move(CHARTS_EVERY + timedelta(seconds=1))
    ensure_recurring(world)
    assert Runner(world, STEPS).drain(COUNT_CHARTS) == 1
    return play


def rows_of(visitor: Visitor, name: str, query: str = "") -> list[dict[str, str]]:
    answer = visitor.get(f"/charts/{name}.csv{query}")
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("role", ["coordinator", "clinician"])
def test_who_leads_nothing_sees_no_charts(visit: Visit, role: str) -> None:
    visitor = visit(role)
    for path in ("/charts", "/charts/stages.svg", "/charts/stages.csv"):
        assert visitor.get(path).status_code == 403


@pytest.mark.parametrize("role", ["lead", "analyst", "administrator"])
def test_every_chart_has_picture_table_file_and_query(
    visit: Visit, counted: Play, role: str
) -> None:
    visitor = visit(role)
    page = visitor.get("/charts").text
    for name, chart in charts().items():
        assert f'src="/charts/{name}.svg?site=&amp;weeks=26"' in page
        assert f'href="/charts/{name}.csv?site=&amp;weeks=26"' in page
        assert chart.title in page and chart.sql.splitlines()[0] in page
        assert page.count(f'id="{name}"') == 1
    assert "analytics.v_stage_stay" in page and "Exempla" not in page


def test_the_counts_are_the_case_that_there_is(visit: Visit, counted: Play) -> None:
    visitor = visit("lead")
    stages = {row["stage"]: row["cases"] for row in rows_of(visitor, "stages")}
    assert stages == {"inquiry": "1"}
    assert rows_of(visitor, "stages", "?site=pancreas") == []
    weeks = rows_of(visitor, "stages", "?site=breast&weeks=156")
    assert {row["cases"] for row in weeks} == {"1"}, "in each week since it was opened"
    assert [row["entered"] for row in weeks].count("1") == 1
    assert sum(int(row["in_time"]) for row in rows_of(visitor, "in_hand")) == len(counted.tasks())


def test_the_page_says_when_it_was_counted_and_is_stale_until_then(
    visit: Visit, counted: Play, world: World, clock: FixedClock
) -> None:
    visitor = visit("lead")
    assert "anew every 15 minutes" in visitor.get("/charts").text
    counted.open()
    assert {row["cases"] for row in rows_of(visitor, "stages")} == {"1"}
    clock.move(CHARTS_EVERY + timedelta(seconds=1))
    ensure_recurring(world)
    Runner(world, STEPS).drain(COUNT_CHARTS)
    assert {row["cases"] for row in rows_of(visitor, "stages")} == {"2"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("narrow", ["", "&narrow=true"])
def test_a_picture_is_named_and_needs_no_style_or_script(
    visit: Visit, counted: Play, name: str, narrow: str
) -> None:
    answer = visit("analyst").get(f"/charts/{name}.svg?weeks=26{narrow}")
    assert answer.headers["content-type"] == "image/svg+xml"
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    assert (root.findtext(f"{SVG}title") or "") and (root.findtext(f"{SVG}desc") or "")
    for element in root.iter():
        assert element.tag not in (f"{SVG}style", f"{SVG}script")
        assert not [key for key in element.attrib if key == "style" or key.startswith("on")]


@pytest.mark.parametrize(
    "path",
    ["/charts?weeks=7", "/charts?site=elbow", "/charts/stages.csv?weeks=-1",
     "/charts/stages.svg?site=%27;--"],
)  # fmt: skip
def test_what_is_not_offered_is_refused(visit: Visit, path: str) -> None:
    assert visit("lead").get(path).status_code == 422


def test_there_is_no_chart_of_any_other_name(visit: Visit) -> None:
    assert visit("lead").get("/charts/patients.svg").status_code == 404


RECORDS: dict[str, list[dict[str, Any]]] = {
    "stage_time": [
        {
            "stage": "inquiry",
            "stays": 3,
            "quarter_days": 0.0,
            "median_days": 0.02,
            "three_quarters_days": 1.0,
            "p90_days": 400.0,
        }
    ],
    "fields": [
        {"field": "breast.er", "looked_at": 4, "confirmed": 2, "corrected": 1, "rejected": 1},
        {"field": "a<b&c", "looked_at": 4, "confirmed": 4, "corrected": 0, "rejected": 0},
    ],
    "in_hand": [{"role": "lead", "age": "1 under a day", "in_time": 2, "late": 1}],
}


@pytest.mark.parametrize("name", RECORDS)
def test_pictures_say_their_numbers(name: str) -> None:
    said = {
        "stage_time": ("29 min", "400 d"),
        "fields": ("50.0 %", "a&lt;b&amp;c"),
        "in_hand": ("3, 1 late",),
    }
    picture = draw(name, RECORDS[name], narrow=False).decode()
    for text in said[name]:
        assert text in picture
    assert re.sub(r"[<&].*", "", summary(name, RECORDS[name]))[:20] in picture


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pictures_are_drawn_in_a_browser(
    browser: Browser, address: str, world: World, counted: Play, width: int
) -> None:
    make_user(world, "analyst")
    watched = watch(browser, address, width=width, scripts=False)
    watched.sign_in("analyst")
    page = watched.page
    page.goto(f"{address}/charts")
    page.get_by_label("Period").select_option("13")
    page.get_by_role("button", name="Show").click()
    for picture in page.locator("picture img").all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("image => image.decode()")
        box = picture.bounding_box()
        assert box and box["width"] > width * 0.7 and box["height"] > 40
    assert page.locator("html").evaluate("root => root.scrollWidth") <= width
    watched.must_be_quiet()
