"""Who may do what in the database: evidence is only added to, and analysts see views alone."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, SQLModel

from local.embedded.postgres import ROLES as EMBEDDED_ROLES
from models import AuditEntry, Case, CaseEvent
from models.base import require_id
from models.roles import ADDED, DOORS, FULL, ROLES, TABLES, grant_rights
from tests.fixtures.databases import WorkerDatabase

EVIDENCE = sorted(name for name, rights in TABLES.items() if rights.may == ADDED.may)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def case_id(session: Session) -> int:
    """A case with two events and an entry of the audit."""
    case = Case(ref="CFX-26-00001", state="INQUIRY", stage="inquiry", opened_at=NOW)
    session.add(case)
    session.flush()
    own = require_id(case.id)
    for seq in (1, 2):
        session.add(
            CaseEvent(
                case_id=own,
                seq=seq,
                event_id=f"E{seq}",
                type="document.stored",
                occurred_at=NOW,
                actor_type="system",
                payload={"sha256": "0" * 64},
            )
        )
        session.flush()
    session.add(AuditEntry(actor_ref="U-1", action="case.viewed", case_id=own, at=NOW))
    session.commit()
    return own


@pytest.fixture
def analyst(worker_database: WorkerDatabase, engine: Engine) -> Iterator[Connection]:
    own = create_engine(worker_database.analyst_url)
    with own.connect() as connection:
        yield connection
    own.dispose()


def refused(connection: Connection, statement: str) -> bool:
    """Say whether a statement is refused for who asks; it is taken back either way."""
    tried = connection.begin_nested()
    try:
        connection.execute(text(statement))
    except ProgrammingError as error:
        assert getattr(error.orig, "sqlstate", "") == "42501", error
        return True
    finally:
        tried.rollback()
    return False


def changes(table: str) -> list[str]:
    return [
        f'UPDATE "{table}" SET {first_column(table)} = {first_column(table)}',
        f'DELETE FROM "{table}"',
        f'TRUNCATE "{table}" CASCADE',
    ]


def first_column(table: str) -> str:
    return next(iter(SQLModel.metadata.tables[table].columns)).name


def test_every_table_has_its_line() -> None:
    assert set(TABLES) - {"alembic_version"} == set(SQLModel.metadata.tables), (
        "say in models/roles.py what the application may do with the table"
    )
    assert set(ROLES) == set(EMBEDDED_ROLES)


def test_history_is_not_rewritten_by_the_application(engine: Engine, case_id: int) -> None:
    with engine.connect() as connection:
        for table in EVIDENCE:
            for statement in changes(table):
                assert refused(connection, statement), statement
        assert refused(connection, "ALTER TABLE case_event DISABLE TRIGGER ALL")
        assert refused(connection, "CREATE TABLE stranger (id int)")
        assert refused(connection, "SET ROLE iort_owner")
        # What it says does not help who owns nothing.
        connection.execute(text("SET LOCAL iort.rewrite = 'because'"))
        assert refused(connection, "DELETE FROM audit_entry")


def test_not_even_by_the_owner_who_does_not_say_so(owner_engine: Engine, case_id: int) -> None:
    with owner_engine.connect() as connection:
        for table in EVIDENCE:
            for statement in changes(table)[1:]:
                assert refused(connection, statement), statement
        assert refused(connection, "UPDATE case_event SET payload = '{}'")
        connection.execute(text("SET LOCAL iort.rewrite = 'migration 0031'"))
        assert not refused(connection, "DELETE FROM audit_entry")


def test_a_consent_and_a_signature_are_closed_once_and_never_opened(
    engine: Engine, case_id: int
) -> None:
    with engine.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO consent (case_id, scope, text_version, signed_by, method, granted_at)"
                " VALUES (:case, 'process', '2026-1', 'patient', 'portal', now())"
            ),
            {"case": case_id},
        )
        assert refused(connection, "UPDATE consent SET scope = 'research'")
        connection.execute(text("UPDATE consent SET withdrawn_at = now()"))
        assert refused(connection, "UPDATE consent SET withdrawn_at = NULL")
        again = "UPDATE consent SET withdrawn_at = now() + interval '1 day'"
        assert refused(connection, again)
        assert refused(connection, "UPDATE review SET outcome = 'not_suitable'")


def test_the_doors_of_an_erasure_stay_shut_without_one(engine: Engine, case_id: int) -> None:
    with engine.connect() as connection:
        assert refused(connection, f"SELECT erase_evidence({case_id}, '{{}}', '{{}}')")
        assert refused(connection, f"SELECT forget_address({case_id}, repeat('a', 32))")
        assert refused(connection, f"SELECT evidence_may_go({case_id})")


def test_analysts_read_views_and_no_table(analyst: Connection, case_id: int) -> None:
    seen = analyst.execute(text("SELECT count(*) FROM analytics.v_event")).scalar_one()
    assert seen == 2
    for table in SQLModel.metadata.tables:
        assert refused(analyst, f'SELECT FROM "{table}" LIMIT 1'), table
    doors = text(
        "SELECT n FROM unnest(CAST(:doors AS text[])) n WHERE has_function_privilege(n, 'EXECUTE')"
    )
    assert list(analyst.scalars(doors, {"doors": list(DOORS)})) == []


def test_who_reads_for_a_backup_reads_everything_and_writes_nothing(engine: Engine) -> None:
    query = text(
        "SELECT tablename, has_table_privilege('iort_reader', quote_ident(tablename), 'SELECT'),"
        " has_table_privilege('iort_reader', quote_ident(tablename), 'INSERT, UPDATE, DELETE')"
        " FROM pg_tables WHERE schemaname = 'public'"
    )
    with engine.connect() as connection:
        rights = connection.execute(query).all()
    assert [row.tablename for row in rights if (row[1], row[2]) != (True, False)] == []


def test_a_table_of_a_later_migration_is_added_to_until_its_line_says_more(
    owner_engine: Engine, engine: Engine
) -> None:
    def as_application(statement: str) -> bool:
        with engine.connect() as connection:
            return refused(connection, statement)

    with owner_engine.begin() as owner:
        owner.execute(text("CREATE TABLE rate_count_next (key text PRIMARY KEY, tries int)"))
    assert not as_application("INSERT INTO rate_count_next VALUES ('a', 1)")
    assert as_application("DELETE FROM rate_count_next")
    with owner_engine.begin() as owner:
        owner.execute(text("ALTER TABLE rate_count RENAME TO rate_count_before"))
        owner.execute(text("ALTER TABLE rate_count_next RENAME TO rate_count"))
        assert TABLES["rate_count"] == FULL and grant_rights(owner) == []
    assert not as_application("DELETE FROM rate_count")
