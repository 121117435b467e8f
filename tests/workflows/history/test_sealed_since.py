"""Sealing what was in clear rewrites no history: the chains hold before it, after it, and back."""

import re
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlmodel import Session, col

from models import Assessment, RedFlagCall, Review
from models.database import transaction
from models.evidence import FORMS
from models.key_store import store_of
from settings import PROJECT_ROOT
from tests.platform.test_migrations import go
from tests.workflows.history.forging import erase_rows, forge, look, said
from tests.workflows.playing import Play
from workflows.retention import blanking
from workflows.retention.classified import TABLES
from workflows.retention.erasing import destroy_keys
from workflows.retention.table_rows import Rows

VERSIONS = PROJECT_ROOT / "migrations" / "versions"
LETTERS = "SELECT string_agg(body, '' ORDER BY id) FROM message"
SEALED = ("assessment", "review", "red_flag_call")
CANARY = "Zyxcanary"
OF_BEFORE = (
    """INSERT INTO assessment (case_id, phase, result, findings, set_versions, engine_version,
           input_hash, assessed_at)
       SELECT case_id, phase, r::jsonb, f::jsonb, set_versions, '1', 'abc', now()
         FROM assessment, (VALUES ('{}', '{}'),
           ('{"b": 1, "a": ["Zyxcanary \\"ü\\" \\u0001 \\\\"]}', '{"n": 1.50}')) v (r, f)
        WHERE id = 1""",
    """INSERT INTO review (case_id, assessment_id, outcome, agrees_with_screen, reason,
           clinician_ref, input_hash, signed_at, void_at, void_reason)
       SELECT case_id, assessment_id, outcome, true, why, 'U-1', 'abc', now(), now(), 'new_data'
         FROM review, (VALUES (NULL), (''), (E'Zyxcanary "said"\n\t\\\\ \x7f \x01 ü /')) v (why)
        WHERE id = 1""",
    """INSERT INTO human_task (case_id, kind, role, state, due_at, objects, reason, opened_at)
       VALUES (NULL, 'find_sender', 'coordinator', 'done', now(), '{}', NULL, now())""",
    """INSERT INTO red_flag_call (case_id, task_id, by_ref, reached, said, called_at)
       SELECT c, (SELECT max(id) FROM human_task), 'U-1', 'patient', said, now()
         FROM (VALUES (NULL), ((SELECT min(id) FROM "case"))) o (c),
              (VALUES (''), ('Zyxcanary, voicemail')) v (said)""",
)
"""Rows as they were written before: with nothing to seal, with signs that are quoted, of nobody."""


def before(name: str, line: str = "down_revision") -> str:
    """Return the revision before that of a migration, or its own."""
    found = re.search(rf'^{line} = "(\d+)"', (VERSIONS / f"{name}.py").read_text(), re.MULTILINE)
    assert found
    return found.group(1)


def unfitting(owner: Connection) -> list[str]:
    """Return which rows do not fit links over clear values: what the version of before looks at."""
    found = []
    for table in SEALED:
        form = FORMS[table][1]
        kept, hidden = (", ".join(f"to_jsonb(t.{n})" for n in p) for p in (form.kept, form.hidden))
        query = f"""
            SELECT t.id FROM {table} t JOIN evidence_link l ON l.what = '{table}'
               AND l.row_id = t.id AND l.act = 'add' AND l.form = 1
             WHERE l.content IS DISTINCT FROM sha256(
               sha256(convert_to(jsonb_build_array({kept})::text, 'UTF8')) || coalesce(
               sha256(l.salt || convert_to(jsonb_build_array({hidden})::text, 'UTF8')),
               l.hidden_hash))"""
        found += [f"{table} {row}" for row in owner.scalars(text(query))]
    owner.commit()
    return found


def held(play: Play) -> list[Any]:
    """Return what the rows say."""
    with Session(play.world.engine) as session:
        return [
            *session.execute(select(col(Assessment.id), col(Assessment.case_id),
                                    col(Assessment.result), col(Assessment.findings))),
            *session.execute(select(col(Review.id), col(Review.case_id), col(Review.reason))),
            *session.execute(select(col(RedFlagCall.id), col(RedFlagCall.case_id),
                                    col(RedFlagCall.said))),
        ]  # fmt: skip


