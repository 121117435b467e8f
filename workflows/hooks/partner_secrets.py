"""The secrets that our messages to partners are signed with: kept sealed with the ring."""

from keys import Ring, open_sealed, seal
from models import WebhookEndpoint
from models.base import require_id

SEALING = "partner secret"


def sealed(ring: Ring, endpoint: WebhookEndpoint, secret: str) -> str:
    """Return a partner's secret as it is kept; the row must have its number."""
    return seal(ring, SEALING, place(endpoint), secret.encode())


def opened(ring: Ring, endpoint: WebhookEndpoint, kept: str) -> str:
    """Return a secret as the partner has it; raise `keys.OpeningFailed`."""
    return open_sealed(ring, SEALING, place(endpoint), kept).decode()


def place(endpoint: WebhookEndpoint) -> str:
    """Return what a sealed secret of this row opens for."""
    return f"webhook_endpoint|{require_id(endpoint.id)}"
