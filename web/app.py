"""The application, which `web/server.py` serves."""

from functools import partial
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from accounts.organisation import provider_of
from accounts.sessions import follow
from accounts.throttle import TooMany
from safety import safe
from settings import get_settings
from views.readiness import Readiness
from views.repair_words import RepairWords
from views.suitability import field_label
from web import languages
from web.access import NotOurForm, NotSignedIn, OwesSecondFactor, is_background, is_https
from web.compression import Compression
from web.form_bodies import TOO_MUCH
from web.freshness import NotFresh, ask_anew
from web.languages import N_
from web.measuring import Measures, Measuring
from web.menu import collect_menu
from web.page_router import page_routes
from web.pages import page_routers
from web.pools import Crowded
from web.proxies import Proxies
from web.refusals import note_refusal
from web.render import Pages
from web.security_headers import SecurityHeaders
from workflows.engine.doorbell import RelayDoorbell
from workflows.engine.lookup import RowNotFound
from workflows.engine.not_there import CaseErased, CaseNotFound
from workflows.engine.playbooks import REFUSED
from workflows.engine.words import EventWords
from workflows.engine.world import World
from workflows.hooks.sources import load_sources
from workflows.steps import SENT_BY_STEPS

TOO_LARGE_TITLE = N_("Too much at once")
_STATIC = Path(__file__).resolve().parent / "static"


def create_app(world: World | None = None) -> FastAPI:
    """Return the application; the world is this process's own unless a test gives one.

    Raises `keys.RingRefused` (a ValueError) without a secret key: links could be forged; and
    `NotDeclared` for a route that does not say who may open it. Ends the process with SystemExit,
    naming file, line and mend, where a playbook is refused, and where production would be unsafe.
    """
    if world is None:
        world = World(safe(get_settings(), needs=["secret_key"]))
        world.doorbell = RelayDoorbell(world.engine)
        follow(world.time.real_now)
        _load_playbooks(world)
    _ = world.keys.ring  # none, or one that cannot be used, ends the start
    # A redirect for a slash too many would repeat whatever Host the request claimed.
    app = FastAPI(
        title="IORT coordination",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.world = world
    app.state.identity_provider = world.traces.around("identity", provider_of(world.settings))
    languages.load()
    app.state.pages = Pages(
        world.settings.coordinator_time_zone,
        lambda name: field_label(world.playbooks.criteria, name),
        lambda code: world.playbooks.letters.meta(code).title,
    )
    for router in page_routers():
        app.include_router(router)
    app.state.menu = collect_menu(app)
    app.add_middleware(
        Compression, pages=[one.path_regex.pattern for one in page_routes(app) if one.compress]
    )
    app.add_middleware(
        SecurityHeaders,
        upload_bytes=world.settings.document_max_bytes,
        https=is_https(world),
        too_large=lambda request: _show(app, request, 413, TOO_LARGE_TITLE, TOO_MUCH),
    )
    app.state.readiness = Readiness(world)
    app.state.measures = Measures()
    app.add_middleware(Measuring, measures=app.state.measures, world=world)
    # Outermost: whoever comes after it counts the visitor, not a proxy.
    app.add_middleware(Proxies, trusted=world.settings.proxies)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    _refusals(app)
    return app


def _load_playbooks(world: World) -> None:
    """Load rules, knowledge and words before the first page; end where a file is refused."""
    folder = world.settings.playbooks_dir
    try:
        world.not_as_owner()
        world.load_playbooks(SENT_BY_STEPS)
        EventWords.load(folder)
        RepairWords.load(folder)
        load_sources(folder)
    except REFUSED as refused:
        raise SystemExit(f"the web server does not start: {refused}") from None


def _show(app: FastAPI, request: Request, status: int, title: str, text: str) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": title}, status)
    pages: Pages = app.state.pages
    theirs = request.url.path.startswith("/portal")
    template = "portal_message.html" if theirs else "message.html"
    return pages.show(request, template, {"title": title, "text": text}, status)


def _refusals(app: FastAPI) -> None:
    """Say no in the same plain way everywhere; no text of an exception that may name a person."""

    show = partial(_show, app)

    @app.exception_handler(NotSignedIn)
    def not_signed_in(request: Request, error: NotSignedIn) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": "sign in first"}, 401)
        if is_background(request):
            return Response(status_code=204, headers={"hx-redirect": "/login"})
        return RedirectResponse("/login", 303)

    @app.exception_handler(OwesSecondFactor)
    def owes_second_factor(request: Request, error: OwesSecondFactor) -> Response:
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": "set up a second factor first"}, 403)
        return RedirectResponse("/account/second-factor", 303)

    @app.exception_handler(NotFresh)
    def not_fresh(request: Request, error: NotFresh) -> Response:
        return ask_anew(request, app.state.pages, error)

    @app.exception_handler(TooMany)
    def too_many(request: Request, error: TooMany) -> Response:
        if error.first:
            note_refusal(request, "limit.reached")
        text = f"This was done too often just now. Try again in {_minutes(error.retry_after)}."
        if request.url.path.startswith("/portal"):
            text = N_("This was done too often just now. Please try again in some minutes.")
        response = show(request, 429, N_("Too often"), text)
        response.headers["retry-after"] = str(error.retry_after)
        return response

    @app.exception_handler(Crowded)
    def crowded(request: Request, error: Crowded) -> Response:
        text = N_(
            "Many pages or files are being drawn or sent just now. Please try again in a minute."
        )
        response = show(request, 503, N_("A moment, please"), text)
        response.headers["retry-after"] = "20"
        return response

    @app.exception_handler(NotOurForm)
    def not_our_form(request: Request, error: NotOurForm) -> Response:
        note_refusal(request, "form.refused")
        return show(
            request,
            403,
            N_("This form was not taken"),
            N_("It did not come from our page, or your session has ended. Go back and try again."),
        )

    @app.exception_handler(CaseErased)
    def erased(request: Request, error: CaseErased) -> Response:
        return show(request, 410, "Erased", str(error))

    @app.exception_handler(CaseNotFound)
    @app.exception_handler(RowNotFound)
    def nothing_there(request: Request, error: LookupError) -> Response:
        return show(request, 404, N_("Nothing here"), N_("There is nothing under this address."))

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> Response:
        return show(
            request, 422, N_("Not understood"), N_("Something in the address or form is missing.")
        )

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 403:
            note_refusal(request, "access.refused")
        titles = {
            403: "Not for this role",
            404: "Nothing here",
            405: N_("Not possible here"),
            413: TOO_LARGE_TITLE,
        }
        return show(
            request,
            error.status_code,
            titles.get(error.status_code, "Not possible"),
            str(error.detail),
        )


def _minutes(seconds: int) -> str:
    return "a minute" if seconds <= 60 else f"{-(-seconds // 60)} minutes"
