"""Looks at the roles as they are in the database: who exists, and what each may do too much."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from models.database import SESSION, is_pooled, make_engine
from models.roles import ANALYST, APPLICATION, READER, TABLES
from safety import Unsafe, allowed, is_asked
from settings import Settings

_OWNER = text(
    "SELECT r.rolname, r.rolsuper, pg_has_role(current_user, r.oid, 'USAGE') AS is_we, current_user"
    " FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
    " WHERE c.oid = to_regclass('public.case_event')"
)
_TOO_MUCH = text(
    "SELECT a.name FROM pg_roles r CROSS JOIN LATERAL (VALUES"
    " ('superuser', r.rolsuper), ('may create databases', r.rolcreatedb),"
    " ('may create roles', r.rolcreaterole), ('may replicate', r.rolreplication),"
    " ('passes row policies', r.rolbypassrls),"
    " ('may create tables', has_schema_privilege(r.oid, 'public', 'CREATE'))) a(name, has)"
    " WHERE r.rolname = :role AND a.has"
)
_RIGHTS = text(
    "SELECT t.name, p.may FROM unnest(CAST(:tables AS text[])) t(name)"
    " CROSS JOIN unnest(CAST(:rights AS text[])) p(may)"
    " WHERE to_regclass('public.' || quote_ident(t.name)) IS NOT NULL"
    " AND has_table_privilege(CAST(:role AS name), 'public.' || quote_ident(t.name), p.may)"
)
_SEES = text(
    "SELECT count(*) FROM pg_class WHERE relnamespace = 'analytics'::regnamespace"
    " AND relkind IN ('v', 'm') AND has_table_privilege(CAST(:role AS name), oid, 'SELECT')"
)
_IS_MEMBER = text(
    "SELECT pg_has_role(CAST(:user AS name), CAST(:role AS name), 'USAGE')"
    " FROM pg_roles WHERE rolname = :user"
)
_BEGINS = text(
    "SELECT name, CASE WHEN name = 'lock_timeout'"
    " THEN (CAST(reset_val AS bigint) / 1000) || 's' ELSE reset_val END AS begins"
    " FROM pg_settings WHERE name = ANY(:names)"
)
"""As a session begins, whatever it was told since."""
_ALL = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"]
_WRITING = _ALL[1:]


OWNER_RULE = "database_owner"
"""The name under which `IORT_UNSAFE` lets the product sign in as the owner."""


@dataclass(frozen=True, slots=True)
class RoleSeen:
    """One role: what there is to say of it, and what is wrong, if anything is."""

    role: str
    says: str
    wrong: str = ""


def look_at_roles(settings: Settings) -> list[RoleSeen]:
    """Return what is so of owner, application, reader and analyst, in this order."""
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            return [
                _owner(connection),
                _application(connection),
                _reader(connection),
                _analyst(connection, settings),
            ]
    finally:
        engine.dispose()


def look_at_sessions(settings: Settings) -> tuple[str, str]:
    """Return what is wrong with how sessions begin ('' if nothing), and what there is to say."""
    wrong, says = [], []
    for url in filter(None, (settings.database_url, settings.database_analyst_url)):
        engine = make_engine(settings.model_copy(update={"database_url": url}))
        try:
            with engine.connect() as connection:
                rows = connection.execute(_BEGINS, {"names": list(SESSION)})
                found = {str(row.name): str(row.begins) for row in rows}
                pooled, user = is_pooled(connection), str(engine.url.username)
        finally:
            engine.dispose()
        differing = [f"{name} {found[name]}" for name in SESSION if found[name] != SESSION[name]]
        if differing and pooled:
            wrong.append(f"{user}: {', '.join(differing)}")
        says.append(f"{user} {'through a pooler' if pooled else 'reaches PostgreSQL itself'}")
    return "; ".join(wrong), ", ".join(says)


def not_as_owner(engine: Engine, settings: Settings) -> None:
    """End the process with `Unsafe` where it signs in as the owner and nobody allowed that.

    Embedded servers have their roles; a database that does not answer yet is not asked.
    """
    if not is_asked(settings) or OWNER_RULE in allowed(settings):
        return
    try:
        with engine.connect() as connection:
            found = _owner(connection)
    except OperationalError:
        return
    if found.wrong:
        raise Unsafe(
            f"this does not start, it would be unsafe:\n  {OWNER_RULE}: {found.wrong}\n"
            "    ./iort database roles --sql prints how the roles are made (docs/database.md)"
        )


def _owner(connection: Connection) -> RoleSeen:
    row = connection.execute(_OWNER).one_or_none()
    if row is None:
        return RoleSeen("owner", "", "there are no tables yet: run python -m alembic upgrade head")
    if row.is_we:
        wrong = f"the product signs in as {row.current_user}, who may rewrite history"
        return RoleSeen("owner", "", wrong)
    server = ", and is a superuser of the server" if row.rolsuper else ""
    return RoleSeen(
        "owner", f"{row.rolname} owns the tables{server}; the product is {row.current_user}"
    )


def _missing(connection: Connection, role: str) -> RoleSeen | None:
    exists = connection.scalar(text("SELECT to_regrole(:role)"), {"role": role})
    return None if exists is not None else RoleSeen(_short(role), "", f"there is no role {role}")


def _short(role: str) -> str:
    return role.removeprefix("iort_")


def _application(connection: Connection) -> RoleSeen:
    missing = _missing(connection, APPLICATION)
    if missing is not None:
        return missing
    user = str(connection.scalar(text("SELECT current_user")))
    wrong = list(_beyond(connection, user))
    if not connection.scalar(_IS_MEMBER, {"user": user, "role": APPLICATION}):
        wrong.append(f"{user} is no member of {APPLICATION}")
    told = f"{user}, member of {APPLICATION}: {_evidence()} tables are only added to"
    return RoleSeen("application", told, "; ".join(wrong))


def _evidence() -> int:
    return sum("DELETE" not in rights.may and "INSERT" in rights.may for rights in TABLES.values())


def _beyond(connection: Connection, role: str) -> Iterator[str]:
    """Yield what a role of the application's may do that `TABLES` does not say, or may not."""
    for attribute in connection.scalars(_TOO_MUCH, {"role": role}):
        yield f"{role}: {attribute}"
    found: dict[str, set[str]] = {}
    values = {"tables": list(TABLES), "rights": _ALL, "role": role}
    for table, may in connection.execute(_RIGHTS, values):
        found.setdefault(table, set()).add(may)
    more = sorted(name for name, may in found.items() if may - set(TABLES[name].may))
    less = sorted(
        name for name, rights in TABLES.items() if set(rights.may) - found.get(name, set())
    )
    if more:
        yield f"{role} may do too much with {', '.join(more)}"
    if less:
        yield f"{role} may do too little with {', '.join(less)}: run the migrations again"


