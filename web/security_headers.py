"""What stands around every request: body limits, headers, and failures that tell nothing.

A failure's text may name a patient, so neither the reader nor the log gets it: its kind and place.
"""

import json
import traceback
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workflows.hooks.problems import HookRefused, document
from workflows.hooks.sources import LARGEST_BODY_IN, LARGEST_MAIL

FORM_BYTES = 1024 * 1024
MULTIPART_EXTRA = 1024 * 1024
FILE_BODIES = (b"multipart/form-data", b"application/offset+octet-stream")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


log = structlog.get_logger("web")


class BodyTooLarge(Exception):
    """The body that is being read is larger than its address takes."""


class SecurityHeaders:
    """ASGI middleware: refuses bodies that are too large before they are read, adds the headers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        upload_bytes: int,
        https: bool,
        too_large: Callable[[Request], Response],
    ) -> None:
        """Let `too_large` make the page for a person whose body is refused."""
        self._app = app
        self._too_large = too_large
        self._upload_bytes = upload_bytes
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope)
        started = False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add_headers(scope, message)
            await send(message)

        if _stated_length(scope) > limit:
            await self._refuse(scope, receive, guarded_send)
            return
        taken = 0

        async def counted_receive() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise BodyTooLarge
            return message

        try:
            await self._app(scope, counted_receive, guarded_send)
        except BodyTooLarge:
            if not started:
                await self._refuse(scope, receive, guarded_send)
        except (OperationalError, InterfaceError) as error:
            _log(error)
            if not started:
                await _say(guarded_send, 503, "The database does not answer. Try again soon.")
        except Exception as error:
            _log(error)
            if not started:
                await _say(guarded_send, 500, "Something failed; nothing was changed. Try again.")

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say so to a person, or to a partner's program in the form that it reads."""
        if not scope["path"].startswith("/hooks/"):
            await self._too_large(Request(scope))(scope, receive, send)
            return
        told = json.dumps(document(HookRefused("too_large")), sort_keys=True)
        await _say(send, 413, told, b"application/problem+json")

    def _limit(self, scope: Scope) -> int:
        if scope["path"].startswith("/hooks/"):
            return LARGEST_MAIL if scope["path"].startswith("/hooks/mail/") else LARGEST_BODY_IN
        if scope["path"].startswith("/portal") and _carries_files(scope):
            return self._upload_bytes + MULTIPART_EXTRA
        return FORM_BYTES

    def _add_headers(self, scope: Scope, message: MutableMapping[str, Any]) -> None:
        present = {name.lower() for name, _ in message["headers"]}
        wanted = dict(HEADERS)
        if not scope["path"].startswith("/static/"):
            wanted["cache-control"] = "no-store"
        if self._https:
            wanted["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        message["headers"] = [
            *message["headers"],
            *(
                (name.encode(), value.encode())
                for name, value in wanted.items()
                if name.encode() not in present
            ),
        ]


def _carries_files(scope: Scope) -> bool:
    """Say whether the body is of a kind that is kept on disk or in pieces, not held in memory."""
    return any(
        name == b"content-type" and value.lower().startswith(FILE_BODIES)
        for name, value in scope["headers"]
    )


def _stated_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _log(error: Exception) -> None:
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    log.error("a request failed", error=type(error).__name__, place=where)


async def _say(
    send: Send, status: int, text: str, media: bytes = b"text/plain; charset=utf-8"
) -> None:
    headers = [(b"content-type", media), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
