"""What is sent compressed, and how long a browser may keep a style sheet or script.

The size of a compressed answer tells something of its text to whoever can put guesses into it and
watch the wire (BREACH). Therefore: the form token is masked anew in every answer; answers carry a
padding of random length; session cookies do not come with other sites' requests but for opening a
page; the console's pages show nothing of their address but codes and numbers. The patients' pages,
whose secret address stands in them, and the pages of accounts are small and go uncompressed. A page
that may go compressed says so beside its routes (`PageRouter(compress=True)`).
"""

import re
import secrets
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2.ext import Extension
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PICTURES = re.compile(r".*\.(png|jpg|webp|pdf|zip)")
LONGEST_PADDING = 64
STATIC = Path(__file__).resolve().parent / "static"
_LINK = re.compile(r'((?:href|src)=")/static/([^"?{]+)"')
_NAMED_VERSION = re.compile(r"/static/vendor/.*-\d[^/]*")
_YEAR = b"public, max-age=31536000, immutable"
_ASK = b"no-cache"


class Compression:
    """ASGI middleware: gzip for what may be compressed, and a year's keep for versioned files.

    `pages` are the patterns of the addresses that may be.
    """

    def __init__(self, app: ASGIApp, *, pages: Sequence[str]) -> None:
        nameless = (re.sub(r"\(\?P<\w+>", "(?:", page) for page in pages)
        self._addresses = re.compile("|".join([r"^/static/.*$", *nameless]))
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=600, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        path = scope.get("path", "")
        if (
            scope["type"] != "http"
            or not self._addresses.match(path)
            or PICTURES.fullmatch(path.lower())
        ):
            await self._plain(scope, receive, send)
            return
        static = path.startswith("/static/")
        versioned = scope["query_string"].startswith(b"v=") or _NAMED_VERSION.fullmatch(path)

        async def with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                header = (b"x-padding", _padding())
                if static:
                    header = (b"cache-control", _YEAR if versioned else _ASK)
                if not static or message["status"] in (200, 304):
                    message["headers"] = [*message["headers"], header]
            await send(message)

        await self._compressed(scope, receive, with_header)


def _padding() -> bytes:
    return secrets.token_hex(1 + secrets.randbelow(LONGEST_PADDING)).encode()


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
