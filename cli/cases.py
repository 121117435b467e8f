"""Cases: open one from files, add files, show one, list them, report what has happened."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.acting import SEES_PATIENTS, As, Json, Ref, actor_of, make_world, parse_values, refusals
from cli.erasures import hold_erasure, release_erasure
from cli.errors import CommandError
from cli.reports import paper

if TYPE_CHECKING:
    from sqlmodel import Session

    from cli.opening import Stored
    from workflows.engine.record import Recorder
    from workflows.engine.world import World
    from workflows.events import Actor

case_app = typer.Typer(no_args_is_help=True, help="Open a case from files, show one, list all.")
case_app.command()(paper)
case_app.command()(hold_erasure)
case_app.command()(release_erasure)

Files = Annotated[list[Path], typer.Argument(help="The documents, as they came.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait until a person can look at every document.")
]
Timeout = Annotated[float, typer.Option(help="Seconds that --wait waits at most.")]

FACTS = {
    "withdraw": "consent.withdrawn",
    "deceased": "patient.deceased",
    "stopped": "patient.stopped",
    "hold": "case.put_on_hold",
    "reopen": "case.reopened",
    "red-flag": "clinical.red_flag_reported",
    "new-information": "new_information.received",
    "copy-asked": "data.copy_asked",
    "erasure-asked": "data.erasure_asked",
}
_LISTS = frozenset({"scopes", "symptom_codes"})
_FLAGS = {"yes": True, "no": False, "true": True, "false": False}


@case_app.command("open")
def open_(
    files: Files,
    name: Annotated[str | None, typer.Option(help="The patient's name.")] = None,
    birth_date: Annotated[str | None, typer.Option(help="YYYY-MM-DD.")] = None,
    sex: Annotated[str | None, typer.Option(help="female, male or other.")] = None,
    email: Annotated[str | None, typer.Option(help="Where letters to the patient go.")] = None,
    nationality: Annotated[str | None, typer.Option(help="Two letters, ISO 3166.")] = None,
    site: Annotated[str | None, typer.Option(help="breast, pancreas, rectum_primary, ...")] = None,
    country: Annotated[str | None, typer.Option(help="Residence, two letters.")] = None,
    language: Annotated[str, typer.Option(help="The family's language, such as en.")] = "en",
    urgency: Annotated[str, typer.Option(help="routine, soon or urgent.")] = "routine",
    role: As = "coordinator",
    wait: Wait = False,
    timeout: Timeout = 600.0,
    as_json: Json = False,
) -> None:
    """Open one case with all the files given. The originals are stored before anything else."""
    from cli.opening import store_files, wait_for_documents
    from models.base import require_id
    from models.database import transaction
    from workflows.cases.intake import NewCase, NewPatient, open_case
    from workflows.engine.record import Recorder

    actor = actor_of(role)
    born = _birth_date(birth_date)
    patient = NewPatient(
        name=name, birth_date=born, sex=sex, email=email, nationality=_upper(nationality),
        time_zone=None,
    )  # fmt: skip
    new = NewCase(
        patient=patient,
        site=site,
        source="cli",
        language=language,
        urgency=urgency,
        residence_country=_upper(country),
    )
    with refusals():
        world = make_world()
        stored = store_files(world, files, show=not as_json)
        with transaction(world.engine) as session:
            recorder = Recorder(session, world.process, world.clock.now())
            case = open_case(session, recorder, world, new, actor)
            case_id = require_id(case.id)
            _add(session, recorder, case_id, stored, actor)
            due = recorder.flush()
            ref = case.ref
        world.doorbell.ring(due)
    if wait:
        wait_for_documents(world, case_id, timeout=timeout, show=not as_json)
    _tell_opened(world, ref, case_id, as_json)


@case_app.command()
def add(
    ref: Ref,
    files: Files,
    role: As = "coordinator",
    wait: Wait = False,
    timeout: Timeout = 600.0,
    as_json: Json = False,
) -> None:
    """Add files to a case."""
    from cli.opening import store_files, wait_for_documents
    from models.base import require_id
    from models.database import transaction
    from workflows.engine.lookup import case_by_ref
    from workflows.engine.record import Recorder

    actor = actor_of(role)
    with refusals():
        world = make_world()
        with transaction(world.engine) as session:
            case_id = require_id(case_by_ref(session, ref).id)
        stored = store_files(world, files, show=not as_json)
        with transaction(world.engine) as session:
            recorder = Recorder(session, world.process, world.clock.now())
            recorder.lock([case_id])
            _add(session, recorder, case_id, stored, actor)
            due = recorder.flush()
        world.doorbell.ring(due)
    if wait:
        wait_for_documents(world, case_id, timeout=timeout, show=not as_json)
    _tell_opened(world, ref.strip().upper(), case_id, as_json)


@case_app.command()
def show(ref: Ref, role: As = "coordinator", as_json: Json = False) -> None:
    """Show one case: where it stands, what waits, what was read. The look is audited."""
    from accounts.audit import note
    from cli.showing import show_case
    from models.database import transaction
    from views.case_file import load_case_file
    from views.case_json import case_json, public_json
    from workflows.engine.lookup import case_by_ref
    from workflows.screening.standing_sets import standing_sets

    actor = actor_of(role)
    with refusals():
        world = make_world()
        now = world.clock.now()
        with transaction(world.engine) as session:
            file = load_case_file(session, case_by_ref(session, ref), now)
            personal = role in SEES_PATIENTS
            used = file.assessment.set_versions if file.assessment else {}
            sets = standing_sets(session, used, world.playbooks.criteria)
            content = case_json(file, sets) if personal else public_json(file, sets)
            if personal:
                note(
                    session,
                    actor_ref=actor.ref,
                    action="case.viewed",
                    at=now,
                    object_ref=file.case.ref,
                    case_id=file.case.id,
                )
    typer.echo(json.dumps(content, indent=1, ensure_ascii=False) if as_json else show_case(content))


@case_app.command()
def copy(
    ref: Ref,
    out: Annotated[Path, typer.Option(help="The ZIP file to write; it must not be there.")],
    role: As = "coordinator",
) -> None:
    """Take out the patient's copy of their data, as a ZIP file. It is audited."""
    from views.data_copy import copy_of
    from views.files import FileMissing

    if role not in SEES_PATIENTS:
        raise CommandError("only who works with patients takes out their data")
    with refusals():
        try:
            _, content = copy_of(make_world(), ref, actor_of(role).ref)
        except FileMissing as missing:
            raise CommandError(str(missing)) from None
        with content:
            try:
                with out.open("xb") as target:
                    shutil.copyfileobj(content, target)
            except FileExistsError:
                raise CommandError("that file is there already") from None
    typer.echo(f"written; give it to nobody but the patient of {ref.strip().upper()}")