def lying(owner: Connection) -> str:
    """Return the rows and links as they lie."""
    whole = "\n".join(
        str(row)
        for table in (*SEALED, "evidence_link")
        for row in owner.scalars(text(f"SELECT t::text FROM {table} t"))
    )
    owner.commit()
    return whole


def of_before(play: Play, owner: Connection) -> None:
    """Write rows as they were written before they were sealed, and go up."""
    go(owner, before("2026_11_30_sealed_evidence"), down=True)
    for statement in OF_BEFORE:
        owner.exec_driver_sql(statement)
    owner.commit()
    assert unfitting(owner) == [] and lying(owner).count(CANARY) == 4
    go(owner, "head")


@pytest.fixture
def owner(owner_engine: Engine) -> Any:
    with owner_engine.connect() as connection:
        yield connection


def test_history_is_verified_before_and_after_letters_are_sealed(
    story: Play, owner: Connection
) -> None:
    here = look(story)
    told = [one.body for one in story.messages()]
    assert here.findings == [] and any("Dear" in body for body in told)
    go(owner, before("2026_11_30_values_of_rows"), down=True)
    assert owner.scalar(text(LETTERS)) == "".join(told), "in clear, as they stood before"
    assert unfitting(owner) == []
    go(owner, "head")
    assert "Dear" not in str(owner.scalar(text(LETTERS)))
    after = look(story)
    assert after.findings == []
    assert (after.events, after.heads) == (here.events, here.heads)
    assert after.links == here.links + len(after.notes)
    assert [one.body for one in story.messages()] == told


def test_evidence_of_before_is_verified_once_it_is_sealed_and_that_it_was_is_written_down(
    story: Play, owner: Connection
) -> None:
    of_before(story, owner)
    assert CANARY not in lying(owner) and lying(owner).count("evidence_link") == 0
    report = look(story)
    assert report.findings == []
    notes = "\n".join(report.notes)
    own = before("2026_11_30_sealed_evidence", "revision")
    for table, count in (("assessment", 2), ("review", 2), ("red_flag_call", 2)):
        assert f"the owner changed {table} (migration {own}: sealed, {count} rows)" in notes
    said_now = held(story)
    assert str(said_now).count(CANARY) == 4
    go(owner, before("2026_11_30_sealed_evidence"), down=True)
    assert unfitting(owner) == []
    go(owner, before("2026_11_30_values_of_rows"), down=True)
    assert unfitting(owner) == []
    go(owner, "head")
    assert said(story) == [] and held(story) == said_now
    assert owner.scalar(text("SELECT to_regnamespace('evidence_sealed')")) is None


def test_no_salt_in_clear_lets_anybody_check_a_guess(story: Play, owner: Connection) -> None:
    of_before(story, owner)
    query = """
        SELECT l.what, l.row_id FROM evidence_link l WHERE l.form = 1 AND l.act = 'add'
           AND l.salt IS NOT NULL AND (EXISTS (SELECT FROM review t WHERE l.what = 'review'
           AND t.id = l.row_id AND t.reason <> '') OR EXISTS (SELECT FROM red_flag_call t
           WHERE l.what = 'red_flag_call' AND t.id = l.row_id AND t.said <> '') OR EXISTS (SELECT
           FROM assessment t WHERE l.what = 'assessment' AND t.id = l.row_id AND t.result <> ''))"""
    assert owner.execute(text(query)).all() == []


