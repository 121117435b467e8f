"""Links that open a patient's own page: signed, dated, without personal data in the address."""

from datetime import timedelta

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

SALT = "portal"


class LinkRefused(ValueError):
    """The link is forged, or its time is over."""


def portal_link(public_url: str, secret: str, case_id: int) -> str:
    """Return the address of the patient's page for a case."""
    token = URLSafeTimedSerializer(secret, salt=SALT).dumps(case_id)
    return f"{public_url.rstrip('/')}/portal/{token}"


def read_portal_token(token: str, secret: str, valid_for: timedelta) -> int:
    """Return the case id of a genuine token; raise `LinkRefused` otherwise."""
    serializer = URLSafeTimedSerializer(secret, salt=SALT)
    try:
        return int(serializer.loads(token, max_age=int(valid_for.total_seconds())))
    except SignatureExpired:
        raise LinkRefused("This link has ended. Ask us for a new one.") from None
    except (BadSignature, ValueError):
        raise LinkRefused("This link is not valid.") from None
