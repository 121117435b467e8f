"""What each role may do in the database: the one list, with a line for every table.

The tables belong to the owner, who migrates and does nothing else. What runs signs in as somebody
else, a member of one of these roles, which have no password of their own:

- `iort_application`: web, workers, relay and command line. It adds to evidence and changes none.
- `iort_reader`: reads every table: for backups.
- `iort_analyst`: reads the views of the schema `analytics`, and no table.

`python -m alembic upgrade` hands the rights out again each time it has run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

APPLICATION, READER, ANALYST = "iort_application", "iort_reader", "iort_analyst"
ROLES = (APPLICATION, READER, ANALYST)


@dataclass(frozen=True, slots=True)
class Rights:
    """What the application may do with a table's rows; `closes` are columns it may fill later."""

    may: tuple[str, ...]
    closes: tuple[str, ...] = ()


FULL = Rights(("SELECT", "INSERT", "UPDATE", "DELETE"))
ADDED = Rights(("SELECT", "INSERT"))
"""Evidence: it is added to, and what stands there is never changed."""
READ = Rights(("SELECT",))


def _ended(*columns: str) -> Rights:
    return Rights(ADDED.may, columns)


TABLES: Mapping[str, Rights] = {
    "account_change": FULL,
    "alembic_version": READ,
    "assessment": ADDED,
    "audit_entry": ADDED,
    "case": FULL,
    "case_event": ADDED,
    "case_link": FULL,
    "clock_shift": FULL,
    "consent": _ended("withdrawn_at"),
    "contact_point": FULL,
    "criteria_act": ADDED,
    "data_key": FULL,
    "desk_link": FULL,
    "desk_visit": FULL,
    "directory_change": ADDED,
    "document": FULL,
    "document_page": FULL,
    "erased_object": FULL,
    "erasure": FULL,
    "evidence_link": READ,
    "exchange_rate": ADDED,
    "finding": FULL,
    "followup_item": FULL,
    "history_check": ADDED,
    "hook_object": FULL,
    "hospital": FULL,
    "human_task": FULL,
    "inbound_mail": FULL,
    "inbound_webhook": FULL,
    "journey_item": FULL,
    "late_letter": FULL,
    "late_thing": FULL,
    "leader": FULL,
    "mailbox_message": FULL,
    "mark": FULL,
    "message": FULL,
    "more_info_item": FULL,
    "offer": FULL,
    "outreach_thread": FULL,
    "patient": FULL,
    "peer": FULL,
    "portal_code": FULL,
    "portal_draft": FULL,
    "queue_pause": FULL,
    "rate_count": FULL,
    "reading_use": FULL,
    "records_package": FULL,
    "records_page": FULL,
    "records_part": FULL,
    "recovery_code": FULL,
    "red_flag_call": ADDED,
    "restoration": FULL,
    "review": _ended("void_at", "void_reason"),
    "saved_view": FULL,
    "sealed_object": FULL,
    "second_factor": FULL,
    "signed_head": ADDED,
    "spent_budget": FULL,
    "step_run": FULL,
    "thread_contact": FULL,
    "thread_note": FULL,
    "upload": FULL,
    "upload_piece": FULL,
    "user_account": FULL,
    "user_session": FULL,
    "webhook_attempt": FULL,
    "webhook_delivery": FULL,
    "webhook_endpoint": FULL,
}
"""A table that stands in no line here can be read and added to, and fails a test."""

DOORS = (
    "evidence_is_rewritten(oid)",
    "erase_evidence(bigint, jsonb, bigint[])",
    "forget_address(bigint, text)",
    "count_charts_anew()",
    "analyse_tables(text[])",
    "drop_visits(timestamp with time zone, bigint)",
)
"""Functions of the owner's that the application may call; nobody else may."""

_EVERYBODY = ", ".join(ROLES)
_MISSING = text("SELECT n FROM unnest(CAST(:names AS text[])) AS n WHERE to_regrole(n) IS NULL")
_THERE = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
_DOORS = text(
    "SELECT n FROM unnest(CAST(:names AS text[])) AS n WHERE to_regprocedure(n) IS NOT NULL"
)
_MAY_CREATE = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")


def missing(connection: Connection) -> list[str]:
    """Return which of the three roles do not exist."""
    return list(connection.scalars(_MISSING, {"names": list(ROLES)}))


def may_create(connection: Connection) -> bool:
    """Say whether who is signed in may create roles."""
    return bool(connection.scalar(_MAY_CREATE))


def creating(names: list[str]) -> Iterator[str]:
    """Yield the statements that create roles; whoever runs them must be allowed to."""
    for name in names:
        yield f"CREATE ROLE {name} NOLOGIN"


def grant_rights(connection: Connection) -> list[str]:
    """Give each role exactly what stands here; return the roles that do not exist.

    Where some are missing and may be created, they are; else nothing is done: whoever may create
    them does it, and runs the migrations once more.
    """
    absent = missing(connection)
    if absent and not may_create(connection):
        return absent
    tables = set(connection.scalars(_THERE))
    doors = list(connection.scalars(_DOORS, {"names": list(DOORS)}))
    statements = [*creating(absent), *granting(tables, doors)]
    if connection.scalar(text("SELECT to_regnamespace('analytics')")) is not None:
        statements += _analytics()
    for statement in statements:
        connection.execute(text(statement))
    return []


def granting(tables: set[str], doors: list[str]) -> Iterator[str]:
    """Yield the statements that take every right away and give what stands in `TABLES`."""
    yield f"GRANT USAGE ON SCHEMA public TO {APPLICATION}, {READER}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {_EVERYBODY}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}"
    for name in sorted(tables):
        rights = TABLES.get(name, ADDED)
        yield f'GRANT {", ".join(rights.may)} ON "{name}" TO {APPLICATION}'
        if rights.closes:
            yield f'GRANT UPDATE ({", ".join(rights.closes)}) ON "{name}" TO {APPLICATION}'
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION}"
    yield f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {READER}"
    for door in doors:
        yield f"REVOKE ALL ON FUNCTION {door} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {door} TO {APPLICATION}"
    # What the owner's later tables get until the rights are handed out again.
    given = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"
    yield f"{given} SELECT, INSERT ON TABLES TO {APPLICATION}"
    yield f"{given} SELECT ON TABLES TO {READER}"
    yield f"{given} USAGE, SELECT ON SEQUENCES TO {APPLICATION}"


def _analytics() -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA analytics TO {_EVERYBODY}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA analytics FROM PUBLIC, {_EVERYBODY}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO {_EVERYBODY}"
    yield (f"ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO {_EVERYBODY}")
