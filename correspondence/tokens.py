"""Reply tokens: which thread an answer belongs to, proven by a key and not by a name.

The token stands in the local part of our reply address (`cases+<token>@...`). Mail servers may
change the case of a local part, so it is written in lower-case base32.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

_TAG_CHARACTERS = 26  # 130 bits
_TOKEN = re.compile(rf"(?P<thread>[0-9]{{1,18}})\.(?P<tag>[a-z2-7]{{{_TAG_CHARACTERS}}})")
_IN_ADDRESS = re.compile(rf"\+(?P<token>[0-9]{{1,18}}\.[a-z2-7]{{{_TAG_CHARACTERS}}})@")


def reply_token(thread_id: int, secret: str) -> str:
    """Return the token of a thread. Raises ValueError for an empty secret or a negative id."""
    if not secret:
        raise ValueError("a reply token needs a secret")
    if thread_id < 0:
        raise ValueError("a thread id is not negative")
    message = f"reply-token:v1:{thread_id}".encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    tag = base64.b32encode(digest).decode().lower()[:_TAG_CHARACTERS]
    return f"{thread_id}.{tag}"


def verify_reply_token(token: str, secret: str) -> int | None:
    """Return the thread id of a genuine token, None for any other text."""
    found = _TOKEN.fullmatch(token.strip().lower())
    if found is None:
        return None
    thread_id = int(found["thread"])
    if not hmac.compare_digest(reply_token(thread_id, secret), found.group()):
        return None
    return thread_id


def reply_address(mailbox: str, token: str) -> str:
    """Return our mailbox with the token in it: `cases@x` -> `cases+<token>@x`."""
    local, at, domain = mailbox.rpartition("@")
    if not at or not local or "+" in local:
        raise ValueError("the mailbox must be a plain address without +")
    return f"{local}+{token}@{domain}"


def tokens_in(addresses: Iterable[str]) -> list[str]:
    """Return the token-shaped texts in some addresses, in order, without judging them."""
    return [
        found["token"] for address in addresses for found in _IN_ADDRESS.finditer(address.lower())
    ]
