"""An OpenID Connect provider that says what a test wants, over real HTTP on a port of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT, CLIENT_SECRET = "iort-console", "a secret of the client's"


class Crooked:
    """Honest until a test changes `claims`, `header`, `key` or `metadata`."""

    def __init__(self) -> None:
        self.issuer = ""
        self.published = RSAKey.generate_key(2048, {"kid": "k1"})
        self.key: RSAKey | OctKey = self.published
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []
        """Forms that came to the token endpoint, with the Authorization header."""

    def token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "person-7",
            "iat": now,
            "exp": now + 300,
        } | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(self.header, kept, self.key, algorithms=["RS256", "HS256"])

    def app(self) -> Starlette:
        def discovery(request: Request) -> Response:
            return JSONResponse(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                }
                | self.metadata
            )

        def keys(request: Request) -> Response:
            return JSONResponse({"keys": [self.published.as_dict(private=False)]})

        async def token(request: Request) -> Response:
            form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
            self.asked.append(form | {"authorization": request.headers.get("authorization", "")})
            return JSONResponse({"id_token": self.token(), "access_token": "unused"})

        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", discovery),
                Route("/keys", keys),
                Route("/token", token, methods=["POST"]),
            ]
        )


@contextmanager
def crooked_provider() -> Iterator[Crooked]:
    """Serve one until the test is over."""
    crooked = Crooked()
    config = uvicorn.Config(crooked.app(), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline and thread.is_alive()
        time.sleep(0.02)
    crooked.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield crooked
    server.should_exit = True
    thread.join(20)
