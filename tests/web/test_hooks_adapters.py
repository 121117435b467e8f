"""Forms and stores: their own shapes and signatures, each thing taken once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from httpx2 import Response
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Document, InboundWebhook, Message, Patient
from settings import Settings
from tests.web.parts import Visitor
from tests.web.test_hooks import SECRET, opened, send, worked
from tests.workflows.playing import Play
from workflows.engine.world import World

Visit = Callable[..., Visitor]
KEY = "a-key-of-the-provider"
FORM = {
    "event_id": "sub-1",
    "form_response": {
        "hidden": {"language": "fr"},
        "answers": [
            {"field": {"ref": "full_name"}, "type": "text", "text": " Rosa Exempla "},
            {"field": {"ref": "email"}, "type": "email", "email": "rosa@family.example"},
            {"field": {"ref": "born"}, "type": "date", "date": "1961-02-03"},
            {"field": {"ref": "sex"}, "type": "choice", "choice": {"ref": "sex_f"}},
            {"field": {"ref": "organ"}, "type": "choice", "choice": {"ref": "organ_unknown"}},
            {"field": {"ref": "country"}, "type": "choice", "choice": {"ref": "KE"}},
            {"field": {"ref": "story"}, "type": "text", "text": "A lump was found in May."},
        ],
    },
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    names = ("clinic-form", "site-form", "intake-bucket")
    secrets = {name: SecretStr(KEY) for name in names} | {"partner": SecretStr(SECRET)}
    return settings.model_copy(update={"webhook_secrets": secrets})


def row(world: World) -> InboundWebhook:
    with Session(world.engine) as session:
        query = select(InboundWebhook).order_by(col(InboundWebhook.id).desc())
        return session.scalars(query).first() or pytest.fail("nothing was kept")


def fill_in(visitor: Visitor, said: Any, key: str = KEY) -> Response:
    body = json.dumps(said).encode()
    mark = base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"typeform-signature": f"sha256={mark}", "content-type": "application/json"}
    return visitor.client.post("/hooks/clinic-form", content=body, headers=headers)


def test_a_form_opens_a_case_with_what_was_answered_and_nothing_else(
    visit: Visit, world: World, play: Play
) -> None:
    visitor = visit()
    first = fill_in(visitor, FORM)
    assert first.status_code == 200 and first.json()["case_ref"]
    assert fill_in(visitor, FORM).text == first.text, "the service sends it again"
    worked(world)
    with Session(world.engine) as session:
        case, patient = session.scalars(select(Case)).one(), session.scalars(select(Patient)).one()
        assert (case.ref, case.language) == (first.json()["case_ref"], "fr")
        assert (case.site, case.residence_country) == (None, "KE"), "an unknown word states nothing"
        assert (patient.name, patient.sex, patient.phone) == ("Rosa Exempla", "female", None)
        note = session.scalars(select(Message).where(col(Message.direction) == "in")).one()
        assert note.body == "A lump was found in May."
    assert "read_letter" in [task.kind for task in play.tasks()]


def test_a_form_that_is_blank_states_nothing(visit: Visit, world: World) -> None:
    assert fill_in(visit(), {"event_id": "s", "form_response": {"answers": []}}).status_code == 200
    worked(world)
    with Session(world.engine) as session:
        patient = session.scalars(select(Patient)).one()
        assert (patient.name, patient.email, patient.birth_date, patient.sex) == (None,) * 4
        assert session.scalars(select(Message).where(col(Message.direction) == "in")).all() == []


def test_a_form_under_another_key_or_changed_is_not_genuine(visit: Visit, world: World) -> None:
    visitor = visit()
    assert fill_in(visitor, FORM, key="another").status_code == 401
    assert visitor.client.post("/hooks/clinic-form", json=FORM).status_code == 401
    changed = {**FORM, "form_response": {"answers": []}}
    assert fill_in(visitor, FORM).status_code == 200
    assert fill_in(visitor, changed).status_code == 409, "one submission, two contents"


def test_a_form_of_a_web_site_posts_its_fields_as_they_are(visit: Visit, world: World) -> None:
    said = {
        "submission": "77", "name": "Rosa Exempla", "geburtsdatum": "03.02.1961", "anrede": "Frau",
        "nachricht": "Bitte um Rückruf", "email": "",
    }  # fmt: skip
    headers = {
        "content-type": "application/x-www-form-urlencoded", "authorization": f"Bearer {KEY}",
    }  # fmt: skip
    body = urlencode(said).encode()
    answer = visit().client.post("/hooks/site-form", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    worked(world)
    with Session(world.engine) as session:
        patient = session.scalars(select(Patient)).one()
        assert (patient.name, patient.sex, patient.email) == ("Rosa Exempla", "female", None)
        assert patient.birth_date is not None and patient.birth_date.isoformat() == "1961-02-03"
        assert session.scalars(select(Case)).one().language == "de"
    assert row(world).external_id == "77"


BUCKET = "partner-intake"


@pytest.fixture
def intake(bucket_client: Any) -> Iterator[Callable[[str, bytes], str]]:
    """A bucket of partners; what is put there gives its tag."""
    bucket_client.create_bucket(Bucket=BUCKET)

    def put(key: str, content: bytes) -> str:
        return str(bucket_client.put_object(Bucket=BUCKET, Key=key, Body=content)["ETag"])

    yield put
    for found in bucket_client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        bucket_client.delete_object(Bucket=BUCKET, Key=found["Key"])
    bucket_client.delete_bucket(Bucket=BUCKET)


def record(key: str, tag: str, bucket: str = BUCKET, **thing: str) -> dict[str, Any]:
    named = {"key": quote_plus(key), "size": 3, "eTag": tag.strip('"'), "sequencer": "16", **thing}
    return {
        "eventVersion": "2.0", "eventSource": "minio:s3", "eventName": "s3:ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket}, "object": named},
    }  # fmt: skip


def tell(visitor: Visitor, *records: dict[str, Any], **more: Any) -> Response:
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    body = json.dumps({"Records": list(records), **more}).encode()
    return visitor.client.post("/hooks/intake-bucket", content=body, headers=headers)


def files(world: World) -> list[str]:
    with Session(world.engine) as session:
        return list(session.scalars(select(col(Document.file_name)).order_by(col(Document.id))))


def test_objects_of_a_store_become_documents_of_their_case_each_once(
    visit: Visit, world: World, intake: Callable[[str, bytes], str]
) -> None:
    visitor = visit()
    ref = send(visitor, opened()).json()["case_ref"]
    one = f"in/{ref}/Befund für Rosa +1.pdf"
    two = f"in/{ref.lower()}/图.txt"
    first, second = record(one, intake(one, b"one")), record(two, intake(two, b"two"))
    gone = {**record(one, "x"), "eventName": "s3:ObjectRemoved:Delete"}
    answers = [
        tell(visitor, first, gone, second),
        tell(visitor, first, gone, second),  # the same again
        tell(visitor, second, first),  # and in another order
        tell(visitor, first, EventName="s3:ObjectCreated:Put", Key="x"),  # MinIO's outer names
    ]
    assert {answer.status_code for answer in answers} == {200}
    worked(world)
    assert sorted(files(world)) == ["Befund für Rosa +1.pdf", "图.txt"]
    assert row(world).state == "done"


def test_the_older_of_two_contents_under_one_key_is_no_second_document(
    visit: Visit, world: World, intake: Callable[[str, bytes], str]
) -> None:
    """Without versions an overwritten content is gone: its late notification takes nothing."""
    visitor = visit()
    ref = send(visitor, opened()).json()["case_ref"]
    key = f"in/{ref}/report.pdf"
    old = record(key, intake(key, b"old"))
    new = record(key, intake(key, b"new"))
    tell(visitor, new)
    tell(visitor, old)
    worked(world)
    assert files(world) == ["report.pdf"]
    with Session(world.engine) as session:
        document = session.scalars(select(Document)).one()
    assert world.storage.get(document.object_key) == b"new"


def test_an_object_of_a_foreign_case_bucket_or_place_goes_to_a_person(
    visit: Visit, world: World, play: Play, intake: Callable[[str, bytes], str]
) -> None:
    visitor = visit()
    ref = send(visitor, opened()).json()["case_ref"]
    play.open()
    foreign, odd = f"in/{play.case.ref}/a.pdf", "elsewhere/a.pdf"
    good = f"in/{ref}/a.pdf"
    tell(visitor, record(foreign, intake(foreign, b"f")))
    tell(visitor, record(odd, intake(odd, b"o")), record(good, intake(good, b"g")))
    tell(visitor, record(good, "0" * 32, bucket="iort-case-files"))
    tell(visitor, record(f"in/{ref}/missing.pdf", "0" * 32))
    worked(world)
    assert files(world) == ["a.pdf"], "what is right beside it is taken"
    details = [task.detail for task in play.tasks() if task.kind == "look_at_hook"]
    assert sorted(map(str, details)) == [
        "no_such_case", "no_such_object", "other_bucket", "other_bucket",
    ]  # fmt: skip


def test_a_stores_own_test_and_what_is_no_notification(visit: Visit, world: World) -> None:
    visitor = visit()
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}

    def post(said: Any) -> int:
        return visitor.client.post(
            "/hooks/intake-bucket", content=json.dumps(said), headers=headers
        ).status_code

    assert post({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}) == 200
    wrong: Any
    for wrong in (
        {}, {"Records": 1}, {"Records": [1]}, [{"Records": []}],
        {"Records": [record("in/CFX-26-00001/%00.pdf".replace("%00", "\0"), "t")]},
        {"Records": [{**record("a", "t"), "s3": {"bucket": {"name": "b"}, "object": {}}}]},
        {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"},
                      "object": {"key": "%ff", "eTag": "t"}}}]},
    ):  # fmt: skip
        assert post(wrong) == 422, wrong


def test_versions_of_one_key_are_documents_of_their_own_in_any_order(
    visit: Visit, world: World, intake: Callable[[str, bytes], str], bucket_client: Any
) -> None:
    bucket_client.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    visitor = visit()
    key = f"in/{send(visitor, opened()).json()['case_ref']}/report.pdf"
    put = [bucket_client.put_object(Bucket=BUCKET, Key=key, Body=body) for body in (b"1", b"2")]
    old, new = [record(key, one["ETag"], versionId=one["VersionId"]) for one in put]
    for told in (new, old, old, new):
        tell(visitor, told)
    worked(world)
    with Session(world.engine) as session:
        keys = session.scalars(select(col(Document.object_key)).order_by(col(Document.id))).all()
    assert [world.storage.get(one) for one in keys] == [b"2", b"1"]
    for one in put:
        bucket_client.delete_object(Bucket=BUCKET, Key=key, VersionId=one["VersionId"])