CHANGES = {
    "a result is blanked": "UPDATE assessment SET result = '' WHERE id = {result}",
    "a result is that of another": "UPDATE assessment a SET findings = b.findings FROM assessment b"
    " WHERE b.id = 1 AND a.id = {result}",
    "a reason is gone": "UPDATE review SET reason = NULL WHERE id = {review}",
    "words are made up": "UPDATE red_flag_call SET said = 's2.1.AAAA' WHERE id = {call}",
    "a salt is that of another": "UPDATE evidence_link l SET sealed_salt = o.sealed_salt"
    " FROM evidence_link o WHERE o.what = 'review' AND o.row_id = {review} AND o.act = 'add'"
    " AND l.what = 'red_flag_call' AND l.row_id = {call}",
    "a reason stands where there was none": "UPDATE review SET reason = (SELECT reason FROM review"
    " WHERE id = {review}) WHERE id = {review} - 2",
    "a call says what another said": "UPDATE red_flag_call SET said = (SELECT said FROM"
    " red_flag_call WHERE id = {call}) WHERE id = (SELECT min(id) FROM red_flag_call"
    " WHERE said = '' AND id > {call} - 4)",
    "what cannot be opened has a salt in clear": "UPDATE review SET reason = 's2.1.AAAA'"
    " WHERE id = {review}; UPDATE evidence_link SET salt = '\\x00', sealed_salt = NULL"
    " WHERE what = 'review' AND row_id = {review} AND act = 'add'",
    "a key is destroyed": "UPDATE data_key SET wrapped = NULL, destroyed_at = now()",
}


TOUCHED = (*SEALED, "evidence_link", "data_key")


def test_who_changes_evidence_of_before_is_found(story: Play, owner: Connection) -> None:
    of_before(story, owner)
    result, review, call = (owner.scalar(text(f"SELECT max(id) FROM {table}")) for table in SEALED)
    owner.commit()
    forge(story, *(f"CREATE TABLE was_{one} AS TABLE {one}" for one in TOUCHED))
    for way, change in CHANGES.items():
        forge(story, change.format(result=result, review=review, call=call))
        store_of(story.world.engine.dialect).forget(range(1000))
        assert said(story), way
        for one in TOUCHED:
            forge(story, f"DELETE FROM {one}", f"INSERT INTO {one} TABLE was_{one}")
        assert said(story) == []
    forge(story, *(f"DROP TABLE was_{one}" for one in TOUCHED))


NEW = {
    "a result": "UPDATE assessment SET result = findings",
    "a reason": "UPDATE review SET reason = ''",
}


@pytest.mark.parametrize("way", NEW)
def test_who_changes_evidence_that_was_sealed_from_the_start_is_found(
    story: Play, way: str
) -> None:
    forge(story, NEW[way])
    assert "is not as it was written" in said(story)[0]


def test_what_is_changed_while_it_lies_open_is_found(story: Play, owner: Connection) -> None:
    go(owner, before("2026_11_30_sealed_evidence"), down=True)
    forge(story, "UPDATE review SET reason = 'another'")
    go(owner, "head")
    assert said(story)[0].startswith("review 1 ")


def test_an_erasure_leaves_chains_that_hold_whenever_the_rows_were_written(
    story: Play, owner: Connection
) -> None:
    of_before(story, owner)
    erase_rows(story)
    assert said(story) == []
    with transaction(story.world.engine) as session:
        destroy_keys(story.world, session, story.case_id)
        lone = "SELECT count(*) FROM data_key WHERE owner = 'row' AND subject LIKE 'red_flag%'"
        assert session.scalar(text(lone)) == 1, "of a letter that is nobody's, and not this case's"
    assert said(story) == []
    salts = "SELECT what, row_id FROM evidence_link WHERE sealed_salt IS NOT NULL"
    assert [row.what for row in owner.execute(text(salts))] == ["red_flag_call"], "nobody's"
    owner.commit()
    go(owner, before("2026_11_30_sealed_evidence"), down=True)
    assert unfitting(owner) == []
    go(owner, "head")
    assert said(story) == []
    owner.execute(text("SET LOCAL iort.rewrite = 'erasure of case 1'"))
    owner.execute(text("UPDATE red_flag_call SET said = '' WHERE case_id IS NULL"))
    assert owner.scalar(text(lone)) == 0, "blanked, it takes its key along"
    owner.rollback()


def of_that_time(owner: Connection) -> dict[str, Rows]:
    """Return what is erased of the tables that the database has: later ones came after."""
    there = set(owner.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
    owner.commit()
    return {name: rows for name, rows in TABLES.items() if name in there}


def test_an_erasure_while_it_lies_open_stays_one(
    story: Play, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(owner, before("2026_11_30_sealed_evidence"), down=True)
    monkeypatch.setattr(blanking, "TABLES", of_that_time(owner))
    erase_rows(story)
    go(owner, "head")
    assert said(story) == []
    assert held(story) == [(1, story.case_id, {}, {}), (1, story.case_id, None)]
