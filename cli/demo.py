"""`iort demo`: three cases from inquiry to follow-up through the real parts, with played people."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    from local.rehearsal.director import Rehearsal, Scene
    from views.timeline import Entry
    from workflows.engine.world import World

STAGES = ("inquiry", "records", "screening", "outreach", "decision", "admission", "travel",
          "treatment", "return", "follow_up")  # fmt: skip
TURNS = frozenset(
    {
        "case.opened", "document.text_extracted", "extraction.completed", "consent.granted",
        "suitability.assessed", "clinician.review_signed", "shortlist.approved", "outreach.sent",
        "hospital.reply_received", "hospital.reply_classified", "offer.recorded",
        "offer.presented", "patient.accepted_offer", "admission.date_confirmed",
        "checklist.generated", "visa.granted", "travel.departed", "hospital.admitted",
        "surgery.completed", "pathology.final_received", "pathology.rechecked",
        "hospital.discharged", "flight_clearance.granted", "travel.returned_home",
        "followup.plan_created", "reminder.sent", "alternative.referred_out", "case.closed",
    }
)  # fmt: skip
"""The turns of the story; the whole timeline is in the folder and in `iort timeline`."""


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything up and say where it is.")
    ] = False,
) -> None:
    """Play three cases from inquiry to follow-up, with a hospital that answers by e-mail.

    Everybody is invented; every event is marked as rehearsal. It uses a running instance (and
    moves its clock), or starts a fresh one of its own in var/demo and stops it at the end.
    """
    from rich.console import Console

    from local.embedded.environment import names_own_servers

    if names_own_servers():
        raise CommandError("the demo plays on the embedded servers only; unset IORT_DATABASE_URL")
    console = Console(soft_wrap=True, highlight=False)
    with _instance(console, keep) as var:
        ref = _play(console, var)
        if keep:
            _tell_where(console, var)
    _tell_next(console, var, ref, keep)


@contextmanager
def _instance(console: "Console", keep: bool) -> Iterator[Path]:
    """Use the instance that runs, or start one; stop only what was started here."""
    from local.embedded import control
    from local.embedded.environment import use_embedded_environment
    from local.embedded.paths import var_folder

    var = var_folder()
    own = not control.supervisor_runs(var)
    if own:
        # Its story begins today, so it begins on an empty instance every time.
        var = var / "demo"
        if control.supervisor_runs(var):
            raise CommandError(
                f"a demo is still up, with what you did in it; IORT_VAR_DIR={var} ./iort down "
                "stops it"
            )
        control.reset(var)
    console.print("[bold]IORT coordination: a rehearsal with invented people[/bold]")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with console.status("Starting PostgreSQL, Valkey, S3, mail and the workers") as status:
            control.up(var, lambda line: status.update(f"Starting: {line}"))
        console.print(f"Everything is up in {var}")
        use_embedded_environment(var)
        yield var
    finally:
        if own and not keep:
            with console.status("Stopping everything"):
                control.down(var)


def _interrupt(*_: object) -> None:
    """Let a polite kill end as Ctrl-C does, so that what was started is stopped."""
    raise KeyboardInterrupt


def _play(console: "Console", var: Path) -> str:
    """Play the parts, tell their stories, keep what was made; return the first case's reference."""
    from rich.live import Live

    from cli.acting import make_world
    from local.rehearsal.director import Rehearsal
    from local.rehearsal.output import keep
    from local.rehearsal.parts import PARTS

    world = make_world()
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        progress = _Progress(world, live)
        rehearsal = Rehearsal(world, lambda: progress.show(rehearsal.scenes))
        for part in PARTS:
            scene = rehearsal.open(part)
            console.print(f"{scene.ref}  {part.person.name} (invented): {part.story}")
        rehearsal.play()
        reminders = rehearsal.remind()
    rehearsal.close()
    if not reminders:
        raise CommandError("no reminder was sent; ./iort logs worker-cases may say why")
    _tell_stories(console, world, rehearsal)
    files = keep(world, [scene.ref for scene in rehearsal.scenes], var / "made")
    console.print(f"\n[bold]{len(files)} files[/bold] of what was made are in {var / 'made'}:")
    console.print("letters (.eml), findings with quotes, screening, checklists, follow-up plans,")
    from analytics.exports import formats_here

    together = ", ".join(formats_here())
    console.print(f"timelines (json, csv) and all timelines together ({together}).")
    return rehearsal.scenes[0].ref


@dataclass(frozen=True, slots=True)
class _Row:
    ref: str
    stage: str
    state: str
    events: int


