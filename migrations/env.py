"""Alembic's entry: migrates the database as its owner, and hands out the rights of the roles.

The owner is whom `IORT_DATABASE_OWNER_URL` names; where it is empty, `IORT_DATABASE_URL`.
"""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import models  # noqa: F401  (registers the tables)
from migrations.patience import give_way, patiently
from models.database import is_pooled, make_engine
from models.logins import hand_out
from models.roles import grant_rights
from safety import safe
from settings import Settings


def run_migrations() -> None:
    """Run the migrations; they give way to the product (`migrations/patience.py`)."""
    given = context.config.attributes.get("connection")
    if given is not None:
        context.configure(connection=given, target_metadata=SQLModel.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
            grant_rights(given)
        return
    settings = safe(Settings(), only=["database_clear"])
    owner = settings.database_owner_url or settings.database_url
    engine = make_engine(settings.model_copy(update={"database_url": owner}))
    absent: list[str] = []

    def migrate(connection: Connection) -> None:
        if is_pooled(connection):
            raise SystemExit(
                "this reaches PostgreSQL through a pooler, and migrations need sessions of their "
                "own: name PostgreSQL's own address in IORT_DATABASE_OWNER_URL"
            )
        connection.rollback()
        context.configure(
            connection=connection, target_metadata=SQLModel.metadata, compare_type=True
        )
        with context.begin_transaction():
            give_way(connection)
            context.run_migrations()
            absent[:] = hand_out(connection, settings)

    patiently(engine, migrate)
    engine.dispose()
    if absent:
        print(f"no such roles: {', '.join(absent)}; ./iort database roles says what to run")


run_migrations()
