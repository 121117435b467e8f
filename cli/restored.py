"""`iort restored`: what waits after a restore, and letting the system act again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.acting import As, actor_of, make_world, refusals
from cli.backup import said

restored_app = typer.Typer(no_args_is_help=False, help="After a restore: look, then release.")


@restored_app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Show what was waiting to leave at the time of the backup."""
    if context.invoked_subcommand is not None:
        return
    from views.restored import restored_now

    found = restored_now(make_world())
    if found is None:
        typer.echo("nothing is held: the system was not restored, or was released")
        return
    typer.echo(
        f"held since {found.restored_at:%Y-%m-%d %H:%M} UTC: backup {found.backup}, rows of "
        f"{found.point:%Y-%m-%d %H:%M} UTC"
    )
    for group in found.letters:
        typer.echo(f"{group.count:>6} letters {group.template or '?'}: did they leave?")
    for step in found.steps:
        typer.echo(f"{step.count:>6} steps due: {step.words}")


@restored_app.command()
def hold(
    point: Annotated[
        datetime, typer.Option(help="The moment the database was recovered to, in UTC.")
    ],
    ledger: Annotated[Path, typer.Option(help="The newest ledger.jsonl there is.")],
) -> None:
    """Hold a database that was recovered by other means, before anything is started on it."""
    from backups.holding import hold as held

    with said():
        row = held(make_world(), point.replace(tzinfo=UTC), ledger)
    typer.echo(
        f"held: {row.letters} letters are uncertain, {row.steps} steps were due, {row.erased} "
        f"cases erased again, {row.stops} stops recorded again"
    )


@restored_app.command("release")
def released(
    sure: Annotated[
        bool, typer.Option("--sure", help="You have looked: letters leave, mail is read.")
    ] = False,
    role: As = "lead",
) -> None:
    """Let the system act again, what is due a few rows at a time."""
    from workflows.restored.letting_go import let_go

    with refusals():
        due = let_go(make_world(), actor_of(role), sure=sure)
    typer.echo(f"released: {due} steps that are due come to their turn")
