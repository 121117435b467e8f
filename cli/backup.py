"""`iort backup` and `iort restore`: everything that must not be lost, copied away and put back."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError

if TYPE_CHECKING:
    from backups.folder import Folder
    from settings import Settings
    from workflows.engine.world import World

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the backups.")]
At = Annotated[
    str | None, typer.Option("--at", help="A backup by its name; the newest if left out.")
]


def backup(
    folder: Dir,
    verify: Annotated[
        bool, typer.Option("--verify", help="Take none: read a backup as a restore would.")
    ] = False,
    at: At = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Afterwards remove all but the newest so many.")
    ] = None,
    ledger: Annotated[
        bool,
        typer.Option(
            "--ledger", help="Only note erasures, deaths and permissions taken back: often, cheap."
        ),
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Do not seal it: everybody who has the files reads all.")
    ] = False,
) -> None:
    """Copy the database and all objects to DIR while the system works; or verify such a copy."""
    from cli.acting import make_world

    world = make_world()
    with said():
        if verify:
            _verify(world, _open(world.settings, folder), at)
        elif ledger:
            _note(world, _open(world.settings, folder))
        else:
            _take(world, _open(world.settings, folder, make=True, plain=plain), keep)


def restore(
    folder: Dir,
    at: At = None,
    ledger: Annotated[
        list[Path] | None,
        typer.Option(help="A newer ledger.jsonl than that of DIR, if there is one."),
    ] = None,
    without_ledger: Annotated[
        bool, typer.Option("--without-ledger", help="There is no list of what was erased since.")
    ] = False,
) -> None:
    """Put a backup back into an empty database and bucket; nothing leaves until it is released."""
    from cli.acting import make_world

    with said(), _target():
        world = make_world()
        _restore(world, _open(world.settings, folder), at, ledger or (), without_ledger)


def _open(settings: "Settings", root: Path, *, make: bool = False, plain: bool = False) -> "Folder":
    from backups.errors import BackupError
    from backups.folder import open_folder

    passphrase = _passphrase(settings)
    new = make and not (root / "backups.json").exists()
    if new and not passphrase and not plain:
        raise BackupError(
            "a backup holds everything: set IORT_BACKUP_PASSPHRASE, or IORT_BACKUP_KEY_FILE (a "
            "file with at least 16 characters), so that it is sealed; or say --plain"
        )
    return open_folder(root, "" if new and plain else passphrase, make=make)


def _passphrase(settings: "Settings") -> str:
    from backups.errors import BackupError

    given = settings.backup_passphrase.get_secret_value()
    if given or not settings.backup_key_file:
        return given
    try:
        return Path(settings.backup_key_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        kind = type(error).__name__
        raise BackupError(f"IORT_BACKUP_KEY_FILE cannot be read ({kind})") from None


def _take(world: "World", folder: "Folder", keep: int | None) -> None:
    from backups.errors import BackupError
    from backups.taking import prune, take

    began = time.monotonic()
    with _progress() as tell:
        taken = take(world, folder, tell)
    seconds = time.monotonic() - began
    typer.echo(
        f"backup {taken.moment}: {taken.rows} rows of {taken.tables} tables, {taken.cases} cases, "
        f"{taken.objects} objects ({taken.new_objects} new, {_size(taken.new_bytes)}), "
        f"{seconds:.1f} s, {'sealed' if folder.key else 'NOT SEALED'}"
    )
    if taken.erased_meanwhile:
        typer.echo(f"{taken.erased_meanwhile} objects were erased while it was taken")
    if keep is not None:
        backups, objects = prune(folder, keep)
        typer.echo(f"{backups} older backups removed, and {objects} objects that only they had")
    if taken.lost:
        raise BackupError(
            f"{taken.lost} objects that rows name are not in the store, or damaged there: the rest "
            "is backed up. The console asks about each lost file; an older backup may have it"
        )


def _verify(world: "World", folder: "Folder", at: str | None) -> None:
    from backups.verifying import verify
    from workflows.engine import marks

    with _progress() as tell:
        whole = verify(folder, at, world.keys.ring, tell)
    marks.note_alone(world.engine, marks.BACKUP_VERIFIED)
    told = whole.manifest
    rows = sum(one["rows"] for one in told.tables.values())
    typer.echo(
        f"backup {whole.place.name} is whole: {rows} rows of {len(told.tables)} tables, "
        f"{told.told['cases']} timelines, {len(whole.objects)} objects; of migration "
        f"{told.migration}, version {told.told['version']}"
    )


def _note(world: "World", folder: "Folder") -> None:
    from backups.keys_kept import keep
    from backups.ledger import note
    from models.database import transaction

    with transaction(world.engine) as session:
        new = note(session, world.process.policy, world.keys.ring, folder.ledger)
    keep(world.engine, folder)
    typer.echo(f"{new} new lines in {folder.ledger.name}")


def _restore(
    world: "World", folder: "Folder", at: str | None, more: "list[Path] | tuple[()]", without: bool
) -> None:
    from backups.errors import BackupError
    from backups.restoring import ledger_for, restore

    for path in more:
        if not path.is_file():
            raise BackupError("--ledger names no file")
    known = ledger_for(folder, world.keys.ring, more)
    if known.as_of is None and not without:
        raise BackupError(
            "there is no list of erasures since the backup (ledger.jsonl): name one with --ledger, "
            "or say --without-ledger; then whoever was erased since comes back"
        )
    began = time.monotonic()
    with _progress() as tell:
        done = restore(world, folder, at, known, tell)
    typer.echo(
        f"backup {done.moment} is back: {done.rows} rows of {done.tables} tables, {done.cases} "
        f"timelines, {done.objects} objects, all equal; {time.monotonic() - began:.1f} s"
    )
    if done.upgraded_from:
        typer.echo(f"brought from migration {done.upgraded_from} to the newest")
    until = known.as_of.strftime("%Y-%m-%d %H:%M UTC") if known.as_of else "never"
    typer.echo(
        f"erased again: {done.erased}; stops recorded again: {done.stops} (known until: {until})"
    )
    typer.echo(
        f"{done.letters} letters are uncertain, {done.steps} steps were due. Nothing leaves and no "
        "mail is read until a lead has looked: the page Restored, or ./iort restored"
    )


@contextmanager
def _target() -> Iterator[None]:
    """Give servers to restore into: the settings' own, or ours, started for this alone."""
    from local.embedded.environment import names_own_servers, use_embedded_environment
    from local.embedded.paths import var_folder

    if names_own_servers():
        yield
        return
    from local.embedded.control import supervisor_runs
    from local.embedded.servers import EmbeddedServers
    from settings import get_settings

    var = var_folder()
    if supervisor_runs(var):
        raise CommandError("the system runs: ./iort down first. A restore never goes over it")
    servers = EmbeddedServers(var)
    servers.start()
    try:
        use_embedded_environment(var)
        os.environ.update(servers.postgres.owner_env())
        get_settings.cache_clear()
        yield
    finally:
        servers.stop()


@contextmanager
def said() -> Iterator[None]:
    """Turn what goes wrong with a backup into one line on standard error."""
    from backups.errors import BackupError

    try:
        yield
    except BackupError as refused:
        raise CommandError(str(refused)) from None


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        bars: dict[str, object] = {}

        def tell(what: str, done: int, whole: int) -> None:
            if what not in bars:
                bars[what] = bar.add_task(what, total=whole)
            bar.update(bars[what], completed=done, total=whole)  # type: ignore[arg-type]

        yield tell


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
