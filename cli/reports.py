"""`iort case paper`: the clinician's report of a case as a PDF file."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from cli.acting import SEES_PATIENTS, As, Json, Ref, actor_of, make_world, refusals
from cli.errors import CommandError

_OWNER_ONLY = 0o600


def paper(
    ref: Ref,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default: REF-PHASE.pdf here.")
    ] = None,
    phase: Annotated[
        str | None, typer.Option(help="preop or postop; default: the newest result.")
    ] = None,
    role: As = "clinician",
    as_json: Json = False,
) -> None:
    """Draw the report of the newest result: criteria, quoted lines, unknowns, signatures.

    The quoted lines are pictures of the documents: the file holds personal data.
    """
    from accounts.audit import note
    from models.database import transaction
    from suitability import SuitabilityError
    from workflows.screening.report_pdf import NoResult, case_report_pdf

    actor = actor_of(role)
    if actor.type not in SEES_PATIENTS:
        raise CommandError(f"the paper shows a patient's documents: not for --as {role}")
    if phase not in (None, "preop", "postop"):
        raise typer.BadParameter("choose preop or postop", param_hint="--phase")
    with refusals():
        world = make_world()
        try:
            drawn = case_report_pdf(world, ref, phase)
        except (NoResult, SuitabilityError) as error:
            raise CommandError(str(error)) from None
        with transaction(world.engine) as session:
            note(
                session,
                actor_ref=actor.ref,
                action="paper.drawn",
                at=world.clock.now(),
                object_ref=drawn.ref,
                case_id=drawn.case_id,
            )
    target = out or Path(f"{drawn.ref}-{drawn.phase}.pdf")
    _write(target, drawn.content)
    told = {
        "ref": drawn.ref,
        "phase": drawn.phase,
        "file": str(target),
        "bytes": len(drawn.content),
    }
    typer.echo(json.dumps(told) if as_json else f"{target}: {len(drawn.content)} bytes")


def _write(target: Path, content: bytes) -> None:
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        raise CommandError(f"the file cannot be written ({type(error).__name__})") from None
