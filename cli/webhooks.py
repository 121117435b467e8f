"""Partners' systems: what they sent (`webhook in`), and where our events go."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import SEES_PATIENTS, As, Json, actor_of, make_world, refusals, shown_time
from cli.errors import CommandError

if TYPE_CHECKING:
    from workflows.hooks.managing import Done

webhook_app = typer.Typer(no_args_is_help=True, help="What partners send, and what we tell.")
in_app = typer.Typer(no_args_is_help=True, help="What partners' systems sent us.")
webhook_app.add_typer(in_app, name="in")

Name = Annotated[str, typer.Argument(help="The partner's name.")]
Number = Annotated[int, typer.Argument(help="The number that the list shows.")]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="An event type, or a group such as offer.*; again for more."),
]


@webhook_app.command("add")
def add_webhook(
    name: Name,
    url: Annotated[str, typer.Argument(help="https://...")],
    type: Types = None,
    ordered: Annotated[bool, typer.Option(help="Each case's events one after another.")] = False,
    as_role: As = "administrator",
    as_json: Json = False,
) -> None:
    """Send events to an address, signed. The secret is printed once and never again."""
    done = _act(as_role, "add", name=name, url=url, types=type or (), ordered=ordered)
    told = {"name": name, "url": url, "secret": done.secret}
    _say(told, as_json, f"{name}: events go to {url}\nsecret, shown once: {done.secret}")


@webhook_app.command("list")
def list_webhooks(as_json: Json = False) -> None:
    """List where events go, and how it goes there."""
    from views.partners import partners

    found = partners(make_world())
    lines = (
        f"{one.name:<24}{one.words:<44}{one.waiting:>6} waiting{one.failed:>6} failed  {one.url}"
        for one in found
    )
    _say([asdict(one) for one in found], as_json, "\n".join(lines) or "none")


@webhook_app.command("tries")
def list_tries(name: Name, as_json: Json = False) -> None:
    """List the newest tries to tell a partner something."""
    from views.partners import partners, tries

    world = make_world()
    number = next((one.id for one in partners(world) if one.name == name), None)
    if number is None:
        raise CommandError("There is no partner of that name.")
    found = tries(world, number)
    lines = (
        f"{shown_time(one.at)}  {one.delivery_id:>8}  {one.what:<32}{one.case_ref or '-':<14}"
        f"{one.answer:<28}{one.took_ms:>6} ms  {one.result}"
        for one in found
    )
    _say([asdict(one) for one in found], as_json, "\n".join(lines) or "none")


@webhook_app.command("pause")
def pause(name: Name, as_role: As = "administrator") -> None:
    """Send a partner nothing for now; what happens meanwhile waits for it."""
    _act(as_role, "pause", name=name)
    typer.echo("paused")


@webhook_app.command("resume")
def resume(name: Name, as_role: As = "administrator") -> None:
    """Send again, beginning with what waited; also to one that was switched off."""
    _act(as_role, "resume", name=name)
    typer.echo("it is sent to again")


@webhook_app.command("remove")
def remove(name: Name, as_role: As = "administrator") -> None:
    """Take a partner's address away; what waits for it is dropped."""
    _act(as_role, "remove", name=name)
    typer.echo("removed")


@webhook_app.command("rotate")
def rotate(
    name: Name,
    hours: Annotated[float, typer.Option(help="How long the old one signs too.")] = 24,
    as_role: As = "administrator",
    as_json: Json = False,
) -> None:
    """Make a new secret; for a while both sign, so that the partner can change over."""
    done = _act(as_role, "rotate", name=name, both_for=timedelta(hours=max(hours, 0)))
    _say({"name": name, "secret": done.secret}, as_json, f"secret, shown once: {done.secret}")


@webhook_app.command("filter")
def change_types(name: Name, type: Types = None, as_role: As = "administrator") -> None:
    """Say which events a partner hears; none named: all of them."""
    _act(as_role, "types", name=name, types=type or ())
    typer.echo("kept")


