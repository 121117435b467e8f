"""Refusals are written down: who was refused what, without a word of what stood in the request.

An entry names the route's template (`GET /portal/{token}`), never the address that was asked, so
no token and nothing that somebody typed lands in the audit. Ids and case references may stand
there.
"""

import re
from datetime import timedelta
from ipaddress import ip_address, ip_network

import structlog
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from accounts import audit, throttle
from accounts.sessions import SignedIn, real_now
from accounts.signing_in import address_ref
from web.access import world_of

MAX_PER_MINUTE = 60
"""Entries about one reader or address; what comes beyond in that minute is one entry."""
_SHOWN = {
    "ref": re.compile(r"[A-Z]{3}-[0-9]{2}-[0-9]{1,9}"),
    "task_id": re.compile(r"[0-9]{1,18}"),
    "document_id": re.compile(r"[0-9]{1,18}"),
    "finding_id": re.compile(r"[0-9]{1,18}"),
}
log = structlog.get_logger("web")


def address_of(request: Request) -> str:
    """Return the network address that asks; of IPv6 the half that one connection is given.

    Who has a connection has 2^64 addresses of IPv6: counted one by one, no limit would hold.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else host


def actor_of(request: Request) -> str:
    """Return how the audit names who asks: the account's pseudonym, or the address as a hash."""
    who: SignedIn | None = getattr(request.state, "who", None)
    return who.ref if who else address_ref(world_of(request).keys, address_of(request))


def template_of(request: Request) -> str:
    """Return the method and the route's template, with ids but never tokens."""
    route = request.scope.get("route")
    template = getattr(route, "path", None) or "(no such page)"
    shown = [
        str(value)
        for name, value in request.path_params.items()
        if name in _SHOWN and _SHOWN[name].fullmatch(str(value))
    ]
    return " ".join([request.method, template, *shown])


def note_refusal(request: Request, action: str, *, case_id: int | None = None) -> None:
    """Write one refusal down; a flood of them is cut to one entry a minute.

    A database that does not answer must not turn a refusal into something else: the log has it.
    """
    world, actor = world_of(request), actor_of(request)
    try:
        try:
            throttle.count(world.engine, f"refusal|{actor}", MAX_PER_MINUTE, timedelta(minutes=1))
        except throttle.TooMany as many:
            if not many.first:
                return
            action = "refusals.many"
        audit.note_alone(
            world.engine,
            actor_ref=actor,
            action=action,
            at=real_now(),
            object_ref=template_of(request),
            case_id=case_id,
        )
    except SQLAlchemyError as error:
        log.error("a refusal was not written down", error=type(error).__name__, action=action)
