"""Accounts of the console."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.acting import Json, make_world, refusals
from cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlmodel import Session

    from models import AccountChange

user_app = typer.Typer(no_args_is_help=True, help="Accounts of the console.")

Name = Annotated[str, typer.Argument(help="The user name.")]


@user_app.command("add")
def add_user(
    name: Name,
    role: Annotated[
        str, typer.Option(help="coordinator, clinician, lead, analyst or administrator.")
    ],
    display_name: Annotated[str, typer.Option(help="As colleagues know them.")] = "",
    email: Annotated[str, typer.Option(help="Where red flags reach them, at any hour.")] = "",
    as_json: Json = False,
) -> None:
    """Create an account. The password is asked for, or read from standard input."""
    from accounts.users import add_user as create
    from accounts.users import checked_address

    password = _password()

    def make(session: "Session", row: "AccountChange") -> None:
        user = create(
            session, user_name=name, role=role, password=password, display_name=display_name
        )
        user.email = checked_address(email)
        row.role, row.email = role, user.email or ""

    with refusals():
        ref = _change("add", name, make)
    told = {"ref": ref, "role": role}
    typer.echo(json.dumps(told) if as_json else f"account {ref} made, role {role}")


@user_app.command("email")
def change_email(
    name: Name, address: Annotated[str, typer.Argument(help="The address; empty takes it away.")]
) -> None:
    """Say where red flags reach somebody of the team outside the console."""
    from accounts.users import set_email

    def change(session: "Session", row: "AccountChange") -> None:
        row.email = set_email(session, name, address).email or ""

    _change("email", name, change)
    typer.echo("kept")


@user_app.command("password")
def change_password(name: Name) -> None:
    """Change a password; the account is signed out everywhere."""
    from accounts.users import set_password

    password = _password()
    _change("password", name, lambda session, _: set_password(session, name, password))
    typer.echo("changed; every session of the account has ended")


@user_app.command("close")
def close(name: Name) -> None:
    """Close an account and sign it out everywhere."""
    from accounts.users import set_active

    _change("close", name, lambda session, _: set_active(session, name, False))
    typer.echo("closed")


@user_app.command("reopen")
def reopen(name: Name) -> None:
    """Open a closed account again."""
    from accounts.users import set_active

    _change("reopen", name, lambda session, _: set_active(session, name, True))
    typer.echo("open again")


@user_app.command("reset-second-factor")
def reset_second_factor(name: Name) -> None:
    """Take a lost second factor away; for when no other administrator can. Signs out everywhere."""
    from accounts.users import reset_second_factor as reset

    _change("second_factor", name, lambda session, _: reset(session, name))
    typer.echo("the second factor is off; every session of the account has ended")


@user_app.command("list")
def list_accounts(as_json: Json = False) -> None:
    """List the accounts."""
    from accounts.users import list_users
    from models.database import transaction

    world = make_world()
    with transaction(world.engine) as session:
        users = [
            {"name": u.user_name, "ref": u.ref, "role": u.role, "active": u.active}
            for u in list_users(session)
        ]
    lines = (
        f"{u['name']:<24}{u['role']:<16}{u['ref']}{'' if u['active'] else '  closed'}"
        for u in users
    )
    typer.echo(json.dumps(users, indent=1) if as_json else "\n".join(lines) or "no accounts")


def _change(act: str, name: str, change: "Callable[[Session, AccountChange], object]") -> str:
    """Do it, write it down as the command line's, and have it told; return the pseudonym."""
    from accounts.administration import by_command
    from accounts.users import AccountRefused, by_name
    from models.base import require_id
    from models.database import transaction
    from workflows.letters.account_news import tell_of_change

    world = make_world()
    try:
        with transaction(world.engine) as session:
            with by_command(session, act, name) as row:
                change(session, row)
            number, ref = require_id(row.id), by_name(session, name).ref
    except AccountRefused as error:
        raise CommandError(str(error)) from None
    tell_of_change(world, number)
    return ref


def _password() -> str:
    """Return the password from the terminal without showing it, or the first line of stdin."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise CommandError("give the password on standard input")
    return given
