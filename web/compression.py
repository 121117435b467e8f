"""What is sent compressed, and how long a browser may keep a style sheet or script.

A compressed answer's size tells something of its text to whoever can put a guess into it and watch
the wire (BREACH). Compressed are therefore only static files and pages without personal data; the
form token on them is masked anew in every answer. What shows a patient's data goes uncompressed.
"""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2.ext import Extension
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WITHOUT_PERSONAL_DATA = re.compile(
    r"/(static/.*|cases(/[^/]+/timeline)?|(questions|charts|directory|repair)(/.*)?)?"
)
STATIC = Path(__file__).resolve().parent / "static"
_LINK = re.compile(r'((?:href|src)=")/static/([^"?{]+)"')
_NAMED_VERSION = re.compile(r"/static/vendor/.*-\d[^/]*")
_YEAR = b"public, max-age=31536000, immutable"


class Compression:
    """ASGI middleware: gzip for what may be compressed, and a year's keep for versioned files."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=600, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not WITHOUT_PERSONAL_DATA.fullmatch(scope["path"]):
            await self._plain(scope, receive, send)
            return
        if not scope["path"].startswith("/static/"):
            await self._compressed(scope, receive, send)
            return
        versioned = scope["query_string"].startswith(b"v=") or _NAMED_VERSION.fullmatch(
            scope["path"]
        )

        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                value = _YEAR if versioned else b"no-cache"
                message["headers"] = [*message["headers"], (b"cache-control", value)]
            await send(message)

        await self._compressed(scope, receive, kept)


@cache
def version_of(name: str) -> str:
    """Return a short code of a static file's content; empty when there is no such file."""
    path = STATIC / name
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""


class StaticVersions(Extension):
    """Writes the version of every style sheet and script into its address, once per template."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the template's text with versioned addresses."""

        def versioned(match: re.Match[str]) -> str:
            version = version_of(match.group(2))
            return f'{match.group(1)}/static/{match.group(2)}{"?v=" + version if version else ""}"'

        return _LINK.sub(versioned, source)
