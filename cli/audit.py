"""`iort audit verify`: whether history is as it was written, and where it is not."""

import json
from typing import TYPE_CHECKING

import typer

from cli.acting import Json, make_world
from cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.history.findings import Report

audit_app = typer.Typer(no_args_is_help=True)


@audit_app.callback()
def _root() -> None:
    """Timeline, audit and signatures in their chains."""


@audit_app.command("verify")
def verify(as_json: Json = False) -> None:
    """Follow every chain and compare it with what was signed. Exit code 1 if anything differs."""
    from rich.console import Console

    from models.database import transaction
    from workflows.history.checking import check_history, refs_of

    world = make_world()
    with Console(stderr=True).status("Looking at history"):
        report = check_history(world)
    with transaction(world.engine) as session:
        refs = refs_of(session, report.findings)
    if as_json:
        typer.echo(json.dumps(_as_json(report, refs), indent=1))
    else:
        _print(report, refs)
    if report.findings:
        raise CommandError(f"{len(report.findings)} things are not as they were written")


def _print(report: "Report", refs: "Mapping[int, str]") -> None:
    for one in report.findings:
        typer.echo(one.in_words(refs))
    for note in report.notes:
        typer.echo(f"note: {note}")
    signed = (
        f"compared with {report.heads} signed heads, the newest of {report.head_at:%F %H:%M} UTC"
        if report.head_at
        else "no head is signed yet: a chain that was written anew as a whole would not be found"
    )
    typer.echo(
        f"{report.cases:,} cases, {report.events:,} events, {report.links:,} links in"
        f" {report.took_ms / 1000:.1f} s; {signed}"
    )


def _as_json(report: "Report", refs: "Mapping[int, str]") -> dict[str, object]:
    return {
        "at": report.at.isoformat(),
        "cases": report.cases,
        "events": report.events,
        "links": report.links,
        "signed_heads": report.heads,
        "newest_head": report.head_at.isoformat() if report.head_at else None,
        "took_ms": report.took_ms,
        "findings": [{**one.to_json(), "says": one.in_words(refs)} for one in report.findings],
        "notes": report.notes,
    }
