"""Raw messages that a mail provider posts: the MIME bytes, in whatever they are wrapped."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workflows.hooks.multipart import fields_of
from workflows.hooks.problems import HookRefused
from workflows.hooks.strict import as_text, media_type, parse_json

RAW_TYPES = ("message/rfc822", "application/octet-stream")
CONFIRM = "SubscriptionConfirmation"
MAIL = "mail.received"
_HEADER = b":"


@dataclass(frozen=True, slots=True)
class RawMail:
    """A message as the provider hands it on; `confirm` is a subscription that waits for us."""

    kind: str
    raw: bytes
    confirm: Mapping[str, Any] | None = None


def read_mail(
    shape: Literal["raw", "mailgun", "postmark", "ses"], content_type: str, body: bytes
) -> RawMail:
    """Return the message in a delivery; raise `HookRefused` where there is none."""
    if shape == "raw":
        if media_type(content_type)[0] not in RAW_TYPES:
            raise HookRefused("not_form_type")
        raw = body
    elif shape == "mailgun":
        raw = fields_of(body, content_type).get("body-mime", "").encode("latin-1", "replace")
        if media_type(content_type)[0] == "application/x-www-form-urlencoded":
            raw = fields_of(body, content_type).get("body-mime", "").encode()
    elif shape == "postmark":
        said = parse_json(as_text(body, media_type(content_type)[1]))
        raw = _text(said, "RawEmail").encode()
    else:
        # SNS posts its JSON as text/plain.
        said = parse_json(as_text(body, media_type(content_type)[1]))
        if _text(said, "Type") == CONFIRM:
            return RawMail(CONFIRM, b"", said)
        raw = _of_ses(parse_json(_text(said, "Message")))
    if _HEADER not in raw.partition(b"\n")[0]:
        raise HookRefused("no_mail")
    return RawMail(MAIL, raw)


def _of_ses(message: Any) -> bytes:
    receipt = message.get("receipt") if isinstance(message, dict) else None
    action = receipt.get("action") if isinstance(receipt, dict) else None
    content = _text(message, "content")
    if isinstance(action, dict) and str(action.get("encoding", "")).upper() == "BASE64":
        try:
            return base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            raise HookRefused("not_base64", ["Message.content"]) from None
    return content.encode()


def _text(said: Any, name: str) -> str:
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, str) or not found.strip():
        raise HookRefused("no_mail", [name])
    return found
