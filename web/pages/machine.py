"""Whether the web process is alive, and whether it can work."""

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse, Response

from web.access import PUBLIC, world_of
from web.page_router import PageRouter

router = PageRouter(access=PUBLIC)


@router.get("/health")
@router.get("/healthz")
def alive() -> Response:
    """Answer as long as the process does."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(request: Request) -> Response:
    """Answer 200 when the database answers."""
    try:
        with world_of(request).engine.connect():  # the pool asks the server before it lends
            pass
    except SQLAlchemyError:
        return PlainTextResponse("the database does not answer\n", 503)
    return PlainTextResponse("ready\n")
