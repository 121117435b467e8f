"""`iort tasks` and `iort do`: what waits for a person, and that person's answer."""

import json
from typing import Annotated

import typer

from cli.acting import ROLES, SEES_PATIENTS, Json, actor_of, make_world, parse_values, refusals


def tasks(
    role: Annotated[
        str | None, typer.Option(help="Only the tasks of this role, and the team's red flags.")
    ] = None,
    case: Annotated[str | None, typer.Option(help="Only the tasks of this case.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 500,
    as_json: Json = False,
) -> None:
    """List what waits for a person, since when, until when, and the answers each task allows."""
    from cli.showing import show_tasks
    from models.database import transaction
    from views.lists import open_tasks
    from workflows.engine.lookup import case_by_ref
    from workflows.table import TEAM

    if role is not None and role not in ROLES:
        raise typer.BadParameter(f"choose one of: {', '.join(ROLES)}", param_hint="--role")
    with refusals():
        world = make_world()
        with transaction(world.engine) as session:
            if case is not None:
                case_by_ref(session, case)
            rows = open_tasks(
                session,
                world.clock.now(),
                roles=[role, *([TEAM] if role in SEES_PATIENTS else [])] if role else None,
                case_ref=case,
                limit=limit,
            )
    typer.echo(
        json.dumps([row.to_json() for row in rows], indent=1) if as_json else show_tasks(rows)
    )


def do(
    task: Annotated[int, typer.Argument(help="The task's number.")],
    choose: Annotated[str, typer.Option(help="The answer; `iort tasks` lists them.")],
    reason: Annotated[str | None, typer.Option(help="Why, in words.")] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A value the answer takes; repeatable."),
    ] = None,
    role: Annotated[
        str | None, typer.Option("--as", metavar="ROLE", help="Act as; default: the task's role.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide one task.

    An answer that is a part of what the task asks (`settle`, one value of several) leaves it open
    for the rest, and says so.
    """
    from models import HumanTask
    from models.database import transaction
    from workflows.decisions import DecisionRefused, decide

    given = parse_values(values or [])
    with refusals():
        world = make_world()
        if role is None:
            with transaction(world.engine) as session:
                row = session.get(HumanTask, task)
                if row is None:
                    raise DecisionRefused(f"There is no task {task}. `iort tasks` lists them.")
                if row.role not in ROLES:
                    raise DecisionRefused("Say who you are: --as coordinator, clinician or lead.")
                role = row.role
        decided = decide(
            world, task, answer=choose, actor=actor_of(role), reason=reason, values=given
        )
    if as_json:
        told = {
            "task": task,
            "answer": choose,
            "case": decided.case_ref,
            "state": decided.state,
            "stays_open": decided.stays_open,
        }
        typer.echo(json.dumps(told))
    else:
        where = f"; {decided.case_ref} is now {decided.state}" if decided.case_ref else ""
        rest = "; the task stays open for the rest" if decided.stays_open else ""
        typer.echo(f"task {task}: {choose}{where}{rest}")
