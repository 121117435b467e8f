"""What people do with partners' addresses, on the console or the command line; all is audited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from accounts import audit
from models import WebhookEndpoint
from models.base import require_id
from models.database import transaction
from workflows.engine.world import World
from workflows.events import Actor
from workflows.hooks import endpoints
from workflows.hooks.endpoints import EndpointRefused

BOTH_FOR = timedelta(hours=24)
"""How long an old secret signs beside the new one."""
LONGEST_BOTH = timedelta(days=30)
WATCHED = ("pause", "resume", "test", "again", "since", "failed")
"""Acts of whoever looks after cases; addresses and secrets are for leads and administrators."""
CHANGED = ("add", "remove", "rotate", "types", "ordered")
MAY: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(WATCHED, ("coordinator", "lead", "administrator")),
    **dict.fromkeys(CHANGED, ("lead", "administrator")),
}


@dataclass(frozen=True, slots=True)
class Act:
    """One act on one partner; which of the values it needs depends on what it is."""

    what: str
    name: str = ""
    url: str = ""
    types: Sequence[str] = ()
    ordered: bool = False
    since: datetime | None = None
    delivery_id: int = 0
    both_for: timedelta = BOTH_FOR


@dataclass(frozen=True, slots=True)
class Done:
    """What an act led to: a new secret, shown once, or how many messages leave."""

    secret: str | None = None
    count: int = 0


def act(world: World, asked: Act, actor: Actor) -> Done:
    """Do one act; raise `EndpointRefused` with what to do."""
    if actor.type not in MAY.get(asked.what, ()):
        raise EndpointRefused("Your role does not do that: ask a lead or an administrator.")
    now = world.clock.now()
    with transaction(world.engine) as session:
        if asked.what == "add":
            done = Done(
                endpoints.add_endpoint(
                    world, session, asked.name, asked.url, asked.types, ordered=asked.ordered
                )
            )
            endpoint = endpoints.endpoint_named(session, asked.name)
        else:
            endpoint = endpoints.endpoint_named(session, asked.name)
            done = _done(world, session, endpoint, asked, now)
        audit.note(
            session,
            actor_ref=actor.ref,
            action=f"partner.{asked.what}",
            at=now,
            object_ref=f"endpoint:{require_id(endpoint.id)}",
        )
    return done


def _done(
    world: World, session: Session, endpoint: WebhookEndpoint, asked: Act, now: datetime
) -> Done:
    match asked.what:
        case "pause":
            endpoints.pause(session, endpoint, now)
        case "resume":
            endpoints.resume(session, endpoint, now)
        case "remove":
            endpoints.remove(session, endpoint, now)
        case "types":
            endpoints.change_types(world, endpoint, asked.types)
        case "ordered":
            endpoint.ordered = asked.ordered
        case "rotate":
            return Done(endpoints.rotate(world, endpoint, now, min(asked.both_for, LONGEST_BOTH)))
        case "test":
            return Done(count=endpoints.send_test(session, endpoint, now))
        case "failed":
            return Done(count=endpoints.send_failed(session, endpoint, now))
        case "again":
            endpoints.send_again(session, endpoint, asked.delivery_id, now)
            return Done(count=1)
        case "since":
            if asked.since is None or asked.since > now:
                raise EndpointRefused("Say from which moment on, in the past.")
            return Done(count=endpoints.send_since(session, endpoint, asked.since, now))
    return Done()
