"""`iort keys`: the ring of secret keys, what hangs on each, and turning it."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.acting import As, Json, actor_of, make_world, refusals, shown_time
from cli.errors import CommandError

if TYPE_CHECKING:
    from workflows.engine.world import World

keys_app = typer.Typer(no_args_is_help=True, help="The secret keys: docs/keys.md.")

_WORDS = {
    "signs": "signs and seals now",
    "wraps": "wraps the keys of data now",
    "waits": "waits: iort keys rotate lets it sign (w: rewrap)",
    "opens": "opens what it made",
    "missing": "NOT ON THE RING: what hangs on it cannot be opened",
}


@keys_app.command("list")
def list_keys(as_json: Json = False) -> None:
    """Show every key by its id, from when it signed, and what still needs it."""
    from workflows.keyring.hanging import key_states

    found = key_states(make_world())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=1, default=str))
        return
    for state in found:
        typer.echo(f"{state.id:<10}{_WORDS[state.state]:<40}since {shown_time(state.since)}")
        for one in state.hangs:
            until = f", until {shown_time(one.until)}" if one.until else ""
            typer.echo(f"{'':<10}{one.count} {one.what}{until}")


@keys_app.command("add")
def add_key(
    wraps: Annotated[
        bool, typer.Option("--wraps", help="One that wraps the keys of data, for rewrap.")
    ] = False,
    role: As = "administrator",
) -> None:
    """Add a key that waits: bring the file to every machine, then rotate (or rewrap)."""
    from workflows.keyring.turning import TurnRefused, add

    try:
        key_id = add(make_world(), actor_of(_administrator(role)), wraps=wraps)
    except TurnRefused as refused:
        raise CommandError(str(refused)) from None
    then = "rewrap" if wraps else "rotate"
    typer.echo(f"{key_id} is on the ring and waits. When every machine has the file: {then}")


@keys_app.command("rotate")
def rotate_key(role: As = "administrator") -> None:
    """Let a new key sign from now on, and seal anew what is sealed. The old ones go on opening."""
    from workflows.keyring.turning import TurnRefused, rotate

    world = make_world()
    try:
        key_id = rotate(world, actor_of(_administrator(role)))
    except TurnRefused as refused:
        raise CommandError(str(refused)) from None
    typer.echo(f"{key_id} signs from now on")
    _reseal(world)


@keys_app.command("rewrap")
def rewrap_keys(role: As = "administrator") -> None:
    """Wrap the keys of data with a new key that does nothing else; retire the one before then.

    What was erased opens no more from old pages and logs of the database once that one is gone.
    """
    from workflows.keyring.turning import TurnRefused, rewrap

    world = make_world()
    try:
        key_id = rewrap(world, actor_of(_administrator(role)))
    except TurnRefused as refused:
        raise CommandError(str(refused)) from None
    typer.echo(f"{key_id} wraps the keys of data from now on")
    _reseal(world)
    for old in (key for key in world.keys.ring if key.wraps and key.id != key_id):
        typer.echo(
            f"{old.id} still opens. Write the keys beside the backups anew (./iort backup DIR"
            f" --ledger) and every copy of the ring; after an hour: ./iort keys retire {old.id}"
            " --saved"
        )


@keys_app.command("reseal")
def reseal_all() -> None:
    """Go on where a rotation was cut off: seal with the signing key what another one sealed."""
    _reseal(make_world())


@keys_app.command("retire")
def retire_key(
    key_id: Annotated[str, typer.Argument(help="The key's id, as the list shows it.")],
    force: Annotated[
        bool, typer.Option("--force", help="Also where something needs it: that is lost.")
    ] = False,
    saved: Annotated[
        bool,
        typer.Option(
            "--saved",
            help="Of a wrapping key: keys.gz of the backups and copies of the ring are new.",
        ),
    ] = False,
    role: As = "administrator",
) -> None:
    """Take a key off the ring that nothing living needs. Keep it with backups it still opens.

    One that wrapped keys of data is destroyed: keep it nowhere.
    """
    from workflows.keyring.turning import TurnRefused, retire

    world = make_world()
    if not saved and any(key.id == key_id and key.wraps for key in world.keys.ring):
        raise CommandError(
            f"keys.gz beside the backups, and copies of the ring, from before {key_id} was replaced"
            " are of no use once it is gone: write both anew (./iort backup DIR --ledger), then add"
            " --saved"
        )
    try:
        lost = retire(world, key_id, actor_of(_administrator(role)), force=force)
    except TurnRefused as refused:
        raise CommandError(str(refused)) from None
    typer.echo(f"{key_id} is off the ring")
    for one in lost:
        typer.echo(f"lost: {one.count} {one.what}")


@keys_app.command("encrypt-objects")
def encrypt_all() -> None:
    """Seal what lies open in the object store from before; it may be broken off and begun again."""
    from workflows.keyring.objects import encrypt_objects

    with refusals():
        done = encrypt_objects(make_world())
    typer.echo(f"{done.done} objects sealed{f', {done.gone} gone meanwhile' if done.gone else ''}")


@keys_app.command("open-objects")
def open_all(
    sure: Annotated[bool, typer.Option("--sure", help="Everything lies open then.")] = False,
) -> None:
    """Lay every object open again: only before going back to a version without keys."""
    from workflows.keyring.objects import open_objects

    if not sure:
        raise CommandError("every paper and letter would lie open in the store: add --sure")
    with refusals():
        done = open_objects(make_world())
    typer.echo(f"{done.done} objects opened{f', {done.gone} were missing' if done.gone else ''}")


def _reseal(world: "World") -> None:
    from workflows.keyring.sealed import reseal

    done = reseal(world, lambda count: None)
    typer.echo(f"{done.done} values sealed anew")
    if done.lost:
        raise CommandError(
            f"{done.lost} values are sealed with a key that is not on the ring: "
            "./iort keys list names it; put it back"
        )


def _administrator(role: str) -> str:
    if role.partition(":")[0] != "administrator":
        raise CommandError("keys are an administrator's: --as administrator")
    return role
