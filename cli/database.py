"""`iort database roles`: who may do what in the database, and how the roles are made."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cli.acting import Json
from cli.errors import CommandError

database_app = typer.Typer(no_args_is_help=True)


@database_app.callback()
def _root() -> None:
    """The database behind the product."""


@database_app.command("roles")
def roles(
    as_sql: Annotated[
        bool, typer.Option("--sql", help="Print what a superuser runs in psql to make them.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Make them as IORT_DATABASE_OWNER_URL, if it may.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say role by role what is there and what it may do too much. Exit code 1 if anything is."""
    from models.role_checks import look_at_roles
    from settings import get_settings

    settings = get_settings()
    if as_sql:
        typer.echo("\n".join(_by_hand()))
        return
    if apply:
        _apply()
    seen = look_at_roles(settings)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in seen], indent=1))
    else:
        for one in seen:
            typer.echo(f"{'FAIL' if one.wrong else 'ok  '} {one.role:<12} {one.wrong or one.says}")
    if any(one.wrong for one in seen):
        raise CommandError("./iort database roles --sql prints what to run; docs/database.md")


def _by_hand() -> list[str]:
    from models.database import make_engine
    from models.logins import by_hand
    from settings import get_settings

    settings = get_settings()
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            return list(by_hand(connection, settings))
    finally:
        engine.dispose()


def _apply() -> None:
    from models.database import make_engine
    from models.logins import hand_out
    from settings import get_settings

    settings = get_settings()
    if not settings.database_owner_url:
        raise CommandError("IORT_DATABASE_OWNER_URL is empty: it says as whom the roles are made")
    engine = make_engine(settings.model_copy(update={"database_url": settings.database_owner_url}))
    try:
        with engine.begin() as connection:
            absent = hand_out(connection, settings)
    finally:
        engine.dispose()
    if absent:
        raise CommandError(
            f"the owner may not create {', '.join(absent)}: give a superuser what "
            "./iort database roles --sql prints"
        )
