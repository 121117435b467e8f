"""`iort timeline`: everything that happened in a case, and what caused what."""

import json
from typing import Annotated

import typer

from cli.acting import Json, Ref, make_world, refusals


def timeline(
    ref: Ref,
    everything: Annotated[
        bool, typer.Option("--all", help="Also machinery and each single value.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show everything that happened in a case, in plain words; `<- 4` names the cause."""
    from cli.showing import show_timeline
    from models.database import transaction
    from views.timeline import timeline as read
    from workflows.engine.lookup import case_by_ref

    with refusals():
        world = make_world()
        with transaction(world.engine) as session:
            case = case_by_ref(session, ref)
            entries = read(session, case, world.settings.playbooks_dir)
    if as_json:
        events = [entry.to_json() for entry in entries]
        typer.echo(json.dumps({"ref": case.ref, "events": events}, indent=1))
    else:
        typer.echo(show_timeline(entries, details=everything))
