"""What the case commands share: the world, who is acting, refusals as one line, times as text."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import CommandError

if TYPE_CHECKING:
    from workflows.engine.world import World
    from workflows.events import Actor

ROLES = ("coordinator", "clinician", "lead", "analyst", "administrator")
_WHO = re.compile(r"[\w.-]{1,30}", re.ASCII)
SEES_PATIENTS = frozenset({"coordinator", "clinician", "lead"})

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
As = Annotated[
    str, typer.Option("--as", metavar="ROLE", help="Act as this role: " + ", ".join(ROLES) + ".")
]
Ref = Annotated[str, typer.Argument(help="The case's reference, such as CFX-26-00001.")]


def make_world() -> "World":
    """Return the world of this process's settings; what is due is left to the relay to ring."""
    from adapters.clock import follow
    from settings import get_settings
    from workflows.engine.doorbell import RelayDoorbell
    from workflows.engine.world import World

    world = World(get_settings())
    world.doorbell = RelayDoorbell(world.engine)
    follow(world.time.real_now)
    return world


def actor_of(role: str) -> "Actor":
    """Return the person at this terminal: `ROLE`, or `ROLE:WHO` where two of a role must differ.

    CommandError for a role that does not exist or a WHO that is no plain code.
    """
    from workflows.events import Actor

    kind, colon, who = role.partition(":")
    if kind not in ROLES:
        raise CommandError(f"--as {kind[:20]}: choose one of {', '.join(ROLES)}")
    if colon and not _WHO.fullmatch(who):
        raise CommandError("--as ROLE:WHO takes up to 30 letters, digits, dots and hyphens")
    return Actor(kind, f"cli:{who or kind}")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the rules refuse into one line on standard error and exit code 1."""
    from adapters.storage import StorageError
    from workflows.cases.intake import IntakeRefused
    from workflows.cases.reported_facts import FactRefused
    from workflows.decisions import DecisionRefused, NotStated
    from workflows.engine.lookup import RowNotFound
    from workflows.engine.playbooks import REFUSED
    from workflows.engine.record import CaseNotFound
    from workflows.events import EventRefused

    try:
        yield
    except NotStated as error:
        raise CommandError(f"{error} Add {error.option}") from None
    except (
        DecisionRefused, EventRefused, FactRefused, IntakeRefused, CaseNotFound, RowNotFound,
        *REFUSED,
    ) as error:  # fmt: skip
        raise CommandError(str(error)) from None
    except StorageError as error:
        raise CommandError(
            f"the object storage does not take it ({error.code}); nothing was opened or added. "
            "./iort doctor says what to do, then try again"
        ) from None


def shown_time(moment: datetime | None) -> str:
    """Return a moment as people read it, in UTC to the minute."""
    return moment.strftime("%d %b %Y %H:%M") if moment else "-"


def parse_values(pairs: list[str]) -> Mapping[str, str]:
    """Return `FIELD=VALUE` pairs; a pair without "=" is wrong usage (exit code 2)."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise typer.BadParameter("write FIELD=VALUE", param_hint="--set")
        values[name.strip()] = value
    return values
