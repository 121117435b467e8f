"""`iort clock`: what time it is for cases, and moving it forward to rehearse one."""

import json
import re
from datetime import timedelta
from typing import Annotated

import typer

from cli.acting import Json, make_world, refusals
from cli.errors import CommandError

_SPAN = re.compile(r"(?:(\d{1,3})w)?(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?", re.ASCII)
LONGEST = timedelta(days=366)
"""One move; a case is rehearsed in steps, so that what falls due on the way is done in its time."""


def clock(
    forward: Annotated[
        str | None,
        typer.Option(metavar="SPAN", help="Move it forward: 3d, 12h, 90m, 1w, or 2d12h."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the time that deadlines are compared with; for rehearsal, move it forward.

    Only on the embedded servers, for all cases at once, and never back.
    """
    from accounts.audit import note_alone
    from workflows.engine.business_clock import move_clock, shift_of

    by = span(forward) if forward is not None else None
    with refusals():
        world = make_world()
        if by is not None:
            if not world.settings.embedded:
                raise CommandError(
                    "the clock moves on the embedded servers only: here cases are real, "
                    "and every deadline would fall due"
                )
            moved_at = world.clock.now()
            move_clock(world.engine, by)
            seconds = int(by.total_seconds())
            note_alone(
                world.engine,
                actor_ref="cli:clock",
                action="clock.moved",
                at=moved_at,
                object_ref=f"{seconds} s",
            )
            world = make_world()
        now = world.clock.now()
        ahead = shift_of(world.engine) if world.settings.embedded else timedelta(0)
    told = {"now": now.isoformat(timespec="seconds"), "ahead_seconds": int(ahead.total_seconds())}
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{now:%Y-%m-%d %H:%M:%S} UTC, {_in_words(ahead)}")


def span(given: str) -> timedelta:
    """Return a span of time such as `3d` or `2d12h`. Raises BadParameter for what is none."""
    found = _SPAN.fullmatch(given.strip().lower())
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups()) if found else [0] * 4
    by = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    if not timedelta(0) < by <= LONGEST:
        raise typer.BadParameter(
            "give a span such as 3d, 12h, 90m, 1w or 2d12h, of a year at most",
            param_hint="--forward",
        )
    return by


def _in_words(ahead: timedelta) -> str:
    if not ahead:
        return "the world's own time"
    hours, minutes = divmod(ahead.seconds // 60, 60)
    return f"{ahead.days} d {hours} h {minutes} min ahead of the world"
