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
    return [(f"role {name}", partial(_role, name), advice) for name in _ROLES]


def _role(name: str, settings: Settings) -> str:
    from models.role_checks import look_at_roles

    try:
        seen = next(one for one in look_at_roles(settings) if one.role == name)
    except SQLAlchemyError:
        raise Unwell("no schema, or no database") from None
    if seen.wrong:
        raise Unwell(seen.wrong)
    return seen.says
