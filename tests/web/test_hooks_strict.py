"""The inbox is strict: what could be read in two ways is kept, refused and explained."""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from httpx2 import Response
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session, col

from adapters.webhooks import sign
from models import Case, InboundWebhook, Message, StepRun
from settings import Settings
from tests.web.parts import Visitor
from tests.web.test_hooks import SECRET, count, opened, send, worked
from tests.workflows.playing import Play
from workflows.engine.world import World
from workflows.hooks import inbox
from workflows.hooks.problems import PROBLEMS

Visit = Callable[..., Visitor]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A source `narrow` that may send notes alone, from one network; `partner` may send all."""
    playbooks = tmp_path / "playbooks"
    playbooks.mkdir()
    for part in settings.playbooks_dir.iterdir():
        if part.name != "hooks":
            (playbooks / part.name).symlink_to(part)
    (playbooks / "hooks").mkdir()
    rules = "source: narrow\ntypes: [case.note]\naddresses: [203.0.113.0/24]\n"
    (playbooks / "hooks" / "narrow.yaml").write_text(rules)
    secrets = {name: SecretStr(SECRET) for name in ("partner", "narrow")}
    return settings.model_copy(update={"webhook_secrets": secrets, "playbooks_dir": playbooks})


def raw(visitor: Visitor, body: bytes, message_id: str = "m-1", **headers: str) -> Response:
    signed = sign([SECRET], message_id=message_id, sent_at=datetime.now(UTC), body=b"")
    signed |= _signature(message_id, body) | {k.replace("_", "-"): v for k, v in headers.items()}
    return visitor.client.post("/hooks/partner", content=body, headers=signed)


def _signature(message_id: str, body: bytes) -> dict[str, str]:
    """Sign bytes that are no text, too: senders sign what they send."""
    now = datetime.now(UTC)
    content = f"{message_id}.{int(now.timestamp())}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"webhook-timestamp": str(int(now.timestamp())), "webhook-signature": f"v1,{mark}"}


def rows(world: World) -> list[InboundWebhook]:
    with Session(world.engine) as session:
        query = select(InboundWebhook).order_by(col(InboundWebhook.id))
        return list(session.scalars(query))


NAME = b'{"type": "case.opened", "data": {"patient": {"name": %s}}}'
BAD: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "NUL": ("not_text", NAME % b'"Rosa\\u0000"', {}),
    "half a pair": ("not_text", NAME % b'"\\ud800"', {}),
    "NUL in a name": ("not_text", b'{"type": "case.opened", "data": {"a\\u0000": 1}}', {}),
    "100,000 brackets": ("too_deep", b"[" * 100_000, {}),
    "17 levels": ("too_deep", b'{"a":' * 17 + b"1" + b"}" * 17, {}),
    "one name twice": ("twice_named", b'{"type": "case.note", "type": "case.opened"}', {}),
    "twice, deep": ("twice_named", NAME % b'"a", "name": "b"', {}),
    "NaN": ("not_a_number", NAME % b"NaN", {}),
    "a number without end": ("not_a_number", NAME % (b"9" * 5000), {}),
    "a large exponent": ("not_a_number", NAME % b"1e999", {}),
    "latin-1, as it says": (
        "wrong_charset", NAME % '"é"'.encode("latin-1"),
        {"content_type": "application/json; charset=iso-8859-1"},
    ),
    "latin-1, that claims UTF-8": ("wrong_charset", NAME % '"é"'.encode("latin-1"), {}),
    "UTF-16": ("wrong_charset", (NAME % b'"a"').decode().encode("utf-16"), {}),
    "a byte order mark": ("wrong_charset", b"\xef\xbb\xbf" + NAME % b'"a"', {}),
    "gzip": ("compressed", gzip.compress(b"0" * 900_000_0), {"content_encoding": "gzip"}),
    "gzip without a word": ("wrong_charset", gzip.compress(b"{}"), {}),
    "text": ("not_json_type", NAME % b'"a"', {"content_type": "text/plain"}),
    "a form": (
        "not_json_type", NAME % b'"a"', {"content_type": "application/x-www-form-urlencoded"},
    ),
    "an empty body": ("not_json", b"", {}),
    "born in 2999": (
        "not_as_documented",
        b'{"type":"case.opened","data":{"patient":{"birth_date":"2999-01-01"}}}', {},
    ),
    "a language of nobody": (
        "not_as_documented", b'{"type":"case.opened","data":{"language":"xx-klingon"}}', {},
    ),
    "a country of nobody": (
        "not_as_documented", b'{"type":"case.opened","data":{"residence_country":"ZZ"}}', {},
    ),
}  # fmt: skip


def test_what_could_be_read_in_two_ways_is_kept_refused_and_explained(
    visit: Visit, world: World
) -> None:
    visitor = visit()
    for number, (name, (code, body, headers)) in enumerate(BAD.items()):
        answer = raw(visitor, body, f"m-{number}", **headers)
        told = answer.json()
        assert answer.headers["content-type"] == "application/problem+json", name
        assert told["type"] == f"urn:iort:hook-problem:{code.replace('_', '-')}", name
        assert (answer.status_code, told["status"]) == (PROBLEMS[code].status,) * 2, name
        assert told["detail"] and told["title"], name
        assert raw(visitor, body, f"m-{number}", **headers).text == answer.text, f"{name}: again"
    kept = rows(world)
    assert [row.problem for row in kept] == [code for code, _, _ in BAD.values()]
    bodies = [world.storage.get(row.object_key) for row in kept]
    assert bodies == [body for _, body, _ in BAD.values()]
    worked(world)
    assert count(world, Case) == 0


def test_a_refusal_repeats_no_word_of_what_was_sent(visit: Visit, world: World) -> None:
    body = b'{"type":"case.opened","data":{"patient":{"Rosa Exempla":1,"sex":"Rosa Exempla too"}}}'
    answer = raw(visit(), body)
    assert answer.status_code == 422 and "Rosa" not in answer.text
    assert "data.patient.a field that is not listed" in answer.json()["places"]
    (row,) = rows(world)
    assert "Rosa" not in json.dumps(row.answer)


def test_ids_that_differ_at_their_end_are_two_deliveries(visit: Visit, world: World) -> None:
    visitor, start = visit(), "x" * 255
    assert send(visitor, opened(), message_id=f"{start}1").status_code == 200
    assert send(visitor, opened("Ada Sample"), message_id=f"{start}2").status_code == 200
    too_long = send(visitor, opened(), message_id=f"{start}12")
    assert too_long.status_code == 400 and "shorter" in too_long.json()["detail"]
    worked(world)
    assert count(world, Case) == 2


def test_another_body_under_the_same_id_is_a_conflict_that_a_person_sees(
    visit: Visit, world: World, play: Play
) -> None:
    visitor = visit()
    assert send(visitor, opened()).status_code == 200
    other = send(visitor, opened("Ada Sample"))
    assert (other.status_code, other.json()["status"]) == (409, 409)
    assert send(visitor, opened("Ada Sample")).text == other.text, "and once more the same"
    assert send(visitor, opened()).status_code == 200, "the first one still counts"
    worked(world)
    first, second = rows(world)
    assert (first.state, second.state, second.conflict_of) == ("done", "conflict", first.id)
    assert b"Ada" in world.storage.get(second.object_key)
    (task,) = [task for task in play.tasks() if task.kind == "look_at_hook"]
    assert task.detail == "other_body"
    play.answer("look_at_hook", "take")
    assert count(world, Case) == 2 and rows(world)[1].state == "done"


def test_a_conflict_can_be_put_aside_with_a_reason(visit: Visit, world: World, play: Play) -> None:
    visitor = visit()
    send(visitor, opened())
    send(visitor, opened("Ada Sample"))
    play.answer("look_at_hook", "put_aside", "their test")
    assert rows(world)[1].state == "put_aside" and count(world, Case) == 1


def test_the_lists_of_a_source_are_kept_to(visit: Visit, world: World) -> None:
    visitor = visit()
    elsewhere = send(visitor, opened(), source="narrow")
    assert elsewhere.status_code == 401, "the address is none of theirs"
    with patch("web.pages.hooks.address_of", return_value="203.0.113.9"):
        refused = send(visitor, opened(), source="narrow")
        mapped = "::ffff:203.0.113.9"
        with patch("web.pages.hooks.address_of", return_value=mapped):
            note = {"type": "case.note", "data": {"case_ref": "CFX-26-00001", "text": "hello"}}
            assert send(visitor, note, source="narrow", message_id="m-2").status_code == 200
    assert refused.status_code == 403 and "coordination office" in refused.json()["detail"]
    assert [row.problem for row in rows(world)] == ["type_not_allowed", None]


def test_the_bytes_are_kept_before_anything_reads_them(visit: Visit, world: World) -> None:
    """Whatever a reader stumbles over, the delivery is there and a step stumbles visibly."""
    with patch.object(inbox, "understand", side_effect=MemoryError):
        assert send(visit(), opened()).status_code == 200
    (row,) = rows(world)
    assert row.state == "received" and world.storage.exists(row.object_key)
    worked(world)
    assert rows(world)[0].state == "done" and count(world, Case) == 1


def test_a_document_that_overtakes_its_case_waits_for_it(visit: Visit, world: World) -> None:
    visitor = visit()
    ref = send(visitor, opened()).json()["case_ref"]
    note = {"type": "case.note", "data": {"case_ref": ref, "text": "She moved house"}}
    send(visitor, note, message_id="m-2")
    with Session(world.engine) as session, session.begin():
        first = session.scalars(select(StepRun).where(col(StepRun.name) == "ingestion.take_hook"))
        first.first().state = "paused"  # type: ignore[union-attr]
    worked(world)
    assert [row.state for row in rows(world)] == ["received", "received"]
    with Session(world.engine) as session, session.begin():
        for step in session.scalars(select(StepRun).where(col(StepRun.name).like("%take_hook"))):
            assert step.attempt == 0, "waiting is no attempt"
            step.state, step.due_at = "queued", world.clock.now()
    worked(world)
    assert [row.state for row in rows(world)] == ["done", "done"]
    with Session(world.engine) as session:
        assert session.scalars(select(Message).where(col(Message.direction) == "in")).one()


def test_nothing_of_a_delivery_is_in_the_steps_arguments_or_the_row(
    visit: Visit, world: World, capsys: Any
) -> None:
    send(visit(), opened("Rosa Exempla", birth_date="2999-01-01"))
    send(visit(), opened("Rosa Exempla"), message_id="m-2")
    worked(world)
    with Session(world.engine) as session:
        steps = [str(step.model_dump()) for step in session.scalars(select(StepRun))]
        kept = [str(row.model_dump()) for row in session.scalars(select(InboundWebhook))]
    assert "Rosa" not in "".join([*steps, *kept]) + capsys.readouterr().out


def test_a_body_that_is_too_large_is_refused_before_it_is_read(visit: Visit, world: World) -> None:
    answer = raw(visit(), b" " * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["title"]) == (413, PROBLEMS["too_large"].title)
    assert answer.headers["content-type"] == "application/problem+json"
    assert rows(world) == []
