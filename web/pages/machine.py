"""Whether the web process is alive, whether it can work, and how the system stands in numbers."""

import hmac

from fastapi import Request
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from views.readiness import Readiness
from web.access import PUBLIC, SIGNATURE, world_of
from web.measuring import Measures
from web.page_router import PageRouter

router = PageRouter(access=PUBLIC)


@router.get("/health")
@router.get("/healthz")
def alive() -> Response:
    """Answer as long as the process does."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(request: Request) -> Response:
    """Say how each part stands; 503 where one is missing that every page needs."""
    readiness: Readiness = request.app.state.readiness
    lines = [
        f"{'ok  ' if one.well else 'FAIL'} {one.name}: {one.word}\n" for one in readiness.parts()
    ]
    return PlainTextResponse("".join(lines), 200 if readiness.ready else 503)


@router.get("/metrics", access=SIGNATURE)
def metrics(request: Request) -> Response:
    """Give the numbers to who brings the token of the settings; without one set there are none."""
    world = world_of(request)
    token = world.settings.metrics_token.get_secret_value()
    if not token:
        return PlainTextResponse("no IORT_METRICS_TOKEN is set\n", 404)
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return PlainTextResponse("the token is missing or another one\n", 401)
    measures: Measures = request.app.state.measures
    return Response(measures.text(world), media_type=CONTENT_TYPE_LATEST)