@webhook_app.command("order")
def change_order(
    name: Name,
    on: Annotated[bool, typer.Argument(help="true: each case's events one after another.")],
    as_role: As = "administrator",
) -> None:
    """Say whether a case's events reach a partner in their order."""
    _act(as_role, "ordered", name=name, ordered=on)
    typer.echo("kept")


@webhook_app.command("test")
def send_test(name: Name, as_role: As = "administrator") -> None:
    """Send a partner a test; `webhook tries` shows what it answered."""
    done = _act(as_role, "test", name=name)
    typer.echo(f"test {done.count} is on its way")


@webhook_app.command("again")
def send_again(name: Name, number: Number, as_role: As = "administrator") -> None:
    """Send one message again, under the number that the partner knows."""
    _act(as_role, "again", name=name, delivery_id=number)
    typer.echo("it is on its way")


@webhook_app.command("replay")
def send_since(
    name: Name,
    since: Annotated[datetime, typer.Argument(help="From this moment on, UTC.")],
    as_role: As = "administrator",
) -> None:
    """Send everything since a moment again, under the numbers that the partner knows."""
    done = _act(as_role, "since", name=name, since=since.replace(tzinfo=UTC))
    typer.echo(f"{done.count} messages are on their way")


@webhook_app.command("failed")
def send_failed(name: Name, as_role: As = "administrator") -> None:
    """Send a partner all that failed, and open its address again."""
    done = _act(as_role, "failed", name=name)
    typer.echo(f"{done.count} messages are on their way")


@in_app.command("list")
def list_inbox(
    state: Annotated[
        str, typer.Option(help="received, done, refused, conflict or put_aside.")
    ] = "",
    source: Annotated[str, typer.Option(help="One source alone.")] = "",
    as_json: Json = False,
) -> None:
    """List what partners sent, the newest first; no word of it is shown."""
    from views.partners import inbox

    found = inbox(make_world(), state, source)
    lines = (
        f"{one.id:>8}  {shown_time(one.received_at)}  {one.source:<16}{one.kind or '?':<20}"
        f"{one.case_ref or '-':<14}{one.words}{f': {one.problem}' if one.problem else ''}"
        for one in found
    )
    _say([asdict(one) for one in found], as_json, "\n".join(lines) or "nothing")


@in_app.command("show")
def show_delivery(number: Number, as_role: As = "coordinator") -> None:
    """Show one delivery as it came. Personal data: the look is written down."""
    from views.partners import body_of, one_delivery

    actor = actor_of(as_role)
    if actor.type not in SEES_PATIENTS:
        raise CommandError("Only who works with patients may read what came.")
    with refusals():
        world = make_world()
        one, body = one_delivery(world, number), body_of(world, number, actor)
    typer.echo(f"{one.source}, {one.kind or 'no type'}: {one.words}")
    if one.problem:
        typer.echo(f"{one.problem}. {one.do}")
    typer.echo(body.text if body else "Its bytes are not kept any more.")


@in_app.command("replay")
def replay_delivery(number: Number, as_role: As = "coordinator") -> None:
    """Work a delivery that was not taken once more."""
    from workflows.hooks.replaying import ReplayRefused, replay

    with refusals():
        try:
            replay(make_world(), number, actor_of(as_role))
        except ReplayRefused as refused:
            raise CommandError(str(refused)) from None
    typer.echo("it is worked again")


def _act(as_role: str, what: str, **values: Any) -> "Done":
    from workflows.hooks.endpoints import EndpointRefused
    from workflows.hooks.managing import Act, act

    with refusals():
        try:
            return act(make_world(), Act(what, **values), actor_of(as_role))
        except EndpointRefused as refused:
            raise CommandError(str(refused)) from None


def _say(told: Any, as_json: bool, text: str) -> None:
    typer.echo(json.dumps(told, indent=1, default=_time) if as_json else text)


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
