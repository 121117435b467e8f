"""Is it really the source that calls, and under which id does its delivery come?"""

import hashlib
from typing import TYPE_CHECKING

from adapters import hook_signatures as signatures
from adapters.clock import real_now
from adapters.webhooks import WebhookNotGenuine, get_public, new_secret, verify
from workflows.engine.world import World
from workflows.hooks.mapping import at
from workflows.hooks.multipart import fields_of
from workflows.hooks.problems import HookRefused
from workflows.hooks.sources import Source
from workflows.hooks.strict import media_type, parse_json

if TYPE_CHECKING:
    from workflows.hooks.inbox import Call


def genuine_id(world: World, rules: Source, call: "Call") -> str:
    """Return the id of a delivery of this source; raise `WebhookNotGenuine` for every doubt.

    An unknown source is verified too, against a secret nobody has: same answer, same time. Where
    the sender gives no id, the body is its own.
    """
    known = world.settings.webhook_secrets.get(rules.source)
    secrets = known.get_secret_value().split() if known else [new_secret()]
    how, body = rules.signature, call.body
    if how.how == "standard":
        found = verify(secrets, body=body, headers=call.headers, largest=rules.largest)
    elif how.how == "header":
        given = call.header(how.header.lower())
        signatures.check_header(secrets, body, given, prefix=how.prefix, encoding=how.encoding)
        found = _own_id(rules, call)
    elif how.how == "bearer":
        signatures.check_bearer(secrets, call.header("authorization"))
        found = _own_id(rules, call)
    elif how.how == "mailgun":
        fields = fields_of(body, call.header("content-type"))
        found = signatures.check_mailgun(secrets, fields, real_now())
    else:
        found = signatures.check_sns(_json(call), how.topics, get_public)
    if known is None or not rules.may_call_from(call.address):
        raise WebhookNotGenuine
    return found


def _own_id(rules: Source, call: "Call") -> str:
    """Return the id that a sender without Standard Webhooks gives, else the body's hash."""
    given = call.header("webhook-id")
    if not given and rules.form is not None and rules.form.id:
        found = at(_json(call), rules.form.id)
        given = str(found) if isinstance(found, str | int) else ""
    return given or hashlib.sha256(call.body).hexdigest()


def _json(call: "Call") -> object:
    try:
        return parse_json(call.body.decode("utf-8"))
    except (HookRefused, UnicodeDecodeError):
        kind, _, _ = media_type(call.header("content-type"))
        if kind == "application/x-www-form-urlencoded":
            return fields_of(call.body, call.header("content-type"))
        return None
