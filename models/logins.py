"""Who signs in to the database: made by the owner where it may, else said how by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from models.database import SESSION
from models.roles import ANALYST, APPLICATION, creating, grant_rights, may_create, missing
from settings import Settings

OWNER = "iort_owner"
"""The owner's name where the settings name none."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who signs in with a password, as a member of a role."""

    user: str
    password: str
    role: str


def logins(settings: Settings) -> list[Login]:
    """Return who signs in beside the owner: whom the URLs of the settings name."""
    owner = make_url(settings.database_owner_url or settings.database_url).username
    found = []
    for url, role in (
        (settings.database_url, APPLICATION),
        (settings.database_analyst_url, ANALYST),
    ):
        parts = make_url(url) if url else None
        if parts is not None and parts.username and parts.username != owner:
            found.append(Login(parts.username, str(parts.password or ""), role))
    return found


def hand_out(connection: Connection, settings: Settings) -> list[str]:
    """Make roles and logins where who is signed in may, and give each its rights.

    Returns the roles that are missing and could not be made; then nothing was given.
    """
    absent = grant_rights(connection)
    if not absent and may_create(connection):
        for one in logins(settings):
            _make(connection, one)
    return absent


def _make(connection: Connection, login: Login) -> None:
    """Make a login, or give it the password of the settings: what is sent is not the password."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    known = connection.scalar(text("SELECT to_regrole(quote_ident(:user))"), {"user": login.user})
    user, sealed = sql.Identifier(login.user), _sealed(raw, login)
    act = sql.SQL("ALTER ROLE {}" if known is not None else "CREATE ROLE {} LOGIN").format(user)
    if login.password:
        act = sql.SQL("{} PASSWORD {}").format(act, sql.Literal(sealed))
    with raw.cursor() as cursor:
        if known is None or login.password:
            cursor.execute(act)
        cursor.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(login.role), user))
        for name, value in SESSION.items():
            cursor.execute(
                sql.SQL("ALTER ROLE {} SET {} TO {}").format(user, sql.Identifier(name), value)
            )


def _sealed(raw: psycopg.Connection, login: Login) -> str:
    """Return what PostgreSQL keeps of the password (SCRAM): it stands in no log of statements."""
    password, user = login.password.encode(), login.user.encode()
    return raw.pgconn.encrypt_password(password, user, b"scram-sha-256").decode()


def by_hand(connection: Connection, settings: Settings) -> Iterator[str]:
    """Yield what a superuser types in psql so that the roles are there; passwords are asked for."""
    owner = make_url(settings.database_owner_url).username if settings.database_owner_url else OWNER
    now = str(connection.scalar(text("SELECT current_user")))
    database = str(connection.scalar(text("SELECT current_database()")))
    known = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    yield from (f"{one};" for one in creating(missing(connection)))
    for user, role in ((owner, None), *((one.user, one.role) for one in logins(settings))):
        if user not in known:
            yield f'CREATE ROLE "{user}" LOGIN;'
            yield f"\\password {user}"
        if role is not None:
            yield f'GRANT {role} TO "{user}";'
            yield from (
                f"ALTER ROLE \"{user}\" SET {name} TO '{to}';" for name, to in SESSION.items()
            )
    yield f'ALTER DATABASE "{database}" OWNER TO "{owner}";'
    if now != owner:
        yield f'REASSIGN OWNED BY "{now}" TO "{owner}";'
    yield f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;'
    for role in (APPLICATION, "iort_reader", ANALYST):
        yield f'GRANT CONNECT ON DATABASE "{database}" TO {role};'
