"""Rows of before are sealed as they stand, and laid open again as they were."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlmodel import col

from adapters.clock import FixedClock
from keys.ring import RingRefused
from keys.values import MARK
from models import FindingRecord, Message, PortalDraft
from models.database import transaction
from models.findable import address_is, message_marks
from settings import Settings
from tests.platform.test_migrations import go
from workflows.cases.contacts import cases_of
from workflows.engine.lookup import patient_of
from workflows.engine.world import World
from workflows.retention.erasing import destroy_keys

BEFORE = "0032"
CASES = 1203
"""More than two rounds of rows."""
_FILLED = """
INSERT INTO "case" (id, ref, state, stage, waiting_on, on_hold, pathology_state, urgency, source,
       language, rehearsal, last_seq, link_generation, opened_at)
SELECT n, 'CFX-26-' || n, 'INQUIRY', 'intake', 'coordinator', false, 'none', 'routine', 'web', 'en',
       false, 0, 0, now() FROM generate_series(1, :cases) n;
INSERT INTO patient (case_id, name, other_names, birth_date, email, phone, time_zone, intake)
SELECT n, 'Zyxcanary Quendel' || n, '["Zoë"]', date '1970-01-01' + n,
       'Zyx' || n || '@family.example', '+49 ' || n, 'UTC', '{"words": "ü \\"quoted\\""}'
  FROM generate_series(1, :cases - 3) n;
INSERT INTO patient (case_id, name, other_names, email, time_zone, intake)
VALUES (:cases - 2, NULL, '[]', NULL, 'UTC', '{}'), (:cases - 1, '', '[]', '', 'UTC', '{}'),
       (:cases, 'ö', '[]', NULL, 'UTC', '{}');
INSERT INTO contact_point (case_id, whose, address, name, confirmed_by, confirmed_at)
SELECT n, 'family', 'sister' || n || '@family.example', NULL, 'c1', now()
  FROM generate_series(1, 5) n;
INSERT INTO document (case_id, sha256, object_key, size, file_name, channel, state, notes,
       report_date, received_at)
SELECT n, 'x', 'originals/x', 1, 'zyxcanary-' || n || '.pdf', 'portal', 'read', '{}', '2026-01-02',
       now() FROM generate_series(1, 3) n;
INSERT INTO finding (case_id, field, value, proposed_value, source, box, quote, confidence,
       extractor_version, state)
