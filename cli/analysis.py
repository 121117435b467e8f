"""`iort export` and `iort ask`: timelines as files, and the analysts' named questions."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.acting import As, Json, actor_of, make_world, refusals
from cli.errors import CommandError

if TYPE_CHECKING:
    from analytics.questions import Answer


def export(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[str, typer.Option(help="csv, parquet or xes.")] = "csv",
    pseudonymise: Annotated[
        bool,
        typer.Option("--pseudonymise", help="Other references, shifted dates, grouped countries."),
    ] = False,
    role: As = "analyst",
    as_json: Json = False,
) -> None:
    """Export all timelines. No personal data in any of them; every export is audited."""
    from rich.console import Console

    from accounts.audit import note
    from analytics.exports import FORMATS, ParquetMissing, export_events
    from models.database import transaction

    chosen = next((each for each in FORMATS if each == format), None)
    if chosen is None:
        raise typer.BadParameter(f"choose one of: {', '.join(FORMATS)}", param_hint="--format")
    with refusals():
        world = make_world()
        actor = actor_of(role)
        console = Console(stderr=True)
        try:
            with console.status("Exporting") as status:
                done = export_events(
                    world.analyst_engine,
                    out,
                    chosen,
                    pseudonymise=pseudonymise,
                    progress=lambda n: status.update(f"Exporting: {n:,} events"),
                )
        except ParquetMissing as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"the file cannot be written ({type(error).__name__})") from None
        with transaction(world.engine) as session:
            kind = "pseudonymised" if pseudonymise else "pseudonymous"
            note(
                session,
                actor_ref=actor.ref,
                action="export.produced",
                at=world.clock.now(),
                object_ref=f"{chosen}:{kind}:{done.events}",
            )
    told = {
        "file": str(out),
        "format": chosen,
        "cases": done.cases,
        "events": done.events,
        "bytes": done.bytes,
        "pseudonymised": pseudonymise,
    }
    typer.echo(
        json.dumps(told)
        if as_json
        else f"{out}: {done.cases} cases, {done.events} events, {done.bytes:,} bytes"
    )


def ask(
    name: Annotated[str | None, typer.Argument(help="The question; none lists them.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
    as_json: Json = False,
) -> None:
    """Answer a named question about all cases. Exit code 1 when an alarm question finds rows."""
    from analytics.questions import NoSuchQuestion, answer, questions

    if name is None:
        listed = [
            {"name": q.name, "number": q.number, "asks": q.asks, "alarm": q.alarm}
            for q in questions().values()
        ]
        lines = (f"{q['name']:<24}{q['number']:>3}  {q['asks']}" for q in listed)
        typer.echo(json.dumps(listed, indent=1) if as_json else "\n".join(lines))
        return
    world = make_world()
    try:
        with world.analyst_engine.connect() as connection:
            found = answer(connection, name)
    except NoSuchQuestion as error:
        raise CommandError(str(error)) from None
    _print(found, as_csv=as_csv, as_json=as_json)
    if found.copy:
        at = found.copy.last_change
        held = f"its last change is of {_cell(at)}" if at else "no change came since it started"
        typer.echo(f"asked of a copy of the database: {held}", err=True)
    if found.alarming:
        raise CommandError(f"{len(found.rows)} rows where there must be none")


def _print(found: "Answer", *, as_csv: bool, as_json: bool) -> None:
    from workflows.csv_out import Table

    rows = [[_cell(cell) for cell in row] for row in found.rows]
    if as_json:
        records = [dict(zip(found.columns, row, strict=True)) for row in rows]
        typer.echo(json.dumps(records, indent=1))
    elif as_csv:
        table = Table(sys.stdout)
        table.row(found.columns)
        table.rows(rows)
    else:
        typer.echo(found.question.asks)
        typer.echo(_table(found.columns, rows) if rows else "(no rows)")


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal | float):
        return round(float(value), 3)
    return value


def _table(columns: Sequence[str], rows: list[list[object]]) -> str:
    lines = [list(columns), *([("-" if c is None else str(c)) for c in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
