"""Alembic's entry: migrates the database that `IORT_DATABASE_URL` names."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

import models  # noqa: F401  (registers the tables)
from models.database import make_engine
from safety import safe
from settings import Settings


def run_migrations() -> None:
    """Run the migrations; a lock that is not free in 4 s fails instead of blocking the product."""
    given = context.config.attributes.get("connection")
    if given is not None:
        context.configure(connection=given, target_metadata=SQLModel.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = make_engine(safe(Settings(), only=["database_clear"]))
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=SQLModel.metadata, compare_type=True
        )
        with context.begin_transaction():
            connection.execute(text("SET LOCAL lock_timeout = '4s'"))
            context.run_migrations()
    engine.dispose()


run_migrations()
