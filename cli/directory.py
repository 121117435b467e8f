"""The hospital directory as a CSV file: out, and in after a look at what would change."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.acting import As, Json, actor_of, make_world, refusals
from cli.errors import CommandError

directory_app = typer.Typer(no_args_is_help=True, help="Export and import the hospitals.")


@directory_app.command("export")
def export(
    out: Annotated[
        Path | None, typer.Argument(help="Where to write it; default: standard output.")
    ] = None,
    role: As = "coordinator",
) -> None:
    """Write the directory as CSV: UTF-8, one row for each unit of a hospital."""
    from accounts.audit import note
    from models.database import transaction
    from workflows.directory.importing import export_directory

    actor = actor_of(role)
    world = make_world()
    with transaction(world.engine) as session:
        content = export_directory(session)
        note(session, actor_ref=actor.ref, action="directory.exported", at=world.clock.now())
    if out is None:
        typer.echo(content, nl=False)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CommandError(f"the file cannot be written ({type(error).__name__})") from None
    typer.echo(f"{out}: {len(content)} bytes")


@directory_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The CSV file, as the export writes it.")],
    apply: Annotated[bool, typer.Option("--apply", help="Apply it; without, only look.")] = False,
    role: As = "coordinator",
    as_json: Json = False,
) -> None:
    """Show what a CSV file would change; with --apply change it, all or nothing.

    Never deletes a hospital. Exit code 1 when a row is refused; nothing is changed then.
    """
    from workflows.directory.changes import ChangeRefused
    from workflows.directory.csv_file import FileRefused
    from workflows.directory.importing import apply_import, preview

    actor = actor_of(role)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CommandError(f"the file cannot be read ({type(error).__name__})") from None
    with refusals():
        world = make_world()
        try:
            plan = preview(world, raw)
            ready = apply and plan.can_apply
            if ready:
                plan = apply_import(world, plan.sha256, actor, plan.standing)
        except (FileRefused, ChangeRefused) as refused:
            raise CommandError(str(refused)) from None
    told = [row for row in plan.rows if row.outcome != "unchanged"]
    if as_json:
        rows = [
            {
                "line": row.line,
                "hospital": row.hospital,
                "unit": row.unit,
                "outcome": row.outcome,
                "fields": [each.column for each in row.differences],
                "problems": list(row.problems),
            }
            for row in told
        ]
        content = {"applied": ready, "sha256": plan.sha256, **plan.counts, "rows": rows}
        typer.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        for row in told:
            what = "; ".join(row.problems) or ", ".join(each.column for each in row.differences)
            unit = f" unit {row.unit}" if row.unit else ""
            typer.echo(f"line {row.line}: {row.hospital}{unit} {row.outcome}: {what}")
        numbers = ", ".join(f"{count} {name}" for name, count in plan.counts.items())
        typer.echo(f"{numbers}; {'applied' if ready else 'nothing was changed'}")
    if plan.counts["refused"]:
        raise CommandError("rows are refused: mend these lines and import the file again")
