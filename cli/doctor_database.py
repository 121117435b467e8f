"""What `iort doctor` asks about the database beyond that it answers: roles and what they may do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from adapters.health import Unwell
from settings import Settings

if TYPE_CHECKING:
    from sqlmodel import Session

Row = tuple[str, Callable[[Settings], str], str]
CLOCK_MAY_BE_OFF = 60.0
"""Seconds. Stores refuse signatures that are off by more than a quarter of an hour."""
WORKER_MAY_BE_SILENT = 600.0
"""Seconds: a step that works delays its worker's mark."""
_ROLES = ("owner", "application", "reader", "analyst")


def database_checks() -> list[Row]:
    """Return the rows of the doctor's table: a name, what is asked, and what to do."""
    advice = "docs/database.md; ./iort database roles --sql prints what to run"
    roles: list[Row] = [(f"role {name}", partial(_role, name), advice) for name in _ROLES]
    clock = ("clock", _clock, "set this host's clock (NTP): the object store goes by it")
    alive = ("at work", _at_work, "./iort restart NAME, or its container (docs/runbook.md)")
    return [
        *roles,
        ("sessions", _sessions, "docs/database.md, Behind PgBouncer"),
        clock,
        alive,
        ("history", _history, "docs/history.md says what is looked at, and how"),
        ("finished steps", _finished, "see that the relay and the reminders' worker run"),
        ("personal columns", _columns, "docs/keys.md: bring the database to the newest migration"),
    ]


def _history(settings: Settings) -> str:
    from workflows.history.standing import history_stands

    return _asked(settings, history_stands)


def _columns(settings: Settings) -> str:
    from workflows.keyring.columns import columns_stand

    return _asked(settings, columns_stand)


def _finished(settings: Settings) -> str:
    from workflows.process import Process
    from workflows.retention.finished import steps_stand

    days = Process.load(settings.playbooks_dir).policy.steps_days
    return _asked(settings, partial(steps_stand, days=days))


def _asked(settings: Settings, ask: "Callable[[Session], tuple[str, str]]") -> str:
    from models.database import make_engine, transaction

    engine = make_engine(settings)
    try:
        with transaction(engine) as session:
            wrong, says = ask(session)
    except SQLAlchemyError:
        raise Unwell("no schema, or no database") from None
    finally:
        engine.dispose()
    if wrong:
        raise Unwell(wrong)
    return says


def _clock(settings: Settings) -> str:
    """Compare this host's clock with the database's, by which everything is due."""
    from models.database import make_engine
    from models.database_time import DatabaseTime

    engine = make_engine(settings)
    try:
        off = (datetime.now(UTC) - DatabaseTime(engine, 60).now()).total_seconds()
    except SQLAlchemyError:
        raise Unwell("the database does not say what time it is") from None
    finally:
        engine.dispose()
    if abs(off) > CLOCK_MAY_BE_OFF:
        raise Unwell(
            f"this host's clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'}"
            " the database's"
        )
    return f"this host's clock and the database's differ by {abs(off):.0f} s"


def _at_work(settings: Settings) -> str:
    """Say which worker or relay has not been heard of, and since when: it hangs, or is gone."""
    from models.database import make_engine, transaction
    from workflows.engine import marks

    engine = make_engine(settings)
    try:
        with transaction(engine) as session:
            ages = marks.ages(session)
    except SQLAlchemyError:
        raise Unwell("the database does not say") from None
    finally:
        engine.dispose()
    may_be = {marks.RELAY: 60.0} | dict.fromkeys(marks.WORKERS.values(), WORKER_MAY_BE_SILENT)
    now = datetime.now(UTC)
    silent = [
        f"{name} since {now - timedelta(seconds=ages[name]):%d %b %H:%M} UTC"
        for name, most in may_be.items()
        if ages.get(name, 0.0) > most
    ]
    if silent:
        raise Unwell(f"hung or gone: {', '.join(silent)}")
    heard = sum(name in ages for name in may_be)
    return f"{heard} of {len(may_be)} queues and clocks were heard of, none of them late"


def _sessions(settings: Settings) -> str:
    from models.role_checks import look_at_sessions

    try:
        wrong, says = look_at_sessions(settings)
    except SQLAlchemyError:
        raise Unwell("the database does not say") from None
    if wrong:
        raise Unwell(f"sessions of {wrong}: a pooler hands on nothing else that was set")
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