@case_app.command("list")
def list_(
    stage: Annotated[str | None, typer.Option(help="Only this stage, such as records.")] = None,
    waiting_on: Annotated[str | None, typer.Option(help="Only cases waiting for them.")] = None,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    country: Annotated[str | None, typer.Option(help="Only this residence.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=100_000)] = 200,
    as_json: Json = False,
) -> None:
    """List the cases: stage, whom each waits for and since when. No personal data."""
    from cli.showing import show_cases
    from models.database import transaction
    from views.filters import CaseFilter
    from views.lists import count_cases, list_cases

    wanted = CaseFilter(stage=stage, waiting_on=waiting_on, site=site, country=country)
    world = make_world()
    with transaction(world.engine) as session:
        rows = list_cases(session, world.clock.now(), wanted, limit=limit)
        total = count_cases(session, world.clock.now(), wanted)
    if as_json:
        typer.echo(json.dumps([row.to_json() for row in rows], indent=1))
    else:
        typer.echo(show_cases(rows, total))


@case_app.command()
def report(
    ref: Ref,
    fact: Annotated[str, typer.Argument(help=", ".join(FACTS) + ".")],
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A detail, as a code.")
    ] = None,
    role: As = "coordinator",
    as_json: Json = False,
) -> None:
    """Report what may happen at any time: withdrawal, death, a hold, a red flag, new information.

    A withdrawal is of everything unless --set scopes=share_deid:H01,... names less.
    """
    from workflows.cases.reported_facts import report_fact

    if fact not in FACTS:
        raise typer.BadParameter(f"choose one of: {', '.join(FACTS)}", param_hint="FACT")
    payload = {name: _payload(name, text) for name, text in parse_values(values or []).items()}
    with refusals():
        state = report_fact(make_world(), ref, FACTS[fact], actor_of(role), payload)
    told = {"ref": ref.strip().upper(), "fact": FACTS[fact], "state": state}
    typer.echo(json.dumps(told) if as_json else f"recorded; {told['ref']} is now {state}")


def _payload(name: str, text: str) -> object:
    if name in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    return _FLAGS.get(text.strip().lower(), text.strip())


def _upper(code: str | None) -> str | None:
    if code is not None and (len(code.strip()) != 2 or not code.strip().isalpha()):
        raise CommandError("a country is two letters, such as IN")
    return code.strip().upper() if code else None


def _birth_date(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise CommandError("--birth-date must be a date such as 1961-04-30") from None


def _add(
    session: "Session", recorder: "Recorder", case_id: int, stored: "list[Stored]", actor: "Actor"
) -> None:
    from workflows.cases.intake import add_document

    for file in stored:
        add_document(
            session,
            recorder,
            case_id,
            sha256=file.sha256,
            key=file.key,
            size=file.size,
            file_name=file.name,
            channel="portal",
            actor=actor,
        )


def _tell_opened(world: "World", ref: str, case_id: int, as_json: bool) -> None:
    from cli.showing import show_tasks
    from models.database import transaction
    from views.lists import open_tasks
    from views.progress import document_progress

    with transaction(world.engine) as session:
        tasks = open_tasks(session, world.clock.now(), case_ref=ref)
        documents = document_progress(session, case_id)
    if as_json:
        content = {
            "ref": ref,
            "documents": [
                {
                    "id": each.document_id,
                    "state": each.state,
                    "settled": each.settled,
                    "task": each.task_kind,
                }
                for each in documents
            ],
            "tasks": [task.to_json() for task in tasks],
        }
        typer.echo(json.dumps(content, indent=1))
        return
    still = sum(not each.settled for each in documents)
    typer.echo(f"{ref}: {len(documents)} documents" + (f", {still} being read" if still else ""))
    typer.echo(show_tasks(tasks))