SELECT 1, 'f', value, value, 's', '[1, 2.5]', 'Zyxcanary said', 1, '1', 'proposed'
  FROM unnest(CAST('{"\\"zyxcanary\\"", "false", "0", "14.5", "{}", "[]", "\\"\\"",
       "{\\"lt\\": 3}", "null"}' AS jsonb[])) value;
INSERT INTO portal_draft (token_sha256, seed, answers, done, language, case_id, letters, expires_at)
SELECT n::text, 'k1.x', CASE n WHEN 3 THEN '{}' ELSE '{"story": "zyxcanary grüßt"}' END::jsonb,
       '[]', 'en', CASE n WHEN 2 THEN 1 END, 0, now() FROM generate_series(1, 3) n;
INSERT INTO upload (public_id, draft_id, case_id, file_name, length, received, state, hints,
       expires_at)
SELECT d.id::text, d.id, d.case_id, 'zyxcanary.pdf', 1, 1, 'arrived', '[]', now()
  FROM portal_draft d;
INSERT INTO message (case_id, direction, state, to_role, automated, template, language, address,
       subject, body, message_id, in_reply_to, told)
SELECT CASE WHEN n < 3 THEN n END, 'in', 'received', 'coordinator', false, NULL, 'en',
       'Zyxcanary <Zyx' || n % 2 || '@family.example>', 'zyxcanary asks', 'zyxcanary ß',
       '<zyxcanary' || n || '@mail.example>', NULL,
       CASE n WHEN 1 THEN '{"about": {"upto": 3}}' WHEN 2 THEN 'null' END::jsonb
  FROM generate_series(1, 4) n;
UPDATE document SET notes = '{"questions": [{"quote": "zyxcanary?"}]}' WHERE id % 2 = 0;
INSERT INTO human_task (case_id, kind, role, state, due_at, objects, reason, opened_at)
SELECT CASE WHEN n > 1 THEN n END, 'match_mail', 'coordinator', 'done', now(), '{}',
       CASE WHEN n < 3 THEN 'zyxcanary told me' END, now() FROM generate_series(1, 3) n;
INSERT INTO inbound_mail (sha256, object_key, mailbox_uid, state, received_at, aside_reason, origin)
SELECT n::text, 'mail/x', '', 'aside', now(), CASE n WHEN 1 THEN 'zyxcanary' END,
       CASE n WHEN 3 THEN NULL ELSE '{"domain": "zyxcanary.example"}' END::jsonb
  FROM generate_series(1, 3) n;
INSERT INTO assessment (case_id, phase, result, findings, set_versions, engine_version, input_hash,
       assessed_at)
SELECT n, 'preop', CASE n WHEN 1 THEN '{}' ELSE '{"sets": {"zyxcanary": null}}' END::jsonb,
       CASE n WHEN 1 THEN '{}' ELSE '{"observations": ["zyxcanary"]}' END::jsonb, '{}', '1', 'x',
       now() FROM generate_series(1, 3) n;
INSERT INTO review (case_id, assessment_id, outcome, agrees_with_screen, reason, clinician_ref,
       input_hash, signed_at)
SELECT case_id, id, 'needs_data', true, CASE case_id WHEN 2 THEN 'zyxcanary' END, 'U-1', 'x', now()
  FROM assessment;
INSERT INTO red_flag_call (case_id, task_id, by_ref, reached, said, called_at)
SELECT t.case_id, t.id, 'U-1', 'patient', CASE t.id WHEN 3 THEN '' ELSE 'zyxcanary' END, now()
  FROM human_task t
"""


@pytest.fixture
def connection(owner_engine: Engine) -> Iterator[Connection]:
    with owner_engine.connect() as own:
        yield own


def rows(connection: Connection) -> list[Any]:
    found = [
        *connection.execute(text("SELECT * FROM patient ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM contact_point ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM document ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM finding ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM portal_draft ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM upload ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM message ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM human_task ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM inbound_mail ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM assessment ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM review ORDER BY id")).mappings(),
        *connection.execute(text("SELECT * FROM red_flag_call ORDER BY id")).mappings(),
    ]
    connection.commit()
    return [dict(one) for one in found]


def filled(connection: Connection, cases: int = CASES) -> list[Any]:
    go(connection, BEFORE, down=True)
    for statement in _FILLED.split(";\n"):
        connection.execute(text(statement.replace(":cases", str(cases))))
    return rows(connection)


def test_rows_of_before_are_sealed_and_found_and_laid_open_again_as_they_were(
    connection: Connection, engine: Engine, settings: Settings, clock: FixedClock
) -> None:
    before = filled(connection)
    file = "SELECT pg_relation_filepath('patient')"
    in_clear = connection.scalar(text(file))
    go(connection, "head")
    assert connection.scalar(text(file)) != in_clear, "the file that held them is gone"
    lies = "\n".join(str(row) for row in rows(connection))
    assert "zyxcanary" not in lies.lower() and "@family" not in lies and "Zoë" not in lies
    of_people = (CASES - 3) * 6 + 1 + 5
    of_papers, of_letters, of_words = 3 * 2 + 8 * 4 + 2 + 1, 4 * 4 + 1 + 3, 2 + 3 + 2
    of_evidence = 2 * 2 + 1 + 2
    of_all = of_people + of_papers + of_letters + of_words + of_evidence
    assert lies.count(MARK) == of_all
    lone = "SELECT count(*) FROM data_key WHERE owner = 'row'"
    assert connection.scalar(text(lone)) == 1 + 2 + 2 + 1 + 2 + 1, "of what has no case yet"
    keys = "SELECT count(DISTINCT case_id) FROM data_key WHERE owner = 'case'"
    assert connection.scalar(text(keys)) == CASES - 2, "none for a case with nothing to seal"
    connection.commit()
    world = World(settings, engine=engine, clock=clock)
    with transaction(engine) as session:
        patient = patient_of(session, 7)
        assert (patient.name, patient.other_names) == ("Zyxcanary Quendel7", ["Zoë"])
        assert str(patient.birth_date) == "1970-01-08"
        assert patient.intake == {"words": 'ü "quoted"'}
        assert patient_of(session, CASES - 1).name == "" and patient_of(session, CASES).name == "ö"
        drafts = [
            one.answers
            for one in session.scalars(select(PortalDraft).order_by(col(PortalDraft.id)))
        ]
        assert drafts == [{"story": "zyxcanary grüßt"}] * 2 + [{}]
        letters = session.scalars(
            select(Message)
            .where(address_is(session, col(Message.address_mark), "zyx1@family.example"))
            .order_by(col(Message.id))
        ).all()
        assert [one.told for one in letters] == [{"about": {"upto": 3}}, None]
        marks = message_marks(session, [letters[1].message_id])
        own = select(col(Message.body)).where(col(Message.message_id_mark).in_(marks))
        assert session.scalars(own).all() == ["zyxcanary ß"]
        values = [
            one.value
            for one in session.scalars(select(FindingRecord).order_by(col(FindingRecord.id)))
        ]
        assert values == ["zyxcanary", False, 0, 14.5, {}, [], "", {"lt": 3}, None]
        assert [one.case_id for one in cases_of(session, "ZYX7@Family.example")] == [7]
        assert [one.case_id for one in cases_of(session, "sister2@family.example")] == [2]
    with transaction(engine) as session:
        patient_of(session, 8).name = "Another Name"
        session.flush()
        destroy_keys(world, session, 9)
        session.execute(
            text(
                "UPDATE patient SET name = NULL, other_names = '', birth_date = NULL, email = NULL,"
                " phone = NULL, intake = '' WHERE case_id = 9"
            )
        )
    go(connection, BEFORE, down=True)
    after = rows(connection)
    assert after[7]["name"] == "Another Name"
    assert (after[8]["name"], after[8]["intake"], after[8]["other_names"]) == (None, {}, [])
    kept = [n for n in range(len(before)) if n not in (7, 8)]
    assert [after[n] for n in kept] == [before[n] for n in kept]
    go(connection, "head")


def test_what_ends_it_in_the_middle_leaves_everything_as_it_was(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled(connection)
    monkeypatch.setenv("IORT_SECRET_KEY", "")
    monkeypatch.setenv("IORT_SECRET_KEYS", "")
    monkeypatch.setenv("IORT_SECRET_KEYS_FILE", "")
    with pytest.raises(RingRefused):
        go(connection, "head")
    connection.rollback()
    assert rows(connection) == before
    assert connection.scalar(text("SELECT count(*) FROM data_key")) == 0


def test_without_a_row_no_ring_is_asked_for(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("IORT_SECRET_KEY", "IORT_SECRET_KEYS", "IORT_SECRET_KEYS_FILE"):
        monkeypatch.setenv(name, "")
    go(connection, BEFORE, down=True)
    go(connection, "head")
    assert rows(connection) == []


OWN = "SELECT split_part(subject, ' ', 1), count(*) FROM data_key WHERE owner = 'row' GROUP BY 1"


def own_keys(connection: Connection) -> dict[str, int]:
    found = {row[0]: row[1] for row in connection.execute(text(OWN))}
    connection.commit()
    return found


def test_from_each_step_on_the_way_back_it_goes_up_again(connection: Connection) -> None:
    """The keys of rows without a case go with what they sealed, table by table."""
    before = filled(connection, 6)
    go(connection, "head")
    tables = {"portal_draft": 1, "upload": 2, "message": 2, "human_task": 1, "inbound_mail": 2}
    tables["red_flag_call"] = 1
    assert own_keys(connection) == tables
    for to, left in (
        ("0043", set(tables)),
        ("0042", set(tables) - {"red_flag_call"}),
        ("0039", {"portal_draft", "upload", "message"}),
        ("0038", {"portal_draft", "upload"}),
        ("0037", set()),
    ):
        go(connection, to, down=True)
        assert set(own_keys(connection)) == left, to
        go(connection, "head")
        assert set(own_keys(connection)) == set(tables), to
    go(connection, BEFORE, down=True)
    assert rows(connection) == before
    go(connection, "head")


def test_keys_that_an_older_way_back_left_are_used_again(connection: Connection) -> None:
    before = filled(connection, 6)
    go(connection, "head")
    keys = own_keys(connection)
    connection.execute(text("CREATE TEMP TABLE kept AS SELECT * FROM data_key WHERE owner = 'row'"))
    go(connection, "0038", down=True)
    connection.execute(
        text(
            "INSERT INTO data_key OVERRIDING SYSTEM VALUE SELECT * FROM kept"
            " WHERE id NOT IN (SELECT id FROM data_key)"
        )
    )
    go(connection, "head")
    assert own_keys(connection) == keys
    go(connection, BEFORE, down=True)
    assert rows(connection) == before
    go(connection, "head")
