"""The migrations on a real database: down and up again, and the same tables as the models."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, text
from sqlmodel import Session, SQLModel

from models import Case, CaseEvent
from models.base import require_id
from settings import PROJECT_ROOT

BEFORE_CONSOLE = "0002"
SCHEMA = """
SELECT 'column', table_schema || '.' || table_name, column_name,
       data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
  FROM information_schema.columns WHERE table_schema IN ('public', 'analytics')
UNION ALL
SELECT 'index', schemaname || '.' || tablename, indexname, indexdef
  FROM pg_indexes WHERE schemaname IN ('public', 'analytics')
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'view', n.nspname, c.relname, pg_get_viewdef(c.oid)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('v', 'm') AND n.nspname = 'analytics'
UNION ALL
SELECT 'options', c.oid::regclass::text, '', array_to_string(c.reloptions, ',')
  FROM pg_class c WHERE c.reloptions IS NOT NULL AND c.relnamespace = 'public'::regnamespace
 ORDER BY 1, 2, 3, 4
"""
Schema = set[tuple[str, ...]]


@pytest.fixture
def connection(owner_engine: Engine) -> Iterator[Connection]:
    with owner_engine.connect() as own:
        yield own


def go(connection: Connection, target: str, *, down: bool = False) -> None:
    config = Config(toml_file=PROJECT_ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    connection.commit()
    (command.downgrade if down else command.upgrade)(config, target)
    connection.commit()


def schema(connection: Connection) -> Schema:
    return {tuple(str(value) for value in row) for row in connection.execute(text(SCHEMA))}


def test_models_and_migrations_agree(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, SQLModel.metadata) == []


def test_down_and_up_again_is_where_it_was(connection: Connection) -> None:
    newest = schema(connection)
    go(connection, BEFORE_CONSOLE, down=True)
    before = schema(connection)
    assert before != newest
    names = {row[2] for row in before if row[0] == "index"}
    assert {"ix_case_stage", "ix_case_site"} <= names
    assert not {"upload", "portal_draft", "saved_view"} & {row[1].split(".")[-1] for row in before}
    go(connection, "head")
    assert schema(connection) == newest
    go(connection, BEFORE_CONSOLE, down=True)
    assert schema(connection) == before


def test_down_leaves_exactly_what_the_revision_before_makes(connection: Connection) -> None:
    go(connection, BEFORE_CONSOLE, down=True)
    came_down = schema(connection)
    go(connection, "base", down=True)
    assert not {row for row in schema(connection) if "alembic_version" not in " ".join(row)}
    go(connection, BEFORE_CONSOLE)
    assert schema(connection) == came_down


def test_down_keeps_the_deliveries_that_were_given_up(connection: Connection) -> None:
    connection.execute(
        text(
            "INSERT INTO webhook_endpoint (name, url, secret, active)"
            " VALUES ('partner', 'https://partner.example', 'whsec_x', true);"
            "INSERT INTO webhook_delivery (endpoint_id, event_id, state, attempts)"
            " SELECT id, 'E1', 'given_up', 3 FROM webhook_endpoint"
        )
    )
    connection.commit()
    go(connection, BEFORE_CONSOLE, down=True)
    state = connection.execute(text("SELECT state FROM webhook_delivery")).scalar_one()
    assert state == "failed"


def test_down_keeps_the_newest_approval_of_a_text_and_up_makes_it_a_draft(
    connection: Connection,
) -> None:
    for number, (act, meaning) in enumerate(
        [("approved", "a" * 64), ("approved", "b" * 64), ("withdrawn", "")], 1
    ):
        connection.execute(
            text(
                "INSERT INTO criteria_act (set_id, version, sha256, meaning, act, actor_ref,"
                " signer_name, signer_qualification, signer_registration, confirmed, look,"
                " would_change, at)"
                " VALUES (:set, '1', :sha, :meaning, :act, :who, 'Dr A', 'x', 'y', '[]', '', 0,"
                " now())"
            ),
            {"set": "s", "sha": "0" * 64, "meaning": meaning, "act": act, "who": f"U-{number}"},
        )
    connection.commit()
    go(connection, "0012", down=True)
    left = "SELECT act, actor_ref FROM criteria_act ORDER BY id"
    assert connection.execute(text(left)).all() == [("approved", "U-2"), ("withdrawn", "U-3")]
    go(connection, "head")
    meanings = connection.execute(text("SELECT DISTINCT meaning FROM criteria_act")).all()
    assert meanings == [("",)], "nobody wrote down what the words meant"


def test_hashes_of_values_leave_the_events_of_before(connection: Connection) -> None:
    held: dict[str, dict[str, Any]] = {
        "extraction.field_proposed": {"field": "breast.er", "value_hash": "0" * 16, "page": 1},
        "extraction.field_confirmed": {"proposed_hash": "0" * 16, "confirmed_hash": "1" * 16},
        "document.stored": {"sha256": "2" * 64},
    }
    then = datetime(2026, 11, 1, tzinfo=UTC)
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        case = Case(ref="CFX-26-00001", state="INQUIRY", stage="inquiry", opened_at=then)
        session.add(case)
        session.flush()
        for seq, (type, payload) in enumerate(held.items(), 1):
            session.add(
                CaseEvent(
                    case_id=require_id(case.id), seq=seq, event_id=f"E{seq}", type=type,
                    occurred_at=then, actor_type="system", payload=payload,
                )
            )  # fmt: skip
        session.commit()
    connection.commit()
    go(connection, "0005", down=True)
    go(connection, "head")
    found = connection.execute(text("SELECT type, payload FROM case_event")).all()
    assert dict(found) == {
        "extraction.field_proposed": {"field": "breast.er", "page": 1},
        "extraction.field_confirmed": {},
        "document.stored": {"sha256": "2" * 64},
    }
