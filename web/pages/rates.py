"""Rates of exchange: what each is, of which day and from where; written down by people."""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from correspondence.exchange import FRESH_DAYS
from correspondence.money import CURRENCIES
from views.rates import rate_lines
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.engine.deciding import DecisionRefused
from workflows.events import Actor
from workflows.outreach.rates import WRITERS, SayAgain, Typed, write_down

writers = only(*sorted(WRITERS))
router = PageRouter(access=writers, compress=True)


@router.get("/rates")
def rates(request: Request, saved: str = "") -> Response:
    """Show the rates."""
    return _show(request, Typed(), saved=saved[:3])


@router.post("/rates")
def write_rate(
    request: Request,
    currency: Annotated[str, Form(max_length=60)] = "",
    per_euro: Annotated[str, Form(max_length=60)] = "",
    rate_on: Annotated[str, Form(max_length=60)] = "",
    evidence: Annotated[str, Form(max_length=2000)] = "",
    sure: Annotated[str, Form(max_length=60)] = "",
    who: SignedIn = Depends(writers),
) -> Response:
    """Write down a rate; a refusal is shown with what was typed, and nothing was written."""
    typed = Typed(currency, per_euro, rate_on, evidence, sure)
    try:
        rate = write_down(world_of(request), typed, Actor(who.role, who.ref))
    except SayAgain as again:
        return _show(request, typed, refusal=str(again), sure=again.value)
    except DecisionRefused as refused:
        return _show(request, typed, refusal=str(refused))
    return RedirectResponse(f"/rates?saved={rate.currency}", 303)


def _show(
    request: Request, typed: Typed, *, refusal: str | None = None, sure: str = "", saved: str = ""
) -> Response:
    world = world_of(request)
    newest, before = rate_lines(world)
    values = {
        "newest": newest,
        "before": before,
        "typed": typed,
        "refusal": refusal,
        "sure": sure,
        "saved": saved if saved in CURRENCIES else "",
        "today": world.clock.now().date(),
        "currencies": sorted(CURRENCIES - {"EUR"}),
        "fresh": FRESH_DAYS,
        "fetched": world.settings.ecb_rates,
    }
    return pages_of(request).show(request, "rates.html", values, 422 if refusal else 200)
