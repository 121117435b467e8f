"""`iort case hold-erasure` and `release-erasure`: stop a decided erasure, and let it go on."""

from typing import Annotated

import typer

from cli.acting import As, Ref, actor_of, make_world, refusals


def hold_erasure(
    ref: Ref,
    because: Annotated[
        str, typer.Option(help="Why: a reason to keep data of retention.yaml, as its code.")
    ],
    until: Annotated[str, typer.Option(help="On which day a lead is asked again, YYYY-MM-DD.")],
    role: As = "coordinator",
) -> None:
    """Hold an erasure that was decided, also one that has begun."""
    from workflows.retention.holding import hold

    with refusals():
        hold(make_world(), ref, because, until, actor_of(role))
    typer.echo("held: nothing more is removed until a lead releases it")


def release_erasure(
    ref: Ref,
    sure: Annotated[
        bool, typer.Option("--sure", help="What is erased then, nothing brings back.")
    ] = False,
    role: As = "lead",
) -> None:
    """Let an erasure go on that was held."""
    from workflows.retention.holding import release_hold

    with refusals():
        release_hold(make_world(), ref, actor_of(role), sure=sure)
    typer.echo("released: what is left is erased")
