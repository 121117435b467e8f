"""`iort queue`: hold a queue while something is wrong, and let it go on."""

from typing import Annotated

import typer

from cli.acting import As, actor_of, make_world, refusals
from cli.errors import CommandError

queue_app = typer.Typer(no_args_is_help=False, help="Hold a queue, or let it go on.")
Name = Annotated[str, typer.Argument(help="A queue, such as outreach.")]


@queue_app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Show which queues are held, since when, by whom and why."""
    if context.invoked_subcommand is not None:
        return
    from workflows.engine.pausing import paused

    with refusals():
        held = paused(make_world())
    for one in held:
        since = f"{one.paused_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{one.queue:<12} paused since {since} by {one.by_ref}: {one.reason}")
    if not held:
        typer.echo("no queue is paused")


@queue_app.command()
def pause(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why; no names of patients.")],
    role: As = "lead",
) -> None:
    """Hold a queue: nothing of it is worked until it is resumed."""
    from workflows.engine import pausing

    with refusals():
        try:
            pausing.pause(make_world(), name, reason, actor_of(role))
        except pausing.PauseRefused as refused:
            raise CommandError(str(refused)) from None
    typer.echo(f"{name} is paused; ./iort queue resume {name} lets it go on")


@queue_app.command()
def resume(name: Name, role: As = "lead") -> None:
    """Let a queue go on."""
    from workflows.engine import pausing

    with refusals():
        try:
            pausing.resume(make_world(), name, actor_of(role))
        except pausing.PauseRefused as refused:
            raise CommandError(str(refused)) from None
    typer.echo(f"{name} goes on")
