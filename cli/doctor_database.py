"""What `iort doctor` asks about the database beyond that it answers: roles and what they may do."""

from collections.abc import Callable
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from adapters.health import Unwell
from settings import Settings

Row = tuple[str, Callable[[Settings], str], str]
_ROLES = ("owner", "application", "reader", "analyst")


def database_checks() -> list[Row]:
    """Return the rows of the doctor's table: a name, what is asked, and what to do."""
    advice = "docs/database.md; ./iort database roles --sql prints what to run"
    roles: list[Row] = [(f"role {name}", partial(_role, name), advice) for name in _ROLES]
    return [*roles, ("history", _history, "docs/history.md says what is looked at, and how")]


def _history(settings: Settings) -> str:
    from models.database import make_engine, transaction
    from workflows.history.standing import history_stands

    engine = make_engine(settings)
    try:
        with transaction(engine) as session:
            wrong, says = history_stands(session)
    except SQLAlchemyError:
        raise Unwell("no schema, or no database") from None
    finally:
        engine.dispose()
    if wrong:
        raise Unwell(wrong)
    return says


def _role(name: str, settings: Settings) -> str:
    from models.role_checks import look_at_roles

    try:
        seen = next(one for one in look_at_roles(settings) if one.role == name)
    except SQLAlchemyError:
        raise Unwell("no schema, or no database") from None
    if seen.wrong:
        raise Unwell(seen.wrong)
    return seen.says
