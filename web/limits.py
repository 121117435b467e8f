"""How often somebody may come: an address to open doors, a person to pictures of pages."""

from datetime import timedelta

from fastapi import Request

from accounts import throttle
from accounts.signing_in import address_ref
from web.access import world_of
from web.refusals import address_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LOOKS_PER_HOUR = 3000
"""Pictures of pages and lines for one person: fifty pages of sixty documents."""


def limit_hooks(request: Request, source: str) -> None:
    """Count a webhook of a source at this address; raise `throttle.TooMany`.

    A name that is no source counts for the address alone: made-up names open no new counters.
    """
    world = world_of(request)
    known = source if source in world.settings.webhook_secrets else ""
    key = f"hook|{known[:40]}|{address_ref(world.keys, address_of(request))}"
    throttle.count(world.engine, key, world.settings.hook_calls_per_minute, MINUTE)


def limit_looks(request: Request, visitor: str) -> None:
    """Count a picture of a page that somebody asks for; raise `throttle.TooMany`."""
    throttle.count(world_of(request).engine, f"look|{visitor}", LOOKS_PER_HOUR, HOUR)
