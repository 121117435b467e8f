"""What whoever watches the system is told: how each part stands, in names of ours and numbers."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text

from models.key_store import attach, store_of
from settings import PROJECT_ROOT
from tests.web.parts import Visitor
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play
from views.metrics import HELP, OTHER
from web.app import create_app
from workflows.engine import marks
from workflows.engine.world import World
from workflows.steps import STEPS

TOKEN = "a token that only the tests know"
RULES = PROJECT_ROOT / "docs" / "alerts.yml"
RUNBOOK = PROJECT_ROOT / "docs" / "runbook.md"
HTTP = "iort_http_seconds"
Get = Callable[..., Any]


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    world.settings = world.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    with TestClient(create_app(world), base_url="http://127.0.0.1:8000") as own:
        yield own


def numbers(client: TestClient) -> dict[tuple[str, str], float]:
    """Return each number by its metric and the value of its label."""
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_numbers_are_for_who_brings_the_token(
    client: TestClient, visit: Callable[..., Visitor]
) -> None:
    assert client.get("/metrics").status_code == 401
    wrong = client.get("/metrics", headers={"authorization": "Bearer of bad news"})
    odd = client.get("/metrics", headers=[(b"authorization", b"Bearer \xe9")])
    assert wrong.status_code == odd.status_code == 401 and "iort_up" not in wrong.text


def test_without_a_token_set_there_are_no_numbers(visit: Callable[..., Visitor]) -> None:
    answer = visit("administrator").get("/metrics")
    assert answer.status_code == 404 and "iort_up" not in answer.text


def test_the_numbers_tell_how_the_system_stands(client: TestClient, play: Play) -> None:
    play.open(b"a report")
    found = numbers(client)
    assert found["iort_up", ""] == 1 and found["iort_held", ""] == 0
    assert found["iort_steps_due", "ingestion.store_document"] == 1
    assert found["iort_tasks_open", "coordinator"] >= 1
    assert found["iort_steps_parked", "outreach.send_enquiry"] == 0
    assert ("iort_mark_age_seconds", marks.BACKUP) not in found  # never happened: no age


def test_marks_grow_old(client: TestClient, world: World) -> None:
    with world.engine.begin() as connection:
        marks.note(connection, marks.RELAY, marks.MAIL)
        connection.execute(text("UPDATE mark SET at = at - interval '1 hour' WHERE name = 'mail'"))
    found = numbers(client)
    assert found["iort_mark_age_seconds", marks.RELAY] < 600
    assert 3600 <= found["iort_mark_age_seconds", marks.MAIL] < 4200


def test_no_number_names_anybody(client: TestClient, play: Play, world: World) -> None:
    """A case full of names, a step and a letter with odd codes: none of it is in the text."""
    to_outreach(play)
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE step_run SET name = 'Zyxcanary.step' WHERE id = 1"))
        connection.execute(text("UPDATE step_run SET state = 'dead' WHERE id = 1"))
        connection.execute(text("UPDATE human_task SET role = 'Zyxcanary' WHERE id = 1"))
        connection.execute(text("UPDATE document SET read_status = 'Zyxcanary'"))
    client.get(f"/cases/{play.case.ref}/overview?q=Zyxcanary")
    client.get("/Zyxcanary")
    client.get("/portal/Zyxcanary-token")
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    for word in ("Zyxcanary", "Rosa", "Exempla", "@", play.case.ref, "CFX-"):
        assert word not in answer, word
    values = set(re.findall(r'route="([^"]*)"', answer))
    assert "/portal/{token}" in values and "none" in values
    found = numbers(client)
    assert found["iort_steps_parked", OTHER] == 1 and found["iort_documents", OTHER] == 1
    steps = {value for name, value in found if name == "iort_steps_due"}
    assert steps == {*STEPS, OTHER}


def test_a_database_that_is_away_is_a_number_too(client: TestClient, world: World) -> None:
    world.engine = world.engine.execution_options()  # of this test alone
    world.engine.dispose()
    url = world.engine.url.set(port=1)
    from sqlalchemy import create_engine

    keys = store_of(world.engine.dialect)
    world.engine = create_engine(url, connect_args={"connect_timeout": 1})
    attach(world.engine, keys)
    found = numbers(client)
    assert found["iort_up", ""] == 0 and ("iort_held", "") not in found
    ready = client.get("/readyz")
    assert ready.status_code == 503 and "FAIL database: does not answer" in ready.text
    assert client.get("/health").status_code == 200
    for secret in (str(url.password), str(url.username), "127.0.0.1"):
        assert secret not in ready.text


def test_each_part_is_named(client: TestClient, world: World) -> None:
    parts = [line.split(":")[0].split()[1] for line in client.get("/readyz").text.splitlines()]
    assert parts == ["database", "migration", "store", "broker", "restored"]
    assert client.get("/readyz").status_code == 200


def test_a_broker_that_is_away_is_named_and_pages_go_on(world: World) -> None:
    away = {"broker_url": "redis://:secret@127.0.0.1:1/0", "s3_endpoint_url": "http://127.0.0.1:1"}
    world.settings = world.settings.model_copy(update=away)
    answer = TestClient(create_app(world), base_url="http://127.0.0.1:8000").get("/readyz")
    assert answer.status_code == 200 and "FAIL broker: does not answer" in answer.text
    assert "secret" not in answer.text


def rules() -> list[dict[str, Any]]:
    told = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in told["groups"] for rule in group["rules"]]


def test_rules_metrics_and_runbook_fit_together() -> None:
    runbook = RUNBOOK.read_text(encoding="utf-8")
    heads = re.findall(r"^### (\w+)$", runbook, re.M)
    assert heads == [rule["alert"] for rule in rules()]
    known = {*HELP, HTTP}
    told = set(re.findall(r"`(iort_\w+)`", runbook.partition("## Alerts")[0]))
    assert told == known
    for rule in rules():
        used = {
            re.sub(r"_(bucket|count|sum)$", "", name) if name.startswith(HTTP) else name
            for name in re.findall(r"iort_\w+", rule["expr"])
        }
        assert used and used <= known, rule["alert"]
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket") and rule["annotations"]["summary"]
        for mark in re.findall(r'mark="(\w+)"', rule["expr"]):
            assert mark in marks.NAMES, rule["alert"]
        for label in re.findall(r"(\w+)=~?\"", rule["expr"]):
            assert label in {HELP[name][0] for name in used & HELP.keys()} | {"route", "status"}


def test_a_metric_has_one_label_and_its_words() -> None:
    for name, (label, words) in HELP.items():
        assert name.startswith("iort_") and words and label != "case", name