def _rows(world: "World", scenes: "Sequence[Scene]") -> list[_Row]:
    from sqlalchemy import select
    from sqlmodel import col

    from models import Case
    from models.database import transaction

    with transaction(world.engine) as session:
        cases = session.scalars(
            select(Case)
            .where(col(Case.id).in_([scene.case_id for scene in scenes]))
            .order_by(col(Case.id))
        )
        return [_Row(case.ref, case.stage, case.state, case.last_seq) for case in cases]


class _Progress:
    """The board of stages, and a line for every step forward."""

    def __init__(self, world: "World", live: "Live") -> None:
        self._world, self._live = world, live
        self._stages: dict[str, str] = {}

    def show(self, scenes: "Sequence[Scene]") -> None:
        """Draw the board anew; write a line for each case whose stage has changed."""
        rows, today = _rows(self._world, scenes), self._world.clock.now()
        for row in rows:
            if self._stages.get(row.ref) != row.stage:
                self._stages[row.ref] = row.stage
                self._live.console.print(f"{today:%d %b %Y}  {row.ref}  {_way(row.stage)}")
        self._live.update(_board(rows, today))


def _board(rows: "Sequence[_Row]", today: "datetime") -> "Table":
    from rich.table import Table

    table = Table(title=f"business date {today:%d %b %Y}", title_justify="left")
    for heading in ("case", "stage", "state", "events"):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(row.ref, _way(row.stage), row.state, str(row.events))
    return table


def _way(stage: str) -> str:
    """Return how far a case has come: a dot for each stage behind it, then the stage's name."""
    if stage not in STAGES:
        return stage
    place = STAGES.index(stage)
    return "●" * (place + 1) + "○" * (len(STAGES) - place - 1) + " " + stage


def _tell_stories(console: "Console", world: "World", rehearsal: "Rehearsal") -> None:
    from models.database import transaction
    from views.timeline import timeline
    from workflows.engine.lookup import case_by_ref

    for scene in rehearsal.scenes:
        with transaction(world.engine) as session:
            case = case_by_ref(session, scene.ref)
            entries = timeline(session, case, world.settings.playbooks_dir)
        console.print(f"\n[bold]{scene.ref}[/bold]  {scene.part.story}")
        for entry in entries:
            if entry.type in TURNS:
                console.print(_line(entry))
        console.print(f"       {len(entries)} events in all, every one marked as rehearsal")


def _line(entry: "Entry") -> str:
    who = "" if entry.actor_type == "system" else f"  [dim]({entry.actor_type})[/dim]"
    return f"{entry.seq:>5}  {entry.occurred_at:%d %b %Y}  {entry.words}{who}"


def _tell_where(console: "Console", var: Path) -> None:
    from local.embedded.environment import read_env_file
    from local.embedded.paths import embedded_env_file

    env = read_env_file(embedded_env_file(var))
    console.print(f"\nConsole  {env['IORT_WEB_PUBLIC_URL']}")
    for name, password in _accounts().items():
        console.print(f"         user {name}, password {password}")
    console.print(
        f"Flower   http://127.0.0.1:{env['IORT_FLOWER_PORT']}  user flower, "
        f"password {env['IORT_FLOWER_PASSWORD']}"
    )


def _accounts() -> dict[str, str]:
    """Make the demo's two accounts, or give them new passwords; return the passwords by name."""
    import secrets

    from accounts.users import add_user, list_users, set_password
    from cli.acting import make_world
    from models.database import transaction

    world = make_world()
    passwords = {}
    with transaction(world.engine) as session:
        known = {user.user_name for user in list_users(session)}
        for role in ("coordinator", "clinician"):
            name, password = f"demo-{role}", secrets.token_urlsafe(12)
            if name in known:
                set_password(session, name, password)
            else:
                add_user(session, user_name=name, role=role, password=password)
            passwords[name] = password
    return passwords


def _tell_next(console: "Console", var: Path, ref: str, keep: bool) -> None:
    console.print("\n[bold]Try next[/bold]")
    prefix = f"IORT_VAR_DIR={var} " if var.name == "demo" else ""
    if keep:
        console.print(f"  {prefix}./iort case open my.pdf     your own report, first of all")
        console.print(f"  {prefix}./iort timeline {ref}   everything that happened, and why")
        console.print(f"  {prefix}./iort tasks                what waits for a person")
        console.print(f"  {prefix}./iort down                 stop everything")
    else:
        console.print("  ./iort up                    start everything, to stay")
        console.print("  ./iort case open my.pdf      your own report, first of all")
        console.print("  ./iort tasks                 what waits for a person")
        console.print("  ./iort demo --keep           the demo again, left up to look at")
    console.print("Decision support for clinicians and coordinators; not medical advice.")