def _reader(connection: Connection) -> RoleSeen:
    missing = _missing(connection, READER)
    if missing is not None:
        return missing
    writes = _held(connection, READER, _WRITING)
    reads = _held(connection, READER, ["SELECT"])
    wrong = f"{READER} may write to {', '.join(writes)}" if writes else ""
    return RoleSeen("reader", f"{READER} reads {len(reads)} tables and writes to none", wrong)


def _analyst(connection: Connection, settings: Settings) -> RoleSeen:
    missing = _missing(connection, ANALYST)
    if missing is not None:
        return missing
    if not settings.database_analyst_url:
        return RoleSeen(
            "analyst", "", "questions run as the product: set IORT_DATABASE_ANALYST_URL"
        )
    user = make_url(settings.database_analyst_url).username or ""
    wrong = [f"{user}: {one}" for one in connection.scalars(_TOO_MUCH, {"role": user})]
    if not connection.scalar(_IS_MEMBER, {"user": user, "role": ANALYST}):
        wrong.append(f"{user} is no member of {ANALYST}")
    held = _held(connection, user, _ALL)
    wrong += [f"{user} reaches {', '.join(held)}"] if held else []
    views = connection.scalar(_SEES, {"role": ANALYST})
    return RoleSeen("analyst", f"{user} reads {views} views and no table", "; ".join(wrong))


def _held(connection: Connection, role: str, rights: list[str]) -> list[str]:
    values = {"tables": list(TABLES), "rights": rights, "role": role}
    return sorted({table for table, _ in connection.execute(_RIGHTS, values)})
