"""Where partners want our events: addresses, secrets, what they hear, and when they rest."""

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.webhooks import new_secret
from models import WebhookEndpoint


class EndpointRefused(ValueError):
    """The address cannot be used so; the message says what to do."""


def add_endpoint(session: Session, name: str, url: str) -> str:
    """Register where a partner wants our events; return the signing secret, shown once."""
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise EndpointRefused("The address must begin with https://")
    if session.scalars(
        select(col(WebhookEndpoint.id)).where(col(WebhookEndpoint.name) == name)
    ).first():
        raise EndpointRefused("There is an endpoint with that name already.")
    secret = new_secret()
    session.add(WebhookEndpoint(name=name[:60], url=url[:500], secret=secret))
    return secret


def list_endpoints(session: Session) -> list[WebhookEndpoint]:
    """Return the registered endpoints by name."""
    return list(session.scalars(select(WebhookEndpoint).order_by(col(WebhookEndpoint.name))))
