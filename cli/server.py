"""Commands about this machine: up, down, restart, status, doctor, logs, reset."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError

if TYPE_CHECKING:
    from local.embedded.control import State

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def _var() -> Path:
    from local.embedded.paths import var_folder

    return var_folder()


def up(
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay attached; Ctrl-C stops everything.")
    ] = False,
) -> None:
    """Start PostgreSQL, Valkey, S3, mail, then workers, relay, web and Flower.

    Data lies in ./var (or IORT_VAR_DIR) and is kept; a second `up` changes nothing.
    """
    from local.embedded import control
    from local.embedded.environment import names_own_servers

    if names_own_servers():
        raise CommandError(
            "IORT_DATABASE_URL names a database of your own; `up` starts the embedded servers "
            "only. Unset it, or run the processes as docker-compose.yml does."
        )
    if foreground:
        from local.embedded.supervisor import Supervisor

        raise typer.Exit(Supervisor(_var(), _tell).run())
    running = control.supervisor_runs(_var())
    state = control.up(_var(), _tell)
    typer.echo("already up" if running else "everything is up")
    _show(state)


def _tell(line: str) -> None:
    typer.echo(f"iort: {line}", err=True)


def down() -> None:
    """Stop the application, then the servers. The data stays, except the local mail box."""
    from local.embedded import control

    typer.echo("stopped" if control.down(_var()) else "nothing was running")


def restart(name: Annotated[str, typer.Argument(help="A name that `iort status` lists.")]) -> None:
    """Restart one server or process and wait until it is ready."""
    from local.embedded import control

    control.restart(_var(), name)
    typer.echo(f"{name} is ready")


def status(
    as_json: Json = False,
    password: Annotated[
        bool, typer.Option("--password", help="Show Flower's password too.")
    ] = False,
) -> None:
    """Show what runs, where, and since how many restarts. Exit code 1 unless all is ready."""
    from local.embedded import control

    state = control.read_state(_var())
    if as_json:
        typer.echo(json.dumps(_as_json(state), indent=1))
    else:
        _show(state, password=password)
    raise typer.Exit(0 if state.all_ready else 1)


def _addresses() -> dict[str, str]:
    """Return where each part answers, without secrets."""
    from local.embedded.environment import read_env_file
    from local.embedded.paths import embedded_env_file

    env = read_env_file(embedded_env_file(_var()))
    if not env:
        return {}
    return {
        "postgres": "127.0.0.1:" + env["IORT_DATABASE_URL"].rpartition(":")[2].partition("/")[0],
        "valkey": "127.0.0.1:" + env["IORT_BROKER_URL"].rpartition(":")[2].partition("/")[0],
        "s3": env["IORT_S3_ENDPOINT_URL"],
        "mail": f"smtp 127.0.0.1:{env['IORT_SMTP_PORT']}, imap 127.0.0.1:{env['IORT_IMAP_PORT']}",
        "web": env["IORT_WEB_PUBLIC_URL"],
        "flower": f"http://127.0.0.1:{env['IORT_FLOWER_PORT']}",
    }


def _as_json(state: "State") -> dict[str, object]:
    from dataclasses import asdict

    addresses = _addresses()
    return {
        "phase": state.phase,
        "error": state.error,
        "ready": state.all_ready,
        "supervisor": state.supervisor,
        "var": str(_var()),
        "processes": [
            {**asdict(each), "address": addresses.get(each.name)} for each in state.processes
        ],
    }


def _show(state: "State", *, password: bool = False) -> None:
    from local.embedded.environment import read_env_file
    from local.embedded.paths import embedded_env_file

    if state.phase in ("stopped", "failed"):
        typer.echo(f"{state.phase}: {state.error}" if state.error else state.phase)
        return
    addresses = _addresses()
    for process in state.processes:
        word = "ready" if process.ready else "starting"
        if process.hung_since:
            word = f"hung since {process.hung_since}"
        restarts = f", restarted {process.restarts} times" if process.restarts else ""
        line = f"{process.name:<18} {word:<9} {addresses.get(process.name, '')}{restarts}"
        typer.echo(line.rstrip())
    env = read_env_file(embedded_env_file(_var()))
    if env and state.all_ready:
        typer.echo(
            f"\nConsole  {env['IORT_WEB_PUBLIC_URL']}\n"
            f"Flower   http://127.0.0.1:{env['IORT_FLOWER_PORT']}  "
            "user flower, password "
            + (env["IORT_FLOWER_PASSWORD"] if password else "by ./iort status --password")
        )


def doctor(as_json: Json = False) -> None:
    """Ask every component for an answer; say its version, or what to do. Exit 1 if one fails."""
    from dataclasses import asdict

    from cli.doctor import examine
    from settings import get_settings

    checks = examine(get_settings())
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], indent=1))
    else:
        for check in checks:
            typer.echo(f"{'ok  ' if check.ok else 'FAIL'} {check.name:<12} {check.detail}")
            if check.advice:
                typer.echo(f"     {'':<12} {check.advice}")
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


def logs(
    name: Annotated[
        str | None, typer.Argument(help="One server or process; all if left out.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Last lines shown.")] = 20,
) -> None:
    """Show the end of the logs; they hold ids, never names."""
    folder = _var() / "log"
    known = sorted(path.stem for path in folder.glob("*.log"))
    if name is not None and name not in known:
        raise CommandError(f"no log is called {name!r}; there are: {', '.join(known) or 'none'}")
    paths = [folder / f"{each}.log" for each in ([name] if name else known)]
    ends = {path: _print_last(path, lines, titled=len(paths) > 1) for path in paths}
    while follow:
        time.sleep(0.3)
        for path in paths:
            ends[path] = _print_new(path, ends[path], titled=len(paths) > 1)


def _print_last(path: Path, count: int, *, titled: bool) -> int:
    content = path.read_bytes()
    for line in content.decode("utf-8", "replace").splitlines()[-count:] if count else []:
        typer.echo(f"{path.stem}: {line}" if titled else line)
    return len(content)


def _print_new(path: Path, position: int, *, titled: bool) -> int:
    size = path.stat().st_size if path.exists() else 0
    if size < position:  # the log was rotated
        position = 0
    if size > position:
        with path.open("rb") as handle:
            handle.seek(position)
            content = handle.read()
        for line in content.decode("utf-8", "replace").splitlines():
            typer.echo(f"{path.stem}: {line}" if titled else line)
        return position + len(content)
    return position


def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop everything and delete all local data: cases, documents, mail, logs."""
    from local.embedded import control

    if not yes:
        if not sys.stdin.isatty():
            raise CommandError("this deletes all local data; say --yes")
        typer.confirm(f"Delete all data below {_var()}?", abort=True)
    control.reset(_var())
    typer.echo("all local data is deleted")
